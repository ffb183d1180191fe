/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport/bulk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/text.h"
#include "ssh/ssh_child.h"

/* Size of each of the two pipes; the system may allow less. */
#define PIPE_BYTES (1 << 20)
/* In one turn of the loop. */
#define TURN_BYTES (4u << 20)
#define SAID_MAX 4096

/* Two logins cost 0.2 s and more, before the freeze; 64 MiB are then over in two thirds of the time. */
#define WORTH_FROZEN (48u << 20)
#define WORTH_RUNNING (128u << 20)
/* A slower link is what is waited for, not our processor. */
#define WORTH_LINK 50e6
/* How long the logins may take: more where more is gained. */
#define LIMIT_MS 2000
#define LIMIT_MORE_BYTES (256u << 10) /* for each ms more */
#define LIMIT_MAX_MS 6000

static const char ready[] = "ready\n";

/* One of the two ssh. */
struct side {
	struct bulk *bulk;
	struct child *child;
	int status;
	bool over, up;
};

/* The ends of pipes that are ours, -1 when closed. */
enum { GO, OUT, IN, SAID, FDS }; /* the sender's input and output, the receiver's input and output */

struct bulk {
	struct loop *loop;
	struct side from, to;
	int fds[FDS];
	struct loop_fd *out_src, *in_src, *said_src;
	struct loop_timer *limit; /* and to begin, or fail, from the loop */
	struct side *guilty;      /* the side that could not even be started */
	char *why;
	char heard[sizeof ready];
	size_t heard_len;
	struct buf said;
	uint64_t bytes;
	bool begun;
	const struct bulk_ops *ops;
	void *ctx;
};

static void on_out(void *ctx, int fd, unsigned events);
static void on_in(void *ctx, int fd, unsigned events);
static void check_over(struct bulk *b);

