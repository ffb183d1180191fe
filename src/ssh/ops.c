/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations that libssh2 can do only one of per session: a queue. */
#include "ssh/conn.h"

void conn_queue_op(struct ssh_conn *conn, struct ssh_op *op)
{
	op->next = NULL;
	*conn->ops_last = op;
	conn->ops_last = &op->next;
	conn_kick(conn);
}

bool conn_unqueue_op(struct ssh_conn *conn, struct ssh_op *op)
{
	if (op->begun)
		return false;
	for (struct ssh_op **at = &conn->ops_first; *at; at = &(*at)->next) {
		if (*at != op)
			continue;
		*at = op->next;
		if (conn->ops_last == &op->next)
			conn->ops_last = at;
		return true;
	}
	return true;
}

void ops_step(struct ssh_conn *conn)
{
	while (conn->ops_first && !conn_over(conn)) {
		struct ssh_op *op = conn->ops_first, *next;
		bool over;

		conn->spins = 0;
		conn->in_op = true;
		over = op->step(op);
		conn->in_op = false;
		if (!over)
			return;
		next = op->next; /* the step may have queued more behind it */
		conn->ops_first = next;
		if (!next)
			conn->ops_last = &conn->ops_first;
		op->over(op);
	}
}

void ops_abandon(struct ssh_conn *conn)
{
	while (conn->ops_first) {
		struct ssh_op *op = conn->ops_first;

		conn->ops_first = op->next;
		if (!op->next)
			conn->ops_last = &conn->ops_first;
		op->abandon(op);
	}
}
