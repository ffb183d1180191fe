/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channels: commands on a host, their input, output and end. */
#include "ssh/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "remote/line.h"

#define QUEUE_MAX (8u << 20)
#define READ_BYTES (128u << 10)

/* One for all: what is read into it is given away before the next read. */
static char scratch[READ_BYTES];

/* ---- the end of a channel ---- */

static void tell_closed(struct ssh_chan *chan)
{
	if (chan->from)
		splice_source_ended(chan->from, false);
	if (chan->to)
		splice_target_ended(chan->to);
	if (chan->told)
		return;
	chan->told = true;
	if (chan->owned && chan->ops->closed)
		chan->ops->closed(chan->ctx, &chan->exit);
}

void chan_give_up(struct ssh_chan *chan, const char *why)
{
	chan->step = chan->raw ? CHAN_CLOSING : CHAN_GONE;
	chan->exit.status = -1;
	snprintf(chan->exit.why, sizeof chan->exit.why, "%s", why);
	tell_closed(chan);
}

static bool only_this_channel(ssize_t rc)
{
	return rc == LIBSSH2_ERROR_CHANNEL_FAILURE || rc == LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED ||
	       rc == LIBSSH2_ERROR_CHANNEL_UNKNOWN || rc == LIBSSH2_ERROR_CHANNEL_WINDOW_EXCEEDED ||
	       rc == LIBSSH2_ERROR_CHANNEL_PACKET_EXCEEDED || rc == LIBSSH2_ERROR_CHANNEL_CLOSED ||
	       rc == LIBSSH2_ERROR_CHANNEL_EOF_SENT || rc == LIBSSH2_ERROR_TIMEOUT;
}

/* A call on the channel failed for good. */
void chan_failed(struct ssh_chan *chan, ssize_t rc, const char *doing)
{
	char *message = NULL, *text, *why;

	if (!only_this_channel(rc)) {
		wire_fail(chan->conn, (int)rc, doing);
		return;
	}
	libssh2_session_last_error(chan->conn->session, &message, NULL, 0);
	text = text_sanitize(message ? message : "", message ? strlen(message) : 0, 80);
	why = mem_printf("%s: the host refused %s (%s)", chan->conn->name, doing, text);
	chan_give_up(chan, why);
	free(text);
	free(why);
}

static void take_exit(struct ssh_chan *chan)
{
	char *name = NULL;
	size_t len = 0;

	chan->exit.status = libssh2_channel_get_exit_status(chan->raw);
	libssh2_channel_get_exit_signal(chan->raw, &name, &len, NULL, NULL, NULL, NULL);
	if (name && len > 0) {
		char *clean = text_sanitize(name, len, sizeof chan->exit.signal - 1);

		snprintf(chan->exit.signal, sizeof chan->exit.signal, "%s", clean);
		chan->exit.status = -1;
		free(clean);
	}
	if (name)
		libssh2_free(chan->conn->session, name);
}

/* ---- opening ---- */

struct ssh_chan *chan_new(struct ssh_conn *conn, const struct ssh_chan_ops *ops, void *ctx)
{
	struct ssh_chan *chan = mem_new(struct ssh_chan), **end = &conn->chans;

	chan->conn = conn;
	chan->loop = conn->loop;
	chan->ops = ops;
	chan->ctx = ctx;
	chan->owned = true;
	buf_init(&chan->out, 0);
	while (*end)
		end = &(*end)->next;
	*end = chan;
	return chan;
}

void chan_probe(struct ssh_conn *conn)
{
	struct ssh_chan *chan = chan_new(conn, NULL, NULL);

	chan->owned = false;
	chan_queue_open(chan);
}

struct ssh_chan *ssh_exec(struct ssh_conn *conn, const struct remote_line *line, const struct ssh_chan_ops *ops,
			  void *ctx)
{
	struct ssh_chan *chan = chan_new(conn, ops, ctx);

	chan->command = mem_strdup(remote_line_text(line));
	chan_queue_open(chan);
	return chan;
}

struct ssh_chan *chan_adopt(struct ssh_conn *conn, LIBSSH2_CHANNEL *raw, const struct ssh_chan_ops *ops,
			    void *ctx)
{
	struct ssh_chan *chan = chan_new(conn, ops, ctx);

	chan->raw = raw;
	chan->step = CHAN_RUNNING;
	conn_kick(conn);
	return chan;
}

static void start(struct ssh_chan *chan)
{
	int rc = libssh2_channel_process_startup(chan->raw, "exec", 4, chan->command,
						 (unsigned)strlen(chan->command));

	if (rc == LIBSSH2_ERROR_EAGAIN)
		return;
	if (rc != 0) {
		chan_failed(chan, rc, "to run a command");
		return;
	}
	chan->step = CHAN_RUNNING;
	if (chan->owned && chan->ops->opened)
		chan->ops->opened(chan->ctx);
}

/* ---- input and output ---- */

