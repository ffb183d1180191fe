/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Output that waits for no reader, and what is printed as JSON. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "cli/report.h"

#define MUCH (1 << 20)

static char *much(void)
{
	char *text = mem_alloc(MUCH);

	for (size_t i = 0; i < MUCH; i++)
		text[i] = (char)('a' + i % 23);
	return text;
}

/* Write more than the other side holds; all must come, in order, once it reads. */
static void stall(int in, int given)
{
	struct loop *loop = loop_new();
	struct out *out = out_new(loop, given);
	char *text = much(), *got = mem_alloc(MUCH + 1);
	size_t n = 0;

	out_write(out, text, MUCH / 2);
	out_write(out, text + MUCH / 2, MUCH / 2);
	assert_false(out_idle(out));
	while (n < MUCH) {
		ssize_t more = read(in, got + n, MUCH + 1 - n);

		assert_true(more > 0);
		n += (size_t)more;
		loop_turn(loop, 0);
	}
	assert_memory_equal(text, got, MUCH);
	assert_true(out_idle(out));
	assert_int_equal(out_error(out), 0);
	out_free(out);
	loop_free(loop);
	free(text);
	free(got);
}

static void test_a_pipe_that_is_not_read(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stall(fds[0], fds[1]);
	/* It is not ours alone: its flags are as they were. */
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	close(fds[0]);
	close(fds[1]);
}

static void test_a_socket_that_is_not_read(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	stall(fds[0], fds[1]);
	close(fds[0]);
	close(fds[1]);
}

static void test_a_reader_that_goes(void **state)
{
	struct loop *loop = loop_new();
	struct out *out;
	char *text = much();
	int fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	out = out_new(loop, fds[1]);
	out_write(out, text, MUCH);
	assert_false(out_idle(out));
	close(fds[0]);
	loop_turn(loop, 1000);
	assert_true(out_idle(out));
	assert_int_equal(out_error(out), 0);
	out_printf(out, "%s", "to nobody");
	assert_true(out_idle(out));
	out_free(out);
	loop_free(loop);
	close(fds[1]);
	free(text);
}

static void test_a_full_disk_is_said(void **state)
{
	struct loop *loop = loop_new();
	int fd = open("/dev/full", O_WRONLY);
	struct out *out = out_new(loop, fd);

	(void)state;
	out_printf(out, "%d", 1);
	assert_int_equal(out_error(out), ENOSPC);
	out_free(out);
	loop_free(loop);
	close(fd);
}

/* A file is appended to where it stands, not written over from its start. */
static void test_a_file_goes_on_where_it_is(void **state)
{
	char path[] = "/tmp/pferry-out-XXXXXX", got[16] = "";
	struct loop *loop = loop_new();
	int fd = mkstemp(path);
	struct out *out;

	(void)state;
	assert_int_equal(write(fd, "one ", 4), 4);
	out = out_new(loop, fd);
	out_printf(out, "two");
	assert_true(out_idle(out));
	assert_int_equal(pread(fd, got, sizeof got - 1, 0), 7);
	assert_string_equal(got, "one two");
	out_free(out);
	loop_free(loop);
	close(fd);
	unlink(path);
}

static void test_json_is_made_of_any_bytes(void **state)
{
	const struct finding finding = { .code = "tty", .level = FINDING_OPTION, .text = (char *)(uintptr_t)"a\xff\033[2Jb",
					 .remedy = (char *)(uintptr_t)"", .option = "--shell-job" };
	json_t *event = report_finding("id", &finding), *result = report_no_move("\xff", "b\n", 1, &(struct err){ .code = ERR_CONNECT, .text = "w\xe2\x80\xaey" });

	(void)state;
	assert_non_null(event);
	assert_string_equal(json_string_value(json_object_get(event, "event")), "finding");
	assert_string_equal(json_string_value(json_object_get(event, "level")), "option");
	assert_string_equal(json_string_value(json_object_get(event, "option")), "--shell-job");
	assert_string_equal(json_string_value(json_object_get(event, "text")), "a??[2Jb");
	assert_non_null(result);
	assert_string_equal(json_string_value(json_object_get(result, "source")), "?");
	assert_string_equal(json_string_value(json_object_get(result, "destination")), "b ");
	assert_string_equal(json_string_value(json_object_get(result, "reason")), "w?y");
	json_decref(event);
	json_decref(result);
}

static void test_the_worst_code_counts(void **state)
{
	static const int order[] = { EXIT_DONE, EXIT_NOT_DONE, EXIT_UNREACHABLE, EXIT_USAGE, EXIT_DOUBT };

	(void)state;
	for (size_t i = 0; i < countof(order); i++) {
		for (size_t k = 0; k <= i; k++) {
			assert_int_equal(cli_worse(order[i], order[k]), order[i]);
			assert_int_equal(cli_worse(order[k], order[i]), order[i]);
		}
	}
}

static bool accepts(int argc, const char *const *argv)
{
	struct cli_options options;
	struct err e = { 0 };
	bool ok = cli_parse(argc, (char **)(uintptr_t)argv, &options, &e);

	assert_true(ok || e.text[0] != '\0');
	cli_options_free(&options);
	return ok;
}

static void test_an_option_is_not_ignored(void **state)
{
	static const char *const browser_json[] = { "pferry", "--json", "h1", NULL };
	static const char *const ls_via[] = { "pferry", "ls", "--via", "scp", "h1", NULL };
	static const char *const check_frozen[] = { "pferry", "check", "h1:1", "--max-frozen=3", NULL };
	static const char *const ls_ascii[] = { "pferry", "--ascii", "--color=never", "ls", "h1", NULL };
	static const char *const host_named_ls[] = { "pferry", "--", "ls", NULL };

	(void)state;
	assert_false(accepts(3, browser_json));
	assert_false(accepts(5, ls_via));
	assert_false(accepts(4, check_frozen));
	assert_true(accepts(5, ls_ascii));
	assert_true(accepts(3, host_named_ls));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pipe_that_is_not_read),
		cmocka_unit_test(test_a_socket_that_is_not_read),
		cmocka_unit_test(test_a_reader_that_goes),
		cmocka_unit_test(test_a_full_disk_is_said),
		cmocka_unit_test(test_a_file_goes_on_where_it_is),
		cmocka_unit_test(test_json_is_made_of_any_bytes),
		cmocka_unit_test(test_the_worst_code_counts),
		cmocka_unit_test(test_an_option_is_not_ignored),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
