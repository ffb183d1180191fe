/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a move is expected to cost, and when copying ahead stops. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "transport/bulk.h"
#include "plan/plan.h"
#include "plan/precopy.h"

#define MIB (1u << 20)

/* ---- rates ---- */

static void unknown_link_is_guessed(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	assert_false(rates_known(r, "a", "b", VIA_RELAY));
	assert_true(rates_link(r, "a", "b", VIA_RELAY) == 0);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 0), 100, 400);
	/* 1 GiB at 100 MB/s and what the hosts need. */
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 1024ull * MIB), 10000, 16000);
	rates_free(r);
}

static void measured_link_counts_until_a_move_says_more(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	rates_measured(r, "a", "b", VIA_RELAY, 10e6);
	assert_true(rates_known(r, "a", "b", VIA_RELAY));
	assert_false(rates_known(r, "b", "a", VIA_RELAY));
	assert_false(rates_known(r, "a", "b", VIA_DIRECT));
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 100000000), 9500, 11000);
	assert_in_range((int64_t)rates_link(r, "a", "b", VIA_RELAY), 9900000, 10100000);
	rates_learn(r, "a", "b", VIA_RELAY, 100000000, 5200);
	rates_learn(r, "a", "b", VIA_RELAY, 100000000, 5200);
	rates_learn(r, "a", "b", VIA_RELAY, 100000000, 5200);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 100000000), 5200, 6200);
	rates_measured(r, "a", "b", VIA_RELAY, 1e6);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 100000000), 5200, 6200);
	rates_free(r);
}

static void two_ssh_carry_more_where_our_thread_was_the_limit(void **state)
{
	(void)state;
	/* A link of 1 Gbit/s, and one that is faster than we are. */
	assert_in_range((int64_t)rates_of_two(115e6, 0.5), 115000000, 115000000);
	assert_in_range((int64_t)rates_of_two(140e6, 0.7), 220000000, 280000000);
	assert_in_range((int64_t)rates_of_two(190e6, 1), 300000000, 380000000);
}

static void a_first_look_is_had_once_and_gives_way(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	assert_true(rates_may_glimpse(r, "a", "b", VIA_RELAY));
	assert_false(rates_may_glimpse(r, "a", "b", VIA_RELAY));
	assert_false(rates_may_glimpse(r, "e", "b", VIA_RELAY)); /* at the same time */
	rates_glimpsed(r, "a", "b", VIA_RELAY, 1e6);
	/* A small process waits for such a link too. */
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 7 * MIB), 7000, 8000);
	rates_measured(r, "a", "b", VIA_RELAY, 2e6);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 7 * MIB), 3500, 4000);
	rates_measured(r, "c", "d", VIA_RELAY, 2e6);
	assert_false(rates_may_glimpse(r, "c", "d", VIA_RELAY));
	assert_true(rates_may_glimpse(r, "e", "b", VIA_RELAY));
	rates_glimpsed(r, "e", "b", VIA_RELAY, 0);
	assert_false(rates_known(r, "e", "b", VIA_RELAY));
	assert_false(rates_may_glimpse(r, "e", "b", VIA_RELAY));
	rates_free(r);
}

/* What the link took is no property of the hosts. */
static void a_slow_link_is_not_the_floor(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	rates_measured(r, "a", "b", VIA_RELAY, 1e6);
	rates_learn(r, "a", "b", VIA_RELAY, 7 * MIB, 7600);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 0), 30, 400);
	rates_free(r);
}

static void small_moves_teach_the_floor(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	rates_learn(r, "a", "b", VIA_RELAY, MIB, 60);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 0), 60, 60);
	rates_learn(r, "a", "b", VIA_RELAY, MIB, 0); /* never frozen: nothing learned */
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 0), 60, 60);
	rates_free(r);
}

