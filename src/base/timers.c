/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/timers.h"

#include <stdlib.h>

#include "base/mem.h"

struct loop_timer {
	struct timers *timers;
	struct loop_timer *next, **link; /* all of them, armed or not; `link` is what points here */
	int64_t due_ms;
	uint64_t order; /* among timers due together, the one armed first fires first */
	size_t at;	/* in the heap, from 1; 0: not armed */
	loop_timer_fn *fn;
	void *ctx;
};

struct timers {
	struct loop_timer *all;
	struct loop_timer **heap; /* the armed ones, soonest first; [0] is not used */
	size_t narmed, cap;
	uint64_t armings;
	int64_t now_ms; /* time of the last timers_fire() */
};

struct timers *timers_new(void)
{
	struct timers *timers = mem_new(struct timers);

	timers->now_ms = INT64_MIN;
	return timers;
}

void timers_free(struct timers *timers)
{
	if (!timers)
		return;
	for (struct loop_timer *timer = timers->all, *next; timer; timer = next) {
		next = timer->next;
		free(timer);
	}
	free(timers->heap);
	free(timers);
}

/* ---- the heap ---- */

static bool sooner(const struct loop_timer *a, const struct loop_timer *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void put(struct timers *timers, size_t at, struct loop_timer *timer)
{
	timers->heap[at] = timer;
	timer->at = at;
}

/* The place `at` is free: put `timer` there, or where it belongs above or below. */
static void settle(struct timers *timers, size_t at, struct loop_timer *timer)
{
	while (at > 1 && sooner(timer, timers->heap[at / 2])) {
		put(timers, at, timers->heap[at / 2]);
		at /= 2;
	}
	for (size_t below = at * 2; below <= timers->narmed; below = at * 2) {
		if (below < timers->narmed && sooner(timers->heap[below + 1], timers->heap[below]))
			below++;
		if (!sooner(timers->heap[below], timer))
			break;
		put(timers, at, timers->heap[below]);
		at = below;
	}
	put(timers, at, timer);
}

/* ---- timers ---- */

struct loop_timer *timers_add(struct timers *timers, loop_timer_fn *fn, void *ctx)
{
	struct loop_timer *timer = mem_new(struct loop_timer);

	*timer = (struct loop_timer){ .timers = timers, .next = timers->all, .link = &timers->all, .fn = fn, .ctx = ctx };
	if (timer->next)
		timer->next->link = &timer->next;
	timers->all = timer;
	return timer;
}

void timers_disarm(struct loop_timer *timer)
{
	struct timers *timers = timer->timers;
	size_t at = timer->at;

	if (at == 0)
		return;
	timer->at = 0;
	timers->narmed--;
	if (at <= timers->narmed)
		settle(timers, at, timers->heap[timers->narmed + 1]);
}

void timers_arm(struct loop_timer *timer, int64_t due_ms)
{
	struct timers *timers = timer->timers;

	timers_disarm(timer);
	/* Not before those that are just being called, or they would have to wait for it. */
	timer->due_ms = due_ms > timers->now_ms ? due_ms : timers->now_ms;
	timer->order = timers->armings++;
	timers->narmed++;
	if (timers->narmed >= timers->cap) {
		timers->cap = timers->narmed * 2 + 8;
		timers->heap = mem_resize(timers->heap, timers->cap, sizeof(struct loop_timer *));
	}
	settle(timers, timers->narmed, timer);
}

bool timers_armed(const struct loop_timer *timer)
{
	return timer->at > 0;
}

void timers_remove(struct loop_timer **timer)
{
	struct loop_timer *old = *timer;

	if (!old)
		return;
	*timer = NULL;
	timers_disarm(old);
	*old->link = old->next;
	if (old->next)
		old->next->link = old->link;
	free(old);
}

int64_t timers_next_ms(const struct timers *timers)
{
	return timers->narmed ? timers->heap[1]->due_ms : INT64_MAX;
}

void timers_fire(struct timers *timers, int64_t now_ms)
{
	uint64_t before = timers->armings;

	timers->now_ms = now_ms;
	while (timers->narmed > 0) {
		struct loop_timer *timer = timers->heap[1];

		if (timer->due_ms > now_ms || timer->order >= before)
			return;
		timers_disarm(timer);
		timer->fn(timer->ctx); /* the callback may remove the timer */
	}
}
