/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A sort that can be left and taken up again, so that one of many elements is
 * spread over turns of the loop.  It is stable, and takes room for a second array.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>

typedef int sort_fn(const void *a, const void *b, void *ctx);

struct sort {
	char *items;       /* the array that is sorted */
	char *other;       /* as large; elements go back and forth */
	size_t count, size;
	sort_fn *compare;
	void *ctx;
	size_t width;      /* length of the runs that are in order; 0: none are yet */
	size_t at;         /* where the next run, or pair of runs, begins */
	size_t left, right, out; /* inside a pair */
	bool merging, swapped;
};

/* Begin to sort `count` elements of `size` bytes, which stay where they are until it is over. */
void sort_begin(struct sort *sort, void *items, size_t count, size_t size, sort_fn *compare, void *ctx);
/* Go on for about *budget comparisons, which is lowered by those that were made; true when all is in order. */
bool sort_step(struct sort *sort, size_t *budget);
/* Give up, or release what a finished one holds. */
void sort_end(struct sort *sort);

#endif
