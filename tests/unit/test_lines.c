/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines out of bytes that come in pieces: the same however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/text.h"

#define BOUND 8

/* Each line that a piece completes, with "|" after it. */
static void feed(struct lines *l, struct buf *out, const char *piece, size_t len)
{
	char *exact = mem_alloc(len ? len : 1), *line; /* so that a byte read past it is noticed */
	const char *data = exact;

	memcpy(exact, piece, len);
	while ((line = lines_next(l, &data, &len))) {
		buf_puts(out, line);
		buf_puts(out, "|");
		free(line);
	}
	assert_int_equal(len, 0);
	free(exact);
}

/* The same said in another way: of the whole text, with nothing kept. */
static void want_lines(struct buf *out, const char *text, size_t len)
{
	for (size_t at = 0, begun = 0; at < len; at++) {
		size_t n = at - begun;

		if (text[at] != '\n')
			continue;
		text_sanitize_to(out, text + begun, n < BOUND ? n : BOUND, 0);
		buf_puts(out, "|");
		begun = at + 1;
	}
}

/* Cut once at every byte, and at every byte at once. */
static void cut_anywhere(const char *text, size_t len)
{
	struct buf want, got;
	struct lines l;

	buf_init(&want, 0);
	want_lines(&want, text, len);
	for (size_t cut = 0; cut <= len + 1; cut++) {
		buf_init(&got, 0);
		lines_init(&l, BOUND);
		if (cut <= len) {
			feed(&l, &got, text, cut);
			feed(&l, &got, text + cut, len - cut);
		} else {
			for (size_t i = 0; i < len; i++)
				feed(&l, &got, text + i, 1);
		}
		assert_int_equal(got.len, want.len);
		assert_string_equal(buf_str(&got), buf_str(&want));
		assert_true(l.begun.len <= BOUND);
		lines_free(&l);
		buf_free(&got);
	}
	buf_free(&want);
}

static void the_same_wherever_it_is_cut(void **state)
{
	static const char *const texts[] = { "", "\n", "\n\n\n", "ready\n", "ready", "at 12\nat 13\ndone\n", "\nx\n\nyz",
					     "1234567\n12345678\n123456789\n12345678901234567890\nx\n", "gr\303\274n\n1234567\303\274\n" };

	(void)state;
	for (size_t i = 0; i < countof(texts); i++)
		cut_anywhere(texts[i], strlen(texts[i]));
}

/* Any bytes, of which many end a line or must not be shown. */
static void any_bytes(void **state)
{
	static const char odd[] = "\n\n\n\r\0\033\302\233\342\200\256 ready";
	char text[97];
	unsigned seed = 11;

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t len = (unsigned)round % sizeof text;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = seed >> 31 ? odd[(seed >> 16) % (sizeof odd - 1)] : (char)(seed >> 16);
		}
		cut_anywhere(text, len);
	}
}

static void what_is_given_out_may_be_shown_and_compared(void **state)
{
	static const char hostile[] = "ready\0x\na\033[2Jb\n\377\n";
	struct lines l;
	struct buf out;

	(void)state;
	lines_init(&l, 64);
	buf_init(&out, 0);
	feed(&l, &out, hostile, sizeof hostile - 1);
	assert_string_equal(buf_str(&out), "ready x|a?[2Jb|?|");
	buf_clear(&out);
	/* What has no end is no line, and does not get into another. */
	feed(&l, &out, "rea", 3);
	lines_clear(&l);
	feed(&l, &out, "ready\nre", 8);
	assert_string_equal(buf_str(&out), "ready|");
	lines_free(&l);
	buf_free(&out);
}

/* Who has heard enough leaves the rest, which may be the data of another. */
static void the_rest_is_left(void **state)
{
	const char *data = "go\nmemory\nmore";
	size_t len = strlen(data);
	struct lines l;
	char *line;

	(void)state;
	lines_init(&l, 64);
	line = lines_next(&l, &data, &len);
	lines_free(&l);
	assert_string_equal(line, "go");
	assert_int_equal(len, 11);
	assert_memory_equal(data, "memory\nmore", 11);
	free(line);
}

static void last_line(void **state)
{
	static const struct {
		const char *text, *last;
	} table[] = {
		{ "", "" }, { "\n\r\n \n", "" }, { "one", "one" }, { "one\ntwo\r\n\n", "two" }, { "\nx", "x" }, { "a\n b\033c \n", " b?c" },
		{ "first\n0123456789abc\n", "0123456789" },
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		char *last = lines_last(table[i].text, strlen(table[i].text), 10);

		assert_string_equal(last, table[i].last);
		free(last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_wherever_it_is_cut),
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(what_is_given_out_may_be_shown_and_compared),
		cmocka_unit_test(the_rest_is_left),
		cmocka_unit_test(last_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
