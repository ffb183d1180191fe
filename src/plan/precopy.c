/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan/precopy.h"

/* A dump of fewer bytes takes no less time: 64 pages, as P.Haul has it. */
#define FEW_BYTES (64 * 4096)
/* A pause so near to that of a dump of nothing is as good as it gets. */
#define NEAR_FLOOR 1.1
/* The pause no longer falls when a round gains less than a tenth. */
#define WORTH_A_ROUND 0.9

/* Bytes written to since a round began, at the rate at which it was written
 * to between that round and the one before. Of the first round only the size
 * is known, and no dump is larger. */
static uint64_t dirty_by(const struct precopy_round *rounds, size_t count, int64_t now_ms)
{
	const struct precopy_round *last = &rounds[count - 1];
	int64_t span;

	if (count < 2)
		return last->bytes;
	span = last->began_ms - rounds[count - 2].began_ms;
	if (span < 1)
		span = 1;
	return (uint64_t)((double)last->bytes * (double)(now_ms - last->began_ms) / (double)span);
}

struct precopy_advice precopy_advise(const struct precopy_round *rounds, size_t count, int64_t now_ms,
				     int64_t (*pause)(void *ctx, uint64_t bytes), void *ctx)
{
	struct precopy_advice advice = { .dirty = dirty_by(rounds, count, now_ms) };
	double expected, before;
	uint64_t again = 0; /* copied more than once */

	if (advice.dirty > rounds[0].bytes)
		advice.dirty = rounds[0].bytes;
	for (size_t i = 1; i < count; i++)
		again += rounds[i].bytes;
	expected = (double)pause(ctx, advice.dirty);
	/* The room for images has an end too (room_ahead). */
	advice.stop = count >= MOVE_ROUNDS_MAX || rounds[count - 1].bytes <= FEW_BYTES || again >= rounds[0].bytes ||
		      expected <= (double)pause(ctx, 0) * NEAR_FLOOR;
	if (!advice.stop && count > 2) {
		before = (double)pause(ctx, dirty_by(rounds, count - 1, rounds[count - 1].began_ms));
		advice.stop = expected > before * WORTH_A_ROUND;
	}
	return advice;
}
