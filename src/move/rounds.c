/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pre-copy: rounds in which memory is dumped and sent while the process runs,
 * between staging and the freeze.  What was written to since, the kernel says
 * where it tracks that; elsewhere memory is compared (ahead.pl).  A round
 * that loses its connection is taken up again: it has frozen nothing.  The first one that the source's CRIU cannot make turns
 * the move into a plain one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "move/move_priv.h"

/* How often what broke is taken up again. */
#define TRIES 4
#define SILENCE_MS 2000
#define LEARN_FROM_BYTES (4u << 20) /* less is mostly the time that programs take to start */

static int64_t expected_pause(void *ctx, uint64_t bytes)
{
	const struct move *move = ctx;

	return rates_pause_ahead(move->setup.rates, move->info.source, move->info.destination, move->info.via,
				 move->info.memory_bytes, bytes);
}

/* It may be at it, or done, which whoever listened before may have heard: then it says so again. */
static void ask_for_round(struct move *move)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", move->pre.count + 1);
	move->pre.asked_ms = loop_now_ms(move->loop);
	end_say(move->source.end, COMMAND_ROUND, number);
}

/* `doing` in the round `number`, the first being 1.  After one round it is not known how much of it was written to since. */
static void say_round(struct move *move, const char *doing, size_t number)
{
	const char *pack = move->pack ? ", zstd" : "";
	char status[128], pause[32];

	if (move->pre.freeze_now)
		return;
	if (number > 1)
		snprintf(status, sizeof status, "round %zu, pause now %s%s (F)%s", number, number == 2 ? "at most " : "~",
			 text_duration(pause, sizeof pause, move->info.estimate_ms), pack);
	else
		snprintf(status, sizeof status, "%s%s", doing, pack);
	move_set_status(move, status);
}

static void next_round(struct move *move)
{
	struct pre *pre = &move->pre;

	transport_close(&move->transport);
	pre->rounds[pre->count].began_ms = move_clock_us(move) / 1000;
	pre->dumping = true;
	say_round(move, "reading memory", pre->count + 1);
	ask_for_round(move);
}

static void rounds_over(struct move *move)
{
	move->pre.over = true;
	transport_close(&move->transport);
	move_set_status(move, "");
	flow_advance(move);
}

/* The first round shows what the link carries, though others may have a part of it now. */
static void learn_link(struct move *move)
{
	const struct pre *pre = &move->pre;
	double bytes = (double)pre->rounds[0].bytes;
	int64_t us = move_clock_us(move) - pre->sending_us;

	if (pre->count == 1 && !move->pack && bytes >= LEARN_FROM_BYTES && us > 0)
		rates_measured(move->setup.rates, move->info.source, move->info.destination, move->info.via, bytes * 1e6 / (double)us);
}

static void round_sent(struct move *move)
{
	struct pre *pre = &move->pre;
	struct move_round *shown = &move->info.rounds[pre->count - 1];
	int64_t now = move_clock_us(move) / 1000;
	struct precopy_advice advice = precopy_advise(pre->rounds, pre->count, now, expected_pause, move);

	learn_link(move);
	shown->ms = now - pre->rounds[pre->count - 1].began_ms;
	shown->expected_ms = expected_pause(move, advice.dirty);
	move->info.estimate_ms = shown->expected_ms;
	move->info.rounds_count = pre->count;
	auto_words(move);
	move->info.phases[PHASE_PRECOPY].bytes += shown->bytes;
	/* What goes straight there passes by us unseen. */
	if (move->info.via == VIA_DIRECT)
		move->info.bytes += shown->bytes;
	pre->sent = move->info.bytes;
	move->info.bytes_total = 0;
	move_mark(move, "round %zu sent", pre->count);
	move_tell(move, MOVE_CHANGE_STATUS);
	if (advice.stop || pre->freeze_now)
		rounds_over(move);
	else
		next_round(move);
}

/* ---- a round's transport ---- */

/* Nothing is frozen: what broke is taken up again, as often as makes sense. */
static bool takes_up_again(struct move *move)
{
	struct pre *pre = &move->pre;

	if (pre->tries >= TRIES)
		return false;
	if (pre->failed.code == ERR_LOST) {
		pre->broken = true;
	} else if (move->info.via == VIA_DIRECT && move->request.via == VIA_AUTO) {
		move_warn(move, "By relay: %.200s.", pre->failed.text);
		move->info.via = VIA_RELAY;
		pre->broken = true;
	} else {
		pre->broken = pre->tries == 0;
	}
	return pre->broken;
}

static void on_later(void *ctx)
{
	struct move *move = ctx;
	struct err e = { 0 };

	if (!move->pre.sending || move->pre.broken || move->finishing || move->intent != INTENT_MOVE)
		return;
	if (move->pre.failed.code == ERR_NONE) {
		move->pre.sending = false;
		round_sent(move);
		return;
	}
	transport_close(&move->transport);
	if (takes_up_again(move))
		return;
	e = move->pre.failed;
	move->pre.sending = false;
	move_fail(move, &e);
}

static void on_ready(void *ctx)
{
	(void)ctx;
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct move *move = ctx;

	sending_progress(move, bytes);
}

