/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing cells: the only place where text becomes curses calls.  Everything
 * is clipped to the screen and to the width given, cut between characters, and
 * what the locale cannot show becomes '?'.
 */
#ifndef TUI_TERM_PAINT_H
#define TUI_TERM_PAINT_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>

#include "tui/term/theme.h"

struct paint {
	WINDOW *win;
	const struct theme *theme;
	int rows, cols;
	bool cursor_row;	/* everything in plain reverse: one change of attributes, few bytes */
	int cursor_y, cursor_x; /* where the hardware cursor goes */
};

/* Begin a frame on `win`: erase it in memory and read its size. */
void paint_begin(struct paint *p, WINDOW *win, const struct theme *theme);

/* Write UTF-8 `s` into at most `w` cells; what does not fit is cut, with a
 * sign when there is room for one.  Returns the cells used. */
int paint_text(struct paint *p, int y, int x, int w, enum role role, const char *s);
int paint_textf(struct paint *p, int y, int x, int w, enum role role, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
/* The same, ending at the right edge of the `w` cells. */
int paint_right(struct paint *p, int y, int x, int w, enum role role, const char *s);
/* `w` blanks. */
void paint_fill(struct paint *p, int y, int x, int w, enum role role);
/* A line of one glyph, `w` cells long. */
void paint_repeat(struct paint *p, int y, int x, int w, enum role role, enum glyph glyph);

/* Lines that `s` takes when it is wrapped at words into `w` cells. */
int paint_lines(const char *s, int w);
/* Wrap it so and write at most `h` lines; returns how many were written. */
int paint_wrap(struct paint *p, int y, int x, int w, int h, enum role role, const char *s);
/* Bytes of `s` that make the first of its lines when wrapped at `w` cells; *skip
 * gets the bytes up to the next line. */
size_t paint_line_break(const char *s, int w, size_t *skip);

/* Put the hardware cursor there at the end of the frame. */
void paint_cursor(struct paint *p, int y, int x);

#endif
