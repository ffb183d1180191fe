/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child.h"
#include "base/lines.h"
#include "base/mem.h"
#include "handover/protocol.h"
#include "remote/remote.h"
#include "ssh/lend.h"
#include "ssh/pin.h"

#define LINE_MAX_BYTES 1024

struct direct {
	struct loop *loop;
	const struct host *source, *destination;
	struct direct_ops ops;
	void *ctx;
	struct remote_line *line; /* for the source's shell */
	struct lend *lend; /* the agent, until the source has logged in with it */
	struct child *child;
	int fd;
	struct loop_fd *src;
	struct lines lines;
	char fail[200]; /* the first sentence that says why not */
	bool ready, half, arrived;
	bool closed; /* by one of the calls that its lines led to: freed after them */
	bool taking;
};

static void stop_reading(struct direct *d)
{
	loop_fd_remove(&d->src);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static void direct_free(struct direct *d)
{
	remote_line_free(&d->line);
	lines_free(&d->lines);
	free(d);
}

static void take_line(struct direct *d, const char *line)
{
	bool all = strcmp(line, "done") == 0;
	enum failure failure;
	const char *sentence;

	if (strcmp(line, "ready") == 0 && !d->ready) {
		d->ready = true;
		/* The source is logged in at the destination: nothing more is signed, and nothing can be
		 * asked. */
		lend_close(&d->lend);
		d->ops.ready(d->ctx);
	} else if (!d->fail[0] && (sentence = failure_in(line, &failure))) {
		snprintf(d->fail, sizeof d->fail, "%s", sentence);
	} else if (strncmp(line, "at ", 3) == 0 && d->ops.progress) {
		d->ops.progress(d->ctx, strtoull(line + 3, NULL, 10));
	} else if ((all || strcmp(line, "half") == 0) && d->ready && d->ops.arrived && !d->arrived && (all || !d->half)) {
		d->half = true;
		d->arrived = all;
		d->ops.arrived(d->ctx, all);
	}
}

/* False when a callback closed it. */
static bool take(struct direct *d, const char *data, size_t len)
{
	char *line;

	d->taking = true;
	while (!d->closed && (line = lines_next(&d->lines, &data, &len))) {
		take_line(d, line);
		free(line);
	}
	d->taking = false;
	if (d->closed)
		direct_free(d);
	else
		return true;
	return false;
}

static void on_readable(void *ctx, int fd, unsigned events)
{
	struct direct *d = ctx;
	char data[1024];
	ssize_t n = read(d->fd, data, sizeof data);

	(void)fd;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		stop_reading(d);
	else
		take(d, data, (size_t)n);
}

/* Read the bytes that came with the child's end. */
static bool take_rest(struct direct *d)
{
	char data[1024];
	ssize_t n;

	while (d->src && (n = read(d->fd, data, sizeof data)) > 0) {
		if (!take(d, data, (size_t)n))
			return false;
	}
	return true;
}

/* The sentence of an end that is no good one; to be freed. A login that came as far as to be asked for a key, and
 * was not let in with it, is what a person can see to. */
static char *reason(const struct direct *d, const struct child_result *result)
{
	const char *hint = d->lend && lend_listed(d->lend) && !lend_signed(d->lend) ? " (does the agent have a key for it? ssh-add -l)" : "";
	char *words = lines_last(result->errout, result->errout_len, 200), *text;
	size_t len = strlen(words);

	while (*hint && len > 0 && words[len - 1] == '.')
		len--;
	text = d->fail[0] ? mem_strdup(d->fail) : mem_printf("%.*s%s", (int)len, words, hint);
	if (!d->fail[0] && len == 0) {
		free(text);
		text = mem_strdup("ssh failed without a message");
	}
	free(words);
	return text;
}

static void on_ended(void *ctx, const struct child_result *result)
{
	struct direct *d = ctx;
	struct err e = { 0 };
	char *words;

	d->child = NULL;
	if (result->status != 0)
		d->ops.arrived = NULL; /* moot now */
	if (!take_rest(d))
		return;
	if (result->status != 0) {
		const char *refused = d->lend ? lend_refused(d->lend) : NULL;

		words = reason(d, result);
		err_set(&e, ERR_REMOTE, host_name(d->source), "straight from %s to %s: %s%s%s", host_name(d->source),
			host_name(d->destination), words,
			refused ? "; the agent that was lent to it was asked for " : "", refused ? refused : "");
		free(words);
	}
	d->ops.done(d->ctx, result->status != 0 ? &e : NULL);
	direct_close(&d);
}

static struct remote_line *peer_line(const struct direct_setup *setup)
{
	struct ssh_conn *conn = host_conn(setup->destination);
	char *key = ssh_conn_host_key(conn), port[16];
	const char *const args[] = { setup->dir, ssh_conn_hostname(conn), port, ssh_conn_user(conn), key ? key : "" };
	struct remote_line *line;

	snprintf(port, sizeof port, "%d", ssh_conn_port(conn));
	line = remote_line_direct(args, setup->sender, setup->receiver, setup->both);
	free(key);
	return line;
}

/* An ssh with one end of a socket pair as its input and output, which ends with us. */
static bool start(struct direct *d, const char *const argv[], struct err *e)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(e, errno, "cannot start %s", argv[0]);
	d->child = child_start_tied(d->loop, argv, fds[1], fds[1], on_ended, d, e);
	close(fds[1]);
	d->fd = fds[0];
	if (!d->child)
		return false;
	fcntl(d->fd, F_SETFL, O_NONBLOCK);
	d->src = loop_fd_add(d->loop, d->fd, LOOP_READ, on_readable, d);
	return true;
}

