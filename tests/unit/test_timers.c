/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap of timers, on a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/timers.h"

#define MANY 3000

struct alarm {
	struct timers *timers;
	struct loop_timer *timer, *other;
	int fired;
	int64_t due_ms; /* -1: not armed */
	uint64_t order;
};

static const struct alarm *called[MANY];
static size_t ncalled;

static void note(void *ctx)
{
	struct alarm *a = ctx;

	a->fired++;
	assert_false(timers_armed(a->timer));
	called[ncalled++] = a;
}

static void test_none(void **state)
{
	struct timers *timers = timers_new();
	struct alarm a = { 0 };
	struct loop_timer *nothing = NULL;

	(void)state;
	assert_true(timers_next_ms(timers) == INT64_MAX);
	timers_fire(timers, 1000);
	a.timer = timers_add(timers, note, &a);
	assert_false(timers_armed(a.timer));
	assert_true(timers_next_ms(timers) == INT64_MAX);
	timers_fire(timers, INT64_MAX);
	assert_int_equal(a.fired, 0);
	timers_disarm(a.timer);
	timers_remove(&a.timer);
	assert_null(a.timer);
	timers_remove(&nothing);
	timers_free(timers);
	timers_free(NULL);
}

static void test_each_fires_once_and_not_before_it_is_due(void **state)
{
	struct timers *timers = timers_new();
	struct alarm a = { 0 };

	(void)state;
	a.timer = timers_add(timers, note, &a);
	timers_arm(a.timer, 100);
	assert_int_equal(timers_next_ms(timers), 100);
	timers_fire(timers, 99);
	assert_int_equal(a.fired, 0);
	assert_true(timers_armed(a.timer));
	timers_fire(timers, 100);
	assert_int_equal(a.fired, 1);
	timers_fire(timers, 200);
	assert_int_equal(a.fired, 1);
	/* Armed twice is armed once, for the later word. */
	timers_arm(a.timer, 300);
	timers_arm(a.timer, 250);
	assert_int_equal(timers_next_ms(timers), 250);
	timers_fire(timers, 400);
	assert_int_equal(a.fired, 2);
	timers_free(timers);
}

static void test_equal_times_in_the_order_they_were_armed(void **state)
{
	struct timers *timers = timers_new();
	struct alarm alarms[50] = { 0 };

	(void)state;
	ncalled = 0;
	for (int i = 0; i < 50; i++)
		alarms[i].timer = timers_add(timers, note, &alarms[i]);
	for (int i = 0; i < 50; i++)
		timers_arm(alarms[(i * 7) % 50].timer, 10);
	/* Armed anew, it is the last. */
	timers_arm(alarms[0].timer, 10);
	timers_fire(timers, 10);
	assert_int_equal(ncalled, 50);
	for (int i = 1; i < 50; i++)
		assert_ptr_equal(called[i - 1], &alarms[(i * 7) % 50]);
	assert_ptr_equal(called[49], &alarms[0]);
	timers_free(timers);
}

/* ---- what a callback may do ---- */

static void stop_other(void *ctx)
{
	struct alarm *a = ctx;

	a->fired++;
	timers_disarm(a->other);
}

static void remove_both(void *ctx)
{
	struct alarm *a = ctx;

	a->fired++;
	timers_remove(&a->other);
	timers_remove(&a->timer);
}

static void again_and_a_new_one(void *ctx)
{
	struct alarm *a = ctx;

	a->fired++;
	timers_arm(a->timer, 0); /* long past */
	a->other = timers_add(a->timers, note, a);
	timers_arm(a->other, 5);
}

static void test_a_callback_keeps_another_from_being_called(void **state)
{
	struct timers *timers = timers_new();
	struct alarm a = { 0 }, b = { 0 };

	(void)state;
	a.timer = b.other = timers_add(timers, stop_other, &a);
	b.timer = a.other = timers_add(timers, stop_other, &b);
	timers_arm(a.timer, 10);
	timers_arm(b.timer, 10);
	timers_fire(timers, 10);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_false(timers_armed(b.timer));
	timers_free(timers);
}

