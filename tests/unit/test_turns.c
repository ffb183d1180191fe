/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many moves at once: which may begin, and which may freeze. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <pferry/engine.h>

#include "base/mem.h"
#include "host/host_priv.h"
#include "engine/turns.h"

#define MIB (1u << 20)

static struct loop *loop;
static struct engine *engine;
static struct host *a, *b, *c, *d;
static struct move *moves[4];

static int setup(void **state)
{
	const struct engine_options options = {.look_only = true};

	(void)state;
	loop = loop_new();
	engine = engine_new(loop, &options, NULL);
	a = engine_add_host(engine, "a", NULL);
	b = engine_add_host(engine, "b", NULL);
	c = engine_add_host(engine, "c", NULL);
	d = engine_add_host(engine, "d", NULL);
	a->tree_ms = b->tree_ms = c->tree_ms = d->tree_ms = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(moves); i++) {
		if (moves[i])
			move_free(moves[i]);
		moves[i] = NULL;
	}
	engine_free(engine);
	loop_free(loop);
	return 0;
}

static bool no_turn(void *ctx, const struct move *move)
{
	(void)ctx;
	(void)move;
	return false;
}

/* The i-th: not begun. */
static struct move *make(size_t i, struct host *source, pid_t pid, struct host *destination)
{
	const struct move_request request = {.source = source, .destination = destination, .proc.pid = pid};
	const struct move_setup how = {.request = &request, .number = (uint32_t)i + 1, .turn = no_turn};

	moves[i] = move_new(loop, &how);
	moves[i]->info.memory_bytes = 100 * MIB;
	return moves[i];
}

static struct move *begin(struct move *move, enum move_phase phase)
{
	move->info.outcome = MOVE_RUNNING;
	move->info.phase = phase;
	return move;
}

/* All is done but to send. */
static struct move *ready(struct move *move)
{
	begin(move, PHASE_STAGE)->turn_asked = true;
	move->turn_ms = loop_now_ms(loop);
	return move;
}

/* So many MiB went over within so long. */
static struct move *send_some(struct move *move, unsigned mib, int64_t ms)
{
	ready(move)->transport_tries = 1;
	move->info.phase = PHASE_SEND;
	move->info.frozen = true;
	move->info.phases[PHASE_SEND].bytes = (uint64_t)mib * MIB;
	move->phase_us = move_clock_us(move) - ms * 1000;
	return move;
}

static bool may_begin(const struct move *move)
{
	return turns_may_begin(moves, countof(moves), move);
}

static bool may_send(const struct move *move, double share)
{
	return turns_may_send(moves, countof(moves), move, share);
}

static void fill_rest(size_t from)
{
	for (size_t i = from; i < countof(moves); i++)
		make(i, c, 900 + (pid_t)i, d);
}

static void test_not_beside_another_whose_tree_was_not_seen(void **state)
{
	(void)state;
	begin(make(0, a, 10, b), PHASE_CHECK);
	make(1, a, 11, c);
	make(2, c, 12, b);
	fill_rest(3);
	a->tree_ms = 0;
	assert_false(may_begin(moves[1]));
	assert_true(may_begin(moves[2]));
	a->tree_ms = 1;
	assert_true(may_begin(moves[1]));
}

static void test_one_is_prepared_while_another_sends(void **state)
{
	struct move *first = make(0, a, 1, d), *second = make(1, a, 2, d), *third = make(2, b, 3, d);

	(void)state;
	fill_rest(3);
	assert_true(may_begin(first));
	begin(first, PHASE_CHECK);
	assert_true(may_begin(second));
	begin(second, PHASE_CHECK);
	assert_true(may_begin(third));
	begin(third, PHASE_CHECK);
	/* Each may come to need three of the ten channels there, and one is for a look at the host. */
	assert_false(may_begin(moves[3]));
	send_some(first, 1, 100);
	assert_false(may_begin(moves[3]));
	/* One that only waits has two, one that only cleans up has one. */
	ready(second);
	assert_false(may_begin(moves[3]));
	first->info.phase = PHASE_CLEAN;
	assert_true(may_begin(moves[3]));
	/* Bringing in memory later needs five. */
	moves[3]->info.mode = MODE_POSTCOPY;
	assert_false(may_begin(moves[3]));
	ready(third);
	assert_false(may_begin(moves[3]));
	first->info.ended = true;
	assert_true(may_begin(moves[3]));
	assert_true(turns_waiting(moves, countof(moves)));
}

static void test_what_is_in_each_others_way_begins_one_by_one(void **state)
{
	struct move *first = begin(make(0, a, 1, d), PHASE_CHECK);
	struct move *same = make(1, a, 1, c), *other = make(2, a, 2, c), *taken = make(3, b, 1, d);

	(void)state;
	assert_false(may_begin(same));
	assert_true(may_begin(other));
	/* Both want pid 1 at d. */
	assert_false(may_begin(taken));
	first->info.ended = true;
	assert_true(may_begin(same));
	assert_true(may_begin(taken));
}

