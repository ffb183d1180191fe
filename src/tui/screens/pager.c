/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screens/pager.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/action.h"
#include "tui/term/line.h"

struct pager {
	const struct pager_ops *ops;
	void *data;
	struct page page;
	size_t top, height;
	bool at_end, typing;
	struct line search;
};

/* Keep what contains the text searched for, headings above something, and all below a heading that contains it. */
static void narrow(struct page *page, const char *text)
{
	size_t kept = 0;
	bool all = false;

	for (size_t i = 0; i < page->count; i++) {
		struct page_line line = page->lines[i];

		if (line.keep)
			all = text_find(line.text, text, true);
		if (!line.keep && !(all && *line.text) && !text_find(line.text, text, true)) {
			free(line.text);
			continue;
		}
		if (line.keep && kept > 0 && page->lines[kept - 1].keep)
			free(page->lines[--kept].text);
		page->lines[kept++] = line;
	}
	if (kept > 0 && page->lines[kept - 1].keep)
		free(page->lines[--kept].text);
	page->count = kept;
}

static size_t last_top(const struct pager *pager)
{
	return pager->page.count > pager->height ? pager->page.count - pager->height : 0;
}

static void pager_draw(struct ui *ui, void *state, struct paint *p, int y, int h)
{
	struct pager *pager = state;
	char title[640];

	page_clear(&pager->page);
	pager->page.width = p->cols - 2;
	pager->ops->fill(ui, &pager->page, pager->data);
	if (pager->search.len > 0)
		narrow(&pager->page, pager->search.text);
	pager->height = h > 1 ? (size_t)h - 1 : 0;
	if (pager->top > last_top(pager) || pager->at_end)
		pager->top = last_top(pager);
	snprintf(title, sizeof title, " %s%s%s%s", pager->ops->title,
		 pager->typing || pager->search.len ? "   find: " : "", pager->search.text,
		 pager->search.len && pager->page.count == 0 ? "   (nothing matches)" : "");
	paint_fill(p, y, 0, p->cols, ROLE_HEAD_FOCUS);
	paint_text(p, y, 0, p->cols - 12, ROLE_HEAD_FOCUS, title);
	if (pager->page.count > pager->height) {
		char where[32];

		snprintf(where, sizeof where, "%zu/%zu ", pager->top + pager->height, pager->page.count);
		paint_right(p, y, p->cols - 12, 12, ROLE_HEAD_FOCUS, where);
	}
	page_draw(&pager->page, p, y + 1, 1, p->cols - 2, h - 1, pager->top);
	if (pager->typing)
		paint_cursor(p, y,
			     (int)text_width(title) < p->cols - 12 ? (int)text_width(title) : p->cols - 12);
	else
		paint_cursor(p, y + 1, 0);
}

static void scroll_by(struct pager *pager, int64_t by)
{
	int64_t top = (int64_t)pager->top + by, last = (int64_t)last_top(pager);

	/* Typed before the first frame: how long the text is shows when it is drawn. */
	if (pager->page.count > 0 && top > last)
		top = last;
	pager->top = top < 0 ? 0 : (size_t)top;
	pager->at_end = pager->ops->follow && top >= last;
}

/* Keys that move; false when it is none of them. */
static bool scroll_key(struct pager *pager, const struct action *action)
{
	int64_t page = pager->height > 1 ? (int64_t)pager->height - 1 : 1;

	if (!action)
		return false;
	if (action->id == ACT_DOWN)
		scroll_by(pager, 1);
	else if (action->id == ACT_UP)
		scroll_by(pager, -1);
	else if (action->id == ACT_PAGE_DOWN)
		scroll_by(pager, page);
	else if (action->id == ACT_PAGE_UP)
		scroll_by(pager, -page);
	else if (action->id == ACT_HALF_DOWN)
		scroll_by(pager, page / 2 + 1);
	else if (action->id == ACT_HALF_UP)
		scroll_by(pager, -page / 2 - 1);
	else if (action->id == ACT_TOP)
		scroll_by(pager, INT32_MIN);
	else if (action->id == ACT_BOTTOM)
		scroll_by(pager, INT32_MAX);
	else
		return false;
	return true;
}

static unsigned close_pager(struct ui *ui, struct pager *pager)
{
	ui_pop(ui, pager);
	return FX_DRAW;
}

/* While a search is typed only keys that are no characters move. */
static bool type_key(struct ui *ui, struct pager *pager, const struct key *key)
{
	if (!pager->typing || key->code >= K_FIRST || key->code == K_ESC)
		return false;
	if (key->code < 0x20 && key->code != 'U' - '@' && key->code != 'W' - '@' && key->code != K_ENTER)
		return false;
	if (line_key(&pager->search, key) == LINE_ACCEPT)
		pager->typing = false;
	pager->top = 0;
	pager->at_end = false;
	return true;
}

static unsigned pager_key(struct ui *ui, void *state, const struct key *key)
{
	struct pager *pager = state;
	const struct action *action = action_of_key(ui->actions, key->code);
	unsigned fx;

	if (type_key(ui, pager, key))
		return FX_DRAW;
	if (key->code == K_ESC && pager->search.len > 0) {
		line_set(&pager->search, "");
		pager->typing = pager->ops->typing;
		return FX_DRAW;
	}
	if (scroll_key(pager, action))
		return FX_DRAW;
	if (key->code == K_MOUSE && (key->mouse == MOUSE_WHEEL_UP || key->mouse == MOUSE_WHEEL_DOWN)) {
		scroll_by(pager, key->mouse == MOUSE_WHEEL_UP ? -3 : 3);
		return FX_DRAW;
	}
	if (pager->ops->key) {
		fx = pager->ops->key(ui, pager, pager->data, key);
		if (fx)
			return fx;
	}
	if (key->code == '/') {
		pager->typing = true;
		return FX_DRAW;
	}
	if (key->code == K_ESC || key->code == 'q' || key->code == K_ENTER || key->code == 'C' - '@')
		return close_pager(ui, pager);
	/* Another screen's key goes there; the screen's own closes it. */
	if (action && (action->id == ACT_LOG || action->id == ACT_JOBS || action->id == ACT_HELP ||
		       action->id == ACT_REDRAW || action->id == ACT_SUSPEND || action->id == ACT_COMMAND ||
		       action->id == ACT_CANCEL))
		return action_run(ui, action, NULL);
	return 0;
}

static void pager_free(void *state)
{
	struct pager *pager = state;

	page_clear(&pager->page);
	free(pager->data);
	free(pager);
}

static void pager_hint(struct ui *ui, void *state, char *out, size_t size)
{
	const struct pager *pager = state;

	snprintf(out, size, "%s",
		 pager->typing	     ? "type to search  Up/Down PgUp/PgDn scroll  Enter done typing  Esc back"
		 : pager->ops->hints ? pager->ops->hints
				     : "j/k scroll  / search  Esc back");
}

static const struct layer_ops pager_layer = {
	.draw = pager_draw,
	.key = pager_key,
	.free = pager_free,
	.hint_text = pager_hint,
};

void pager_open(struct ui *ui, const struct pager_ops *ops, void *data)
{
	struct pager *pager;

	for (size_t i = 0; i < ui->nlayers; i++) {
		const struct pager *there = ui->layers[i].state;

		if (ui->layers[i].ops == &pager_layer && there->ops == ops) {
			ui_pop(ui, there);
			break;
		}
	}
	pager = mem_new(struct pager);
	pager->ops = ops;
	pager->data = data;
	pager->typing = ops->typing;
	pager->at_end = ops->follow;
	ui_push(ui, &pager_layer, pager);
}
