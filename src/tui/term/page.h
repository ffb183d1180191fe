/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in lines, each painted in a role: what a screen of text is filled with
 * and the pane of details beside the columns.
 */
#ifndef TUI_TERM_PAGE_H
#define TUI_TERM_PAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/term/paint.h"

struct page_line {
	char *text;
	enum role role;
	bool keep; /* stays when lines are searched: a heading */
};

struct page {
	struct page_line *lines;
	size_t count, cap;
	int width; /* cells a line may take */
};

/* Append a line. */
void page_add(struct page *page, enum role role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Append text wrapped to the page's width, further lines indented. */
void page_wrap(struct page *page, enum role role, int indent, const char *text);
/* "word      text", the text wrapped beside the word. */
void page_item(struct page *page, enum role role, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void page_heading(struct page *page, const char *text);
void page_clear(struct page *page);
/* Write lines from `top` on. */
void page_draw(const struct page *page, struct paint *p, int y, int x, int w, int h, size_t top);

#endif