static void write_queue(struct ssh_chan *chan)
{
	struct ssh_conn *conn = chan->conn;
	bool was = chan->out.len > 0;

	while (chan->out.len > 0 && wire_may_send(conn)) {
		ssize_t n = libssh2_channel_write_ex(chan->raw, 0, buf_data(&chan->out), chan->out.len);

		if (n == LIBSSH2_ERROR_EAGAIN || n == 0)
			return;
		if (n < 0) {
			chan_failed(chan, n, "input");
			return;
		}
		conn->bytes_out += (uint64_t)n;
		buf_consume(&chan->out, (size_t)n);
	}
	if (chan->out.len > 0) {
		if (conn->out.len == 0)
			conn_kick(conn);
		return;
	}
	if (was && chan->owned && chan->ops->drained)
		chan->ops->drained(chan->ctx);
}

static void write_input(struct ssh_chan *chan)
{
	/* Bytes queued before the channel became a copy's target go first. */
	if (chan->out.len > 0 || !chan->to)
		write_queue(chan);
	if (chan->to && chan->out.len == 0 && chan->step <= CHAN_DRAINED && !conn_over(chan->conn))
		splice_write(chan->to);
	if (!chan->owned || conn_over(chan->conn) || chan->step > CHAN_DRAINED)
		return;
	if (chan->end_wanted && !chan->end_sent && chan->out.len == 0 && !chan->to) {
		int rc = libssh2_channel_send_eof(chan->raw);

		chan->end_sent = rc != LIBSSH2_ERROR_EAGAIN;
	}
}

/* Whether the channel may be read from (on). */
static bool readable(const struct ssh_chan *chan)
{
	return chan->owned && !chan->paused && chan->step == CHAN_RUNNING && !conn_over(chan->conn);
}

static void read_stream(struct ssh_chan *chan, int stream)
{
	struct ssh_conn *conn = chan->conn;

	while (readable(chan) && !(stream == 0 && chan->from)) {
		ssize_t n;

		if (wire_turn_over(conn)) {
			conn_kick(conn);
			return;
		}
		n = libssh2_channel_read_ex(chan->raw, stream, scratch, sizeof scratch);
		if (n == LIBSSH2_ERROR_EAGAIN || n == 0)
			return;
		if (n < 0) {
			chan_failed(chan, n, "output");
			return;
		}
		conn->bytes_in += (uint64_t)n;
		if (chan->ops->data)
			chan->ops->data(chan->ctx, stream, scratch, (size_t)n);
	}
}

static void read_output(struct ssh_chan *chan)
{
	if (chan->from && readable(chan)) {
		ssize_t n = splice_read(chan->from);

		if (n < 0) {
			chan_failed(chan, n, "output");
			return;
		}
	}
	read_stream(chan, 0);
	read_stream(chan, 1);
	if (!readable(chan) || libssh2_channel_eof(chan->raw) != 1)
		return;
	chan->step = CHAN_DRAINED;
	if (chan->from)
		splice_source_ended(chan->from, true);
	if (chan->owned && chan->ops->eof)
		chan->ops->eof(chan->ctx);
}

static void await_close(struct ssh_chan *chan)
{
	int rc = libssh2_channel_wait_closed(chan->raw);

	if (rc == LIBSSH2_ERROR_EAGAIN)
		return;
	if (rc == LIBSSH2_ERROR_INVAL) {
		chan->step = CHAN_RUNNING; /* the host sent more after its end */
		return;
	}
	if (rc != 0) {
		chan_failed(chan, rc, "to end a command");
		return;
	}
	take_exit(chan);
	chan->step = CHAN_CLOSING;
	tell_closed(chan);
}

/* ---- the pump ---- */

bool chan_starting(const struct ssh_conn *conn)
{
	for (const struct ssh_chan *chan = conn->chans; chan; chan = chan->next)
		if (chan->step == CHAN_STARTING)
			return true;
	return false;
}

static void pump_one(struct ssh_chan *chan)
{
	struct ssh_conn *conn = chan->conn;

	if (chan->step == CHAN_STARTING)
		start(chan);
	if ((chan->step == CHAN_RUNNING || chan->step == CHAN_DRAINED) && chan->owned && !conn_over(conn))
		write_input(chan);
	if (chan->step == CHAN_RUNNING && chan->owned && !conn_over(conn))
		read_output(chan);
	if (chan->step == CHAN_DRAINED && chan->owned && !conn_over(conn))
		await_close(chan);
	if (chan->step == CHAN_CLOSING && !conn_over(conn) &&
	    libssh2_channel_free(chan->raw) != LIBSSH2_ERROR_EAGAIN) {
		chan->raw = NULL;
		chan->step = CHAN_GONE;
		room_made(conn);
	}
}

bool chan_stir(struct ssh_conn *conn)
{
	struct ssh_chan *chan = conn->chans;
	ssize_t n;

	while (chan && !chan->raw)
		chan = chan->next;
	if (!chan)
		return false;
	/* A stream that is never sent on. */
	n = libssh2_channel_read_ex(chan->raw, 2, scratch, 1);
	if (n < 0 && n != LIBSSH2_ERROR_EAGAIN)
		chan_failed(chan, n, "output");
	return true;
}