static void test_nothing_is_frozen_for_a_link_that_is_in_use(void **state)
{
	struct move *first = send_some(make(0, a, 1, d), 20, 1000), *same_end = ready(make(1, b, 2, d));
	struct move *same_start = ready(make(2, a, 3, c)), *other = ready(make(3, b, 4, c));

	(void)state;
	assert_false(may_send(same_end, 0));
	assert_false(may_send(same_start, 0));
	/* From b to c it is free, but earlier ones wait for those hosts. */
	assert_false(may_send(other, 0));
	same_end->info.ended = same_start->info.ended = true;
	assert_true(may_send(other, 0));
	same_end->info.ended = same_start->info.ended = false;
	/* 20 MiB a second: 160 ms before the end the next may freeze. */
	send_some(first, 97, 97 * 50);
	assert_true(may_send(same_end, 0));
	/* Earlier ones first. */
	assert_true(may_send(same_start, 0));
	assert_false(may_send(other, 0));
	/* Only a half of its memory ever goes over. */
	send_some(first, 48, 48 * 50);
	assert_false(may_send(same_end, 0));
	assert_true(may_send(same_end, 0.5));
	/* All is sent. */
	first->transport_over = true;
	assert_true(may_send(same_end, 0));
}

static void test_not_two_wait_for_one_end(void **state)
{
	(void)state;
	send_some(make(0, a, 1, d), 99, 99 * 50);
	send_some(make(1, b, 2, d), 99, 99 * 50);
	ready(make(2, c, 3, d));
	fill_rest(3);
	assert_false(may_send(moves[2], 0));
	moves[1]->transport_over = true;
	assert_true(may_send(moves[2], 0));
}

static void test_who_gives_up_or_is_cut_off_holds_nobody_up(void **state)
{
	struct move *first = send_some(make(0, a, 1, d), 1, 1000), *next = ready(make(1, b, 2, d));

	(void)state;
	fill_rest(2);
	assert_false(may_send(next, 0));
	first->intent = INTENT_ABORT;
	assert_true(may_send(next, 0));
	first->intent = INTENT_MOVE;
	first->transport_over = first->transport_lost = true;
	assert_true(may_send(next, 0));
	first->transport_over = first->transport_lost = false;
	assert_false(may_send(next, 0));
	/* It has waited for long enough; or for half of the time that it is given. */
	next->turn_ms -= 59000;
	assert_false(may_send(next, 0));
	next->request.timeout_s = 100;
	assert_true(may_send(next, 0));
	next->request.timeout_s = 0;
	next->turn_ms -= 1000;
	assert_true(may_send(next, 0));
}

/* Its first round is next. */
static struct move *to_copy(struct move *move)
{
	begin(move, PHASE_STAGE)->copy_asked = true;
	move->info.mode = MODE_PRECOPY;
	move->turn_ms = loop_now_ms(loop);
	return move;
}

static bool may_copy(const struct move *move)
{
	return turns_may_copy(moves, countof(moves), move, 0);
}

static void test_two_copy_ahead_over_one_link(void **state)
{
	struct move *first = to_copy(make(0, a, 1, d)), *second = to_copy(make(1, b, 2, d));
	struct move *third = to_copy(make(2, c, 3, d)), *other = to_copy(make(3, b, 4, c));

	(void)state;
	assert_true(may_copy(first));
	/* Earlier ones first. */
	assert_false(may_copy(second));
	first->pre.dumping = true;
	assert_true(may_copy(second));
	second->pre.dumping = true;
	assert_false(may_copy(third));
	assert_true(turns_waits(third));
	/* Only one of them is at b, and c sends, but takes nothing. */
	assert_true(may_copy(other));
	/* 20 MiB a second: it is nearly over after 93 of 100, or of 50 when it is compressed. */
	first->pre.dumping = false;
	first->pre.sending = true;
	first->pre.count = 1;
	first->pre.rounds[0].bytes = 100 * MIB;
	assert_false(may_copy(third));
	first->info.bytes = 80ull * MIB;
	first->pre.sending_us = move_clock_us(first) - 4000000;
	assert_false(may_copy(third));
	first->info.bytes = 93ull * MIB;
	first->pre.sending_us = move_clock_us(first) - 4650000;
	assert_true(may_copy(third));
	first->pack = true;
	assert_false(may_copy(third));
	first->info.bytes = 43ull * MIB;
	first->pre.sending_us = move_clock_us(first) - 2150000;
	assert_false(may_copy(third));
	assert_true(turns_may_copy(moves, countof(moves), third, 0.5));
	/* Then a little more of it. */
	first->pre.count = 2;
	first->pre.rounds[1].bytes = MIB / 2;
	assert_true(may_copy(third));
	assert_false(turns_waits(first));
}

static void test_nothing_goes_ahead_beside_much_that_is_frozen(void **state)
{
	struct move *first = send_some(make(0, a, 1, d), 1, 1000), *next = to_copy(make(1, b, 2, d));

	(void)state;
	fill_rest(2);
	assert_false(may_copy(next));
	/* What is little is soon over, and goes first. */
	first->info.memory_bytes = 8 * MIB;
	assert_true(may_copy(next));
	first->info.memory_bytes = 100 * MIB;
	send_some(first, 99, 99 * 50);
	assert_true(may_copy(next));
	send_some(first, 1, 1000);
	/* A connection that went, or long enough. */
	next->turn_ms -= 60000;
	assert_true(may_copy(next));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_not_beside_another_whose_tree_was_not_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_is_prepared_while_another_sends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_in_each_others_way_begins_one_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_is_frozen_for_a_link_that_is_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_two_wait_for_one_end, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_copy_ahead_over_one_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing_goes_ahead_beside_much_that_is_frozen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_gives_up_or_is_cut_off_holds_nobody_up, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
