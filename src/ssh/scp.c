/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One file from one host to another by SCP.  libssh2 talks through the
 * opening of the protocol on each side; the bytes are spliced; the words at
 * the end (one byte each way, or a complaint) are ours to read.
 */
#include "ssh/conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"

/* One of the two ends. */
struct side {
	struct ssh_op op; /* must be first: the steps are passed this member */
	struct ssh_scp *scp;
	struct ssh_conn *conn; /* NULL once it is open, or given up */
	char *name, *user, *path;
	struct ssh_chan *chan;
	struct buf words; /* the host's words after the bytes, or on stderr */
	bool answered; /* the host's last byte came, and was 0 */
};

struct ssh_scp {
	struct side from, to;
	libssh2_struct_stat st;
	struct ssh_splice *splice;
	struct loop_timer *later; /* to report from the loop */
	struct err err;
	bool failed, copied, stopped, telling;
	ssh_scp_progress_fn *progress;
	ssh_scp_done_fn *done;
	void *ctx;
};

static void side_free(struct side *side)
{
	ssh_chan_free(&side->chan);
	free(side->name);
	free(side->user);
	free(side->path);
	buf_free(&side->words);
}

/* Forget the connection; false when libssh2 is in the middle of an opening there, whose end must come first.
 */
static bool side_release(struct side *side)
{
	if (side->conn && !conn_unqueue_op(side->conn, &side->op))
		return false;
	side->conn = NULL;
	return true;
}

/* Free it, unless an opening must end first: then that does. */
static void scp_free(struct ssh_scp *scp)
{
	bool from, to;

	ssh_splice_stop(&scp->splice);
	ssh_chan_free(&scp->from.chan);
	ssh_chan_free(&scp->to.chan);
	loop_timer_set(scp->later, -1);
	scp->stopped = true;
	from = side_release(&scp->from);
	to = side_release(&scp->to);
	if (!from || !to)
		return;
	side_free(&scp->from);
	side_free(&scp->to);
	loop_timer_remove(&scp->later);
	free(scp);
}

static void on_later(void *ctx)
{
	struct ssh_scp *scp = ctx;

	scp->telling = true;
	scp->done(scp->ctx, scp->failed ? &scp->err : NULL);
	scp_free(scp);
}

static void fail(struct side *side, enum err_code code, const char *doing)
{
	struct ssh_scp *scp = side->scp;
	char *words;

	if (scp->failed || scp->stopped)
		return;
	words = text_sanitize(side->words.len > 0 ? buf_data(&side->words) : "", side->words.len, 300);
	scp->failed = true;
	err_set(&scp->err, code, side->name, "%s: cannot %s %s: %s", side->name, doing, side->path,
		*words ? words : "scp there ended without a message");
	free(words);
	/* The callback may close the connections before we are called again. */
	side_release(&scp->from);
	side_release(&scp->to);
	loop_timer_set(scp->later, 0);
}

/* ---- after the bytes ---- */

static const char *verb(const struct side *side)
{
	return side == &side->scp->from ? "read" : "write";
}

static void finish_if_over(struct ssh_scp *scp)
{
	if (scp->copied && scp->from.answered && scp->to.answered && !scp->failed)
		loop_timer_set(scp->later, 0);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	struct side *side = ctx;

	/* 0 is consent; 1 or 2 come before a complaint. */
	if (stream == 0 && !side->answered && side->words.len == 0 && len > 0 && data[0] == '\0') {
		side->answered = true;
		if (side == &side->scp->from)
			ssh_chan_write(side->chan, "", 1);
		finish_if_over(side->scp);
		return;
	}
	if (stream == 0 && side->words.len == 0 && len > 0 && (data[0] == 1 || data[0] == 2)) {
		data++;
		len--;
	}
	buf_fill(&side->words, data, len);
	if (stream == 0)
		fail(side, ERR_REMOTE, verb(side));
}

static void on_closed(void *ctx, const struct ssh_exit *how)
{
	struct side *side = ctx;

	/* The source may be done while the last bytes are still on their way. */
	if (side->answered)
		return;
	if (how->lost && side->words.len == 0)
		buf_puts(&side->words, "the connection was lost");
	fail(side, how->lost ? ERR_LOST : ERR_REMOTE, verb(side));
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct ssh_scp *scp = ctx;

	if (scp->progress)
		scp->progress(scp->ctx, bytes);
}

