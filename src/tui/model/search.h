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

/* Typing what is searched for begins: where the cursor is, is remembered. */
void search_begin(struct ui *ui);
/* The text so far: go to what matches it, from where it began; false when nothing does. */
bool search_typed(struct ui *ui, const char *text);
/* Nothing was typed: go on with what was searched for before; false when nothing matches. */
bool search_again(struct ui *ui);
/* Search for nothing and go back to where it began. */
void search_give_up(struct ui *ui);

#endif
