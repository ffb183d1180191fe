/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output of one channel becomes another's input, through a ring. */
#include "ssh/conn.h"

#include <stdlib.h>

#include "base/mem.h"

#define RING_BYTES (1u << 20)
/* More would make libssh2 adjust the window at every read. */
#define READ_MAX (256u << 10)
/*
 * How much may be under way to the receiver.  sshd's buffer for a program that
 * reads slower than it receives is copied whole by each packet that arrives, so
 * filling its window of 2 MiB costs several times the work; but a long link needs
 * more than a short one.  So it begins small, and doubles when the limit alone
 * kept the ring full for longer than a near receiver takes to answer.
 */
#define FLIGHT_FIRST (256ul << 10)
#define FLIGHT_MAX (64ul << 20)
#define FLIGHT_NEAR_US 3000
#define PIECE_MAX 32768 /* payload of one packet */
/* Room worth waking the source for. */
#define ROOM_WORTH (RING_BYTES / 4)

struct ssh_splice {
	struct loop *loop;
	struct ssh_chan *from, *to; /* NULL once they have ended */
	struct loop_timer *broken;  /* to report failure from the loop */
	char *ring;
	size_t start, len;
	uint64_t left; /* bytes still to be read */
	bool end_input; /* end `to`'s input after the last byte */
	bool hurries;   /* before others of its connection */
	bool read_all;
	bool over; /* done is being called */
	uint64_t moved, told;
	int64_t told_ms;
	unsigned long window; /* the receiver's window, the largest seen */
	unsigned long flight; /* FLIGHT_FIRST or more */
	int64_t held_us;      /* since when the limit holds it back; 0: it does not */
	const struct ssh_splice_ops *ops;
	void *ctx;
};

static void detach(struct ssh_splice *s)
{
	if (s->from)
		s->from->from = NULL;
	if (s->to)
		s->to->to = NULL;
	s->from = NULL;
	s->to = NULL;
}

static void splice_free(struct ssh_splice *s)
{
	detach(s);
	loop_timer_remove(&s->broken);
	free(s->ring);
	free(s);
}

static void tell_progress(struct ssh_splice *s, bool last)
{
	int64_t now = loop_now_ms(s->loop);

	if (s->moved == s->told || (now == s->told_ms && !last) || !s->ops->progress)
		return;
	s->told = s->moved;
	s->told_ms = now;
	s->ops->progress(s->ctx, s->moved);
}

static void finish(struct ssh_splice *s, bool ok)
{
	s->over = true;
	detach(s);
	tell_progress(s, true);
	if (s->ops->done)
		s->ops->done(s->ctx, ok, s->moved);
	splice_free(s);
}

static void on_broken(void *ctx)
{
	finish(ctx, false);
}

static void fail(struct ssh_splice *s)
{
	if (s->over)
		return;
	/* Output from now on must not reach the channel's data callback. */
	if (s->from)
		s->from->paused = true;
	detach(s);
	loop_timer_set(s->broken, 0);
}

struct ssh_splice *splice_start(struct ssh_chan *from, struct ssh_chan *to, uint64_t limit, bool end_input,
				const struct ssh_splice_ops *ops, void *ctx)
{
	struct loop *loop = from->loop;
	struct ssh_splice *s = mem_new(struct ssh_splice);

	s->loop = loop;
	s->ops = ops;
	s->ctx = ctx;
	s->left = limit;
	s->flight = FLIGHT_FIRST;
	s->end_input = end_input;
	s->ring = mem_alloc(RING_BYTES);
	s->broken = loop_timer_add(loop, -1, on_broken, s);
	if (!from->conn || !to->conn || from->told || to->told || from->from || to->to) {
		fail(s);
		return s;
	}
	s->from = from;
	s->to = to;
	to->to = s;
	if (from->step >= CHAN_DRAINED || limit == 0)
		s->read_all = true;
	if (s->read_all)
		s->from = NULL;
	else
		from->from = s;
	conn_kick(from->conn);
	conn_kick(to->conn);
	return s;
}

struct ssh_splice *ssh_splice(struct ssh_chan *from, struct ssh_chan *to, const struct ssh_splice_ops *ops,
			      void *ctx)
{
	return splice_start(from, to, UINT64_MAX, true, ops, ctx);
}

void ssh_splice_hurry(struct ssh_splice *splice)
{
	splice->hurries = true;
}

