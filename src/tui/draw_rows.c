/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a column: gutter, the tree's lines, name, fields at the right. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/draw.h"
#include "tui/search.h"

#define GUTTER 2    /* cursor, mark */
#define NAME_MIN 12 /* cells kept for the name however deep the tree */

enum field { FIELD_PID = 1, FIELD_RSS = 2, FIELD_CPU = 4, FIELD_USER = 8, FIELD_TTY = 16 };

static const struct {
	const char *name;
	unsigned fields;
} presets[] = {
	{"as wide as the column allows", 0},
	{"pid", FIELD_PID},
	{"pid, user, memory", FIELD_PID | FIELD_USER | FIELD_RSS},
	{"pid, memory, cpu", FIELD_PID | FIELD_RSS | FIELD_CPU},
	{"pid, user, memory, cpu, tty", FIELD_PID | FIELD_USER | FIELD_RSS | FIELD_CPU | FIELD_TTY},
	{"none", 0},
};

int fields_presets(void)
{
	return (int)countof(presets);
}

const char *fields_preset_name(int preset)
{
	return presets[preset].name;
}

/* Order in which they stand, from the left, and the cells each takes with the space before it. */
static const struct {
	enum field field;
	int cells; /* 0: the column's pid width */
} fields[] = {
	{FIELD_USER, 10}, {FIELD_TTY, 7}, {FIELD_PID, 0}, {FIELD_RSS, 6}, {FIELD_CPU, 7},
};

static int field_cells(const struct column *col, size_t i)
{
	return fields[i].cells ? fields[i].cells : col->pid_width + 1;
}

/* Which fields to show in `w` cells, and the cells they take together. */
static unsigned choose_fields(const struct ui *ui, const struct column *col, int w, int *cells)
{
	static const enum field drop[] = {FIELD_TTY, FIELD_USER, FIELD_CPU, FIELD_RSS, FIELD_PID};
	unsigned set = presets[ui->preset].fields;

	if (ui->preset == 0)
		set = w >= 90	? FIELD_PID | FIELD_USER | FIELD_RSS | FIELD_CPU
		      : w >= 50 ? FIELD_PID | FIELD_RSS | FIELD_CPU
				: FIELD_PID;
	if (ui->cols < 40)
		set = 0;
	for (size_t k = 0;; k++) {
		*cells = 0;
		for (size_t i = 0; i < countof(fields); i++)
			if (set & fields[i].field)
				*cells += field_cells(col, i);
		if (set == 0 || *cells + GUTTER + NAME_MIN <= w || k == countof(drop))
			return set;
		set &= ~(unsigned)drop[k];
	}
}

static void field_text(const struct row *row, enum field field, char *out, size_t size)
{
	const struct proc *proc = row->proc;
	uint64_t rss = proc ? proc->rss_bytes : row->cgroup->all_rss_bytes;

	out[0] = '\0';
	switch (field) {
	case FIELD_PID:
		if (proc)
			snprintf(out, size, "%d", (int)proc->key.pid);
		else if (row->folded || row->cgroup->all_processes > 0)
			snprintf(out, size, "%" PRIu32 "p", row->cgroup->all_processes);
		break;
	case FIELD_RSS:
		if (rss > 0)
			text_bytes(out, size, rss, true);
		break;
	case FIELD_CPU:
		snprintf(out, size, "%.1f%%", proc ? proc->cpu_percent : row->cgroup->all_cpu_percent);
		break;
	case FIELD_USER:
		if (proc)
			snprintf(out, size, "%s", proc->user);
		break;
	case FIELD_TTY:
		if (proc)
			snprintf(out, size, "%s", proc->tty_name);
		break;
	}
}

static void draw_fields(struct paint *p, const struct column *col, const struct row *row, unsigned set, int y,
			int x, enum role role)
{
	for (size_t i = 0; i < countof(fields); i++) {
		char text[64];
		int cells = field_cells(col, i);

		if (!(set & fields[i].field))
			continue;
		/* In a narrow column a cgroup says how many it hides behind its name. */
		if (row->kind == ROW_PROC || (set & FIELD_RSS)) {
			field_text(row, fields[i].field, text, sizeof text);
			paint_right(p, y, x + 1, cells - 1, role, text);
		}
		x += cells;
	}
}

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
		bool last = d < ROW_DEPTH_MAX && (row->last_mask >> d & 1);
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

static void draw_name(struct paint *p, const struct row *row, int y, int x, int w, enum role role,
		      bool counts)
{
	char text[2048], more[32] = "";
	int cells;

	row_text(row, text, sizeof text);
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
	unsigned set = choose_fields(ui, col, ui->layout.each, &cells);

	if (cursor) {
		p->cursor_row = true;
		paint_fill(p, y, x, w, ROLE_NORMAL);
	}
	paint_text(p, y, x, 1, ROLE_NORMAL, cursor ? ">" : " ");
	sign = gutter_sign(row, moving);
	if (*sign != ' ')
		paint_text(p, y, x + 1, 1, role, sign);
	left = w - GUTTER - (row->kind == ROW_PROC || (set & FIELD_RSS) ? cells : 0);
	used = draw_branches(p, row, y, x + GUTTER, left);
	draw_name(p, row, y, x + GUTTER + used, left - used, role, set & FIELD_RSS);
	/* What is found shows in the name. */
	draw_fields(p, col, row, set, y, x + w - cells,
		    role == ROLE_NORMAL || role == ROLE_MATCH ? ROLE_FIELD : role);
	p->cursor_row = false;
}

/* In place of rows: why there are none. */
static void draw_no_rows(struct ui *ui, struct paint *p, const struct column *col, int x, int w)
{
	int y = ui->layout.body_y, h = ui->layout.body_h;
	char text[256];

	if (col->error[0]) {
		y += paint_wrap(p, y, x + 2, w - 3, h > 1 ? h - 1 : h, ROLE_FAIL, col->error);
		if (y < ui->layout.body_y + h)
			paint_text(p, y, x + 2, w - 3, ROLE_DIM, "r tries again, d closes it");
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
