/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie, at every size from one cell up. */
#ifndef TUI_MODEL_LAYOUT_H
#define TUI_MODEL_LAYOUT_H

#include "tui/model/ui.h"

/* Work out where things lie at the screen's size. */
void layout_compute(struct ui *ui);
/* Whether details could stand beside the columns. */
bool layout_has_room(const struct ui *ui);
/* First cell and width of the i-th column shown. */
void layout_column(const struct ui *ui, int i, int *x, int *w);

#endif
