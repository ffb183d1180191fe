/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of an endpoint: those of the table, and what is made of a line. */
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
#define host_conn fake_conn
#define host_exec fake_exec
#define host_generation fake_generation
#define host_retry fake_retry
#define ssh_chan_free fake_chan_free
#define ssh_chan_write fake_chan_write

static char written[256];

static struct ssh_conn *fake_conn(const struct host *host)
{
	(void)host;
	return NULL;
}

static struct ssh_chan *fake_exec(const struct host *host, const char *script, const char *const args[],
				  const struct ssh_chan_ops *ops, void *ctx)
{
	(void)host;
	(void)script;
	(void)args;
	(void)ops;
	(void)ctx;
	return NULL;
}

static unsigned fake_generation(const struct host *host)
{
	(void)host;
	return 0;
}

static void fake_retry(struct host *host)
{
	(void)host;
}

static void fake_chan_free(struct ssh_chan **chan)
{
	*chan = NULL;
}

static bool fake_chan_write(struct ssh_chan *chan, const void *data, size_t len)
{
	(void)chan;
	assert_true(strlen(written) + len < sizeof written);
	strncat(written, data, len);
	return true;
}

#include "handover/end.c"

static struct {
	struct loop *loop;
	struct end *end;
	int reports, failures;
	enum notice notice;
	enum failure failure;
	char rest[128], sentence[128];
} w;

static void on_facts(void *ctx, struct end *end, enum notice notice, const char *rest)
{
	(void)ctx;
	(void)end;
	w.reports++;
	w.notice = notice;
	snprintf(w.rest, sizeof w.rest, "%s", rest);
}

static void on_failed(void *ctx, struct end *end, enum failure failure, const char *sentence)
{
	(void)ctx;
	(void)end;
	w.failures++;
	w.failure = failure;
	snprintf(w.sentence, sizeof w.sentence, "%s", sentence);
}

static void on_reach(void *ctx, struct end *end, bool reachable)
{
	(void)ctx;
	(void)end;
	(void)reachable;
}

static int begin(void **state)
{
	static const struct end_ops ops = { .facts = on_facts, .failed = on_failed, .reach = on_reach };

	(void)state;
	memset(&w, 0, sizeof w);
	written[0] = '\0';
	w.loop = loop_new();
	w.end = end_new(w.loop, NULL, "/d", &ops, NULL);
	w.end->chan = (struct ssh_chan *)w.end; /* anything that is not NULL */
	return 0;
}

static int over(void **state)
{
	(void)state;
	end_free(w.end);
	loop_free(w.loop);
	return 0;
}

static const struct end_facts *hear(const char *line)
{
	w.notice = NOTICE_NONE;
	on_data(w.end, 0, line, strlen(line));
	on_data(w.end, 0, "\n", 1);
	return end_facts(w.end);
}

static void test_each_state_sets_its_fact(void **state)
{
	(void)state;
#define STATE(NAME, word, told, source, destination, says)          \
	assert_false(end_facts(w.end)->word && NOTICE_##NAME != NOTICE_LAUNCHED); /* which "held" brings */ \
	assert_true(hear("state " #word " 17")->word);              \
	assert_int_equal(w.notice, NOTICE_##NAME);                  \
	assert_string_equal(w.rest, "17");
#include "handover/protocol.def"
}

static void test_events_set_none(void **state)
{
	struct end_facts none = { 0 };

	(void)state;
	assert_true(handover_same(hear("state tracks"), &none));
	assert_int_equal(w.notice, NOTICE_TRACKS);
	assert_true(notice_told_once(NOTICE_TRACKS));
	assert_true(handover_same(hear("state round 2 4096 0"), &none));
	assert_int_equal(w.notice, NOTICE_ROUND);
	assert_string_equal(w.rest, "2 4096 0");
	assert_false(notice_told_once(NOTICE_HELD));
	assert_int_equal(hear("state aborting")->decision, DECISION_ABORT);
}

static void test_exit_has_a_number(void **state)
{
	(void)state;
	assert_true(hear("state exit-137")->over);
	assert_int_equal(end_facts(w.end)->exit_status, 137);
	assert_int_equal(w.notice, NOTICE_EXIT);
	assert_string_equal(w.rest, "137");
	assert_false(hear("state returning")->over);
	assert_true(hear("state exit-never")->over);
	assert_int_equal(end_facts(w.end)->exit_status, 0);
}

static void test_unknown_words_say_nothing(void **state)
{
	static const char *const lines[] = { "state helder", "state hel", "state exit 1", "state held-1", "state ", "state", "stat held",
					     "decisions commit", "", "held", "there is no directory" };
	struct end_facts none = { 0 };

	(void)state;
	for (size_t i = 0; i < countof(lines); i++)
		assert_true(handover_same(hear(lines[i]), &none));
	assert_int_equal(w.reports, 0);
	assert_int_equal(hear("decision perhaps")->decision, DECISION_NONE);
	assert_int_equal(hear("decision go")->decision, DECISION_GO);
	assert_int_equal(w.notice, NOTICE_DECISION);
}

/* A sentence may say what it likes: the code decides. */
static void test_failures_go_by_their_code(void **state)
{
	(void)state;
	hear("fail no-program there is no mkfifo command");
	assert_int_equal(w.failures, 1);
	assert_int_equal(w.failure, FAILURE_NO_PROGRAM);
	assert_string_equal(w.sentence, "there is no mkfifo command");
	assert_false(end_facts(w.end)->absent);
	assert_false(end_facts(w.end)->known);
	hear("fail unwritten cannot remove /d");
	assert_int_equal(w.failure, FAILURE_UNWRITTEN);
	hear("fail what nobody knows");
	assert_int_equal(w.failure, FAILURE_UNKNOWN);
	assert_string_equal(w.sentence, "what nobody knows");
	hear("fail absent whatever it says");
	assert_int_equal(w.failures, 3);
	assert_true(end_facts(w.end)->absent && end_facts(w.end)->known);
}

static void test_a_failure_is_found_in_output(void **state)
{
	enum failure failure = FAILURE_UNKNOWN;

	(void)state;
	assert_null(failure_in("", &failure));
	assert_null(failure_in("tar: it did fail torn\nready\nfail\nfailed torn\n", &failure));
	assert_string_equal(failure_in("ready\nfail torn it broke off\nfail images no\n", &failure), "it broke off\nfail images no\n");
	assert_int_equal(failure, FAILURE_TORN);
}

static void test_commands(void **state)
{
	(void)state;
	end_say(w.end, COMMAND_ROUND, "3");
	end_say(w.end, COMMAND_LIST, NULL);
	end_order(w.end, ORDER_FREEZE);
	end_order(w.end, ORDER_FREEZE);
	end_order_anew(w.end, ORDER_CLEAN);
	end_renew(w.end);
	assert_string_equal(written, "round 3\nlist\nfreeze\nclean\nrenew\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, over)
	const struct CMUnitTest tests[] = {
		TEST(test_each_state_sets_its_fact),
		TEST(test_events_set_none),
		TEST(test_exit_has_a_number),
		TEST(test_unknown_words_say_nothing),
		TEST(test_failures_go_by_their_code),
		TEST(test_a_failure_is_found_in_output),
		TEST(test_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
