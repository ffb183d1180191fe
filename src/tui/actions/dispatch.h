/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a key goes: to the layer on top, or to the action that is bound to it. */
#ifndef TUI_ACTIONS_DISPATCH_H
#define TUI_ACTIONS_DISPATCH_H

#include "tui/model/ui.h"

/* One key, from the terminal; FX_ bits. */
unsigned dispatch_key(struct ui *ui, const struct key *key);

#endif
