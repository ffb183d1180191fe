/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that hosts and moves ask, on the screen as long as they are asked. */
#ifndef TUI_SCREENS_ASKED_H
#define TUI_SCREENS_ASKED_H

#include "tui/model/ui.h"

/* Open what is asked now and close what is asked no longer; after sync_engine(). */
void asked_sync(struct ui *ui);

#endif