static void test_a_callback_removes_its_own_and_another(void **state)
{
	struct timers *timers = timers_new();
	struct alarm a = { 0 }, b = { 0 }, c = { 0 };

	(void)state;
	ncalled = 0;
	a.timer = timers_add(timers, remove_both, &a);
	a.other = timers_add(timers, note, &b);
	c.timer = timers_add(timers, note, &c);
	timers_arm(a.timer, 10);
	timers_arm(a.other, 10);
	timers_arm(c.timer, 10);
	timers_fire(timers, 10);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_int_equal(c.fired, 1);
	assert_null(a.timer);
	assert_null(a.other);
	timers_free(timers);
}

static void test_what_is_armed_by_a_callback_waits_and_keeps_nobody_waiting(void **state)
{
	struct timers *timers = timers_new();
	struct alarm a = { .timers = timers }, b = { 0 };

	(void)state;
	ncalled = 0;
	a.timer = timers_add(timers, again_and_a_new_one, &a);
	b.timer = timers_add(timers, note, &b);
	timers_arm(a.timer, 10);
	timers_arm(b.timer, 20);
	timers_fire(timers, 20);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 1);
	assert_true(timers_armed(a.timer) && timers_armed(a.other));
	assert_int_equal(timers_next_ms(timers), 20);
	timers_disarm(a.other);
	timers_fire(timers, 20);
	assert_int_equal(a.fired, 2);
	timers_free(timers);
}

/* ---- many, beside a plain list that is searched ---- */

static uint32_t seed = 12345;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % sides;
}

static const struct alarm *first_of(const struct alarm *alarms, int64_t now_ms)
{
	const struct alarm *best = NULL;

	for (size_t i = 0; i < MANY; i++) {
		const struct alarm *a = &alarms[i];

		if (a->due_ms < 0 || a->due_ms > now_ms)
			continue;
		if (!best || a->due_ms < best->due_ms || (a->due_ms == best->due_ms && a->order < best->order))
			best = a;
	}
	return best;
}

static void change(struct timers *timers, struct alarm *a, int64_t now_ms)
{
	static uint64_t armings;
	uint32_t what = dice(10);

	if (!a->timer)
		a->timer = timers_add(timers, note, a);
	a->due_ms = what < 7 ? now_ms + dice(200) : -1;
	a->order = armings++;
	if (what < 7)
		timers_arm(a->timer, a->due_ms);
	else if (what < 9)
		timers_disarm(a->timer);
	else
		timers_remove(&a->timer);
}

static void test_many_come_as_from_a_list(void **state)
{
	static struct alarm alarms[MANY];
	struct timers *timers = timers_new();
	int fired = 0;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		alarms[i].due_ms = -1;
	for (int64_t now_ms = 0; now_ms < 300; now_ms += 1 + dice(9)) {
		const struct alarm *first;

		for (int i = 0; i < MANY / 4; i++)
			change(timers, &alarms[dice(MANY)], now_ms);
		first = first_of(alarms, INT64_MAX);
		assert_true(timers_next_ms(timers) == (first ? first->due_ms : INT64_MAX));
		ncalled = 0;
		timers_fire(timers, now_ms);
		for (size_t i = 0; i < ncalled; i++) {
			assert_ptr_equal(called[i], first_of(alarms, now_ms));
			alarms[called[i] - alarms].due_ms = -1;
			fired++;
		}
		assert_null(first_of(alarms, now_ms));
	}
	assert_true(fired > MANY / 2);
	timers_free(timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_each_fires_once_and_not_before_it_is_due),
		cmocka_unit_test(test_equal_times_in_the_order_they_were_armed),
		cmocka_unit_test(test_a_callback_keeps_another_from_being_called),
		cmocka_unit_test(test_a_callback_removes_its_own_and_another),
		cmocka_unit_test(test_what_is_armed_by_a_callback_waits_and_keeps_nobody_waiting),
		cmocka_unit_test(test_many_come_as_from_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
