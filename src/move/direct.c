/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/direct.h"

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
#include "remote/line.h"

#define LINE_MAX_BYTES 1024

struct direct {
	struct loop *loop;
	const struct host *source, *destination;
	struct direct_ops ops;
	void *ctx;
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
	lines_free(&d->lines);
	free(d);
}

static void take_line(struct direct *d, const char *line)
{
	bool all = strcmp(line, "done") == 0;

	if (strcmp(line, "ready") == 0 && !d->ready) {
		d->ready = true;
		d->ops.ready(d->ctx);
	} else if (strncmp(line, "fail ", 5) == 0 && !d->fail[0]) {
		snprintf(d->fail, sizeof d->fail, "%s", line + 5);
	} else if (strncmp(line, "at ", 3) == 0 && d->ops.progress) {
		d->ops.progress(d->ctx, strtoull(line + 3, NULL, 10));
	} else if ((all || strcmp(line, "half") == 0) && d->ready && d->ops.arrived && !d->arrived && (all || !d->half)) {
		d->half = true;
		d->arrived = all;
		d->ops.arrived(d->ctx, all);
	}
}

/* False when it was closed by one who was told. */
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

/* What came with its end. */
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

static void on_ended(void *ctx, const struct child_result *result)
{
	struct direct *d = ctx;
	struct err e = { 0 };
	char *words;

	d->child = NULL;
	if (result->status != 0)
		d->ops.arrived = NULL; /* of no use any more */
	if (!take_rest(d))
		return;
	if (result->status != 0) {
		words = d->fail[0] ? mem_strdup(d->fail) : lines_last(result->errout, result->errout_len, 200);
		err_set(&e, ERR_REMOTE, host_name(d->source), "straight from %s to %s: %s", host_name(d->source),
			host_name(d->destination), *words ? words : "ssh failed without a word");
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

/* An agent for the one key, which ends with the ssh; that itself logs in as always,
 * but forwards none unless it has one too. Nobody is there to be asked for a passphrase. */
static const char with_key[] =
	"exec ssh-agent sh -c '"
	"ssh-keygen -y -P \"\" -f \"$2\" >/dev/null 2>&1 || "
	"{ echo \"$2 is no private key, or needs a passphrase: have the agent hold it (ssh-add), and name none\" >&2; exit 1; }; "
	"ssh-add -q -- \"$2\" </dev/null || exit; "
	"own=$SSH_AUTH_SOCK; "
	"SSH_AUTH_SOCK=$1 ssh-add -l >/dev/null 2>&1; [ $? -eq 2 ] || SSH_AUTH_SOCK=$1; "
	"shift 2; exec \"$0\" -o ForwardAgent=\"$own\" \"$@\"' ssh \"$SSH_AUTH_SOCK\" \"$@\"";

struct direct *direct_open(struct loop *loop, const struct direct_setup *setup, const struct direct_ops *ops, void *ctx,
			   struct err *e)
{
	const char *const how[] = { "-T", "-o", "BatchMode=yes", "-o", "ControlPath=none", "-o", "ClearAllForwardings=yes" };
	const char *argv[20];
	const struct host *ends[] = { setup->source, setup->destination };
	const char *config = host_ssh_config(setup->source);
	struct direct *d;
	size_t n = 0;
	struct remote_line *line;

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
	if (setup->key) {
		argv[n++] = "sh";
		argv[n++] = "-c";
		argv[n++] = with_key;
		argv[n++] = "pferry-key";
		argv[n++] = setup->key;
	} else {
		argv[n++] = "ssh";
		/* Else as its configuration says: that may name a socket. */
		if (!ssh_conn_forward_agent(host_conn(setup->source)))
			argv[n++] = "-A";
	}
	for (size_t i = 0; i < countof(how); i++)
		argv[n++] = how[i];
	if (config) {
		argv[n++] = "-F";
		argv[n++] = config;
	}
	line = peer_line(setup);
	argv[n++] = "--";
	argv[n++] = host_name(d->source);
	argv[n++] = remote_line_text(line);
	argv[n] = NULL;
	if (!start(d, argv, e))
		direct_close(&d);
	remote_line_free(&line);
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
	d->closed = true;
	if (!d->taking)
		direct_free(d);
}