static void on_spliced(void *ctx, bool ok, uint64_t bytes)
{
	struct ssh_scp *scp = ctx;

	(void)bytes;
	scp->splice = NULL;
	scp->copied = ok;
	if (ok) {
		ssh_chan_write(scp->to.chan, "", 1);
		finish_if_over(scp);
	} else {
		/* One of the ends closed first; its callback may not have come yet. */
		fail(&scp->to, ERR_REMOTE, "write");
	}
}

/* ---- the opening ---- */

static const struct ssh_chan_ops chan_ops = {.data = on_data, .closed = on_closed};
static const struct ssh_splice_ops splice_ops = {.progress = on_progress, .done = on_spliced};

static bool open_result(struct side *side, LIBSSH2_CHANNEL *raw)
{
	struct ssh_conn *conn = side->conn;
	char *message = NULL;
	int rc;

	if (raw) {
		side->chan = chan_adopt(conn, raw, &chan_ops, side);
		return true;
	}
	rc = libssh2_session_last_error(conn->session, &message, NULL, 0);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return false;
	if (conn->eof) {
		wire_fail(conn, LIBSSH2_ERROR_SOCKET_DISCONNECT, "SCP");
		buf_puts(&side->words, "the connection was lost");
	} else {
		buf_printf(&side->words, "scp there refused (%s): is the path right, and may %s %s it?",
			   message ? message : "no reason given", side->user, verb(side));
	}
	fail(side, conn->eof ? ERR_LOST : ERR_REMOTE, verb(side));
	return true;
}

static bool recv_step(struct ssh_op *op)
{
	struct side *side = (struct side *)op;

	if (chan_starting(side->conn))
		return false;
	op->begun = true;
	return open_result(side, libssh2_scp_recv2(side->conn->session, side->path, &side->scp->st));
}

static bool send_step(struct ssh_op *op)
{
	struct side *side = (struct side *)op;
	const libssh2_struct_stat *st = &side->scp->st;

	if (chan_starting(side->conn))
		return false;
	op->begun = true;
	return open_result(side, libssh2_scp_send64(side->conn->session, side->path, st->st_mode & 0777,
						    st->st_size, st->st_mtime, st->st_atime));
}

/* An opening is over: the other one, or the bytes. */
static void side_opened(struct ssh_op *op)
{
	struct side *side = (struct side *)op;
	struct ssh_scp *scp = side->scp;

	op->begun = false;
	side->conn = NULL;
	if (scp->stopped) {
		scp_free(scp);
		return;
	}
	if (scp->failed)
		return;
	if (side == &scp->from) {
		/* Reading from the channel waits until there is somewhere to put the bytes. */
		ssh_chan_pause(side->chan, true);
		conn_queue_op(scp->to.conn, &scp->to.op);
		return;
	}
	ssh_chan_pause(scp->from.chan, false);
	scp->splice = splice_start(scp->from.chan, scp->to.chan, (uint64_t)scp->st.st_size, false,
				   &splice_ops, scp);
}

static void side_abandoned(struct ssh_op *op)
{
	struct side *side = (struct side *)op;
	struct ssh_scp *scp = side->scp;

	op->begun = false;
	side->conn = NULL;
	if (scp->stopped) {
		scp_free(scp);
		return;
	}
	buf_puts(&side->words, "the connection was lost");
	fail(side, ERR_LOST, verb(side));
}

static void side_init(struct side *side, struct ssh_scp *scp, struct ssh_conn *conn, const char *path,
		      bool (*step)(struct ssh_op *))
{
	side->scp = scp;
	side->conn = conn;
	side->name = mem_strdup(conn->name);
	side->user = mem_strdup(ssh_conn_user(conn));
	side->path = mem_strdup(path);
	buf_init(&side->words, 1024);
	side->op.step = step;
	side->op.over = side_opened;
	side->op.abandon = side_abandoned;
}

struct ssh_scp *ssh_scp_copy(struct ssh_conn *from, const char *from_path, struct ssh_conn *to,
			     const char *to_path, ssh_scp_progress_fn *progress, ssh_scp_done_fn *done,
			     void *ctx)
{
	struct ssh_scp *scp = mem_new(struct ssh_scp);

	scp->progress = progress;
	scp->done = done;
	scp->ctx = ctx;
	scp->later = loop_timer_add(from->loop, -1, on_later, scp);
	side_init(&scp->from, scp, from, from_path, recv_step);
	side_init(&scp->to, scp, to, to_path, send_step);
	conn_queue_op(from, &scp->from.op);
	return scp;
}

void ssh_scp_stop(struct ssh_scp **scp)
{
	struct ssh_scp *old = *scp;

	if (!old)
		return;
	*scp = NULL;
	if (!old->telling)
		scp_free(old);
}
