/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one-line choice of a host to move to: by its place, its name or a part
 * of it that fits one only.  Where there is just one other host, it is ready
 * and Enter takes it.
 */
#ifndef TUI_SCREENS_PICKER_H
#define TUI_SCREENS_PICKER_H

#include "tui/model/ui.h"

/* What happens to the chosen column; `data` is the picker's. */
typedef unsigned picker_fn(struct ui *ui, size_t column, void *data);

/* Ask, after `label`. Columns for which nothing here could arrive, or `except`
 * (SIZE_MAX: none), cannot be chosen and say why. `data` is freed by free(3). */
void picker_open(struct ui *ui, const char *label, size_t except, picker_fn *fn, void *data);

/* The column that `text` names: its place from 1, its name, or a part of the
 * name that is in no other. */
bool picker_find(const struct ui *ui, const char *text, size_t *column);

#endif
