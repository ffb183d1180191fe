/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of actions: everything the operator can do in the columns, once.
 * Keys, the ':' prompt and its completion, the help screen, the hints and the
 * manual's list of keys all come from it.
 */
#ifndef TUI_ACTIONS_ACTIONS_H
#define TUI_ACTIONS_ACTIONS_H

#include "tui/model/action.h"

/* All of them; one without a name ends it. */
extern const struct action action_table[];

/* By name, or by a beginning of it that fits one only. */
const struct action *action_named(const char *name, size_t len);
/* The i-th word that may follow it ("web02", "cpu"); NULL past the last. */
const char *action_word(const struct ui *ui, const struct action *action, size_t i);
/* The kind of word that may follow it, "HOST"; "" when nothing may. */
const char *action_args_name(enum action_args args);

#endif