static void what_went_ahead_is_only_copied(void **state)
{
	struct rates *r = rates_new();

	(void)state;
	/* Nothing is known: 1 GB that is not sent costs less than if it were. */
	assert_in_range(rates_pause_ahead(r, "a", "b", VIA_RELAY, 1000000000, 0), 600, 4000);
	rates_learn(r, "a", "b", VIA_RELAY, MIB, 100);
	rates_learn(r, "a", "b", VIA_RELAY, 1000000000, 10100);
	rates_learn_ahead(r, "a", "b", VIA_RELAY, 1000000000, 50000, 1100);
	assert_in_range(rates_pause_ahead(r, "a", "b", VIA_RELAY, 1000000000, 0), 1090, 1110);
	/* What is sent after all costs as much as ever. */
	assert_in_range(rates_pause_ahead(r, "a", "b", VIA_RELAY, 1000000000, 100000000), 2080, 2120);
	assert_in_range(rates_pause(r, "a", "b", VIA_RELAY, 1000000000), 10050, 10150);
	/* Neither a move that was never frozen nor one that sent much teaches that. */
	rates_learn_ahead(r, "a", "b", VIA_RELAY, 1000000000, 50000, 0);
	rates_learn_ahead(r, "a", "b", VIA_RELAY, 1000000000, 900000000, 9000);
	assert_in_range(rates_pause_ahead(r, "a", "b", VIA_RELAY, 1000000000, 0), 1090, 1110);
	rates_free(r);
}

/* ---- rounds ---- */

/* 100 ms and 100 MB/s. */
static int64_t pause_of(void *ctx, uint64_t bytes)
{
	(void)ctx;
	return 100 + (int64_t)(bytes / 100000);
}

static bool stops(const struct precopy_round *rounds, size_t count, int64_t now)
{
	return precopy_advise(rounds, count, now, pause_of, NULL).stop;
}

static void a_mode_has_its_own_pause(void **state)
{
	struct rates *r = rates_new();
	int64_t plain, ahead;

	(void)state;
	rates_measured(r, "a", "b", VIA_RELAY, 100e6);
	plain = rates_pause_in(r, "a", "b", VIA_RELAY, MODE_PLAIN, true, 1000000000);
	ahead = rates_pause_in(r, "a", "b", VIA_RELAY, MODE_PRECOPY, true, 1000000000);
	assert_int_equal(plain, rates_pause(r, "a", "b", VIA_RELAY, 1000000000));
	assert_true(plain > 10000);
	assert_in_range(ahead, 600, 4000);
	assert_int_equal(rates_pause_in(r, "a", "b", VIA_RELAY, MODE_AUTO, true, 1000000000), ahead);
	/* No perl, and it is not known yet whether the kernel tracks memory. */
	assert_int_equal(rates_pause_in(r, "a", "b", VIA_RELAY, MODE_AUTO, false, 1000000000), plain);
	/* Nothing to gain. */
	assert_int_equal(rates_pause_in(r, "a", "b", VIA_RELAY, MODE_AUTO, true, 100000),
			 rates_pause(r, "a", "b", VIA_RELAY, 100000));
	assert_in_range(rates_pause_in(r, "a", "b", VIA_RELAY, MODE_POSTCOPY, false, 1000000000), 100, 400);
	rates_free(r);
}

static void an_idle_process_takes_two_rounds(void **state)
{
	const struct precopy_round rounds[] = { { 500 * MIB, 0 }, { 50000, 5500 } };

	(void)state;
	assert_false(stops(rounds, 1, 5500));
	assert_true(stops(rounds, 2, 5600));
}

static void a_small_process_takes_one(void **state)
{
	const struct precopy_round rounds[] = { { 200000, 0 } };

	(void)state;
	assert_true(stops(rounds, 1, 50));
}

