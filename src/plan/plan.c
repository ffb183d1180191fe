/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Sharing processors with others, our thread is not at work all of the time that is waited for it. */
#define BUSY_ENOUGH 0.6
#define TWO_ARE_FASTER 1.8

/* Before anything is known: a small process over loopback took about as long,
 * and memory is dumped and restored at 1.5 GB/s each, and sent at 100 MB/s. */
#define FLOOR_MS 130
#define LEAST_MS 30 /* no move takes less */
#define LOCAL_NS_PER_BYTE 1.3
#define LOCAL_FILLS_NS_PER_BYTE 0.7 /* where memory is loaded later, and only read in the freeze */
#define LINK_NS_PER_BYTE 10.0
#define LITTLE_BYTES (1u << 20) /* bytes sent in the freeze where memory goes at another time */
#define SMALL_BYTES (8u << 20) /* below, the floor is nearly all of it */

struct rate {
	char *source, *destination;
	enum move_via via;
	double floor_ms, ns_per_byte; /* 0: not known */
	double local_ns;              /* part of ns_per_byte that is not sending; 0: unknown */
	bool glimpsed;                /* the link was looked at, or is about to be */
	bool rough;                   /* ns_per_byte is from that */
};

struct rates {
	struct rate *list;
	size_t count;
	bool looking;
};

struct rates *rates_new(void)
{
	return mem_new(struct rates);
}

void rates_free(struct rates *rates)
{
	if (!rates)
		return;
	for (size_t i = 0; i < rates->count; i++) {
		free(rates->list[i].source);
		free(rates->list[i].destination);
	}
	free(rates->list);
	free(rates);
}

static struct rate *find(const struct rates *rates, const char *source, const char *destination, enum move_via via)
{
	for (size_t i = 0; i < rates->count; i++) {
		struct rate *rate = &rates->list[i];

		if (rate->via == via && strcmp(rate->source, source) == 0 && strcmp(rate->destination, destination) == 0)
			return rate;
	}
	return NULL;
}

static struct rate *find_or_add(struct rates *rates, const char *source, const char *destination, enum move_via via)
{
	struct rate *rate = find(rates, source, destination, via);

	if (rate)
		return rate;
	rates->list = mem_resize(rates->list, rates->count + 1, sizeof *rates->list);
	rate = &rates->list[rates->count++];
	*rate = (struct rate){ .source = mem_strdup(source), .destination = mem_strdup(destination), .via = via };
	return rate;
}

bool rates_may_glimpse(struct rates *rates, const char *source, const char *destination, enum move_via via)
{
	struct rate *rate = find_or_add(rates, source, destination, via);
	bool may = !rates->looking && !rate->glimpsed && rate->ns_per_byte <= 0;

	rate->glimpsed |= may;
	rates->looking |= may;
	return may;
}

void rates_glimpsed(struct rates *rates, const char *source, const char *destination, enum move_via via, double bytes_per_s)
{
	struct rate *rate = find_or_add(rates, source, destination, via);

	rates->looking = false;
	if (bytes_per_s <= 0 || rate->ns_per_byte > 0)
		return;
	rates_measured(rates, source, destination, via, bytes_per_s);
	rate->rough = true;
}

/* The newest counts for a half: links and hosts change. */
static void blend(double *known, double now)
{
	*known = *known > 0 ? (*known + now) / 2 : now;
}

/* On a slow link even a small one waits for that. */
static double without_sending(const struct rate *rate, uint64_t bytes, int64_t frozen_ms)
{
	double rest = (double)frozen_ms - rate->ns_per_byte * (double)bytes / 1e6;

	return rest > LEAST_MS ? rest : frozen_ms < LEAST_MS ? (double)frozen_ms : LEAST_MS;
}

void rates_learn(struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t bytes,
		 int64_t frozen_ms)
{
	struct rate *rate = find_or_add(rates, source, destination, via);
	double floor = rate->floor_ms > 0 ? rate->floor_ms : FLOOR_MS;

	if (frozen_ms <= 0)
		return;
	if (bytes < SMALL_BYTES)
		blend(&rate->floor_ms, without_sending(rate, bytes, frozen_ms));
	else if ((double)frozen_ms > floor)
		blend(&rate->ns_per_byte, ((double)frozen_ms - floor) * 1e6 / (double)bytes);
}

