/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The relay over channels that do as they are told: who ends first, who never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "host/host.h"
#include "ssh/ssh.h"

/* In place of the real ones, which the program has too. */
#define host_exec fake_exec
#define host_loop fake_loop
#define ssh_chan_free fake_chan_free
#define ssh_chan_pause fake_chan_pause
#define ssh_chan_end_input fake_end_input
#define ssh_splice fake_splice
#define ssh_splice_stop fake_splice_stop
#define ssh_splice_hurry fake_splice_hurry
#define relay_start tested_start
#define relay_stop tested_stop
#define relay_hurry tested_hurry
#define relay_not_received tested_not_received

struct ssh_chan {
	const struct ssh_chan_ops *ops;
	void *ctx;
	bool paused, freed;
};

struct ssh_splice {
	bool stopped;
};

static struct loop *loop;
static struct ssh_chan from, to;
static struct ssh_splice copy;

static struct loop *fake_loop(const struct host *host)
{
	(void)host;
	return loop;
}

static struct ssh_chan *fake_exec(const struct host *host, const char *script, const char *const args[],
				  const struct ssh_chan_ops *ops, void *ctx)
{
	struct ssh_chan *chan = strcmp(script, "send") == 0 ? &from : &to;

	(void)host;
	(void)args;
	*chan = (struct ssh_chan){ .ops = ops, .ctx = ctx };
	return chan;
}

static void fake_chan_free(struct ssh_chan **chan)
{
	if (*chan)
		(*chan)->freed = true;
	*chan = NULL;
}

static void fake_chan_pause(struct ssh_chan *chan, bool paused)
{
	chan->paused = paused;
}

static void fake_end_input(struct ssh_chan *chan)
{
	(void)chan;
}

static struct ssh_splice *fake_splice(struct ssh_chan *a, struct ssh_chan *b, const struct ssh_splice_ops *ops, void *ctx)
{
	(void)a;
	(void)b;
	(void)ops;
	(void)ctx;
	copy.stopped = false;
	return &copy;
}

static void fake_splice_stop(struct ssh_splice **splice)
{
	if (*splice)
		(*splice)->stopped = true;
	*splice = NULL;
}

static void fake_splice_hurry(struct ssh_splice *splice)
{
	(void)splice;
}

#include "../../src/transport/relay.c"

static unsigned ends;
static struct relay_result last;

static void on_progressed(void *ctx, uint64_t bytes)
{
	(void)ctx;
	(void)bytes;
}

static void on_over(void *ctx, const struct relay_result *result)
{
	(void)ctx;
	ends++;
	last = *result;
}

static struct relay *begin(void)
{
	static const struct relay_ops ops = { .progress = on_progressed, .over = on_over };
	static const char *const args[] = { NULL };
	const struct relay_script sends = { NULL, "send", args }, receives = { NULL, "recv", args };

	ends = 0;
	return tested_start(&sends, &receives, &ops, NULL);
}

/* As chan.c does: the copy has lost its target, what its source prints waits; then the end is told. */
static void receiver_ends(int status)
{
	struct ssh_exit how = { .status = status };

	from.paused = true;
	to.ops->closed(to.ctx, &how);
}

/* A channel that is not read is never seen to end. */
static void sender_ends(int status)
{
	struct ssh_exit how = { .status = status };

	if (!from.paused && !from.freed)
		from.ops->closed(from.ctx, &how);
}

static void test_receiver_first(void **state)
{
	struct relay *r = begin();

	(void)state;
	receiver_ends(0);
	assert_int_equal(ends, 0);
	sender_ends(0);
	assert_int_equal(ends, 1);
	assert_false(last.failed || last.lost || last.unsent);
	tested_stop(&r);
}

static void test_sender_first(void **state)
{
	struct relay *r = begin();

	(void)state;
	sender_ends(0);
	assert_int_equal(ends, 0);
	receiver_ends(0);
	assert_int_equal(ends, 1);
	assert_false(last.failed || last.lost);
	tested_stop(&r);
}

/* One that prints on without end, or hangs on its way out, is not waited for. */
static void test_sender_never(void **state)
{
	struct relay *r = begin();

	(void)state;
	receiver_ends(0);
	for (int64_t until = loop_clock_us() + 20000000; ends == 0 && loop_clock_us() < until;)
		loop_turn(loop, 100);
	assert_int_equal(ends, 1);
	assert_true(from.freed);
	assert_false(last.failed || last.lost);
	tested_stop(&r);
}

static void test_failed(void **state)
{
	struct relay *r = begin();

	(void)state;
	receiver_ends(1);
	assert_int_equal(ends, 1);
	assert_true(last.failed && from.freed);
	tested_stop(&r);
	r = begin();
	sender_ends(2);
	receiver_ends(1);
	assert_int_equal(ends, 1);
	assert_true(last.failed && last.unsent);
	tested_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receiver_first), cmocka_unit_test(test_sender_first), cmocka_unit_test(test_sender_never),
		cmocka_unit_test(test_failed),
	};
	int failed;

	loop = loop_new();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	loop_free(loop);
	return failed;
}
