/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the browser keeps over restarts: folds by name and host, how rows are
 * shown, and what was typed at prompts that have a history; never marks, and
 * nothing secret.  It is in browser.json in $XDG_STATE_HOME/pferry (or
 * ~/.local/state/pferry), readable by its owner alone, and replaced in one
 * step.  A file that cannot be read is said in the log and then replaced.
 */
#ifndef TUI_MODEL_KEEP_H
#define TUI_MODEL_KEEP_H

#include "tui/model/ui.h"

struct keep;

/* Read what is there; NULL when there is no place for it. */
struct keep *keep_open(void);
void keep_free(struct keep *keep);
/* Take over options and history. */
void keep_apply(const struct keep *keep, struct ui *ui);
/* Fold what was folded on this host; remember what is folded there now. */
void keep_recall(const struct keep *keep, struct column *col);
void keep_note(struct keep *keep, const struct column *col);
/* Write all of it, columns too. */
void keep_save(struct keep *keep, struct ui *ui);

#endif
