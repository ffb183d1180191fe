/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short runs by insertion, then runs are merged in pairs until one is left. */
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define RUN 16

void sort_begin(struct sort *sort, void *items, size_t count, size_t size, sort_fn *compare, void *ctx)
{
	*sort = (struct sort){ .items = items, .count = count, .size = size, .compare = compare, .ctx = ctx };
	if (count > 1)
		sort->other = mem_array(count + 1, size);
}

void sort_end(struct sort *sort)
{
	free(sort->other);
	*sort = (struct sort){ 0 };
}

static char *from(const struct sort *s, size_t i)
{
	return (s->swapped ? s->other : s->items) + i * s->size;
}

static char *to(const struct sort *s, size_t i)
{
	return (s->swapped ? s->items : s->other) + i * s->size;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void spend(size_t *budget, size_t n)
{
	*budget -= least(*budget, n);
}

/* Put the elements from `at` to before `end` in order. */
static void insert_run(struct sort *s, size_t at, size_t end, size_t *budget)
{
	char *spare = s->other + s->count * s->size;

	for (size_t i = at + 1; i < end; i++) {
		size_t k = i;

		while (k > at && s->compare(s->items + (k - 1) * s->size, s->items + i * s->size, s->ctx) > 0)
			k--;
		spend(budget, i - k + 1);
		if (k == i)
			continue;
		memcpy(spare, s->items + i * s->size, s->size);
		memmove(s->items + (k + 1) * s->size, s->items + k * s->size, (i - k) * s->size);
		memcpy(s->items + k * s->size, spare, s->size);
	}
}

static bool make_runs(struct sort *s, size_t *budget)
{
	for (; s->at < s->count && *budget > 0; s->at += RUN)
		insert_run(s, s->at, least(s->at + RUN, s->count), budget);
	if (s->at < s->count)
		return false;
	s->at = 0;
	s->width = RUN;
	return true;
}

/* Merge pairs of runs into the other array, from where it was left. */
static bool merge_pass(struct sort *s, size_t *budget)
{
	while (s->at < s->count) {
		size_t middle = least(s->at + s->width, s->count), end = least(middle + s->width, s->count);

		if (!s->merging) {
			s->merging = true;
			s->left = s->out = s->at;
			s->right = middle;
			/* As it often is already. */
			if (middle == end || s->compare(from(s, middle - 1), from(s, middle), s->ctx) <= 0) {
				memcpy(to(s, s->at), from(s, s->at), (end - s->at) * s->size);
				spend(budget, 1 + (end - s->at) / 16);
				s->out = end;
			}
		}
		for (; s->out < end; s->out++) {
			bool right;

			if (*budget == 0)
				return false;
			spend(budget, 1);
			right = s->left == middle ||
				(s->right < end && s->compare(from(s, s->left), from(s, s->right), s->ctx) > 0);
			memcpy(to(s, s->out), from(s, right ? s->right++ : s->left++), s->size);
		}
		s->merging = false;
		s->at = end;
	}
	s->at = 0;
	s->width *= 2;
	s->swapped = !s->swapped;
	return true;
}

bool sort_step(struct sort *s, size_t *budget)
{
	if (s->count < 2)
		return true;
	if (s->width == 0 && !make_runs(s, budget))
		return false;
	while (s->width < s->count) {
		if (!merge_pass(s, budget))
			return false;
	}
	if (s->swapped) {
		memcpy(s->items, s->other, s->count * s->size);
		s->swapped = false;
	}
	return true;
}
