/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between staging and what freezes: is there a way straight from host to host,
 * and how fast is the way?  A few MiB of zeros are sent along it, once for each
 * pair of hosts; what later moves take replaces the measurement.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "transport/bulk.h"
#include "transport/direct.h"
#include "move/move_priv.h"

#define TRIAL_BYTES (4u << 20)
#define RELAY_REST (16u << 20)
#define DIRECT_REST (32u << 20)
#define SLOW_US 300000
#define TRIAL_LIMIT_MS 8000              /* slower than 0.5 MiB/s: enough is known */
#define MEASURE_FROM_BYTES (32u << 20)   /* below, the link hardly matters */

struct trial {
	struct direct *direct;
	struct ssh_chan *from, *to;
	struct ssh_splice *splice;
	struct loop_timer *limit, *later;
	int64_t began_us;
	int64_t worked_us; /* of our processor time, when the rest began */
	bool packing, over;
	bool blind; /* it ended with nothing known of the link */
	bool resting; /* the rest is under way, by relay */
};

static void settle(struct move *move)
{
	struct trial *t = move->trial;

	t->over = true;
	t->blind = auto_link(move) <= 0;
	direct_close(&t->direct);
	ssh_splice_stop(&t->splice);
	ssh_chan_free(&t->from);
	ssh_chan_free(&t->to);
	loop_timer_set(t->limit, -1);
	move_set_status(move, "");
	auto_link_known(move);
	/* From the loop's next turn: this may be called from within a channel. */
	loop_timer_set(t->later, 0);
}

/* ---- the compressor ---- */

/* Bytes that do not compress, as the compressor is slowest with them; it is
 * worth it only when it keeps well ahead of the link. */
#define PACK_BYTES (4u << 20)
#define PACK_AHEAD 1.5

static void on_packed(void *ctx, const struct ssh_exit *how)
{
	struct move *move = ctx;
	int64_t us = move_clock_us(move) - move->trial->began_us;

	if (!how->lost && how->status == 0 && us > 0)
		move->pack = PACK_BYTES * 1e6 / (double)us > PACK_AHEAD * auto_link(move);
	settle(move);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)data;
	(void)len;
}

/* The way is known: will it pay to compress? */
static void try_pack(struct move *move)
{
	static const struct ssh_chan_ops ops = { .data = on_data, .closed = on_packed };
	struct trial *t = move->trial;
	struct ssh_conn *source = host_conn(move->request.source);
	struct remote_line *line;

	ssh_splice_stop(&t->splice);
	ssh_chan_free(&t->from);
	ssh_chan_free(&t->to);
	if (!source || !auto_may_pack(move)) {
		settle(move);
		return;
	}
	t->began_us = move_clock_us(move);
	t->packing = true;
	line = remote_line_bytes("pack", PACK_BYTES, NULL);
	t->from = ssh_exec(source, line, &ops, move);
	ssh_chan_end_input(t->from);
	remote_line_free(&line);
}

static int64_t worked_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void measured_bytes(struct move *move, double bytes)
{
	const struct trial *t = move->trial;
	int64_t us = move_clock_us(move) - t->began_us;
	double rate;

	if (us <= 0)
		return;
	rate = bytes * 1e6 / (double)us;
	if (t->worked_us > 0 && bulk_worth(move->info.memory_bytes, rate, true))
		rate = rates_of_two(rate, (double)(worked_us() - t->worked_us) / (double)us);
	rates_measured(move->setup.rates, move->info.source, move->info.destination, move->info.via, rate);
}

static void measured(struct move *move)
{
	measured_bytes(move, TRIAL_BYTES);
}

static void measure_relay(struct move *move);

/* ---- straight ---- */

static void on_direct_ready(void *ctx)
{
	struct move *move = ctx;

	move->trial->began_us = move_clock_us(move);
}

/* The first part shows whether the link is slow; on one that is not, it is mostly
 * the time that programs take to start, and the rest is measured by itself. */
static void on_direct_arrived(void *ctx, bool all)
{
	struct move *move = ctx;
	struct trial *t = move->trial;
	int64_t us = move_clock_us(move) - t->began_us;

	if (all) {
		measured_bytes(move, DIRECT_REST);
	} else if (us < SLOW_US) {
		t->began_us += us;
	} else {
		measured(move);
		direct_close(&t->direct);
		try_pack(move);
	}
}

static void on_direct_done(void *ctx, const struct err *e)
{
	struct move *move = ctx;

	move->trial->direct = NULL;
	if (!e) {
		try_pack(move);
		return;
	}
	sending_by_relay(move, e);
	measure_relay(move);
}

static void try_direct(struct move *move)
{
	static const struct direct_ops ops = { .ready = on_direct_ready, .arrived = on_direct_arrived, .done = on_direct_done };
	struct remote_line *sender = remote_line_bytes("zeros", TRIAL_BYTES + DIRECT_REST, NULL);
	struct remote_line *receiver = remote_line_bytes("sink", TRIAL_BYTES, "ready");
	const struct direct_setup setup = { .source = move->request.source, .destination = move->request.destination,
					    .dir = move->source.dir, .sender = sender, .receiver = receiver,
					    .key = move->request.direct_key };
	struct err e = { 0 };

	move_set_status(move, "trying the direct way");
	move->trial->direct = direct_open(move->loop, &setup, &ops, move, &e);
	remote_line_free(&sender);
	remote_line_free(&receiver);
	if (!move->trial->direct)
		on_direct_done(move, &e);
}

