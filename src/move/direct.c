/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/direct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/mem.h"
#include "base/text.h"
#include "remote/remote.h"

#define SAID_MAX 8192

struct direct {
	struct loop *loop;
	const struct host *source, *destination;
	struct direct_ops ops;
	void *ctx;
	struct child *child;
	int fd;
	struct loop_fd *src;
	struct buf said;
	bool ready, half, arrived;
};

static void stop_reading(struct direct *d)
{
	loop_fd_remove(&d->src);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static void tell_arrived(struct direct *d)
{
	bool all = strstr(buf_str(&d->said), "done\n") != NULL;

	if (!d->ready || !d->ops.arrived || d->arrived)
		return;
	if (!all && (d->half || !strstr(buf_str(&d->said), "half\n")))
		return;
	d->half = true;
	d->arrived = all;
	d->ops.arrived(d->ctx, all); /* may close it: nothing after this */
}

static void on_readable(void *ctx, int fd, unsigned events)
{
	struct direct *d = ctx;
	char data[1024];
	ssize_t n = read(d->fd, data, sizeof data);

	(void)fd;
	(void)events;
	if (n <= 0) {
		stop_reading(d);
		return;
	}
	buf_append(&d->said, data, (size_t)n < buf_room(&d->said) ? (size_t)n : buf_room(&d->said));
	if (!d->ready && strstr(buf_str(&d->said), "ready\n")) {
		d->ready = true;
		d->ops.ready(d->ctx);
	}
	tell_arrived(d);
}

/* The last line that says something, without what it may hold besides text. */
static char *last_line(const char *text, size_t len)
{
	while (len && strchr("\r\n ", text[len - 1]))
		len--;
	for (size_t i = len; i-- > 0;) {
		if (text[i] == '\n')
			return text_sanitize(text + i + 1, len - i - 1, 200);
	}
	return text_sanitize(text, len, 200);
}

static void on_ended(void *ctx, const struct child_result *result)
{
	struct direct *d = ctx;
	struct err e = { 0 };
	const char *fail;
	char *words;

	d->child = NULL;
	if (result->status != 0)
		d->ops.arrived = NULL; /* it may close us, and is of no use any more */
	if (d->src)
		on_readable(d, d->fd, LOOP_READ); /* what came with its end */
	fail = strstr(buf_str(&d->said), "fail ");
	if (result->status != 0) {
		words = fail ? text_sanitize(fail + 5, strcspn(fail + 5, "\n"), 200) : last_line(result->errout, result->errout_len);
		err_set(&e, ERR_REMOTE, host_name(d->source), "straight from %s to %s: %s", host_name(d->source),
			host_name(d->destination), *words ? words : "ssh failed without a word");
		free(words);
	}
	d->ops.done(d->ctx, result->status != 0 ? &e : NULL);
	direct_close(&d);
}

static char *peer_command(const struct host *destination, const char *dir, const char *sender, const char *receiver)
{
	struct ssh_conn *conn = host_conn(destination);
	char *key = ssh_conn_host_key(conn), port[16];
	const char *args[] = { dir, ssh_conn_hostname(conn), port, ssh_conn_user(conn), key ? key : "", sender, receiver, NULL };
	char *command;

	snprintf(port, sizeof port, "%d", ssh_conn_port(conn));
	command = remote_command("direct", "common", args);
	free(key);
	return command;
}

struct direct *direct_open(struct loop *loop, const struct host *source, const struct host *destination, const char *dir,
			   const char *sender, const char *receiver, const struct direct_ops *ops, void *ctx,
			   struct err *e)
{
	const char *argv[16] = { "ssh", "-A", "-T", "-o", "BatchMode=yes", "-o", "ControlPath=none", "-o", "ClearAllForwardings=yes" };
	const char *config = host_ssh_config(source);
	struct direct *d;
	size_t n = 9;
	char *command;

	const struct host *ends[] = { source, destination };

	for (size_t i = 0; i < countof(ends); i++) {
		if (host_facts(ends[i])->root_way != ROOT_SELF || !host_conn(ends[i])) {
			err_set(e, ERR_USAGE, host_name(ends[i]), "one does not log in to %s as root", host_name(ends[i]));
			return NULL;
		}
	}
	d = mem_new(struct direct);
	d->loop = loop;
	d->source = source;
	d->destination = destination;
	d->ops = *ops;
	d->ctx = ctx;
	d->fd = -1;
	buf_init(&d->said, SAID_MAX);
	if (config) {
		argv[n++] = "-F";
		argv[n++] = config;
	}
	command = peer_command(destination, dir, sender, receiver);
	argv[n++] = "--";
	argv[n++] = host_name(source);
	argv[n++] = command;
	d->child = child_start_socket(loop, argv, &d->fd, on_ended, d, e);
	free(command);
	if (!d->child) {
		direct_close(&d);
		return NULL;
	}
	d->src = loop_fd_add(loop, d->fd, LOOP_READ, on_readable, d);
	return d;
}

void direct_close(struct direct **direct)
{
	struct direct *d = *direct;

	if (!d)
		return;
	*direct = NULL;
	stop_reading(d);
	child_kill(&d->child);
	buf_free(&d->said);
	free(d);
}
