/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to stop pre-copying: a pure function of the rounds so far.
 *
 * In each round the memory written to since the one before is dumped and sent
 * while the process runs.  Another round is worth it only while it makes the
 * pause shorter, which P.Haul judges by pages alone; here the time of a round
 * and the rate of the link count too.
 */
#ifndef PLAN_PRECOPY_H
#define PLAN_PRECOPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/move.h>

/* Result of a round, in the order of the rounds; the last is the newest. */
struct precopy_round {
	uint64_t bytes;   /* written to memory images by it */
	int64_t began_ms; /* any clock, the same for all */
};

struct precopy_advice {
	bool stop;          /* freeze now */
	uint64_t dirty;     /* bytes that a dump would hold if it came now */
};

/* `now_ms`: the newest round has been sent. `pause(ctx, bytes)`: ms of freeze
 * that so many bytes would take. */
struct precopy_advice precopy_advise(const struct precopy_round *rounds, size_t count, int64_t now_ms,
				     int64_t (*pause)(void *ctx, uint64_t bytes), void *ctx);

#endif
