/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/draw/draw.h"

#include <stdio.h>

#include "base/mem.h"
#include "tui/model/layout.h"
#include "tui/screens/screens.h"

/* Where there is no room for a picture: one line. */
static void draw_tiny(struct ui *ui, struct paint *p)
{
	struct layer *top = ui_top(ui);
	const struct job *job = ui_running_job(ui);
	char text[256];

	if (top && top->ops->bottom) {
		top->ops->draw(ui, top->state, p, 0, p->rows);
		return;
	}
	if (job && job->info->bytes_total > 0)
		snprintf(text, sizeof text, "pferry: 20x5 needed; %zu moving, %d %%", ui_active_jobs(ui),
			 (int)(job->info->bytes * 100 / job->info->bytes_total));
	else if (job)
		snprintf(text, sizeof text, "pferry: 20x5 needed; %zu moving, %s", ui_active_jobs(ui),
			 move_phase_name(job->info->phase));
	else
		snprintf(text, sizeof text, "pferry: 20x5 needed; q leaves");
	paint_text(p, 0, 0, p->cols, ROLE_NORMAL, text);
}

static void draw_details(struct ui *ui, struct paint *p)
{
	const struct layout *lay = &ui->layout;

	for (int y = lay->head_y; y < lay->body_y + lay->body_h; y++)
		paint_text(p, y, lay->details_x - 1, 1, ROLE_LINE, p->theme->glyph[GLYPH_VLINE]);
	paint_fill(p, lay->head_y, lay->details_x, lay->details_w, ROLE_HEAD);
	paint_text(p, lay->head_y, lay->details_x, lay->details_w, ROLE_HEAD, " Details  (Enter: close)");
	/* While keys come, what they pass by is not worth the bytes: the pane follows
	 * when the cursor rests. */
	if (!ui->pane || ui->pane->width != lay->details_w - 2 || ui->now_ms - ui->key_ms >= PANE_MS) {
		if (!ui->pane)
			ui->pane = mem_new(struct page);
		page_clear(ui->pane);
		ui->pane->width = lay->details_w - 2;
		details_fill(ui, ui->pane);
	}
	page_draw(ui->pane, p, lay->body_y, lay->details_x + 1, lay->details_w - 2, lay->body_h, 0);
}

static void draw_first_steps(struct ui *ui, struct paint *p)
{
	static const char *const lines[] = {
		"No host yet.", "", "a      add a host: any name ssh would take", "?      all keys",
		"q      leave",
	};
	int y = ui->layout.body_y;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0] && (int)i < ui->layout.body_h; i++)
		paint_text(p, y + (int)i, 2, p->cols - 2, ROLE_NORMAL, lines[i]);
	paint_cursor(p, y, 0);
}

static void draw_columns(struct ui *ui, struct paint *p)
{
	const struct layout *lay = &ui->layout;

	for (int i = 0; i < lay->shown && ui->first + (size_t)i < ui->ncolumns; i++) {
		int x, w;

		layout_column(ui, i, &x, &w);
		draw_column_head(ui, p, ui->first + (size_t)i, x, w);
		draw_column_rows(ui, p, ui->first + (size_t)i, x, w);
		if (i + 1 == lay->shown)
			break;
		for (int y = lay->head_y; y < lay->body_y + lay->body_h; y++)
			paint_text(p, y, x + w, 1, ROLE_LINE, p->theme->glyph[GLYPH_VLINE]);
	}
	if (lay->details_w > 0)
		draw_details(ui, p);
	else if (ui->pane)
		ui->pane->width = 0; /* old when it is shown again */
}

/* The topmost screen over the columns, or the columns. */
static void draw_body(struct ui *ui, struct paint *p)
{
	const struct layout *lay = &ui->layout;

	for (size_t i = ui->nlayers; i > 0; i--) {
		const struct layer *layer = &ui->layers[i - 1];

		if (layer->ops->bottom)
			continue;
		layer->ops->draw(ui, layer->state, p, 1, lay->body_y + lay->body_h - 1);
		return;
	}
	if (ui->ncolumns == 0) {
		draw_first_steps(ui, p);
		return;
	}
	if (lay->strip_y >= 0)
		draw_strip(ui, p);
	draw_columns(ui, p);
}

void draw_frame(struct ui *ui, WINDOW *win)
{
	struct paint p;

	paint_begin(&p, win, &ui->theme);
	ui->rows = p.rows;
	ui->cols = p.cols;
	for (size_t i = 0; i < ui->ncolumns; i++) {
		/* Rows of columns off the screen are built when they are looked at. */
		if (i == ui->focus)
			ui_fresh(ui, ui->columns[i]);
	}
	layout_compute(ui);
	if (ui->layout.tiny) {
		draw_tiny(ui, &p);
	} else {
		draw_title(ui, &p);
		draw_body(ui, &p);
		draw_jobs(ui, &p);
		draw_status(ui, &p);
		draw_hints(ui, &p);
	}
	if (p.cursor_y >= p.rows)
		p.cursor_y = p.rows - 1;
	if (p.cursor_x >= p.cols)
		p.cursor_x = p.cols - 1;
	wmove(win, p.cursor_y < 0 ? 0 : p.cursor_y, p.cursor_x < 0 ? 0 : p.cursor_x);
}
