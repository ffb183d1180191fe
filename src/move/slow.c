/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/slow.h"

#include <stdlib.h>

#include "base/mem.h"
#include "move/move_priv.h"

#define FIRST_BYTES (64u << 10)
#define REST_BYTES (448u << 10)
#define SLOW_BYTES_PER_S (4.0 * 1e6)      /* a faster one is not measured by so little */
#define LIMIT_MS 4000

struct slow {
	struct ssh_chan *from, *to;
	struct ssh_splice *splice;
	struct loop_timer *limit, *later;
	int64_t first_us; /* the first part was there, on the move's clock; 0: not yet */
	bool over;
};

static void on_later(void *ctx)
{
	struct move *move = ctx;

	if (!move->finishing)
		move_checked(move);
}

/* `us`: what the rest took, at least; 0 when nothing was learned. */
static void settle(struct move *move, int64_t us)
{
	struct slow *s = move->slow;
	double rate = us > 0 ? REST_BYTES * 1e6 / (double)us : 0;

	if (s->over)
		return;
	s->over = true;
	rates_glimpsed(move->setup.rates, move->info.source, move->info.destination, VIA_RELAY, rate < SLOW_BYTES_PER_S ? rate : 0);
	ssh_splice_stop(&s->splice);
	ssh_chan_free(&s->from);
	ssh_chan_free(&s->to);
	loop_timer_set(s->limit, -1);
	/* From the loop's next turn: this may be called from within a channel. */
	loop_timer_set(s->later, 0);
}

static void on_from_closed(void *ctx, const struct ssh_exit *how)
{
	struct move *move = ctx;

	(void)how;
	ssh_chan_free(&move->slow->from);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	struct move *move = ctx;

	(void)data;
	(void)len;
	if (stream == 0 && !move->slow->first_us)
		move->slow->first_us = move_clock_us(move);
}

static void on_to_closed(void *ctx, const struct ssh_exit *how)
{
	struct move *move = ctx;
	bool whole = !how->lost && how->status == 0 && move->slow->first_us;

	settle(move, whole ? move_clock_us(move) - move->slow->first_us : 0);
}

static void on_spliced(void *ctx, bool ok, uint64_t bytes)
{
	struct move *move = ctx;

	(void)ok;
	(void)bytes;
	move->slow->splice = NULL;
}

static void on_limit(void *ctx)
{
	struct move *move = ctx;

	/* At most so fast. */
	settle(move, LIMIT_MS * (int64_t)1000);
}

void slow_begin(struct move *move)
{
	static const struct ssh_chan_ops from_ops = { .data = on_data, .closed = on_from_closed };
	static const struct ssh_chan_ops to_ops = { .data = on_data, .closed = on_to_closed };
	static const struct ssh_splice_ops splice_ops = { .done = on_spliced };
	const struct move_request *r = &move->request;
	struct remote_line *sender, *receiver;
	struct slow *s;

	/* Beside another's copy any link looks slow. */
	if (move->slow || !move->setup.alone || !r->source || !r->destination ||
	    (r->via != VIA_AUTO && r->via != VIA_RELAY) ||
	    !rates_may_glimpse(move->setup.rates, move->info.source, move->info.destination, VIA_RELAY))
		return;
	move->slow = s = mem_new(struct slow);
	s->limit = loop_timer_add(move->loop, LIMIT_MS, on_limit, move);
	s->later = loop_timer_add(move->loop, -1, on_later, move);
	receiver = remote_line_bytes("sink", FIRST_BYTES, NULL);
	sender = remote_line_bytes("zeros", FIRST_BYTES + REST_BYTES, NULL);
	s->to = ssh_exec(host_conn(r->destination), receiver, &to_ops, move);
	s->from = ssh_exec(host_conn(r->source), sender, &from_ops, move);
	remote_line_free(&receiver);
	remote_line_free(&sender);
	ssh_chan_end_input(s->from);
	s->splice = ssh_splice(s->from, s->to, &splice_ops, move);
}

bool slow_over(const struct move *move)
{
	return !move->slow || move->slow->over;
}

void slow_free(struct move *move)
{
	struct slow *s = move->slow;

	if (!s)
		return;
	move->slow = NULL;
	if (!s->over)
		rates_glimpsed(move->setup.rates, move->info.source, move->info.destination, VIA_RELAY, 0);
	ssh_splice_stop(&s->splice);
	ssh_chan_free(&s->from);
	ssh_chan_free(&s->to);
	loop_timer_remove(&s->limit);
	loop_timer_remove(&s->later);
	free(s);
}