static double local_ns(const struct rate *rate, uint64_t memory)
{
	if (rate && rate->local_ns > 0)
		return rate->local_ns;
	return memory < FILL_FROM_BYTES ? LOCAL_NS_PER_BYTE : LOCAL_FILLS_NS_PER_BYTE;
}

void rates_learn_ahead(struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t memory,
		       uint64_t bytes, int64_t frozen_ms)
{
	struct rate *rate = find_or_add(rates, source, destination, via);
	double floor = rate->floor_ms > 0 ? rate->floor_ms : FLOOR_MS;

	/* Where much was sent, what the rest took does not show. */
	if (frozen_ms <= 0 || bytes > memory / 16)
		return;
	if (memory < SMALL_BYTES)
		blend(&rate->floor_ms, (double)frozen_ms);
	else if ((double)frozen_ms > floor)
		blend(&rate->local_ns, ((double)frozen_ms - floor) * 1e6 / (double)memory);
}

void rates_measured(struct rates *rates, const char *source, const char *destination, enum move_via via, double bytes_per_s)
{
	struct rate *rate = find_or_add(rates, source, destination, via);

	/* A move's own time is worth more than a short measurement. */
	if (bytes_per_s <= 0 || (rate->ns_per_byte > 0 && !rate->rough))
		return;
	rate->ns_per_byte = LOCAL_NS_PER_BYTE + 1e9 / bytes_per_s;
	rate->rough = false;
}

double rates_of_two(double bytes_per_s, double busy)
{
	return busy >= BUSY_ENOUGH ? bytes_per_s * TWO_ARE_FASTER : bytes_per_s;
}

int64_t rates_pause(const struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t bytes)
{
	const struct rate *rate = find(rates, source, destination, via);
	double floor = rate && rate->floor_ms > 0 ? rate->floor_ms : FLOOR_MS;
	double per_byte = rate && rate->ns_per_byte > 0 ? rate->ns_per_byte : LOCAL_NS_PER_BYTE + LINK_NS_PER_BYTE;

	return (int64_t)(floor + per_byte * (double)bytes / 1e6);
}

int64_t rates_pause_ahead(const struct rates *rates, const char *source, const char *destination, enum move_via via,
			  uint64_t memory, uint64_t bytes)
{
	const struct rate *rate = find(rates, source, destination, via);

	return rates_pause(rates, source, destination, via, bytes) + (int64_t)(local_ns(rate, memory) * (double)memory / 1e6);
}

int64_t rates_pause_in(const struct rates *rates, const char *source, const char *destination, enum move_via via,
		       enum move_mode mode, bool ahead, uint64_t memory)
{
	int64_t plain = rates_pause(rates, source, destination, via, memory), copied;

	/* With post-copy, memory follows once the process runs. */
	if (mode == MODE_POSTCOPY)
		return rates_pause(rates, source, destination, via, LITTLE_BYTES);
	if (mode == MODE_PLAIN || !ahead)
		return plain;
	copied = rates_pause_ahead(rates, source, destination, via, memory, LITTLE_BYTES);
	return mode == MODE_AUTO && plain < copied ? plain : copied;
}

bool rates_known(const struct rates *rates, const char *source, const char *destination, enum move_via via)
{
	const struct rate *rate = find(rates, source, destination, via);

	return rate && rate->ns_per_byte > 0;
}

double rates_link(const struct rates *rates, const char *source, const char *destination, enum move_via via)
{
	const struct rate *rate = find(rates, source, destination, via);

	if (!rate || rate->ns_per_byte <= 0)
		return 0;
	return 1e9 / (rate->ns_per_byte > LOCAL_NS_PER_BYTE + 0.1 ? rate->ns_per_byte - LOCAL_NS_PER_BYTE : 0.1);
}
