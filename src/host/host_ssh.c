/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A person's own ssh to a host that is connected. */
#include <stdlib.h>

#include "base/mem.h"
#include "host/host_priv.h"
#include "remote/remote.h"
#include "ssh/pin.h"

char **host_attach(const struct host *host, const char *session, struct err *e)
{
	const struct pin_how how = { .terminal = true };
	struct ssh_conn *conn = host_conn(host);
	struct ssh_words words;
	struct remote_line *line;
	bool pinned;

	if (!conn) {
		err_set(e, ERR_LOST, host_name(host), "%s is not connected now", host_name(host));
		return NULL;
	}
	line = host_attach_line(host, session);
	pinned = ssh_pin(conn, &how, line, &words, e);
	remote_line_free(&line);
	if (!pinned)
		return NULL;
	ssh_words_take(&words, NULL);
	return words.v;
}

void host_attach_free(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}
