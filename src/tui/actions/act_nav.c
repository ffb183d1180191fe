/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/actions/acts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/screens/picker.h"

static unsigned step(struct ui *ui, int64_t by)
{
	struct column *col = ui_focus(ui);

	if (col)
		column_step(col, by);
	return FX_DRAW;
}

/* Rows on the screen, at least one. */
static int64_t page(struct ui *ui)
{
	return ui->layout.body_h > 1 ? ui->layout.body_h - 1 : 1;
}

unsigned act_down(struct ui *ui, const char *arg)
{
	return step(ui, 1);
}

unsigned act_up(struct ui *ui, const char *arg)
{
	return step(ui, -1);
}

unsigned act_page_down(struct ui *ui, const char *arg)
{
	return step(ui, page(ui));
}

unsigned act_page_up(struct ui *ui, const char *arg)
{
	return step(ui, -page(ui));
}

unsigned act_half_down(struct ui *ui, const char *arg)
{
	return step(ui, (page(ui) + 1) / 2);
}

unsigned act_half_up(struct ui *ui, const char *arg)
{
	return step(ui, -(page(ui) + 1) / 2);
}

unsigned act_top(struct ui *ui, const char *arg)
{
	return step(ui, INT32_MIN);
}

unsigned act_bottom(struct ui *ui, const char *arg)
{
	return step(ui, INT32_MAX);
}

unsigned act_left(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);
	const struct row *row = col ? column_row(col) : NULL;
	size_t at;

	if (!row)
		return 0;
	at = view_cursor(col->view);
	if (row->has_children && !row->folded) {
		view_fold(col->view, at, true);
		col->stale = true;
		return FX_DRAW;
	}
	for (size_t i = at; i > 0; i--) {
		if (view_row(col->view, i - 1)->depth < row->depth) {
			column_step(col, (int64_t)(i - 1) - (int64_t)at);
			break;
		}
	}
	return FX_DRAW;
}

unsigned act_right(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);
	const struct row *row = col ? column_row(col) : NULL;

	if (!row || !row->has_children)
		return 0;
	if (row->folded) {
		view_fold(col->view, view_cursor(col->view), false);
		col->stale = true;
	} else {
		column_step(col, 1);
	}
	return FX_DRAW;
}

static unsigned fold_all(struct ui *ui, bool folded)
{
	struct column *col = ui_focus(ui);

	if (col->tree)
		view_fold_all(col->view, col->tree, folded);
	col->stale = true;
	return FX_DRAW;
}

unsigned act_unfold_all(struct ui *ui, const char *arg)
{
	return fold_all(ui, false);
}

unsigned act_fold_all(struct ui *ui, const char *arg)
{
	return fold_all(ui, true);
}

unsigned act_host_next(struct ui *ui, const char *arg)
{
	ui_set_focus(ui, (ui->focus + 1) % ui->ncolumns);
	return FX_DRAW;
}

unsigned act_host_prev(struct ui *ui, const char *arg)
{
	ui_set_focus(ui, (ui->focus + ui->ncolumns - 1) % ui->ncolumns);
	return FX_DRAW;
}

unsigned act_host(struct ui *ui, const char *arg)
{
	size_t at;

	if (arg && picker_find(ui, arg, &at))
		ui_set_focus(ui, at);
	else
		ui_notice(ui, NOTICE_BAD, "No host here is called \"%s\".", arg ? arg : "");
	return FX_DRAW;
}

unsigned act_mark(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);
	const struct row *row = column_row(col);
	size_t before = view_marks(col->view), at = view_cursor(col->view);

	ui_clear_notice(ui);
	if (row->mark_inherited && !row->marked) {
		ui_notice(ui, NOTICE_INFO, "It goes with the marked process above it.");
	} else if (row->kind == ROW_PROC && row->proc->kernel) {
		ui_notice(ui, NOTICE_BAD, "%s is a kernel thread and cannot move.", row->proc->name);
	} else {
		bool marked = row->marked;

		view_mark(col->view, col->tree, at, !marked);
		if (!marked && view_marks(col->view) == before && row->kind == ROW_CGROUP)
			ui_notice(ui, NOTICE_INFO, "No process runs in %s.", row->cgroup->path);
	}
	col->stale = true;
	ui_fresh(ui, col);
	column_step(col, 1);
	return FX_DRAW;
}

/* The row where v was pressed, or the cursor's when it is gone. */
static size_t range_start(const struct column *col)
{
	for (size_t i = 0; i < view_rows(col->view); i++) {
		const struct row *row = view_row(col->view, i);

		if (col->range_path[0]
			    ? row->kind == ROW_CGROUP && strcmp(row->cgroup->path, col->range_path) == 0
			    : row->kind == ROW_PROC && row->proc->key.pid == col->range_proc.pid &&
				      row->proc->key.start == col->range_proc.start)
			return i;
	}
	return view_cursor(col->view);
}

unsigned act_range(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);
	const struct row *row = column_row(col);
	size_t from, to, at;

	if (!col->range) {
		col->range = true;
		col->range_path[0] = '\0';
		if (row->kind == ROW_PROC)
			col->range_proc = row->proc->key;
		else
			snprintf(col->range_path, sizeof col->range_path, "%s", row->cgroup->path);
		ui_notice(ui, NOTICE_INFO,
			  "Range begun: v at its other end marks the processes in between, Esc forgets it.");
		return FX_DRAW;
	}
	col->range = false;
	ui_clear_notice(ui);
	at = view_cursor(col->view);
	from = range_start(col);
	to = at;
	if (from > to) {
		to = from;
		from = at;
	}
	for (size_t i = from; i <= to; i++)
		if (view_row(col->view, i)->kind == ROW_PROC)
			view_mark(col->view, col->tree, i, true);
	col->stale = true;
	return FX_DRAW;
}

unsigned act_unmark(struct ui *ui, const char *arg)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		view_unmark_all(ui->columns[i]->view);
		ui->columns[i]->range = false;
	}
	ui_stale(ui);
	ui_clear_notice(ui);
	return FX_DRAW;
}
