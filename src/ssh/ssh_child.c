/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/ssh_child.h"

#include <stdlib.h>

#include "ssh/conn.h"
#include "ssh/pin.h"

const char *ssh_child_why_not(const struct ssh_conn *conn)
{
	if (!conn->by_key)
		return "the login needs an answer";
	return conn->no_child ? "a second login did not work before" : NULL;
}

void ssh_child_failed(struct ssh_conn *conn)
{
	conn->no_child = true;
}

struct child *ssh_child_start(struct ssh_conn *conn, const struct remote_line *line, int in, int out, int limit_ms, child_done_fn *done,
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
