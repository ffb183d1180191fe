/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line of text being typed: UTF-8, edited with the keys of a shell.
 */
#ifndef TUI_TERM_LINE_H
#define TUI_TERM_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/keys.h"

#define LINE_MAX_BYTES 512

struct line {
	char text[LINE_MAX_BYTES];
	size_t len, at; /* bytes: in use, before the caret */
};

enum line_result { LINE_NOTHING, LINE_CHANGED, LINE_ACCEPT, LINE_CANCEL, LINE_OTHER };

void line_set(struct line *line, const char *text);
/* Forget what was typed, for good: it may be a password. */
void line_wipe(struct line *line);
/* One key: what it did; LINE_OTHER when it is no key of an editor. */
enum line_result line_key(struct line *line, const struct key *key);

#endif