static void not_begun(struct direct *d, const struct err *why)
{
	struct err e = { 0 };

	err_set(&e, why->code, host_name(d->source), "straight from %s to %s: %s", host_name(d->source), host_name(d->destination),
		why->text);
	d->ops.done(d->ctx, &e);
	direct_close(&d);
}

static void on_not_lent(void *ctx, const struct err *e)
{
	not_begun(ctx, e);
}

/* The agent can be lent. */
static void on_lent(void *ctx, const char *socket)
{
	struct direct *d = ctx;
	struct ssh_conn *conn = host_conn(d->source);
	const struct pin_how how = { .agent = socket, .stand_in = lend_agent(d->lend) };
	struct ssh_words words = { 0 };
	struct err e = { 0 };
	const char **argv;

	if (!conn)
		err_set(&e, ERR_LOST, host_name(d->source), "the connection to %s was lost", host_name(d->source));
	else if (ssh_pin(conn, &how, d->line, &words, &e)) {
		argv = ssh_words_argv(&words);
		start(d, argv, &e);
		free(argv);
		ssh_words_free(&words);
	}
	if (!d->child)
		not_begun(d, &e);
}

struct direct *direct_open(struct loop *loop, const struct direct_setup *setup, const struct direct_ops *ops, void *ctx,
			   struct err *e)
{
	static const struct lend_ops lend_ops = { .ready = on_lent, .failed = on_not_lent };
	const struct host *ends[] = { setup->source, setup->destination };
	struct direct *d;

	for (size_t i = 0; i < countof(ends); i++) {
		if (host_facts(ends[i])->root_way != ROOT_SELF || !host_conn(ends[i])) {
			err_set(e, ERR_USAGE, host_name(ends[i]), "one does not log in to %s as root", host_name(ends[i]));
			return NULL;
		}
	}
	d = mem_new(struct direct);
	d->loop = loop;
	d->source = setup->source;
	d->destination = setup->destination;
	d->ops = *ops;
	d->ctx = ctx;
	d->fd = -1;
	lines_init(&d->lines, LINE_MAX_BYTES);
	d->line = peer_line(setup);
	d->lend = lend_open(loop, host_conn(setup->source), host_conn(setup->destination), setup->key, &lend_ops, d);
	return d;
}

void direct_close(struct direct **direct)
{
	struct direct *d = *direct;

	if (!d)
		return;
	*direct = NULL;
	stop_reading(d);
	lend_close(&d->lend);
	child_kill(&d->child);
	d->closed = true;
	if (!d->taking)
		direct_free(d);
}
