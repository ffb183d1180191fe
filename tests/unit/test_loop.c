/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: many timers, descriptors of every kind, and what comes and goes while it turns. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include <pferry/loop.h>

/* ---- timers ---- */

#define TIMERS 300

struct alarm {
	struct loop_timer *timer, *other;
	int n, fired;
	int64_t set_us, delay_ms;
};

static void note_time(void *ctx)
{
	struct alarm *a = ctx;

	/* Whole milliseconds are counted, so one may be short of a part. */
	assert_true(loop_clock_us() - a->set_us >= (a->delay_ms - 1) * 1000);
	a->fired++;
}

static void test_many_timers_fire_once_each_when_due(void **state)
{
	struct loop *loop = loop_new();
	struct alarm alarms[TIMERS] = {0};
	int fired = 0;

	(void)state;
	for (int i = 0; i < TIMERS; i++) {
		struct alarm *a = &alarms[i];

		a->set_us = loop_clock_us();
		a->delay_ms = (i * 7919) % 23;
		a->timer = loop_timer_add(loop, a->delay_ms, note_time, a);
	}
	/* From all over the heap: never, later, not at all. */
	for (int i = 0; i < TIMERS; i += 3)
		loop_timer_set(alarms[i].timer, -1);
	for (int i = 1; i < TIMERS; i += 3) {
		alarms[i].set_us = loop_clock_us();
		alarms[i].delay_ms = 30 + i % 5;
		loop_timer_set(alarms[i].timer, alarms[i].delay_ms);
	}
	loop_timer_remove(&alarms[2].timer);
	while (fired < TIMERS - TIMERS / 3 - 1) {
		loop_turn(loop, -1);
		fired = 0;
		for (int i = 0; i < TIMERS; i++)
			fired += alarms[i].fired;
	}
	for (int i = 0; i < TIMERS; i++) {
		assert_int_equal(alarms[i].fired, i % 3 == 0 || i == 2 ? 0 : 1);
		assert_false(alarms[i].timer && loop_timer_armed(alarms[i].timer));
	}
	loop_free(loop);
}

static int fired_log[20], fired_count;

static void note_order(void *ctx)
{
	const struct alarm *a = ctx;

	fired_log[fired_count++] = a->n;
}

/* Each of these keeps the other from firing, and arms itself again. */
static void stop_other(void *ctx)
{
	struct alarm *a = ctx;

	a->fired++;
	loop_timer_set(a->other, -1);
	loop_timer_set(a->timer, 0);
}

static void test_what_a_timer_arms_waits_for_the_next_turn(void **state)
{
	struct loop *loop = loop_new();
	struct alarm a = {0}, b = {0};

	(void)state;
	a.timer = loop_timer_add(loop, 0, stop_other, &a);
	b.timer = loop_timer_add(loop, 0, stop_other, &b);
	a.other = b.timer;
	b.other = a.timer;
	for (int turn = 1; turn < 5; turn++) {
		loop_turn(loop, -1);
		assert_int_equal(a.fired, turn);
		assert_int_equal(b.fired, 0);
		assert_true(loop_timer_armed(a.timer));
	}
	loop_free(loop);
}

static void test_timers_fire_in_the_order_they_are_due(void **state)
{
	struct loop *loop = loop_new();
	struct alarm alarms[20] = {0};

	(void)state;
	for (int i = 0; i < 20; i++) {
		alarms[i].n = i;
		alarms[i].timer = loop_timer_add(loop, 0, note_order, &alarms[i]);
	}
	loop_turn(loop, -1);
	assert_int_equal(fired_count, 20);
	for (int i = 0; i < 20; i++)
		assert_int_equal(fired_log[i], i);
	loop_free(loop);
}

/* ---- descriptors ---- */

struct end {
	struct loop *loop;
	struct loop_fd *src, **other;
	int calls;
	unsigned events;
};

static void on_ready(void *ctx, int fd, unsigned events)
{
	struct end *e = ctx;

	(void)fd;
	e->calls++;
	e->events = events;
}

static void make_pair(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
}

static void test_what_is_wanted_and_a_hangup(void **state)
{
	struct loop *loop = loop_new();
	struct end e = {0};
	int fds[2];

	(void)state;
	make_pair(fds);
	e.src = loop_fd_add(loop, fds[0], LOOP_READ, on_ready, &e);
	loop_turn(loop, 0);
	assert_int_equal(e.calls, 0);
	loop_fd_want(e.src, LOOP_READ | LOOP_WRITE);
	loop_turn(loop, -1);
	assert_int_equal(e.events, LOOP_WRITE);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, -1);
	assert_int_equal(e.events, LOOP_READ | LOOP_WRITE);
	/* There and back within a turn. */
	loop_fd_want(e.src, LOOP_READ);
	loop_fd_want(e.src, LOOP_WRITE);
	loop_turn(loop, -1);
	assert_int_equal(e.events, LOOP_WRITE);
	loop_fd_want(e.src, 0);
	e.calls = 0;
	loop_turn(loop, 0);
	assert_int_equal(e.calls, 0);
	close(fds[1]);
	loop_turn(loop, -1);
	assert_int_equal(e.events, LOOP_HUP);
	loop_fd_remove(&e.src);
	close(fds[0]);
	loop_free(loop);
}

