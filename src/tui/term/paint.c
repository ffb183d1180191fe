/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/paint.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "base/text.h"

#define CHUNK 256 /* wide characters handed to curses at once */

void paint_begin(struct paint *p, WINDOW *win, const struct theme *theme)
{
	*p = (struct paint){.win = win, .theme = theme};
	getmaxyx(win, p->rows, p->cols);
	werase(win);
}

static void set_role(struct paint *p, enum role role)
{
	if (p->cursor_row)
		wattr_set(p->win, A_REVERSE, 0, NULL);
	else
		wattr_set(p->win, p->theme->attr[role], p->theme->pair[role], NULL);
}

/* Characters without a cell of their own that change how others are shown.
 * The model has none left; this is for what came another way. */
static bool is_unseen(uint32_t c)
{
	return c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || c >= 0xe0000;
}

/*
 * Curses asks the C library for widths and the layout asks text_char_width():
 * where they disagree the character cannot be shown in the cells it was given.
 */
static size_t put_char(const struct paint *p, wchar_t *out, uint32_t c)
{
	int cells = text_char_width(c);

	if (c >= 0x20 && c < 0x7f) {
		out[0] = (wchar_t)c;
		return 1;
	}
	if (is_unseen(c)) {
		out[0] = L'?';
		return cells > 0 ? 1 : 0;
	}
	if (p->theme->utf8 && c >= 0xa0 && wcwidth((wchar_t)c) == cells) {
		out[0] = (wchar_t)c;
		return 1;
	}
	for (int i = 0; i < cells; i++)
		out[i] = L'?';
	return (size_t)cells;
}

/* Write the first `len` bytes, known to fit. */
static void put_bytes(struct paint *p, int y, int x, const char *s, size_t len)
{
	wchar_t wide[CHUNK + 2];
	size_t at = 0, count = 0;

	wmove(p->win, y, x);
	while (at < len) {
		uint32_t c;
		size_t n = text_decode(s + at, len - at, &c);

		if (n == 0) {
			n = 1;
			c = '?';
		}
		at += n;
		count += put_char(p, wide + count, c);
		if (count >= CHUNK || at >= len) {
			waddnwstr(p->win, wide, (int)count);
			count = 0;
		}
	}
}

int paint_text(struct paint *p, int y, int x, int w, enum role role, const char *s)
{
	size_t used, len;
	bool cut;

	if (x + w > p->cols)
		w = p->cols - x;
	if (y < 0 || y >= p->rows || x < 0 || w <= 0)
		return 0;
	set_role(p, role);
	len = text_fit(s, (size_t)w, &used);
	cut = s[len] != '\0' && text_width(s + len) > 0;
	if (cut && w > 1)
		len = text_fit(s, (size_t)w - 1, &used);
	put_bytes(p, y, x, s, len);
	if (cut && w > 1) {
		const char *sign = p->theme->glyph[GLYPH_CUT];

		put_bytes(p, y, x + (int)used, sign, strlen(sign));
		used++;
	}
	return (int)used;
}

int paint_textf(struct paint *p, int y, int x, int w, enum role role, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return paint_text(p, y, x, w, role, text);
}

int paint_right(struct paint *p, int y, int x, int w, enum role role, const char *s)
{
	int cells = (int)text_width(s);

	if (cells < w) {
		x += w - cells;
		w = cells;
	}
	return paint_text(p, y, x, w, role, s);
}

void paint_fill(struct paint *p, int y, int x, int w, enum role role)
{
	if (x + w > p->cols)
		w = p->cols - x;
	if (y < 0 || y >= p->rows || x < 0 || w <= 0)
		return;
	set_role(p, role);
	wmove(p->win, y, x);
	for (int i = 0; i < w; i++)
		waddch(p->win, ' ');
}

void paint_repeat(struct paint *p, int y, int x, int w, enum role role, enum glyph glyph)
{
	for (int i = 0; i < w; i++)
		paint_text(p, y, x + i, 1, role, p->theme->glyph[glyph]);
}

size_t paint_line_break(const char *s, int w, size_t *skip)
{
	size_t fit = text_fit(s, w > 0 ? (size_t)w : 1, NULL);
	const char *nl = memchr(s, '\n', fit);
	size_t len = fit;

	if (nl || s[fit] == '\n') {
		len = nl ? (size_t)(nl - s) : fit;
		*skip = len + 1;
		return len;
	}
	if (s[fit] == '\0') {
		*skip = fit;
		return fit;
	}
	while (len > 0 && s[len] != ' ')
		len--;
	if (len == 0)
		len = fit ? fit : 1; /* one long word, or a character wider than the line */
	*skip = len;
	while (s[*skip] == ' ')
		(*skip)++;
	return len;
}

int paint_lines(const char *s, int w)
{
	int lines = 0;

	while (w > 0 && *s) {
		size_t skip;

		paint_line_break(s, w, &skip);
		s += skip;
		lines++;
	}
	return lines;
}

int paint_wrap(struct paint *p, int y, int x, int w, int h, enum role role, const char *s)
{
	int lines = 0;

	while (w > 0 && lines < h && *s) {
		char line[1024];
		size_t skip, len = paint_line_break(s, w, &skip);

		snprintf(line, sizeof line, "%.*s", (int)len, s);
		paint_text(p, y + lines, x, w, role, line);
		lines++;
		s += skip;
	}
	return lines;
}

void paint_cursor(struct paint *p, int y, int x)
{
	p->cursor_y = y;
	p->cursor_x = x;
}
