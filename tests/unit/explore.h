/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The set of states a model checker has found, in the order it found them, so
 * that it is also the queue of those still to be looked at.  States are plain
 * memory of one size, without padding that differs.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPLORE_BITS 23

struct explore {
	unsigned char *found;
	size_t size, count, cap;
	uint32_t *table; /* index + 1 into found */
};

static inline void explore_begin(struct explore *x, size_t size)
{
	*x = (struct explore){ .size = size };
	x->table = calloc(1u << EXPLORE_BITS, sizeof *x->table);
	assert_non_null(x->table);
}

static inline void explore_end(struct explore *x)
{
	free(x->found);
	free(x->table);
}

static inline const void *explore_at(const struct explore *x, size_t i)
{
	return x->found + i * x->size;
}

static inline uint64_t explore_hash(const unsigned char *p, size_t size)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h ^ h >> 29;
}

/* Add it unless it is there. */
static inline void explore_add(struct explore *x, const void *state)
{
	for (uint64_t at = explore_hash(state, x->size);; at++) {
		uint32_t *slot = &x->table[at & ((1u << EXPLORE_BITS) - 1)];

		if (*slot == 0) {
			if (x->count == x->cap) {
				x->cap = x->cap ? x->cap * 2 : 65536;
				x->found = realloc(x->found, x->cap * x->size);
				assert_non_null(x->found);
			}
			memcpy(x->found + x->count * x->size, state, x->size);
			*slot = (uint32_t)++x->count;
			assert_true(x->count < (3u << (EXPLORE_BITS - 2)));
			return;
		}
		if (memcmp(explore_at(x, *slot - 1), state, x->size) == 0)
			return;
	}
}

#endif