static void test_a_file_and_a_descriptor_watched_twice(void **state)
{
	struct loop *loop = loop_new();
	struct end file = {0}, null = {0}, first = {0}, second = {0}, fresh = {0};
	char name[] = "/tmp/pferry-test-loop-XXXXXX";
	int fds[2], file_fd = mkstemp(name), null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	unlink(name);
	make_pair(fds);
	file.src = loop_fd_add(loop, file_fd, LOOP_READ, on_ready, &file);
	null.src = loop_fd_add(loop, null_fd, LOOP_WRITE, on_ready, &null);
	first.src = loop_fd_add(loop, fds[0], LOOP_READ, on_ready, &first);
	second.src = loop_fd_add(loop, fds[0], LOOP_WRITE, on_ready, &second);
	assert_int_equal(write(fds[1], "x", 1), 1);
	loop_turn(loop, -1);
	assert_int_equal(file.events, LOOP_READ);
	assert_int_equal(null.events, LOOP_WRITE);
	assert_int_equal(first.events, LOOP_READ);
	assert_int_equal(second.events, LOOP_WRITE);
	/* With these gone, the rest goes on, and their descriptors may be watched anew. */
	loop_fd_remove(&file.src);
	loop_fd_remove(&null.src);
	loop_fd_remove(&first.src);
	fresh.src = loop_fd_add(loop, fds[0], LOOP_READ, on_ready, &fresh);
	first.calls = 0;
	loop_turn(loop, -1);
	assert_int_equal(first.calls, 0);
	assert_int_equal(fresh.calls, 1);
	assert_int_equal(second.calls, 2);
	loop_free(loop);
	close(file_fd);
	close(null_fd);
	close(fds[0]);
	close(fds[1]);
}

static int replaced[2];
static struct end newcomer;

/* Takes the other away and puts a new one, that has nothing to say, in its place and number. */
static void replace_other(void *ctx, int fd, unsigned events)
{
	struct end *e = ctx;
	int old = replaced[fd == replaced[0]], fds[2];

	(void)events;
	e->calls++;
	loop_fd_remove(e->other);
	make_pair(fds);
	close(old);
	assert_int_equal(dup3(fds[0], old, O_CLOEXEC), old);
	close(fds[0]);
	newcomer.src = loop_fd_add(e->loop, old, LOOP_READ, on_ready, &newcomer);
	loop_fd_remove(&e->src);
}

static void test_an_event_is_not_given_to_who_took_the_place(void **state)
{
	struct loop *loop = loop_new();
	struct end a = {.loop = loop}, b = {.loop = loop};
	int first[2], second[2];

	(void)state;
	make_pair(first);
	make_pair(second);
	replaced[0] = first[0];
	replaced[1] = second[0];
	a.other = &b.src;
	b.other = &a.src;
	a.src = loop_fd_add(loop, first[0], LOOP_READ, replace_other, &a);
	b.src = loop_fd_add(loop, second[0], LOOP_READ, replace_other, &b);
	/* Both are ready in one turn; whichever is called does away with the other. */
	assert_int_equal(write(first[1], "x", 1), 1);
	assert_int_equal(write(second[1], "x", 1), 1);
	loop_turn(loop, -1);
	loop_turn(loop, 0);
	assert_int_equal(a.calls + b.calls, 1);
	assert_int_equal(newcomer.calls, 0);
	loop_free(loop);
	close(first[0]);
	close(first[1]);
	close(second[0]);
	close(second[1]);
}

/* More than one turn's events, and every one has its turn. */
static void test_many_that_are_always_ready(void **state)
{
	enum { MANY = 300 };
	struct loop *loop = loop_new();
	struct end ends[MANY] = {0};
	int fds[2], copies[MANY];

	(void)state;
	make_pair(fds);
	for (int i = 0; i < MANY; i++) {
		copies[i] = dup(fds[0]);
		ends[i].src = loop_fd_add(loop, copies[i], LOOP_WRITE, on_ready, &ends[i]);
	}
	for (int turn = 0; turn < 10; turn++)
		loop_turn(loop, -1);
	for (int i = 0; i < MANY; i++)
		assert_true(ends[i].calls > 2);
	loop_free(loop);
	close(fds[0]);
	close(fds[1]);
	for (int i = 0; i < MANY; i++)
		close(copies[i]);
}

/* ---- signals ---- */

static void on_signal(void *ctx, int signo)
{
	*(int *)ctx += signo;
}

static void test_signals(void **state)
{
	struct loop *loop = loop_new();
	struct loop_signal *one, *two;
	int got[2] = {0};

	(void)state;
	one = loop_signal_add(loop, SIGUSR1, on_signal, &got[0]);
	two = loop_signal_add(loop, SIGUSR2, on_signal, &got[1]);
	raise(SIGUSR2);
	loop_turn(loop, -1);
	assert_int_equal(got[0], 0);
	assert_int_equal(got[1], SIGUSR2);
	loop_signal_remove(&two);
	raise(SIGUSR1);
	loop_turn(loop, -1);
	assert_int_equal(got[0], SIGUSR1);
	loop_signal_remove(&one);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_timers_fire_once_each_when_due),
		cmocka_unit_test(test_what_a_timer_arms_waits_for_the_next_turn),
		cmocka_unit_test(test_timers_fire_in_the_order_they_are_due),
		cmocka_unit_test(test_what_is_wanted_and_a_hangup),
		cmocka_unit_test(test_a_file_and_a_descriptor_watched_twice),
		cmocka_unit_test(test_an_event_is_not_given_to_who_took_the_place),
		cmocka_unit_test(test_many_that_are_always_ready),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
