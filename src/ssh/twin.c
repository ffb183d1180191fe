/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/twin.h"

#include <stdlib.h>

#include "ssh/conn.h"
#include "ssh/pin.h"

const char *ssh_twin_why_not(const struct ssh_conn *conn)
{
	if (!conn->by_key)
		return "the login needs an answer";
	return conn->no_twin ? "a second login did not work before" : NULL;
}

void ssh_twin_failed(struct ssh_conn *conn)
{
	conn->no_twin = true;
}

struct child *ssh_twin_start(struct ssh_conn *conn, const struct remote_line *line, int in, int out, int limit_ms, child_done_fn *done,
			     void *ctx, struct err *e)
{
	const struct pin_how how = { .fast = true, .connect_timeout_s = limit_ms / 1000 + 1 };
	struct ssh_words words;
	struct child *child;
	const char **argv;

	if (!ssh_pin(conn, &how, line, &words, e))
		return NULL;
	argv = ssh_words_argv(&words);
	child = child_start_tied(conn->loop, argv, in, out, done, ctx, e);
	free(argv);
	ssh_words_free(&words);
	return child;
}
