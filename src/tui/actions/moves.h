/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moving what is marked, from elsewhere than the table of actions. */
#ifndef TUI_ACTIONS_MOVES_H
#define TUI_ACTIONS_MOVES_H

#include "tui/model/batch.h"
#include "tui/screens/question.h"

/* Ask whether the marked, or what is under the cursor, shall go to a column. */
unsigned moves_ask(struct ui *ui, size_t column);
/* A question, without its text, that starts a batch when the answer is y; takes the batch. */
struct question moves_question(struct batch *batch);

#endif
