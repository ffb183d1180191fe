/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/search.h"

#include <stdio.h>
#include <string.h>

/* What is looked for, taken apart once for all rows. */
static const struct tree_pattern *pattern_of(const struct ui *ui)
{
	static struct tree_pattern *pattern;
	static char text[sizeof ui->search];

	if (!pattern || strcmp(text, ui->search) != 0) {
		tree_pattern_free(pattern);
		snprintf(text, sizeof text, "%s", ui->search);
		pattern = tree_pattern_new(text);
	}
	return pattern;
}

/* A process matches by what it is, not by the cgroup it is in: the cgroup has
 * a row of its own. */
bool search_hit(const struct ui *ui, const struct row *row)
{
	if (!ui->search[0])
		return false;
	return tree_pattern_matches(pattern_of(ui), row->proc, row->cgroup);
}

static void land(struct ui *ui, size_t column, size_t row)
{
	ui_set_focus(ui, column);
	column_step(ui->columns[column], (int64_t)row - (int64_t)view_cursor(ui->columns[column]->view));
}

/* The next hit in one column from row `at` on (which counts), or -1. */
static int64_t scan(struct ui *ui, struct column *col, int64_t at, int by)
{
	int64_t rows = (int64_t)view_rows(col->view);

	for (; at >= 0 && at < rows; at += by)
		if (search_hit(ui, view_row(col->view, (size_t)at)))
			return at;
	return -1;
}

static bool search_shown(struct ui *ui, int by, bool here)
{
	size_t column = ui->focus;
	struct column *col = ui_focus(ui);
	int64_t at = (int64_t)view_cursor(col->view) + (here ? 0 : by);

	/* What is typed is looked for in this column first, above the cursor too. */
	if (here) {
		int64_t own = scan(ui, col, at, by);

		if (own < 0)
			own = scan(ui, col, by > 0 ? 0 : (int64_t)view_rows(col->view) - 1, by);
		if (own >= 0) {
			land(ui, column, (size_t)own);
			return true;
		}
	}

	/* Once round all columns, ending with the first one again. */
	for (size_t i = 0; i <= ui->ncolumns; i++) {
		int64_t hit;

		ui_fresh(ui, col);
		hit = scan(ui, col, at, by);
		if (hit >= 0) {
			land(ui, column, (size_t)hit);
			return true;
		}
		column = (column + (by > 0 ? 1 : ui->ncolumns - 1)) % ui->ncolumns;
		col = ui->columns[column];
		ui_fresh(ui, col);
		at = by > 0 ? 0 : (int64_t)view_rows(col->view) - 1;
	}
	return false;
}

static bool search_hidden(struct ui *ui)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		size_t column = (ui->focus + i) % ui->ncolumns;
		struct column *col = ui->columns[column];

		for (size_t j = 0; col->tree && j < tree_count(col->tree); j++) {
			const struct proc *proc = tree_at(col->tree, j);

			if (proc->gone_ms || proc->kernel || proc->ours ||
			    !tree_pattern_matches(pattern_of(ui), proc, proc->cgroup))
				continue;
			if (!view_cursor_to(col->view, col->tree, proc->key))
				continue;
			col->stale = true;
			ui_set_focus(ui, column);
			ui_fresh(ui, col);
			column_scroll(col);
			return true;
		}
	}
	return false;
}

bool search_go(struct ui *ui, int by, bool here)
{
	if (!ui->search[0] || ui->ncolumns == 0)
		return false;
	return search_shown(ui, by, here) || search_hidden(ui);
}

/* ---- while it is typed ---- */

/* Where the search began, to come back to. */
static struct {
	size_t focus;
	size_t cursor;
	char search[sizeof((struct ui *)0)->search];
} origin;

void search_begin(struct ui *ui)
{
	struct column *col = ui_focus(ui);

	origin.focus = ui->focus;
	origin.cursor = col ? view_cursor(col->view) : 0;
	snprintf(origin.search, sizeof origin.search, "%s", ui->search);
}

static void go_back(struct ui *ui)
{
	ui_set_focus(ui, origin.focus);
	if (ui->focus < ui->ncolumns)
		land(ui, ui->focus, origin.cursor);
}

bool search_typed(struct ui *ui, const char *text)
{
	snprintf(ui->search, sizeof ui->search, "%s", text);
	go_back(ui);
	return !ui->search[0] || search_go(ui, 1, true);
}

bool search_again(struct ui *ui)
{
	snprintf(ui->search, sizeof ui->search, "%s", origin.search);
	return !ui->search[0] || search_go(ui, 1, false);
}

void search_give_up(struct ui *ui)
{
	ui->search[0] = '\0';
	go_back(ui);
}
