/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/page.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"

#define WORD_CELLS 10 /* first column of page_item() */

static void add(struct page *page, enum role role, char *text)
{
	if (page->count == page->cap) {
		page->cap = page->cap ? page->cap * 2 : 64;
		page->lines = mem_resize(page->lines, page->cap, sizeof *page->lines);
	}
	page->lines[page->count++] = (struct page_line){.text = text, .role = role};
}

void page_add(struct page *page, enum role role, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(page, role, mem_vprintf(fmt, ap));
	va_end(ap);
}

void page_wrap(struct page *page, enum role role, int indent, const char *text)
{
	bool first = true;

	while (*text) {
		int left = page->width - (first ? 0 : indent);
		size_t skip, len = paint_line_break(text, left > 8 ? left : 8, &skip);

		add(page, role, mem_printf("%*s%.*s", first ? 0 : indent, "", (int)len, text));
		text += skip;
		first = false;
	}
}

void page_item(struct page *page, enum role role, const char *word, const char *fmt, ...)
{
	char *text, *all;
	va_list ap;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	all = mem_printf("%-*s%s", WORD_CELLS, word, text);
	page_wrap(page, role, WORD_CELLS, all);
	free(text);
	free(all);
}

void page_heading(struct page *page, const char *text)
{
	if (page->count > 0)
		page_add(page, ROLE_NORMAL, "%s", "");
	page_add(page, ROLE_TITLE, "%s", text);
	page->lines[page->count - 1].keep = true;
}

void page_clear(struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->lines[i].text);
	free(page->lines);
	*page = (struct page){.width = page->width};
}

void page_draw(const struct page *page, struct paint *p, int y, int x, int w, int h, size_t top)
{
	for (int i = 0; i < h && top + (size_t)i < page->count; i++) {
		const struct page_line *line = &page->lines[top + (size_t)i];

		paint_text(p, y + i, x, w, line->role, line->text);
	}
}
