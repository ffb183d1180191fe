/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/layout.h"

#include "tui/model/status.h"

#define COLUMN_MIN 26	 /* cells a column wants */
#define DETAILS_COLS 120 /* from this width on a single host has details beside it */

bool layout_has_room(const struct ui *ui)
{
	return ui->cols >= DETAILS_COLS && ui->ncolumns == 1;
}

static int columns_that_fit(const struct ui *ui)
{
	int fit = ui->cols < 51 ? 1 : ui->cols / COLUMN_MIN;

	if (fit > (int)ui->ncolumns)
		fit = (int)ui->ncolumns;
	return fit < 1 ? 1 : fit;
}

/* Lines for moves under way: as many as there are, where there is room. */
static int jobs_lines(const struct ui *ui)
{
	int most = ui->rows < 14 ? 0 : ui->rows < 20 ? 1 : ui->rows < 40 ? 3 : 6;
	int active = (int)ui_active_jobs(ui);

	return active < most ? active : most;
}

static void show_focus(struct ui *ui)
{
	size_t shown = (size_t)ui->layout.shown;

	if (ui->focus < ui->first)
		ui->first = ui->focus;
	if (ui->focus >= ui->first + shown)
		ui->first = ui->focus - shown + 1;
	if (ui->first + shown > ui->ncolumns)
		ui->first = ui->ncolumns > shown ? ui->ncolumns - shown : 0;
}

void layout_compute(struct ui *ui)
{
	struct layout *lay = &ui->layout;
	int y = 1, bottom = ui->rows, most;

	*lay = (struct layout){.tiny = ui->rows < 5 || ui->cols < 20, .strip_y = -1, .hint_y = -1};
	if (lay->tiny) {
		lay->status_h = lay->shown = 1;
		lay->body_h = 1;
		show_focus(ui);
		return;
	}
	lay->shown = columns_that_fit(ui);
	show_focus(ui);
	/* Each line that is not for rows has to be worth it. */
	if ((size_t)lay->shown < ui->ncolumns && ui->rows >= 7)
		lay->strip_y = y++;
	lay->head_y = y++;
	lay->body_y = y;
	if (ui->rows >= 10)
		lay->hint_y = --bottom;
	lay->status_h = status_height(ui);
	/* What is asked must be readable, whatever it covers. */
	most = ui->nlayers > 0 && ui_top(ui)->ops->bottom ? bottom - 1 : bottom - y - 1;
	if (lay->status_h > most)
		lay->status_h = most;
	if (lay->status_h < 1)
		lay->status_h = 1;
	bottom -= lay->status_h;
	lay->status_y = bottom;
	lay->jobs_h = jobs_lines(ui);
	if (lay->jobs_h > bottom - y - 1)
		lay->jobs_h = bottom - y > 1 ? bottom - y - 1 : 0;
	bottom -= lay->jobs_h;
	lay->jobs_y = bottom;
	lay->body_h = bottom > y ? bottom - y : 0;
	lay->tree_w = ui->cols;
	if (layout_has_room(ui) && !ui->details_off) {
		lay->tree_w = ui->cols / 2;
		lay->details_x = lay->tree_w + 1;
		lay->details_w = ui->cols - lay->details_x;
	}
	lay->each = (lay->tree_w - (lay->shown - 1)) / lay->shown;
}

void layout_column(const struct ui *ui, int i, int *x, int *w)
{
	int shown = ui->layout.shown, cells = ui->layout.tree_w - (shown - 1);
	int each = ui->layout.each, more = cells % shown;

	*x = i * (each + 1) + (i < more ? i : more);
	*w = each + (i < more ? 1 : 0);
}
