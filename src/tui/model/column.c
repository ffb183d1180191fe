/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Of work on rows in a turn of the loop: some milliseconds. Ten thousand processes take less. */
#define STEPS_A_TURN 150000

struct column *column_new(const char *name)
{
	struct column *col = mem_new(struct column);

	snprintf(col->name, sizeof col->name, "%s", name);
	col->view = view_new();
	col->stale = true;
	col->age_ms = -1;
	col->pid_width = 4;
	return col;
}

void column_free(struct column *col)
{
	if (!col)
		return;
	view_free(col->view);
	free(col);
}

static int digits(pid_t pid)
{
	int n = 1;

	for (; pid >= 10; pid /= 10)
		n++;
	return n;
}

bool column_build(struct column *col)
{
	size_t before, offset, after, count, budget = STEPS_A_TURN;

	if (!col->tree)
		col->building = false;
	if (!col->building)
		return true;
	before = view_cursor(col->view);
	offset = before > col->top ? before - col->top : 0;
	if (!view_step(col->view, &budget))
		return false;
	col->building = false;
	after = view_cursor(col->view);
	col->top = after > offset ? after - offset : 0;
	count = tree_count(col->tree);
	if (count > 0) {
		int width = digits(tree_at(col->tree, count - 1)->key.pid);

		col->pid_width = width < 4 ? 4 : width;
	}
	column_scroll(col);
	return true;
}

size_t column_fresh(struct column *col, int64_t now_ms)
{
	if (!col->stale || !col->tree)
		return view_take_dropped(col->view);
	col->stale = false;
	col->building = true;
	view_begin(col->view, col->tree, now_ms);
	column_build(col);
	return view_take_dropped(col->view);
}

const struct row *column_row(const struct column *col)
{
	size_t at = view_cursor(col->view);

	return at < view_rows(col->view) ? view_row(col->view, at) : NULL;
}

void column_step(struct column *col, int64_t by)
{
	size_t rows = view_rows(col->view);
	int64_t at = (int64_t)view_cursor(col->view) + by;

	if (rows == 0)
		return;
	if (at < 0)
		at = 0;
	if (at >= (int64_t)rows)
		at = (int64_t)rows - 1;
	view_set_cursor(col->view, (size_t)at);
	column_scroll(col);
}

void column_scroll(struct column *col)
{
	size_t rows = view_rows(col->view), at = view_cursor(col->view);

	if (col->height == 0)
		return;
	if (at < col->top)
		col->top = at;
	if (at >= col->top + col->height)
		col->top = at - col->height + 1;
	if (rows <= col->height)
		col->top = 0;
	else if (col->top > rows - col->height)
		col->top = rows - col->height;
}
