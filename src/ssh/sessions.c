/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening channels on a host that may have no room for another (sshd's MaxSessions). */
#include "ssh/conn.h"

#include <stdlib.h>

#include "base/mem.h"

#define WINDOW (4u << 20)
#define PACKET 32768
/* How long a command waits for another to end, when the host allows no more at once. */
#define HOLD_MS 5000
/* Retries while sshd is still closing the last session: how many, and how far apart. */
#define REFUSALS_MAX 20
#define AGAIN_MS 50

static bool others_open(const struct ssh_chan *chan)
{
	for (const struct ssh_chan *c = chan->conn->chans; c; c = c->next) {
		if (c != chan && c->raw)
			return true;
	}
	return false;
}

/* No session ended in time: fail the channels that wait, rather than let them wait for ever. */
static void on_held(void *ctx)
{
	struct ssh_conn *conn = ctx;

	if (conn->hold_again)
		conn->open_hold = false;
	conn->hold_over = conn->open_hold;
	conn_kick(conn);
}

static void refuse(struct ssh_chan *chan)
{
	unsigned n = 0;
	char *why;

	for (const struct ssh_chan *c = chan->conn->chans; c; c = c->next)
		n += c->raw != NULL;
	why = mem_printf("%s lets only %u command%s run at once on a connection, and a move needs more: raise MaxSessions in its "
			 "sshd_config", chan->conn->name, n, n == 1 ? "" : "s");
	chan_give_up(chan, why);
	free(why);
}

static bool open_step(struct ssh_op *op)
{
	struct ssh_chan *chan = (struct ssh_chan *)op;
	struct ssh_conn *conn = chan->conn;
	int rc;

	if (conn->open_hold && conn->hold_over) {
		refuse(chan);
		return true;
	}
	if (conn->open_hold)
		return false;
	op->begun = true;
	chan->raw = libssh2_channel_open_ex(conn->session, "session", 7, WINDOW, PACKET, NULL, 0);
	if (chan->raw) {
		chan->step = chan->owned ? CHAN_STARTING : CHAN_CLOSING;
		return true;
	}
	rc = libssh2_session_last_errno(conn->session);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return false;
	op->begun = false;
	/* sshd's MaxSessions: there will be room when one of ours ends, or has ended for sshd too. */
	if (rc == LIBSSH2_ERROR_CHANNEL_FAILURE && chan->owned && (others_open(chan) || ++chan->refusals <= REFUSALS_MAX)) {
		conn->open_hold = true;
		conn->hold_again = !others_open(chan);
		if (!conn->hold)
			conn->hold = loop_timer_add(conn->loop, -1, on_held, conn);
		loop_timer_set(conn->hold, conn->hold_again ? AGAIN_MS : HOLD_MS);
		return false;
	}
	chan_failed(chan, rc, "to open a channel");
	return true;
}

static void op_over(struct ssh_op *op)
{
	op->begun = false;
}

void chan_queue_open(struct ssh_chan *chan)
{
	chan->step = CHAN_QUEUED;
	chan->op.step = open_step;
	chan->op.over = op_over;
	chan->op.abandon = op_over;
	conn_queue_op(chan->conn, &chan->op);
}

void room_made(struct ssh_conn *conn)
{
	conn->open_hold = false;
	conn->hold_over = false;
	if (conn->ops_first)
		conn_kick(conn);
}
