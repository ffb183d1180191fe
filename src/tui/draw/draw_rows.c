/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a column: gutter, the tree's lines, name, fields at the right. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/draw/draw.h"
#include "tui/model/fields.h"
#include "tui/model/label.h"
#include "tui/model/search.h"

#define GUTTER 2    /* cursor, mark */
#define NAME_MIN 12 /* cells kept for the name however deep the tree */

/* The tree's lines; those of a deep row are cut on the left. Returns the cells used. */
static int draw_branches(struct paint *p, const struct row *row, int y, int x, int w)
{
	int depth = (int)row->depth, most = (w - NAME_MIN) / 2, from = 1, used = 0;

	if (most < 1)
		most = 1;
	if (depth > most) {
		used += paint_text(p, y, x, 1, ROLE_BRANCH, p->theme->glyph[GLYPH_CUT_LEFT]);
		from = depth - most + 1;
	}
	for (int d = from; d <= depth; d++) {
		bool last = (unsigned)d < ROW_DEPTH_MAX && (row->last_mask >> (unsigned)d & 1);
		enum glyph glyph = d < depth ? (last ? GLYPH_BLANK : GLYPH_BAR)
				   : last    ? GLYPH_LAST
					     : GLYPH_TEE;

		used += paint_text(p, y, x + used, w - used, ROLE_BRANCH, p->theme->glyph[glyph]);
	}
	return used;
}

static enum role row_role(const struct ui *ui, const struct column *col, const struct row *row, bool moving)
{
	if (row->proc && row->proc->gone_ms)
		return ROLE_GONE;
	if (moving)
		return ROLE_MOVING;
	if (row->marked || row->mark_inherited)
		return ROLE_MARKED;
	if (search_hit(ui, row) || (ui->filter[0] && row->match))
		return ROLE_MATCH;
	if (ui->filter[0] || col->state != HOST_UP)
		return ROLE_DIM; /* only there for what is below it, or old */
	if (row->kind == ROW_CGROUP)
		return ROLE_CGROUP;
	return row->is_new ? ROLE_NEW : ROLE_NORMAL;
}

static void draw_name(const struct ui *ui, struct paint *p, const struct row *row, int y, int x, int w,
		      enum role role, bool counts)
{
	char text[2048], more[32] = "";
	int cells;

	row_text(row, ui->full, text, sizeof text);
	if (row->kind == ROW_CGROUP) {
		x += paint_text(p, y, x, w, ROLE_BRANCH,
				row->folded	    ? "[+] "
				: row->has_children ? "[-] "
						    : "[ ] ");
		w -= 4;
		if (row->folded && !counts)
			snprintf(more, sizeof more, " (%" PRIu32 ")", row->cgroup->all_processes);
	} else if (row->folded) {
		snprintf(more, sizeof more, " +%" PRIu32, tree_sum(row->proc).processes - 1);
	}
	cells = (int)text_width(more);
	x += paint_text(p, y, x, w - cells, role, text);
	paint_text(p, y, x, cells, role, more);
}

static const char *gutter_sign(const struct row *row, bool moving)
{
	if (moving)
		return "~";
	if (row->proc && row->proc->gone_ms)
		return "x";
	return row->marked ? "*" : row->mark_inherited ? "+" : " ";
}

static void draw_row(struct ui *ui, struct paint *p, const struct column *col, const struct row *row, int y,
		     int x, int w, bool cursor)
{
	bool moving = row->proc && ui_job_of(ui, col, row->proc);
	enum role role = row_role(ui, col, row, moving);
	int cells, left, used;
	const char *sign;
	unsigned set = fields_fit(ui, col, ui->layout.each, &cells);

	/* Only as far as the name goes: over a slow link each cell counts. */
	p->cursor_row = cursor;
	paint_text(p, y, x, 2, ROLE_NORMAL, cursor ? "> " : "  ");
	sign = gutter_sign(row, moving);
	if (*sign != ' ')
		paint_text(p, y, x + 1, 1, role, sign);
	left = w - GUTTER - (row->kind == ROW_PROC || (set & FIELD_RSS) ? cells : 0);
	used = draw_branches(p, row, y, x + GUTTER, left);
	draw_name(ui, p, row, y, x + GUTTER + used, left - used, role, set & FIELD_RSS);
	p->cursor_row = false;
	/* What is found shows in the name. */
	fields_draw(ui, p, col, row, set, y, x + w - cells,
		    role == ROLE_NORMAL || role == ROLE_MATCH ? ROLE_FIELD : role);
}

/* In place of rows: why there are none. */
static void draw_no_rows(struct ui *ui, struct paint *p, const struct column *col, int x, int w)
{
	int y = ui->layout.body_y, h = ui->layout.body_h;
	char text[256];

	if (col->error[0]) {
		y += paint_wrap(p, y, x + 2, w - 3, h > 1 ? h - 1 : h, ROLE_FAIL, col->error);
		if (y < ui->layout.body_y + h)
			paint_text(p, y, x + 2, w - 3, ROLE_DIM,
				   "r tries again, e changes its name, d closes it");
	} else if (col->state != HOST_UP || col->age_ms < 0) {
		snprintf(text, sizeof text, "%s ...",
			 col->state == HOST_UP ? "reading its processes" : col->state_text);
		paint_text(p, y, x + 2, w - 3, ROLE_DIM, text);
	} else if (ui->filter[0]) {
		paint_text(p, y, x + 2, w - 3, ROLE_DIM, "no match (Esc shows all)");
	} else {
		paint_text(p, y, x + 2, w - 3, ROLE_DIM, "no process is shown");
	}
}

void draw_column_rows(struct ui *ui, struct paint *p, size_t column, int x, int w)
{
	struct column *col = ui->columns[column];
	int h = ui->layout.body_h;
	size_t rows, cursor;

	col->height = h > 0 ? (size_t)h : 0;
	ui_fresh(ui, col);
	rows = view_rows(col->view);
	if (column == ui->focus)
		paint_cursor(p, ui->layout.body_y, x);
	if (rows == 0) {
		draw_no_rows(ui, p, col, x, w);
		return;
	}
	column_scroll(col);
	cursor = view_cursor(col->view);
	for (int i = 0; i < h && col->top + (size_t)i < rows; i++) {
		size_t at = col->top + (size_t)i;
		bool here = at == cursor && column == ui->focus;

		draw_row(ui, p, col, view_row(col->view, at), ui->layout.body_y + i, x, w, here);
		if (here)
			paint_cursor(p, ui->layout.body_y + i, x);
	}
}
