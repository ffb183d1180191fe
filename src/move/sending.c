/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The images of a move on their way: the transport of the way that was picked,
 * opened before the freeze, and how much of it has gone over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "move/move_priv.h"

#define FOLLOW_FROM_BYTES (16u << 20) /* below, the dump is over before a look at it */

void sending_progress(struct move *move, uint64_t bytes)
{
	struct move_info *info = &move->info;
	int64_t now = move_clock_us(move);

	bytes += move->pre.sent;
	info->bytes = bytes;
	if (info->bytes_total && bytes > info->bytes_total)
		info->bytes_total = bytes;
	if (now - move->rate_us >= 500000) {
		double rate = (double)(bytes - move->rate_bytes) * 1e6 / (double)(now - move->rate_us);

		info->bytes_per_s = info->bytes_per_s > 0 ? (info->bytes_per_s * 2 + rate) / 3 : rate;
		move->rate_us = now;
		move->rate_bytes = bytes;
	}
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct move *move = ctx;

	if (move->info.phases[PHASE_SEND].bytes == 0 && bytes > 0)
		move_mark(move, "first bytes sent");
	move->info.phases[PHASE_SEND].bytes = bytes;
	sending_progress(move, bytes);
}

static void on_transport_done(void *ctx, const struct err *e, bool lost)
{
	struct move *move = ctx;

	move->transport_over = true;
	move->transport_lost = lost;
	if (!e && move->info.via == VIA_DIRECT && move->listed_bytes)
		on_progress(move, move->listed_bytes);
	move_mark(move, e ? "transport broke" : "all sent");
	/* A lost connection comes back: flow_tick() sends once more. And while
	 * the dump is not held there was nothing to send: it failed, and is about
	 * to say so, which is the better reason. */
	if (!e || lost)
		return;
	if (end_facts(move->source.end)->held || !end_facts(move->source.end)->launched)
		move_fail(move, e);
	else
		move->transport_why = *e;
}

static void on_arrived(void *ctx)
{
	struct move *move = ctx;

	end_say(move->destination.end, COMMAND_RECEIVED, NULL);
}

void sending_ready(struct move *move)
{
	if (move->ready || !move->channels_open || !compare_open(move))
		return;
	move->ready = true;
	move_mark(move, "channels open");
	flow_advance(move);
}

static void on_ready(void *ctx)
{
	struct move *move = ctx;

	move->channels_open = true;
	sending_ready(move);
}

void sending_by_relay(struct move *move, const struct err *why)
{
	int len = (int)strlen(why->text);

	while (len > 0 && why->text[len - 1] == '.')
		len--;
	move_mark(move, "no direct way");
	log_add(LOG_NOTE, NULL, "#%u %.*s; it goes by relay", move->info.number, len, why->text);
	/* Asked for, or expected where ssh_config forwards the agent. */
	move_warn(move, "It went by relay: %.*s.", len, why->text);
	move->info.via = VIA_RELAY;
}

struct transport_setup sending_setup(const struct move *move)
{
	return (struct transport_setup){
		.source = move->request.source,
		.destination = move->request.destination,
		.source_dir = move->source.dir,
		.destination_dir = move->destination.dir,
		.source_images = end_images(move->source.end),
		.destination_images = end_images(move->destination.end),
		.key = move->request.direct_key,
		.via = move->info.via,
		.pack = move->pack,
		.link = auto_link(move),
	};
}

void sending_begin(struct move *move)
{
	static const struct transport_ops ops = {
		.ready = on_ready, .progress = on_progress, .done = on_transport_done, .arrived = on_arrived,
	};
	struct transport_setup setup = sending_setup(move);

	setup.bring = move->result->nbring > 0;
	setup.follow = move->info.mode == MODE_PLAIN && move->info.memory_bytes >= FOLLOW_FROM_BYTES &&
		       move->source.streams && move->destination.streams;
	/* A second try takes no chances. */
	if (move->info.mode != MODE_POSTCOPY && !move->transport_tries)
		setup.bytes = move->pre.count ? move->info.rounds[move->pre.count - 1].bytes : move->info.memory_bytes;
	move->transport_tries++;
	if ((setup.source && !host_conn(setup.source)) || (setup.destination && !host_conn(setup.destination))) {
		/* It went just now; the next tick that sees both tries again. */
		move->transport_over = move->transport_lost = true;
		return;
	}
	move->transport_over = move->transport_lost = false;
	move->endpoint->open(move, &setup, &ops);
}

void sending_listed(struct move *move, const char *line)
{
	if (line)
		move->listed_bytes += strtoull(line, NULL, 10);
	else if (move->listed_bytes + move->pre.sent > move->info.bytes)
		move->info.bytes_total = move->listed_bytes + move->pre.sent;
	if (move->transport)
		transport_image(move->transport, line);
}

/* The destination holds so much: what goes straight there passes by us unseen. */
void sending_sized(struct move *move, uint64_t bytes)
{
	if (move->info.via == VIA_DIRECT && bytes > move->info.phases[PHASE_SEND].bytes)
		on_progress(move, bytes);
}
