/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: options, targets, and the shape of what scripts read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/report.h"

static bool parse(struct cli_options *o, struct err *e, const char *line)
{
	static char text[512];
	char *argv[32] = { (char *)(uintptr_t) "pferry" }, *at = text, *word;
	int argc = 1;

	snprintf(text, sizeof text, "%s", line);
	while ((word = strsep(&at, " ")) && argc < 31)
		argv[argc++] = word;
	return cli_parse(argc, argv, o, e);
}

static void test_options_stand_anywhere(void **state)
{
	struct cli_options o;
	struct err e = { 0 };

	(void)state;
	assert_true(parse(&o, &e, "-F cfg move --json --via scp a:1 --mode=plain b --dump-option --tcp-close --max-frozen 5"));
	assert_string_equal(o.command->name, "move");
	assert_string_equal(o.ssh_config, "cfg");
	assert_true(o.json);
	assert_int_equal(o.via, VIA_SCP);
	assert_int_equal(o.mode, MODE_PLAIN);
	assert_int_equal(o.max_frozen_s, 5);
	assert_int_equal(o.nargs, 2);
	assert_string_equal(o.dump_options[0], "--tcp-close");
	cli_options_free(&o);
	assert_true(parse(&o, &e, "web01 web02"));
	assert_null(o.command);
	assert_int_equal(o.nargs, 2);
	cli_options_free(&o);
}

static void test_wrong_usage(void **state)
{
	static const char *const wrong[] = { "--nonsense", "move a:1", "move --via pigeon a:1 b", "move --timeout x a:1 b", "ls", "-F" };

	(void)state;
	for (size_t i = 0; i < countof(wrong); i++) {
		struct cli_options o;
		struct err e = { 0 };

		assert_false(parse(&o, &e, wrong[i]));
		assert_true(e.text[0] != '\0');
		cli_options_free(&o);
	}
}

static void test_targets(void **state)
{
	char *host;
	pid_t pid;

	(void)state;
	assert_true(cli_parse_target("web01:12", &host, &pid));
	assert_string_equal(host, "web01");
	assert_int_equal(pid, 12);
	free(host);
	assert_true(cli_parse_target("[fe80::1]:7", &host, &pid));
	assert_string_equal(host, "fe80::1");
	free(host);
	assert_false(cli_parse_target("web01", &host, &pid));
	assert_false(cli_parse_target("web01:", &host, &pid));
	assert_false(cli_parse_target("web01:0", &host, &pid));
	assert_false(cli_parse_target("web01:1x", &host, &pid));
	assert_false(cli_parse_target(":1", &host, &pid));
	assert_false(cli_parse_target("a:99999999999999999999", &host, &pid));
}

static void test_result_has_its_keys(void **state)
{
	static const char *const keys[] = { "event", "id", "source", "destination", "pid", "new_pid", "outcome", "reason", "mode",
					    "via", "frozen_ms", "total_ms", "bytes", "phases", "code", "warnings" };
	static const char *const warnings[] = { "One.", "Two." };
	const struct err e = { .code = ERR_CONNECT, .text = "why" };
	struct move_info info = { .source = "a", .destination = "b", .outcome = MOVE_MOVED, .mode = MODE_PLAIN, .via = VIA_SCP,
				  .frozen_ms = 12, .new_pid = 5, .warnings = warnings, .warnings_count = 2 };
	json_t *results[2];

	(void)state;
	for (size_t i = 0; i < PHASE_COUNT; i++)
		info.phases[i].began_ms = i == PHASE_SEND ? 3 : -1;
	results[0] = report_result(&info);
	results[1] = report_no_move("a", "b", 5, &e);
	for (size_t r = 0; r < 2; r++) {
		assert_non_null(results[r]);
		for (size_t i = 0; i < countof(keys); i++)
			assert_non_null(json_object_get(results[r], keys[i]));
	}
	assert_string_equal(json_string_value(json_object_get(results[0], "outcome")), "moved");
	assert_int_equal(json_array_size(json_object_get(results[0], "phases")), 1);
	assert_int_equal(json_array_size(json_object_get(results[0], "warnings")), 2);
	assert_string_equal(json_string_value(json_object_get(results[0], "warning")), "One. Two.");
	assert_string_equal(json_string_value(json_object_get(results[1], "outcome")), "rolled-back");
	assert_string_equal(json_string_value(json_object_get(results[1], "code")), "connect");
	json_decref(results[0]);
	json_decref(results[1]);
}

/* A check is no move that was rolled back: it has an event of its own. */
static void test_check_has_an_event_of_its_own(void **state)
{
	const struct err e = { .code = ERR_AUTH, .text = "why" };
	struct move_info info = { .source = "a", .destination = "b", .outcome = MOVE_CHECKED, .check_only = true };
	json_t *can = report_check(&info), *cannot, *neither = report_no_check("a", "b", 5, &e);

	(void)state;
	err_set(&info.reason, ERR_REFUSED, "a", "a debugger is on it");
	info.code = "traced";
	cannot = report_check(&info);
	for (size_t i = 0; i < 3; i++) {
		json_t *event = i == 0 ? can : i == 1 ? cannot : neither;

		assert_string_equal(json_string_value(json_object_get(event, "event")), "check");
		assert_null(json_object_get(event, "outcome"));
		assert_int_equal(json_is_true(json_object_get(event, "can_move")), i == 0);
	}
	assert_string_equal(json_string_value(json_object_get(can, "code")), "");
	assert_string_equal(json_string_value(json_object_get(cannot, "code")), "traced");
	assert_string_equal(json_string_value(json_object_get(neither, "code")), "auth");
	json_decref(can);
	json_decref(cannot);
	json_decref(neither);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_stand_anywhere),
		cmocka_unit_test(test_wrong_usage),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_result_has_its_keys),
		cmocka_unit_test(test_check_has_an_event_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