/* ---- by relay ---- */

static void on_from_closed(void *ctx, const struct ssh_exit *how)
{
	struct move *move = ctx;

	(void)how;
	ssh_chan_free(&move->trial->from);
}

/* As on_direct_arrived(). */
static void on_to_data(void *ctx, int stream, const char *data, size_t len)
{
	struct move *move = ctx;
	struct trial *t = move->trial;
	int64_t us = move_clock_us(move) - t->began_us;

	(void)data;
	(void)len;
	if (stream != 0 || t->resting)
		return;
	t->resting = true;
	if (us < SLOW_US) {
		t->began_us += us;
		t->worked_us = worked_us();
	} else {
		measured(move);
		try_pack(move);
	}
}

static void on_to_closed(void *ctx, const struct ssh_exit *how)
{
	struct move *move = ctx;

	if (!how->lost && how->status == 0 && move->trial->resting)
		measured_bytes(move, RELAY_REST);
	try_pack(move);
}

static void on_opened(void *ctx)
{
	struct move *move = ctx;

	move->trial->began_us = move_clock_us(move);
}

static void on_spliced(void *ctx, bool ok, uint64_t bytes)
{
	struct move *move = ctx;

	(void)ok;
	(void)bytes;
	move->trial->splice = NULL;
}

static void measure_relay(struct move *move)
{
	static const struct ssh_chan_ops from_ops = { .opened = on_opened, .data = on_data, .closed = on_from_closed };
	static const struct ssh_chan_ops to_ops = { .data = on_to_data, .closed = on_to_closed };
	static const struct ssh_splice_ops splice_ops = { .done = on_spliced };
	struct trial *t = move->trial;
	const struct move_info *info = &move->info;
	struct ssh_conn *from = host_conn(move->request.source), *to = host_conn(move->request.destination);
	struct remote_line *sender, *receiver;

	if (info->via != VIA_RELAY || info->memory_bytes < MEASURE_FROM_BYTES || !from || !to ||
	    rates_known(move->setup.rates, info->source, info->destination, info->via)) {
		try_pack(move);
		return;
	}
	move_set_status(move, "measuring the link");
	receiver = remote_line_bytes("sink", TRIAL_BYTES, NULL);
	sender = remote_line_bytes("zeros", TRIAL_BYTES + RELAY_REST, NULL);
	t->to = ssh_exec(to, receiver, &to_ops, move);
	t->from = ssh_exec(from, sender, &from_ops, move);
	remote_line_free(&receiver);
	remote_line_free(&sender);
	ssh_chan_end_input(t->from);
	t->splice = ssh_splice(t->from, t->to, &splice_ops, move);
}

/* ---- the whole ---- */

static void on_limit(void *ctx)
{
	struct move *move = ctx;

	if (move->trial->direct && move->trial->began_us == 0) {
		struct err e = { 0 };

		direct_close(&move->trial->direct);
		err_set(&e, ERR_TIMEOUT, move->info.source, "straight from %s to %s: no answer in %d s", move->info.source,
			move->info.destination, TRIAL_LIMIT_MS / 1000);
		loop_timer_set(move->trial->limit, TRIAL_LIMIT_MS);
		on_direct_done(move, &e);
		return;
	}
	if (move->trial->began_us && !move->trial->packing)
		measured(move); /* at most so fast */
	if (move->trial->packing)
		settle(move);
	else
		try_pack(move);
}

static void on_later(void *ctx)
{
	struct move *move = ctx;

	if (!move->finishing)
		flow_advance(move);
}

bool trial_over(const struct move *move)
{
	return move->trial && move->trial->over;
}

void trial_begin(struct move *move)
{
	struct trial *t;

	if (move->trial)
		return;
	move->trial = t = mem_new(struct trial);
	t->limit = loop_timer_add(move->loop, TRIAL_LIMIT_MS, on_limit, move);
	t->later = loop_timer_add(move->loop, -1, on_later, move);
	if (move->info.via == VIA_DIRECT)
		try_direct(move);
	else
		measure_relay(move);
}

bool trial_again(struct move *move)
{
	if (!trial_over(move) || !move->trial->blind || move->info.via != VIA_RELAY || !auto_may_pack(move))
		return false;
	trial_free(move);
	trial_begin(move);
	return true;
}

void trial_free(struct move *move)
{
	struct trial *t = move->trial;

	if (!t)
		return;
	move->trial = NULL;
	direct_close(&t->direct);
	ssh_splice_stop(&t->splice);
	ssh_chan_free(&t->from);
	ssh_chan_free(&t->to);
	loop_timer_remove(&t->limit);
	loop_timer_remove(&t->later);
	free(t);
}
