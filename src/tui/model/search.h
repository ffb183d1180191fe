/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding rows across all columns. */
#ifndef TUI_MODEL_SEARCH_H
#define TUI_MODEL_SEARCH_H

#include "tui/model/ui.h"

/*
 * Go to the next (by 1) or previous (by -1) row that matches ui->search, from
 * the cursor on, over all columns and round; with `here` all of this column
 * comes first, the row under the cursor included.  Rows on show come first;
 * only when none matches is looked into what is folded away.  False when
 * nothing matches.
 */
bool search_go(struct ui *ui, int by, bool here);
/* Whether a row matches what is searched for. */
bool search_hit(const struct ui *ui, const struct row *row);

#endif
