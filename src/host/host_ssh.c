/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A person's own ssh to a host that is connected. */
#include <stdlib.h>

#include "base/mem.h"
#include "host/host.h"
#include "ssh/pin.h"

char **host_ssh(const struct host *host, const char *command, struct err *e)
{
	const struct pin_how how = { .terminal = true };
	struct ssh_conn *conn = host_conn(host);
	struct ssh_words words;

	if (!conn) {
		err_set(e, ERR_LOST, host_name(host), "%s is not connected now", host_name(host));
		return NULL;
	}
	if (!ssh_pin(conn, &how, command, &words, e))
		return NULL;
	ssh_words_take(&words, NULL);
	return words.v;
}

void host_ssh_free(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}