static void chan_delete(struct ssh_chan *chan)
{
	buf_wipe(&chan->out); /* the bytes may have been a password */
	free(chan->command);
	free(chan);
}

static void sweep(struct ssh_conn *conn)
{
	struct ssh_chan **at = &conn->chans;

	if (conn->depth > 1)
		return;
	while (*at) {
		struct ssh_chan *chan = *at;

		if (chan->step == CHAN_GONE && !chan->owned) {
			*at = chan->next;
			chan_delete(chan);
		} else {
			at = &chan->next;
		}
	}
}

bool chan_hurried(const struct ssh_conn *conn)
{
	for (const struct ssh_chan *chan = conn->chans; chan; chan = chan->next) {
		if ((chan->to && splice_hurries(chan->to)) || (chan->from && splice_hurries(chan->from)))
			return true;
	}
	return false;
}

/* Pump the copies with priority, or the others; they take turns at being the first. */
static void pump_copies(struct ssh_conn *conn, bool hurried)
{
	unsigned copies = 0, at, first;

	for (struct ssh_chan *chan = conn->chans; chan; chan = chan->next)
		copies += chan->to && splice_hurries(chan->to) == hurried;
	if (copies == 0)
		return;
	first = conn->turn++ % copies;
	for (int round = 0; round < 2; round++) {
		at = 0;
		for (struct ssh_chan *chan = conn->chans; chan && !conn_over(conn); chan = chan->next) {
			if (chan->to && splice_hurries(chan->to) == hurried && (at++ >= first) == (round == 0))
				pump_one(chan);
		}
	}
}

/*
 * A copy takes all the room that the socket has.  So those that have only words
 * to say go first, and no copy waits until an older one is over.  But commands
 * are started in the order in which they were opened: libssh2 takes the host's
 * word on an older one, read for a younger one, for the end of the connection.
 */
static void pump_in_turn(struct ssh_conn *conn)
{
	for (struct ssh_chan *chan = conn->chans; chan && !conn_over(conn); chan = chan->next) {
		if (!chan->to)
			pump_one(chan);
		else if (chan->step == CHAN_STARTING)
			start(chan);
	}
	pump_copies(conn, true);
	pump_copies(conn, false);
}

void chan_pump_all(struct ssh_conn *conn)
{
	ops_step(conn);
	pump_in_turn(conn);
	forward_accept(conn);
	/* Reading takes in the receiver's answers too, after their writers had their turn. */
	for (struct ssh_chan *chan = conn->chans; chan && !conn_over(conn); chan = chan->next)
		if (chan->to)
			splice_answered(chan->to);
	sweep(conn);
}

void chan_lose_all(struct ssh_conn *conn)
{
	ops_abandon(conn);
	forward_lost(conn);
	for (struct ssh_chan *chan = conn->chans; chan; chan = chan->next) {
		chan->step = CHAN_GONE;
		chan->raw = NULL; /* freed with the session */
		chan->exit.lost = true;
		chan->exit.status = -1;
		tell_closed(chan);
	}
	sweep(conn);
}

void chan_forget_all(struct ssh_conn *conn)
{
	ops_abandon(conn);
	forward_lost(conn);
	while (conn->chans) {
		struct ssh_chan *chan = conn->chans;

		conn->chans = chan->next;
		if (chan->from)
			splice_source_ended(chan->from, false);
		if (chan->to)
			splice_target_ended(chan->to);
		chan->conn = NULL;
		chan->raw = NULL;
		chan->step = CHAN_GONE;
		if (!chan->owned)
			chan_delete(chan);
	}
}

/* ---- what owners do ---- */

bool ssh_chan_write(struct ssh_chan *chan, const void *data, size_t len)
{
	if (chan->out.len + len > QUEUE_MAX || !chan->conn)
		return false;
	chan_queue(chan, data, len);
	return true;
}

void chan_queue(struct ssh_chan *chan, const void *data, size_t len)
{
	buf_append(&chan->out, data, len);
	conn_kick(chan->conn);
}

size_t ssh_chan_queued(const struct ssh_chan *chan)
{
	return chan->out.len;
}

void ssh_chan_end_input(struct ssh_chan *chan)
{
	chan->end_wanted = true;
	if (chan->conn)
		conn_kick(chan->conn);
}

void ssh_chan_pause(struct ssh_chan *chan, bool paused)
{
	chan->paused = paused;
	if (!paused && chan->conn)
		conn_kick(chan->conn);
}

void ssh_chan_free(struct ssh_chan **chan)
{
	struct ssh_chan *old = *chan;

	if (!old)
		return;
	*chan = NULL;
	old->owned = false;
	if (old->from)
		splice_source_ended(old->from, false);
	if (old->to)
		splice_target_ended(old->to);
	if (!old->conn) {
		chan_delete(old);
		return;
	}
	if (old->step == CHAN_QUEUED && conn_unqueue_op(old->conn, &old->op))
		old->step = CHAN_GONE;
	else if (old->step != CHAN_QUEUED && old->step != CHAN_GONE)
		old->step = CHAN_CLOSING;
	conn_kick(old->conn);
}