static void on_done(void *ctx, const struct err *e, bool lost)
{
	struct move *move = ctx;

	err_clear(&move->pre.failed);
	if (e)
		move->pre.failed = *e;
	if (lost)
		move->pre.failed.code = ERR_LOST;
	/* Not now: this is called from within the transport. */
	loop_timer_set(move->pre.later, 0);
}

static void send_round(struct move *move)
{
	static const struct transport_ops ops = { .ready = on_ready, .progress = on_progress, .done = on_done };
	struct transport_setup setup = sending_setup(move);

	setup.round = (unsigned)move->pre.count;
	if (!move->pre.tries)
		setup.bytes = move->info.rounds[move->pre.count - 1].bytes;
	move->pre.sending = true;
	move->pre.sending_us = move_clock_us(move);
	/* While it was read nothing could go over. */
	move->rate_us = move_clock_us(move);
	move->rate_bytes = move->pre.sent;
	/* Compressed it is less, nobody knows how much. */
	move->info.bytes_total = move->pack ? 0 : move->pre.sent + move->info.rounds[move->pre.count - 1].bytes;
	if (!host_conn(setup.source) || !host_conn(setup.destination)) {
		move->pre.broken = true; /* it went just now */
		return;
	}
	move->transport = transport_open(move->loop, &setup, &ops, move);
}

/* ---- what the source says ---- */

/* "K BYTES STATUS" */
void rounds_made(struct move *move, const char *rest)
{
	struct pre *pre = &move->pre;
	unsigned number;
	uint64_t bytes;
	int status;

	if (!pre->dumping || sscanf(rest, "%u %" SCNu64 " %d", &number, &bytes, &status) != 3 || number != pre->count + 1)
		return;
	pre->dumping = false;
	if (move->intent != INTENT_MOVE)
		return;
	if (status != 0) {
		move_warn(move, "Memory could not be copied ahead on %.100s.", move->info.source);
		if (pre->count == 0)
			move->info.mode = MODE_PLAIN;
		rounds_over(move);
		return;
	}
	pre->rounds[pre->count].bytes = bytes;
	move->info.rounds[pre->count].bytes = bytes;
	pre->count++;
	move_mark(move, "round %zu dumped", pre->count);
	say_round(move, "copying memory ahead", pre->count);
	send_round(move);
}

bool rounds_pending(const struct move *move)
{
	return move->info.mode == MODE_PRECOPY && !move->pre.over;
}

static bool may_copy(struct move *move)
{
	if (!move->copy_asked)
		move->turn_ms = loop_now_ms(move->loop);
	move->copy_asked = true;
	if (move->setup.turn && !move->setup.turn(move->setup.ctx, move)) {
		move_set_status(move, "waiting until the link is free");
		return false;
	}
	return !trial_again(move);
}

void rounds_begin(struct move *move)
{
	struct pre *pre = &move->pre;

	if (pre->dumping || pre->sending || pre->count)
		return;
	if (!move->pre.tracks && !move->pre.compares) {
		struct err e = { 0 };

		if (move->request.mode == MODE_PRECOPY) {
			err_set(&e, ERR_REMOTE, move->info.source,
				"the kernel of %s does not track which memory is written to, and there is no perl to compare it: use plain mode",
				move->info.source);
			move_fail(move, &e);
			return;
		}
		move->info.mode = MODE_PLAIN;
		auto_words(move);
		pre->over = true;
		return;
	}
	if (!may_copy(move))
		return;
	pre->later = loop_timer_add(move->loop, -1, on_later, move);
	move_set_phase(move, PHASE_PRECOPY);
	next_round(move);
}

void rounds_lost(struct move *move, const char *host)
{
	struct pre *pre = &move->pre;
	struct err e = { 0 };

	if (!rounds_pending(move) || (!pre->dumping && !pre->sending) || move->intent != INTENT_MOVE)
		return;
	transport_close(&move->transport);
	pre->broken = true;
	if (pre->tries < TRIES)
		return;
	err_set(&e, ERR_LOST, host, "the connection to %.100s went again and again while memory was copied ahead", host);
	move_fail(move, &e);
}

void rounds_tick(struct move *move)
{
	struct pre *pre = &move->pre;

	if (pre->dumping && !pre->broken && rounds_pending(move) && loop_now_ms(move->loop) - pre->asked_ms >= SILENCE_MS)
		ask_for_round(move);
	if (!pre->broken || !rounds_pending(move) || move->intent != INTENT_MOVE || move->finishing ||
	    !end_reachable(move->source.end) || !end_reachable(move->destination.end) || !host_conn(move->request.source) ||
	    !host_conn(move->request.destination))
		return;
	pre->broken = false;
	pre->tries++;
	move_mark(move, "round %zu taken up again", pre->dumping ? pre->count + 1 : pre->count);
	if (pre->sending) {
		send_round(move);
		return;
	}
	ask_for_round(move);
}

bool move_freeze_now(struct move *move)
{
	if (!rounds_pending(move) || move->info.ended)
		return false;
	move->pre.freeze_now = true;
	move_set_status(move, "freezing after this round");
	return true;
}
