/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/actions/mouse.h"

#include <stdio.h>

#include "tui/actions/moves.h"
#include "tui/model/layout.h"

#define WHEEL_ROWS 3

/* The column at cell x; its first cell. False when there is none. */
static bool column_at(const struct ui *ui, int x, size_t *column, int *from)
{
	for (int i = 0; i < ui->layout.shown && ui->first + (size_t)i < ui->ncolumns; i++) {
		int cx, cw;

		layout_column(ui, i, &cx, &cw);
		if (x >= cx && x < cx + cw) {
			*column = ui->first + (size_t)i;
			*from = cx;
			return true;
		}
	}
	return false;
}

static unsigned press(struct ui *ui, const struct key *key)
{
	const struct layout *lay = &ui->layout;
	struct column *col;
	size_t column;
	int from;

	ui->drag.down = false;
	if (key->y < lay->head_y || key->y >= lay->body_y + lay->body_h ||
	    !column_at(ui, key->x, &column, &from))
		return 0;
	ui_set_focus(ui, column);
	col = ui_focus(ui);
	if (key->y >= lay->body_y && col->top + (size_t)(key->y - lay->body_y) < view_rows(col->view)) {
		size_t at = col->top + (size_t)(key->y - lay->body_y);
		const struct row *row = view_row(col->view, at);
		int fold_x = from + 2 + 2 * (int)row->depth;

		view_set_cursor(col->view, at);
		if (row->kind == ROW_CGROUP && key->x >= fold_x && key->x < fold_x + 3) {
			view_fold(col->view, at, !row->folded);
			col->stale = true;
			return FX_DRAW;
		}
		ui->drag.down = true;
		ui->drag.dragging = false;
		ui->drag.column = column;
		ui->drag.x = key->x;
		ui->drag.y = key->y;
	}
	return FX_DRAW;
}

static unsigned release(struct ui *ui, const struct key *key)
{
	bool dragging = ui->drag.down && ui->drag.dragging;
	size_t column;
	int from;

	ui->drag.down = false;
	if (!dragging)
		return 0;
	ui_clear_notice(ui);
	if (!column_at(ui, key->x, &column, &from) || column == ui->drag.column)
		return FX_DRAW;
	/* A hand slips more easily than a finger on m: this always asks. */
	return moves_ask(ui, column) | FX_DRAW;
}

static unsigned drag(struct ui *ui, const struct key *key)
{
	size_t column;
	int from;

	if (!ui->drag.down)
		return 0;
	ui->drag.dragging = true;
	if (!column_at(ui, key->x, &column, &from))
		return 0;
	/* Shown, not said: it is no news for the log. */
	if (column == ui->drag.column)
		ui->notice[0] = '\0';
	else
		snprintf(ui->notice, sizeof ui->notice, "Drop here to move to %s.",
			 ui->columns[column]->name);
	ui->notice_level = NOTICE_INFO;
	return FX_DRAW;
}

static unsigned wheel(struct ui *ui, const struct key *key)
{
	size_t column;
	int from;

	if (!column_at(ui, key->x, &column, &from))
		return 0;
	ui_fresh(ui, ui->columns[column]);
	column_step(ui->columns[column], key->mouse == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
	return FX_DRAW;
}

unsigned mouse_event(struct ui *ui, const struct key *key)
{
	if (ui->layout.tiny)
		return 0;
	switch (key->mouse) {
	case MOUSE_PRESS:
		return press(ui, key);
	case MOUSE_RELEASE:
		return release(ui, key);
	case MOUSE_DRAG:
		return drag(ui, key);
	case MOUSE_WHEEL_UP:
	case MOUSE_WHEEL_DOWN:
		return wheel(ui, key);
	}
	return 0;
}