static void rounds_go_on_while_they_gain(void **state)
{
	/* It dirties 10 MB/s; each round is ten times shorter than the one before. */
	const struct precopy_round rounds[] = { { 500000000, 0 }, { 50000000, 5000 }, { 5000000, 5500 } };

	(void)state;
	assert_false(stops(rounds, 2, 5500));
	assert_true(stops(rounds, 3, 5550)); /* 0.5 MB dirty: as good as nothing */
}

static void rounds_end_when_they_gain_nothing(void **state)
{
	/* It dirties as fast as the link carries. */
	const struct precopy_round rounds[] = { { 500000000, 0 }, { 400000000, 5000 }, { 400000000, 9000 } };

	(void)state;
	assert_false(stops(rounds, 2, 9000));
	assert_true(stops(rounds, 3, 13000));
}

static void rounds_end_before_the_room_does(void **state)
{
	/* Each is half of the one before, and a gain; but all together they are as much as there is. */
	const struct precopy_round rounds[] = { { 500000000, 0 }, { 300000000, 5000 }, { 240000000, 8000 } };

	(void)state;
	assert_false(stops(rounds, 2, 8000));
	assert_true(stops(rounds, 3, 9500));
}

static void rounds_are_bounded(void **state)
{
	struct precopy_round rounds[MOVE_ROUNDS_MAX];

	(void)state;
	for (size_t i = 0; i < MOVE_ROUNDS_MAX; i++)
		rounds[i] = (struct precopy_round){ .bytes = 1000000000ull >> i, .began_ms = (int64_t)i * 1000 };
	assert_true(stops(rounds, MOVE_ROUNDS_MAX, MOVE_ROUNDS_MAX * 1000));
}

static void no_dump_is_larger_than_the_first(void **state)
{
	/* Two rounds in the same millisecond, and clocks that stand still. */
	const struct precopy_round rounds[] = { { 1000000, 10 }, { 900000, 10 } };
	struct precopy_advice advice = precopy_advise(rounds, 2, 100000, pause_of, NULL);

	(void)state;
	assert_true(advice.dirty <= 1000000);
}

/* Two more logins are for many bytes on a link that is not slow, or when told so. */
static void logins_must_pay(void **state)
{
	(void)state;
	unsetenv("PFERRY_BULK");
	assert_false(bulk_worth(0, 0, true));
	assert_false(bulk_worth(16u << 20, 0, true));
	assert_true(bulk_worth(64u << 20, 0, true));
	assert_true(bulk_worth(64u << 20, 150e6, true));
	assert_false(bulk_worth(64u << 20, 10e6, true));
	assert_false(bulk_worth(64u << 20, 0, false));
	assert_true(bulk_worth(256u << 20, 0, false));
	setenv("PFERRY_BULK", "no", 1);
	assert_false(bulk_worth(1u << 30, 0, true));
	setenv("PFERRY_BULK", "yes", 1);
	assert_true(bulk_worth(1, 10e6, false));
	assert_false(bulk_worth(0, 0, true));
	unsetenv("PFERRY_BULK");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_link_is_guessed),
		cmocka_unit_test(logins_must_pay),
		cmocka_unit_test(measured_link_counts_until_a_move_says_more),
		cmocka_unit_test(two_ssh_carry_more_where_our_thread_was_the_limit),
		cmocka_unit_test(a_first_look_is_had_once_and_gives_way),
		cmocka_unit_test(a_slow_link_is_not_the_floor),
		cmocka_unit_test(small_moves_teach_the_floor),
		cmocka_unit_test(what_went_ahead_is_only_copied),
		cmocka_unit_test(a_mode_has_its_own_pause),
		cmocka_unit_test(an_idle_process_takes_two_rounds),
		cmocka_unit_test(a_small_process_takes_one),
		cmocka_unit_test(rounds_go_on_while_they_gain),
		cmocka_unit_test(rounds_end_when_they_gain_nothing),
		cmocka_unit_test(rounds_end_before_the_room_does),
		cmocka_unit_test(rounds_are_bounded),
		cmocka_unit_test(no_dump_is_larger_than_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
