/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys from bytes, the line editor, and the table of actions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tui/actions/actions.h"
#include "tui/term/keys.h"
#include "tui/term/line.h"
#include "tui/tui.h"

static uint32_t decode_one(const char *bytes, size_t len, bool flush)
{
	struct key_decoder dec = {.len = 0};
	struct key key;

	key_feed(&dec, bytes, len);
	return key_next(&dec, flush, &key) ? key.code : (uint32_t)K_NONE;
}

static void keys_of_terminals(void **state)
{
	static const struct {
		const char *bytes;
		uint32_t code;
	} table[] = {
		{"j", 'j'},
		{"\r", K_ENTER},
		{"\n", K_ENTER},
		{"\t", K_TAB},
		{"\x7f", K_BACKSPACE},
		{"\b", K_BACKSPACE},
		{"\033[A", K_UP},
		{"\033OA", K_UP},
		{"\033[1;5B", K_DOWN},
		{"\033[Z", K_BTAB},
		{"\033[H", K_HOME},
		{"\033[1~", K_HOME},
		{"\033[7~", K_HOME},
		{"\033OF", K_END},
		{"\033[5~", K_PGUP},
		{"\033[6~", K_PGDN},
		{"\033OP", K_F1},
		{"\033[11~", K_F1},
		{"\033[[A", K_F1},
		{"\033[200~", K_PASTE_BEGIN},
		{"\xc3\xa4", 0xe4},
		{"\xe6\x97\xa5", 0x65e5},
		{"\033[99~", K_UNKNOWN},
		{"\033x", K_UNKNOWN},
		{"\xff", K_UNKNOWN},
	};

	for (size_t i = 0; i < countof(table); i++)
		assert_int_equal(decode_one(table[i].bytes, strlen(table[i].bytes), false), table[i].code);
}

static void keys_cut_anywhere(void **state)
{
	static const char bytes[] = "\033[5~x\xe6\x97\xa5\033[<0;12;7Mq";
	static const uint32_t want[] = {K_PGUP, 'x', 0x65e5, K_MOUSE, 'q'};
	struct key_decoder dec = {.len = 0};
	struct key key;
	size_t got = 0;

	for (size_t i = 0; i + 1 < sizeof bytes; i++) {
		key_feed(&dec, bytes + i, 1);
		while (key_next(&dec, false, &key)) {
			assert_true(got < countof(want));
			assert_int_equal(key.code, want[got++]);
			if (key.code == K_MOUSE) {
				assert_int_equal(key.mouse, MOUSE_PRESS);
				assert_int_equal(key.x, 11);
				assert_int_equal(key.y, 6);
			}
		}
	}
	assert_int_equal(got, countof(want));
}

static void escape_alone_waits(void **state)
{
	assert_int_equal(decode_one("\033", 1, false), K_NONE);
	assert_int_equal(decode_one("\033", 1, true), K_ESC);
	assert_int_equal(decode_one("\033[", 2, false), K_NONE);
	assert_int_equal(decode_one("\033[", 2, true), K_UNKNOWN);
	assert_int_equal(decode_one("\033\033", 2, false), K_ESC);
}

static void keys_of_noise(void **state)
{
	struct key_decoder dec = {.len = 0};
	struct key key;
	unsigned seed = 1;

	for (int i = 0; i < 100000; i++) {
		char byte;

		seed = seed * 1103515245u + 12345u;
		byte = (char)(seed >> 16);
		if (seed >> 28 == 3)
			byte = '\033';
		if (key_room(&dec) == 0)
			key_drop(&dec);
		key_feed(&dec, &byte, 1);
		while (key_next(&dec, (seed >> 8 & 31) == 0, &key))
			assert_true(key.code != K_NONE);
	}
}

static void type(struct line *line, const char *bytes)
{
	struct key_decoder dec = {.len = 0};
	struct key key;

	key_feed(&dec, bytes, strlen(bytes));
	while (key_next(&dec, true, &key))
		line_key(line, &key);
}

static void line_edits(void **state)
{
	struct line line = {.len = 0};
	struct key enter = {.code = K_ENTER}, escape = {.code = K_ESC};

	type(&line, "web\xc3\xa4 02");
	assert_string_equal(line.text, "web\xc3\xa4 02");
	type(&line, "\001x\005y");
	assert_string_equal(line.text, "xweb\xc3\xa4 02y");
	type(&line, "\177\027");
	assert_string_equal(line.text, "xweb\xc3\xa4 ");
	type(&line, "\177\177");
	assert_string_equal(line.text, "xweb");
	type(&line, "\033[D\033[D\013");
	assert_string_equal(line.text, "xw");
	type(&line, "\025");
	assert_string_equal(line.text, "");
	assert_int_equal(line_key(&line, &enter), LINE_ACCEPT);
	assert_int_equal(line_key(&line, &escape), LINE_CANCEL);
	for (int i = 0; i < 2000; i++)
		type(&line, "\xe6\x97\xa5");
	assert_true(line.len < sizeof line.text);
	assert_int_equal(line.len, strlen(line.text));
	line_wipe(&line);
	assert_int_equal(line.len, 0);
}

