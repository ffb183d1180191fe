/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text from hosts and to their shells, buffers, sums, and the loop. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <pferry/err.h>
#include <pferry/loop.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/text.h"

static void sanitizes_to(const char *bytes, size_t len, const char *want)
{
	char *got = text_sanitize(bytes, len, 0);

	assert_string_equal(got, want);
	free(got);
}

static void test_sanitize(void **state)
{
	(void)state;
	sanitizes_to("plain", 5, "plain");
	sanitizes_to("a\033[2Jb", 6, "a?[2Jb");
	sanitizes_to("a\0b\nc\td", 7, "a b c d");
	sanitizes_to("\302\233x", 3, "?x");              /* C1 CSI */
	sanitizes_to("\342\200\256x", 4, "?x");          /* right-to-left override */
	sanitizes_to("\377\300\200", 3, "???");          /* no UTF-8, overlong */
	sanitizes_to("\355\240\200", 3, "???");          /* a surrogate */
	sanitizes_to("gr\303\274n", 5, "gr\303\274n");
	sanitizes_to("e\314\201\314\201\314\201\314\201\314\201\314\201", 13, "e\314\201\314\201\314\201\314\201");
}

static void test_sanitize_cuts_at_a_character(void **state)
{
	char *got = text_sanitize("\303\274\303\274", 4, 3);

	(void)state;
	assert_string_equal(got, "\303\274");
	free(got);
}

static void test_width(void **state)
{
	size_t used;

	(void)state;
	assert_int_equal(text_width("a\346\227\245"), 3);
	assert_int_equal(text_fit("a\346\227\245b", 2, &used), 1); /* a wide one is not cut in half */
	assert_int_equal(used, 1);
}

/* What a real shell makes of a quoted word is the word. */
static void test_quote_by_a_real_shell(void **state)
{
	static const char *const words[] = { "plain", "", "it's", "a b", "$HOME `id` \\ \"", "-n", "line\nbreak", "*", "\033]0;x\007" };

	(void)state;
	for (size_t i = 0; i < countof(words); i++) {
		const char *argv[] = { "printf", "%s.", words[i], NULL };
		char *line = text_shell_join(argv), got[256] = "";
		char want[256];
		FILE *shell = popen(line, "r");

		assert_non_null(shell);
		got[fread(got, 1, sizeof got - 1, shell)] = '\0';
		pclose(shell);
		snprintf(want, sizeof want, "%s.", words[i]);
		assert_string_equal(got, want);
		free(line);
	}
}

static void test_units(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(text_bytes(text, sizeof text, 0, false), "0 B");
	assert_string_equal(text_bytes(text, sizeof text, 7311360, false), "7.0 MiB");
	assert_string_equal(text_bytes(text, sizeof text, (uint64_t)184 << 20, true), "184M");
	assert_string_equal(text_duration(text, sizeof text, 620), "620 ms");
	assert_string_equal(text_duration(text, sizeof text, 4800), "4.80 s");
}

static void test_numbers(void **state)
{
	uint64_t n;
	const char *s = "18446744073709551615", *big = "18446744073709551616", *odd = "12x";

	(void)state;
	assert_true(text_u64(s, s + 20, &n) && n == UINT64_MAX);
	assert_false(text_u64(big, big + 20, &n));
	assert_false(text_u64(odd, odd + 3, &n));
	assert_false(text_u64(odd, odd, &n));
}

static void test_buffer_keeps_its_bound(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_true(buf_append(&b, "abc", 3));
	assert_false(buf_append(&b, "de", 2));
	assert_int_equal(b.len, 3);
	buf_consume(&b, 2);
	assert_true(buf_puts(&b, "def"));
	assert_string_equal(buf_str(&b), "cdef");
	buf_consume(&b, 2);
	assert_true(buf_fill(&b, "g", 1));
	assert_false(buf_fill(&b, "hi", 2));
	assert_false(buf_fill(&b, "j", 1));
	assert_true(buf_fill(&b, NULL, 0));
	assert_string_equal(buf_str(&b), "efgh");
	buf_free(&b);
}

static void test_sha256(void **state)
{
	static const struct {
		const char *text, *sum;
	} table[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	char million[1000], hex[SHA256_HEX];
	struct sha256 s;

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		for (size_t cut = 0; cut <= strlen(table[i].text); cut++) {
			sha256_begin(&s);
			sha256_add(&s, table[i].text, cut);
			sha256_add(&s, table[i].text + cut, strlen(table[i].text) - cut);
			sha256_end(&s, hex);
			assert_string_equal(hex, table[i].sum);
		}
	}
	memset(million, 'a', sizeof million);
	sha256_begin(&s);
	for (size_t i = 0; i < 1000; i++)
		sha256_add(&s, million, sizeof million);
	sha256_end(&s, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void test_error_texts_are_clean(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_false(err_set(&e, ERR_REMOTE, "h", "said %s", "\033[31mno\n"));
	assert_string_equal(e.text, "said ?[31mno ");
	err_prefix(&e, "then: ");
	assert_string_equal(e.text, "then: said ?[31mno ");
}

struct turn {
	struct loop *loop;
	struct loop_timer *timer;
	int fired;
};

static void on_timer(void *ctx)
{
	struct turn *t = ctx;

	if (++t->fired == 3) {
		loop_timer_remove(&t->timer); /* from its own callback */
		loop_stop(t->loop);
	} else {
		loop_timer_set(t->timer, 1);
	}
}

static void test_timer(void **state)
{
	struct turn t = { .loop = loop_new() };

	(void)state;
	t.timer = loop_timer_add(t.loop, 0, on_timer, &t);
	loop_run(t.loop);
	assert_int_equal(t.fired, 3);
	assert_null(t.timer);
	loop_free(t.loop);
}

struct run {
	struct loop *loop;
	int status;
	char out[64];
	bool truncated;
};

static void on_child(void *ctx, const struct child_result *result)
{
	struct run *run = ctx;

	run->status = result->status;
	run->truncated = result->truncated;
	snprintf(run->out, sizeof run->out, "%s", result->out);
	loop_stop(run->loop);
}

static void test_child(void **state)
{
	const char *argv[] = { "sh", "-c", "echo 0123456789; exit 3", NULL };
	struct run run = { .loop = loop_new() };

	(void)state;
	assert_non_null(child_run(run.loop, argv, 5, on_child, &run, NULL));
	loop_run(run.loop);
	assert_int_equal(run.status, 3);
	assert_string_equal(run.out, "01234");
	assert_true(run.truncated);
	loop_free(run.loop);
}

static void test_child_between_pipes(void **state)
{
	const char *argv[] = { "sh", "-c", "cat; kill -PIPE $$", NULL };
	struct run run = { .loop = loop_new() };
	int in[2], out[2];
	char got[128] = "";

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_non_null(child_start_tied(run.loop, argv, in[0], out[1], on_child, &run, NULL));
	signal(SIGPIPE, SIG_DFL);
	close(in[0]);
	close(out[1]);
	assert_int_equal(write(in[1], "over\n", 5), 5);
	close(in[1]);
	loop_run(run.loop);
	/* A signal that we ignore is not ignored there. */
	assert_int_equal(run.status, 128 + SIGPIPE);
	assert_true(read(out[0], got, sizeof got - 1) > 0);
	assert_string_equal(got, "over\n");
	close(out[0]);
	loop_free(run.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sanitize),
		cmocka_unit_test(test_sanitize_cuts_at_a_character),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_quote_by_a_real_shell),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_buffer_keeps_its_bound),
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_error_texts_are_clean),
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_child),
		cmocka_unit_test(test_child_between_pipes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
