/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen of text over the columns: help, the log, one move, details.  Its
 * lines are written anew for each frame by a function, so what it shows is
 * never old; it scrolls with the keys of the columns, and '/' keeps only the
 * lines that contain what is typed.
 */
#ifndef TUI_SCREENS_PAGER_H
#define TUI_SCREENS_PAGER_H

#include "tui/model/ui.h"

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

struct pager_ops {
	const char *title;
	bool typing; /* what is typed searches at once */
	bool follow; /* begins at the end, and stays there while lines come */
	void (*fill)(struct ui *ui, struct page *page, const void *data);
	/* A key of its own; 0 when it is none. May be NULL. */
	unsigned (*key)(struct ui *ui, void *state, const void *data, const struct key *key);
	const char *hints;
};

/* Open one; `data` is freed by free(3). Opened twice it comes to the top once. */
void pager_open(struct ui *ui, const struct pager_ops *ops, void *data);

#endif
