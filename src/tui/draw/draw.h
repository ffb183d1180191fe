/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drawing: the picture of a model, written into a window.  Nothing here asks
 * the engine, the clock or the terminal; the only things it changes in the
 * model are where things lie (ui->layout) and how far columns are scrolled.
 */
#ifndef TUI_DRAW_DRAW_H
#define TUI_DRAW_DRAW_H

#include <curses.h>

#include "tui/model/ui.h"

/* How long after a key the details beside the columns wait. */
#define PANE_MS 150

/* Draw all into `win` (erased first) and leave its cursor on what has the focus. */
void draw_frame(struct ui *ui, WINDOW *win);

/* ---- areas, each in a file of its own ---- */

void draw_title(struct ui *ui, struct paint *p);
void draw_strip(struct ui *ui, struct paint *p);
void draw_column_head(struct ui *ui, struct paint *p, size_t column, int x, int w);
void draw_column_rows(struct ui *ui, struct paint *p, size_t column, int x, int w);
void draw_jobs(struct ui *ui, struct paint *p);
void draw_status(struct ui *ui, struct paint *p);
void draw_hints(struct ui *ui, struct paint *p);

#endif