/* What is typed may be shown: nothing that moves the cursor or turns text round gets in. */
static void line_takes_no_controls(void **state)
{
	struct line line = {.len = 0};

	type(&line, "a\xe2\x80\xae"
		    "b\xc2\x9b"
		    "c\xe2\x80\x8b");
	assert_string_equal(line.text, "abc");
}

static void every_key_is_bound_once(void **state)
{
	const struct action *action;
	uint32_t seen[256];
	size_t count = 0;

	for (action = action_table; action->name; action++) {
		const char *at = action->keys;

		for (;;) {
			size_t len;
			uint32_t code;

			at += strspn(at, " ");
			len = strcspn(at, " ");
			if (len == 0)
				break;
			code = key_parse(at, len);
			assert_int_not_equal(code, K_NONE);
			for (size_t k = 0; k < count; k++)
				assert_int_not_equal(seen[k], code);
			seen[count++] = code;
			assert_ptr_equal(action_of_key(action_table, code), action);
			at += len;
		}
	}
	assert_true(count > 50);
}

static void every_action_is_described(void **state)
{
	const struct action *action, *other;
	struct tui_action_doc doc;
	size_t i;

	for (i = 0; action_table[i].name; i++) {
		action = &action_table[i];
		assert_true(strlen(action->help) > 4);
		assert_true(action->help[strlen(action->help) - 1] != '.');
		assert_non_null(action->run);
		assert_ptr_equal(action_named(action->name, strlen(action->name)), action);
		assert_int_equal(action->hint != NULL, action->rank > 0);
		for (size_t k = 0; k < i; k++) {
			other = &action_table[k];
			assert_string_not_equal(other->name, action->name);
			assert_int_not_equal(other->id, action->id);
			assert_true(!action->rank || other->rank != action->rank);
		}
		assert_true(tui_action_doc(i, &doc));
		assert_string_equal(doc.help, action->help);
	}
	assert_false(tui_action_doc(i, &doc));
}

static void key_names_come_back(void **state)
{
	static const uint32_t codes[] = {'j', ' ', K_TAB, K_BTAB, K_F1, K_F12, 'L' - '@', K_UP, '?', '*'};
	char name[16];

	for (size_t i = 0; i < countof(codes); i++) {
		key_label(codes[i], name, sizeof name);
		assert_int_equal(key_parse(name, strlen(name)), codes[i]);
	}
	assert_int_equal(key_parse("nothing", 7), K_NONE);
}

/* The manual's list has every action, by its first key or its name, and nothing that is none. */
static void manual_has_every_action(void **state)
{
	FILE *manual = fopen("man/pferry.1", "re");
	bool seen[128] = {false}, inside = false;
	char text[512];
	const struct action *action;

	assert_non_null(manual);
	while (fgets(text, sizeof text, manual)) {
		if (strncmp(text, ".Sh ", 4) == 0)
			inside = strcmp(text, ".Sh KEYS\n") == 0;
		if (!inside || strncmp(text, ".It ", 4) != 0)
			continue;
		if (strncmp(text, ".It Cm ", 7) == 0) {
			size_t len = strcspn(text + 7, " \n");

			action = action_named(text + 7, len);
			assert_non_null(action);
			assert_int_equal(strlen(action->name), len);
			seen[action->id] = true;
			continue;
		}
		for (char *word = strtok(text + 4, " \n"); word; word = strtok(NULL, " \n")) {
			if (strncmp(word, "\\&", 2) == 0)
				word += 2;
			if (strcmp(word, "1-9") == 0)
				continue;
			action = action_of_key(action_table, key_parse(word, strlen(word)));
			if (!action)
				fail_msg("the manual's key %s does nothing", word);
			seen[action->id] = true;
		}
	}
	fclose(manual);
	for (action = action_table; action->name; action++)
		if (!seen[action->id])
			fail_msg("the manual does not have %s (%s)", action->name, action->keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_terminals),
		cmocka_unit_test(keys_cut_anywhere),
		cmocka_unit_test(escape_alone_waits),
		cmocka_unit_test(keys_of_noise),
		cmocka_unit_test(line_edits),
		cmocka_unit_test(line_takes_no_controls),
		cmocka_unit_test(every_key_is_bound_once),
		cmocka_unit_test(every_action_is_described),
		cmocka_unit_test(key_names_come_back),
		cmocka_unit_test(manual_has_every_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
