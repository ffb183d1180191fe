/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections at the other end: made by the host for us, and made to a port
 * that it opens for us, on its loopback address only. */
#include "ssh/conn.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define LOOPBACK "127.0.0.1"

/* ---- made by the host ---- */

static bool connect_step(struct ssh_op *op)
{
	struct ssh_chan *chan = (struct ssh_chan *)op;
	struct ssh_conn *conn = chan->conn;
	int rc;

	op->begun = true;
	chan->raw = libssh2_channel_direct_tcpip_ex(conn->session, LOOPBACK, chan->port, LOOPBACK, 0);
	if (!chan->raw) {
		rc = libssh2_session_last_errno(conn->session);
		if (rc == LIBSSH2_ERROR_EAGAIN)
			return false;
		chan_failed(chan, rc, "a connection to one of its ports");
		return true;
	}
	chan->step = chan->owned ? CHAN_RUNNING : CHAN_CLOSING;
	if (chan->owned && chan->ops->opened)
		chan->ops->opened(chan->ctx);
	return true;
}

static void connect_over(struct ssh_op *op)
{
	op->begun = false;
}

struct ssh_chan *ssh_connect(struct ssh_conn *conn, int port, const struct ssh_chan_ops *ops, void *ctx)
{
	struct ssh_chan *chan = chan_new(conn, ops, ctx);

	chan->step = CHAN_QUEUED;
	chan->port = port;
	chan->op.step = connect_step;
	chan->op.over = connect_over;
	chan->op.abandon = connect_over;
	conn_queue_op(conn, &chan->op);
	return chan;
}

/* ---- made to the host ---- */

struct ssh_listen {
	struct ssh_op op;
	struct ssh_listen *next; /* next listener of the same connection */
	struct ssh_conn *conn;   /* NULL when it is lost, or the port is closed */
	LIBSSH2_LISTENER *raw;
	struct ssh_listen_ops ops;
	void *ctx;
	bool stopped;  /* the listener was stopped by its owner */
	bool opening, closing, told;
};

/* Detach the listener from its connection. */
static void part(struct ssh_listen *l)
{
	if (!l->conn)
		return;
	for (struct ssh_listen **at = &l->conn->listening; *at; at = &(*at)->next) {
		if (*at == l) {
			*at = l->next;
			break;
		}
	}
	l->conn = NULL;
}

static void listen_free(struct ssh_listen *l)
{
	part(l);
	free(l);
}

static void listen_failed(struct ssh_listen *l, const char *why)
{
	if (l->told || l->stopped)
		return;
	l->told = true;
	l->ops.failed(l->ctx, why);
}

static bool close_step(struct ssh_op *op)
{
	struct ssh_listen *l = (struct ssh_listen *)op;

	op->begun = true;
	if (libssh2_channel_forward_cancel(l->raw) == LIBSSH2_ERROR_EAGAIN)
		return false;
	l->raw = NULL;
	return true;
}

static void close_over(struct ssh_op *op)
{
	struct ssh_listen *l = (struct ssh_listen *)op;

	l->raw = NULL;
	l->closing = false;
	part(l);
	if (l->stopped)
		listen_free(l);
}

static void close_port(struct ssh_listen *l)
{
	l->closing = true;
	l->op.begun = false;
	l->op.step = close_step;
	l->op.over = close_over;
	l->op.abandon = close_over;
	conn_queue_op(l->conn, &l->op);
}

static bool listen_step(struct ssh_op *op)
{
	struct ssh_listen *l = (struct ssh_listen *)op;
	int port = 0;

	op->begun = true;
	l->raw = libssh2_channel_forward_listen_ex(l->conn->session, LOOPBACK, 0, &port, 1);
	if (l->raw) {
		if (!l->stopped)
			l->ops.ready(l->ctx, port);
		return true;
	}
	if (libssh2_session_last_errno(l->conn->session) == LIBSSH2_ERROR_EAGAIN)
		return false;
	return true;
}

static void listen_over(struct ssh_op *op)
{
	struct ssh_listen *l = (struct ssh_listen *)op;
	char why[160];

	l->opening = false;
	if (l->raw && !l->stopped)
		return;
	if (l->raw) {
		close_port(l);
		return;
	}
	snprintf(why, sizeof why, "the sshd of %.80s lets no port be forwarded (AllowTcpForwarding)", l->conn ? l->conn->name : "a host");
	part(l);
	if (l->stopped)
		listen_free(l);
	else
		listen_failed(l, why);
}

static void listen_abandoned(struct ssh_op *op)
{
	struct ssh_listen *l = (struct ssh_listen *)op;

	l->opening = false;
	l->raw = NULL;
	if (l->stopped)
		listen_free(l);
}

struct ssh_listen *ssh_listen(struct ssh_conn *conn, const struct ssh_listen_ops *ops, void *ctx)
{
	struct ssh_listen *l = mem_new(struct ssh_listen);

	l->conn = conn;
	l->ops = *ops;
	l->ctx = ctx;
	l->opening = true;
	l->op.step = listen_step;
	l->op.over = listen_over;
	l->op.abandon = listen_abandoned;
	l->next = conn->listening;
	conn->listening = l;
	conn_queue_op(conn, &l->op);
	return l;
}

void ssh_listen_stop(struct ssh_listen **listen)
{
	struct ssh_listen *l = *listen;

	if (!l)
		return;
	*listen = NULL;
	l->stopped = true;
	if (l->opening || l->closing)
		return; /* freed when the pending step is over */
	if (l->conn && l->raw)
		close_port(l);
	else
		listen_free(l);
}

static bool open_and_wanted(const struct ssh_listen *l)
{
	return l->raw && !l->opening && !l->closing && !l->stopped && !l->told;
}

void forward_accept(struct ssh_conn *conn)
{
	struct ssh_listen *l = conn->listening, *next;

	for (; l && !conn_over(conn); l = next) {
		LIBSSH2_CHANNEL *raw = open_and_wanted(l) ? libssh2_channel_forward_accept(l->raw) : NULL;

		next = l->next;
		if (!raw)
			continue;
		l->told = true;
		close_port(l);
		l->ops.accepted(l->ctx, chan_adopt(conn, raw, l->ops.chan_ops, l->ctx));
		return; /* the callback may have changed the list; the rest is served next time */
	}
}

void forward_lost(struct ssh_conn *conn)
{
	while (conn->listening) {
		struct ssh_listen *l = conn->listening;

		part(l);
		l->raw = NULL; /* freed with the session */
		listen_failed(l, "the connection was lost");
	}
}