bool splice_hurries(const struct ssh_splice *splice)
{
	return splice->hurries;
}

void ssh_splice_stop(struct ssh_splice **splice)
{
	struct ssh_splice *old = *splice;

	if (!old)
		return;
	*splice = NULL;
	if (!old->over)
		splice_free(old);
}

static void read_over(struct ssh_splice *s)
{
	s->read_all = true;
	if (s->from)
		s->from->from = NULL;
	s->from = NULL;
	if (s->to)
		conn_kick(s->to->conn);
}

/* The free bytes behind the last one, up to the ring's end. */
static size_t room_in_a_row(const struct ssh_splice *s, char **at)
{
	size_t end = s->start + s->len;

	if (end >= RING_BYTES) {
		*at = s->ring + (end - RING_BYTES);
		return RING_BYTES - s->len;
	}
	*at = s->ring + end;
	return RING_BYTES - end;
}

ssize_t splice_read(struct ssh_splice *s)
{
	struct ssh_conn *conn = s->from->conn;

	while (s->len < RING_BYTES && s->left > 0) {
		size_t before = s->len, room;
		char *at;
		ssize_t n;

		if (wire_turn_over(conn)) {
			conn_kick(conn);
			break;
		}
		room = room_in_a_row(s, &at);
		if (room > READ_MAX)
			room = READ_MAX;
		if (room > s->left)
			room = (size_t)s->left;
		n = libssh2_channel_read_ex(s->from->raw, 0, at, room);
		if (n == LIBSSH2_ERROR_EAGAIN || n == 0)
			break;
		if (n < 0)
			return n;
		s->len += (size_t)n;
		s->left -= (uint64_t)n;
		conn->bytes_in += (uint64_t)n;
		if (before == 0)
			conn_kick(s->to->conn);
	}
	if (s->left == 0)
		read_over(s);
	return 0;
}

/* How much may be sent before the receiver answers: 0 when it must answer first. */
static size_t flight_room(struct ssh_splice *s)
{
	unsigned long window = libssh2_channel_window_write_ex(s->to->raw, NULL);

	if (window > s->window)
		s->window = window;
	if (s->window - window < s->flight) {
		if (s->held_us && RING_BYTES - s->len < ROOM_WORTH && s->flight < FLIGHT_MAX &&
		    loop_clock_us() - s->held_us > FLIGHT_NEAR_US)
			s->flight *= 2;
		s->held_us = 0;
		return s->flight - (s->window - window);
	}
	if (s->held_us == 0)
		s->held_us = loop_clock_us();
	return 0;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

void splice_write(struct ssh_splice *s)
{
	struct ssh_conn *conn = s->to->conn;
	bool full = RING_BYTES - s->len < ROOM_WORTH;

	while (s->len > 0 && wire_may_send(conn) && flight_room(s) > 0) {
		size_t row = RING_BYTES - s->start;
		ssize_t n = libssh2_channel_write_ex(s->to->raw, 0, s->ring + s->start, smallest(s->len, row, PIECE_MAX));

		if (n == LIBSSH2_ERROR_EAGAIN || n == 0)
			break;
		if (n < 0) {
			fail(s);
			return;
		}
		s->start = (s->start + (size_t)n) % RING_BYTES;
		s->len -= (size_t)n;
		s->moved += (uint64_t)n;
		conn->bytes_out += (uint64_t)n;
	}
	if (s->len == 0)
		s->start = 0;
	if (full && s->from && RING_BYTES - s->len >= ROOM_WORTH)
		conn_kick(s->from->conn);
	if (s->len > 0 && conn->out.len == 0 && wire_turn_over(conn) && flight_room(s) > 0)
		conn_kick(conn);
	if (s->read_all && s->len == 0 && conn->out.len == 0) {
		s->to->end_wanted |= s->end_input;
		finish(s, true);
		return;
	}
	tell_progress(s, false);
}

/* The limit may hold no longer. */
void splice_answered(struct ssh_splice *s)
{
	if (s->len > 0 && s->held_us && flight_room(s) > 0)
		conn_kick(s->to->conn);
}

void splice_source_ended(struct ssh_splice *s, bool clean)
{
	if (clean && s->left > UINT64_MAX / 2)
		read_over(s);
	else
		fail(s);
}

void splice_target_ended(struct ssh_splice *s)
{
	fail(s);
}