bool bulk_worth(uint64_t bytes, double link, bool frozen)
{
	const char *set = getenv("PFERRY_BULK");

	if (set && strcmp(set, "no") == 0)
		return false;
	if (set && strcmp(set, "yes") == 0)
		return bytes > 0;
	return bytes >= (frozen ? WORTH_FROZEN : WORTH_RUNNING) && (link <= 0 || link >= WORTH_LINK);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_out(struct bulk *b)
{
	loop_fd_remove(&b->out_src);
	close_fd(&b->fds[OUT]);
}

static void close_in(struct bulk *b)
{
	loop_fd_remove(&b->in_src);
	close_fd(&b->fds[IN]);
}

static void close_said(struct bulk *b)
{
	loop_fd_remove(&b->said_src);
	close_fd(&b->fds[SAID]);
}

void bulk_close(struct bulk **bulk)
{
	struct bulk *b = *bulk;

	if (!b)
		return;
	*bulk = NULL;
	close_out(b);
	close_in(b);
	close_said(b);
	close_fd(&b->fds[GO]);
	child_kill(&b->from.child);
	child_kill(&b->to.child);
	loop_timer_remove(&b->limit);
	buf_free(&b->said);
	free(b->why);
	free(b);
}

static void finish(struct bulk *b, enum bulk_end how, const char *words)
{
	b->ops->done(b->ctx, how, words);
	bulk_close(&b);
}

/* Report that one side did not come up; nothing was sent. */
static void not_up(struct bulk *b, const struct side *side, const char *words)
{
	finish(b, side == &b->from ? BULK_NO_SOURCE : BULK_NO_DESTINATION, words);
}

/* A pipe whose other end was closed is reported by poll(2) asked or not, so what is not wanted is not watched. */
static void watch_out(struct bulk *b, bool watch)
{
	if (!watch)
		loop_fd_remove(&b->out_src);
	else if (!b->out_src && b->fds[OUT] >= 0)
		b->out_src = loop_fd_add(b->loop, b->fds[OUT], LOOP_READ, on_out, b);
}

static void watch_in(struct bulk *b, bool watch)
{
	if (!watch)
		loop_fd_remove(&b->in_src);
	else if (!b->in_src && b->fds[IN] >= 0)
		b->in_src = loop_fd_add(b->loop, b->fds[IN], LOOP_WRITE, on_in, b);
}

/* ---- bytes ---- */

/*
 * As much as goes.  Then wait for the one of the two that held it up: pages came
 * but could not go on, or could go on but none were there.
 */
static void pump(struct bulk *b, bool readable)
{
	size_t turn = 0;
	ssize_t n = 1;

	while (n > 0 && turn < TURN_BYTES) {
		n = splice(b->fds[OUT], NULL, b->fds[IN], NULL, PIPE_BYTES, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		turn += n > 0 ? (size_t)n : 0;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* The receiver's ssh is about to end and to say how. The sender's must not end first, for want of a reader. */
		watch_out(b, false);
		close_in(b);
		return;
	}
	watch_out(b, turn > 0 || !readable);
	watch_in(b, turn == 0 && readable);
	b->bytes += turn;
	if (turn > 0)
		b->ops->progress(b->ctx, b->bytes);
	if (n == 0 && turn == 0) {
		watch_in(b, false);
		close_out(b);
		check_over(b);
	}
}

static void on_in(void *ctx, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	pump(ctx, false);
}

/* ---- up ---- */

static void begin_when_up(struct bulk *b)
{
	if (!b->from.up || !b->to.up || b->begun)
		return;
	if (write(b->fds[GO], "go\n", 3) < 0) {
		not_up(b, &b->from, "ssh ended");
		return;
	}
	b->begun = true;
	loop_timer_set(b->limit, -1);
	watch_out(b, true);
	b->ops->ready(b->ctx);
}

/* Before its own output the sender's shell says that it is there. */
static void on_out(void *ctx, int fd, unsigned events)
{
	struct bulk *b = ctx;
	ssize_t n;

	(void)events;
	if (b->begun) {
		pump(b, true);
		return;
	}
	n = read(fd, b->heard + b->heard_len, strlen(ready) - b->heard_len);
	if (n <= 0) {
		watch_out(b, false); /* the ssh ends, and its stderr has the reason */
		return;
	}
	b->heard_len += (size_t)n;
	if (strncmp(b->heard, ready, b->heard_len) != 0) {
		not_up(b, &b->from, "its shell prints text of its own");
		return;
	}
	if (b->heard_len < strlen(ready))
		return;
	b->from.up = true;
	watch_out(b, false);
	begin_when_up(b);
}

static bool read_said(struct bulk *b)
{
	char data[1024];
	ssize_t n = b->fds[SAID] >= 0 ? read(b->fds[SAID], data, sizeof data) : 0;

	if (n > 0)
		buf_fill(&b->said, data, (size_t)n);
	return n > 0;
}

static void on_said(void *ctx, int fd, unsigned events)
{
	struct bulk *b = ctx;

	(void)fd;
	(void)events;
	if (!read_said(b)) {
		close_said(b);
		return;
	}
	if (!b->to.up && strstr(buf_str(&b->said), ready)) {
		b->to.up = true;
		begin_when_up(b);
	}
}

/* ---- the end ---- */

/* ssh ends with 255 when its connection failed or a signal ended the command, and by a signal when it is killed. */
static bool broken(const struct side *side)
{
	return side->over && side->status >= 255;
}

static void check_over(struct bulk *b)
{
	if (!b->begun)
		return;
	if (broken(&b->from) || broken(&b->to)) {
		finish(b, BULK_LOST, "");
		return;
	}
	if (b->to.over) {
		while (read_said(b))
			;
		finish(b, b->to.status == 0 ? BULK_DONE : BULK_FAILED, buf_str(&b->said));
		return;
	}
	/* The end of its input only when the sender is known to have ended by itself: else the receiver would take
	 * a broken connection for bad images. */
	if (b->from.over && b->fds[OUT] < 0)
		close_in(b);
}

static void on_ended(void *ctx, const struct child_result *result)
{
	struct side *side = ctx;
	struct bulk *b = side->bulk;
	char *words;

	side->child = NULL;
	side->over = true;
	/* 128 + a signal: nothing that a command of ours exits with is above that. */
	side->status = result->status >= 128 ? 255 : result->status;
	if (b->begun) {
		check_over(b);
		return;
	}
	words = lines_last(result->errout, result->errout_len, 200);
	not_up(b, side, *words ? words : "ssh ended without a message");
	free(words);
}

/* ---- the beginning ---- */

static void on_limit(void *ctx)
{
	struct bulk *b = ctx;

	if (b->why)
		not_up(b, b->guilty, b->why);
	else
		not_up(b, b->from.up ? &b->to : &b->from, "it did not answer in time");
}

/* A pipe, of which `ours` (0: what is read, 1: what is written) does not block. */
static bool make_pipe(int fds[2], int ours, bool large)
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return false;
	fcntl(fds[ours], F_SETFL, O_NONBLOCK);
	if (large)
		fcntl(fds[ours], F_SETPIPE_SZ, PIPE_BYTES);
	return true;
}

static bool start_from(struct bulk *b, struct ssh_conn *conn, const struct remote_line *sender, int limit_ms, struct err *e)
{
	int go[2] = { -1, -1 }, out[2] = { -1, -1 };
	struct remote_line *line = remote_line_await(sender);

	if (!make_pipe(go, 1, false) || !make_pipe(out, 0, true))
		err_errno(e, errno, "cannot make a pipe");
	else
		b->from.child = ssh_child_start(conn, line, go[0], out[1], limit_ms, on_ended, &b->from, e);
	close_fd(&go[0]);
	close_fd(&out[1]);
	b->fds[GO] = go[1];
	b->fds[OUT] = out[0];
	remote_line_free(&line);
	return b->from.child != NULL;
}

static bool start_to(struct bulk *b, struct ssh_conn *conn, const struct remote_line *receiver, int limit_ms, struct err *e)
{
	int in[2] = { -1, -1 }, said[2] = { -1, -1 };

	if (!make_pipe(in, 1, true) || !make_pipe(said, 0, false))
		err_errno(e, errno, "cannot make a pipe");
	else
		b->to.child = ssh_child_start(conn, receiver, in[0], said[1], limit_ms, on_ended, &b->to, e);
	close_fd(&in[0]);
	close_fd(&said[1]);
	b->fds[IN] = in[1];
	b->fds[SAID] = said[0];
	return b->to.child != NULL;
}

/* False: `e` says why, and `guilty` where. */
static bool start(struct bulk *b, struct ssh_conn *from, const struct remote_line *sender, struct ssh_conn *to, const struct remote_line *receiver,
		  int limit_ms, struct err *e)
{
	const char *why;

	b->guilty = &b->from;
	why = ssh_child_why_not(from);
	if (!why) {
		b->guilty = &b->to;
		why = ssh_child_why_not(to);
	}
	if (why)
		return err_set(e, ERR_AUTH, NULL, "%s", why);
	return start_to(b, to, receiver, limit_ms, e) && (b->guilty = &b->from) && start_from(b, from, sender, limit_ms, e);
}

struct bulk *bulk_open(struct loop *loop, struct ssh_conn *from, const struct remote_line *sender, struct ssh_conn *to,
		       const struct remote_line *receiver, uint64_t bytes, const struct bulk_ops *ops, void *ctx)
{
	struct bulk *b = mem_new(struct bulk);
	uint64_t limit = LIMIT_MS + bytes / LIMIT_MORE_BYTES;
	int limit_ms = (int)(limit < LIMIT_MAX_MS ? limit : LIMIT_MAX_MS);
	struct err e = { 0 };

	b->loop = loop;
	b->ops = ops;
	b->ctx = ctx;
	b->from.bulk = b->to.bulk = b;
	for (size_t i = 0; i < FDS; i++)
		b->fds[i] = -1;
	buf_init(&b->said, SAID_MAX);
	b->limit = loop_timer_add(loop, limit_ms, on_limit, b);
	if (!start(b, from, sender, to, receiver, limit_ms, &e)) {
		b->why = mem_strdup(e.text);
		child_kill(&b->from.child);
		child_kill(&b->to.child);
		loop_timer_set(b->limit, 0);
		return b;
	}
	watch_out(b, true);
	b->said_src = loop_fd_add(loop, b->fds[SAID], LOOP_READ, on_said, b);
	return b;
}
