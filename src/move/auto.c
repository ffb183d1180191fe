/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `auto` picks, and the words that say so.
 *
 * The mode: pre-copy when it freezes the process for noticeably less than a plain
 * move would; it falls back to plain where neither the kernel tracks memory nor
 * it can be compared (rounds.c).  The way: straight from host to host when there is much to
 * send and ssh_config lets the agent be forwarded to the source, or a key was named for it; by relay
 * otherwise, which needs nothing between the hosts.  A link slower than the
 * compressor is given compressed images.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "move/move_priv.h"

#define NOTICEABLE_MS 80
#define MUCH_BYTES (64u << 20)
#define SLOW_BYTES_PER_S (100.0 * 1e6) /* a faster link needs no compressor */
#define LONG_S 0.3                     /* sent in less, a little needs none either */

/* If it writes to little of its memory, which the rounds will show. */
static int64_t pause_in(const struct move *move, enum move_mode mode)
{
	const struct move_info *info = &move->info;

	return rates_pause_in(move->setup.rates, info->source, info->destination, info->via, mode, true, info->memory_bytes);
}

static void expect(struct move *move)
{
	move->info.estimate_ms = pause_in(move, move->info.mode);
}

void auto_choose(struct move *move)
{
	struct move_info *info = &move->info;
	const struct host *source = move->request.source, *destination = move->request.destination;

	if (!destination || !source)
		return;
	if (move->request.via == VIA_AUTO && info->memory_bytes >= MUCH_BYTES && host_conn(source) &&
	    (move->request.direct_key || ssh_conn_forward_agent(host_conn(source))) && host_facts(source)->root_way == ROOT_SELF &&
	    host_facts(destination)->root_way == ROOT_SELF)
		info->via = VIA_DIRECT;
	expect(move);
	if (move->request.mode == MODE_AUTO && info->mode == MODE_PLAIN && info->via != VIA_SCP && move->result->ahead && move->result->room_ahead &&
	    info->estimate_ms - pause_in(move, MODE_PRECOPY) >= NOTICEABLE_MS) {
		info->mode = MODE_PRECOPY;
		expect(move);
	}
	auto_words(move);
}

double auto_link(const struct move *move)
{
	const struct move_info *info = &move->info;

	return rates_link(move->setup.rates, info->source, info->destination, info->via);
}

bool auto_may_pack(const struct move *move)
{
	const struct move_info *info = &move->info;
	double rate = auto_link(move);

	return info->via != VIA_SCP && rate > 0 && rate < SLOW_BYTES_PER_S &&
	       (info->memory_bytes >= MUCH_BYTES / 8 || (double)info->memory_bytes > rate * LONG_S) &&
	       host_facts(move->request.source)->zstd && host_facts(move->request.destination)->zstd;
}

void auto_learn(const struct move *move)
{
	const struct move_info *info = &move->info;
	uint64_t bytes = move->listed_bytes ? move->listed_bytes : info->phases[PHASE_SEND].bytes;

	if (info->mode == MODE_PRECOPY)
		rates_learn_ahead(move->setup.rates, info->source, info->destination, info->via, info->memory_bytes, bytes, info->frozen_ms);
	else if (info->mode != MODE_POSTCOPY)
		rates_learn(move->setup.rates, info->source, info->destination, info->via, bytes, info->frozen_ms);
}

void auto_link_known(struct move *move)
{
	expect(move);
	auto_words(move);
}

/* What the ways not picked would cost: "; plain 7.9 s, postcopy 0.3 s". */
static void add_others(const struct move *move, char *out, size_t size)
{
	static const enum move_mode modes[] = { MODE_PLAIN, MODE_PRECOPY, MODE_POSTCOPY };
	const struct check_result *r = move->result;
	bool any = false;

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		size_t len = strlen(out);
		char pause[32];

		if (modes[i] == move->info.mode || (modes[i] == MODE_PRECOPY && !(r->ahead && r->room_ahead)) ||
		    (modes[i] == MODE_POSTCOPY && lazy_unfit(r)))
			continue;
		snprintf(out + len, size - len, "%s%s %s", any ? ", " : "; ", move_mode_name(modes[i]),
			 text_duration(pause, sizeof pause, pause_in(move, modes[i])));
		any = true;
	}
}

void auto_words(struct move *move)
{
	struct move_info *info = &move->info;
	char pause[32];

	snprintf(info->plan, sizeof info->plan, "%s%s by %s%s, about %s frozen", move->request.mode == MODE_AUTO ? "auto: " : "",
		 move_mode_name(info->mode), move_via_name(info->via), move->pack ? " with zstd" : "",
		 text_duration(pause, sizeof pause, info->estimate_ms < 0 ? 0 : info->estimate_ms));
	if (move->request.mode == MODE_AUTO && move->request.destination && info->via != VIA_SCP)
		add_others(move, info->plan, sizeof info->plan);
}
