/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying what the engine knows into the screen's model. */
#ifndef TUI_MODEL_SYNC_H
#define TUI_MODEL_SYNC_H

#include <pferry/engine.h>

#include "tui/model/ui.h"

/* Make columns and jobs those of the engine. To be called before keys are handled
 * and before a frame is drawn: what the engine hands out lasts for a turn. */
void sync_engine(struct ui *ui, struct engine *engine);
/* A move ended: say so, remember how to take it back. True when it is the check that
 * was asked for, and the screen is free to show what it found. */
bool sync_move_ended(struct ui *ui, struct move *move);

#endif
