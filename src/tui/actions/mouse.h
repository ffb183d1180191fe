/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mouse over the columns: click, wheel, and dragging a row to a column. */
#ifndef TUI_ACTIONS_MOUSE_H
#define TUI_ACTIONS_MOUSE_H

#include "tui/model/ui.h"

/* What a mouse event does; FX_ bits. */
unsigned mouse_event(struct ui *ui, const struct key *key);

#endif
