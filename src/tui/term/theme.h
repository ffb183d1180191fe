/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How things look: roles instead of colours, and the glyphs, decided once.
 * No state is carried by colour alone; without colour the roles are told apart
 * by bold, dim, underline and reverse.
 */
#ifndef TUI_TERM_THEME_H
#define TUI_TERM_THEME_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <pferry/config.h>

enum role {
	ROLE_NORMAL,
	ROLE_DIM,
	ROLE_TITLE,
	ROLE_HEAD,	 /* a column's head */
	ROLE_HEAD_FOCUS, /* that of the column with the cursor */
	ROLE_LINE,	 /* lines between columns */
	ROLE_BRANCH,	 /* the tree's lines */
	ROLE_CGROUP,
	ROLE_FIELD, /* pid, size and share of CPU */
	ROLE_MARKED,
	ROLE_MOVING,
	ROLE_NEW,
	ROLE_GONE,
	ROLE_MATCH,
	ROLE_OK,
	ROLE_WARN,
	ROLE_FAIL,
	ROLE_FROZEN,
	ROLE_PROMPT,
	ROLE_QUESTION,
	ROLE_KEY, /* a key in a hint */
	ROLE_COUNT
};

#define SPARKS 8

enum glyph {
	GLYPH_TEE,
	GLYPH_LAST,
	GLYPH_BAR,
	GLYPH_BLANK,
	GLYPH_CUT,	/* text goes on */
	GLYPH_CUT_LEFT, /* the tree's lines go on to the left */
	GLYPH_VLINE,
	GLYPH_HLINE,
	GLYPH_DONE, /* bar of progress */
	GLYPH_TODO,
	GLYPH_SPARK, /* the lowest of SPARKS bars, each higher than the one before */
	GLYPH_COUNT = GLYPH_SPARK + 8
};

struct theme {
	bool color, utf8;
	enum config_theme kind;
	attr_t attr[ROLE_COUNT];
	short pair[ROLE_COUNT];
	const char *const *glyph;
};

/* Fill `theme`; the pairs are made in curses, which must run. Auto takes the
 * terminal's eight colours, dark and light finer ones where there are 256. */
void theme_init(struct theme *theme, enum config_theme kind, bool utf8);
/* "auto", "dark", ... by enum config_theme; NULL past the last. */
const char *theme_name(size_t kind);

#endif
