/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs on hosts: lines are made of the scripts that are shown, and of nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "remote/line.h"

static char *quoted(const char *text)
{
	struct buf out;

	buf_init(&out, 0);
	text_shell_quote(&out, text);
	return buf_take(&out);
}

/* The script's own text, as the host's shell gets it, is in the line. */
static void assert_holds(const struct remote_line *line, const char *script)
{
	char *bare = remote_script_bare(script), *all = quoted(bare);
	size_t len = strlen(all);

	/* common.sh may stand in front, within the same quotes. */
	if (len > 2 && all[0] == '\'')
		assert_non_null(memmem(remote_line_text(line), remote_line_length(line), all + 1, len - 2));
	else
		assert_non_null(strstr(remote_line_text(line), all));
	free(all);
	free(bare);
}

static void every_frame_is_shown(void **state)
{
	char *overview = remote_overview();

	(void)state;
	for (int frame = REMOTE_PLAIN; frame <= REMOTE_DOAS_TTY; frame++) {
		struct remote_line *line = remote_line((enum remote_frame)frame, "uid", NULL);
		char *start = mem_strndup(remote_line_text(line), (size_t)(strstr(remote_line_text(line), "sh -c") - remote_line_text(line)) + 5);
		char *shown = mem_printf("#     %s SCRIPT pferry-NAME ARG...\n", start);

		assert_non_null(strstr(overview, shown));
		assert_holds(line, "uid");
		free(shown);
		free(start);
		remote_line_free(&line);
		assert_null(line);
	}
	free(overview);
}

static void every_script_runs_as_shown(void **state)
{
	(void)state;
	for (const struct remote_script *s = remote_scripts; s->name; s++) {
		struct remote_line *line = remote_line(REMOTE_PLAIN, s->name, NULL);

		assert_int_equal(strncmp(remote_line_text(line), "exec sh -c ", 11), 0);
		assert_holds(line, s->name);
		remote_line_free(&line);
	}
}

/* An argument is one word, whatever is in it. */
static void arguments_are_quoted(void **state)
{
	struct remote_line *line = remote_line(REMOTE_PLAIN, "zeros", (const char *const[]){ "1'; id; '", "$(id)\n`id`", "", NULL });
	const char *text = remote_line_text(line);

	(void)state;
	assert_string_equal(strstr(text, " pferry-zeros ") + 14, "'1'\\''; id; '\\''' '$(id)\n`id`' ''");
	remote_line_free(&line);
	line = remote_line_bytes("sink", 4096, "ready");
	assert_string_equal(strstr(remote_line_text(line), " pferry-sink "), " pferry-sink 4096 ready");
	remote_line_free(&line);
}

/* Lines within lines are those of scripts too. */
static void lines_hold_lines(void **state)
{
	static const char *const args[5] = { "/d", "host", "22", "root", "ssh-ed25519 AAAA" };
	struct remote_line *inner = remote_line(REMOTE_PLAIN, "send", (const char *const[]){ "/d", NULL });
	struct remote_line *line = remote_line_await(inner);
	struct buf input;
	char *word = quoted(remote_line_text(inner));

	(void)state;
	assert_holds(line, "await");
	assert_non_null(strstr(remote_line_text(line), word));
	remote_line_free(&line);
	line = remote_line_direct(args, inner, inner, true);
	assert_holds(line, "direct");
	assert_string_equal(remote_line_text(line) + remote_line_length(line) - 5, " both");
	remote_line_free(&line);
	line = remote_line_password("send", (const char *const[]){ "/d", NULL });
	assert_holds(line, "input");
	assert_holds(line, "send");
	remote_line_free(&line);
	/* The mark is the one that long.sh looks for. */
	buf_init(&input, 0);
	line = remote_line_by_input(inner, &input);
	assert_holds(line, "long");
	assert_int_equal(strncmp(buf_str(&input), remote_line_text(inner), remote_line_length(inner)), 0);
	assert_string_equal(buf_str(&input) + remote_line_length(inner), "\npferry-script\n");
	assert_non_null(strstr(remote_script("long"), "!= pferry-script ]"));
	remote_line_free(&line);
	buf_free(&input);
	free(word);
	remote_line_free(&inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_is_shown),
		cmocka_unit_test(every_script_runs_as_shown),
		cmocka_unit_test(arguments_are_quoted),
		cmocka_unit_test(lines_hold_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
