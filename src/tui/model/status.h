/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status line: what is asked there, or the one sentence worth saying now. */
#ifndef TUI_MODEL_STATUS_H
#define TUI_MODEL_STATUS_H

#include "tui/model/ui.h"

/* The layer that asks something at the bottom edge; NULL when nothing is asked. */
struct layer *status_asked(struct ui *ui);
/* The sentence: a notice, or what is worth knowing now. */
enum role status_text(struct ui *ui, char *out, size_t size);
/* Lines it wants, or what is asked in its place, at this width. */
int status_height(struct ui *ui);

#endif
