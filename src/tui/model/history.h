/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The history: what was typed at prompts before, in lists by name, kept over
 * restarts (keep.h).
 */
#ifndef TUI_MODEL_HISTORY_H
#define TUI_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

/* Put something at a list's end, once each; `list` NULL: into none. */
void history_add(const char *list, const char *text);
/* The i-th of all lists together, oldest first; false past the last. */
bool history_at(size_t i, const char **list, const char **text);
/* The n-th newest of a list, 1 first; NULL when there are not as many. */
const char *history_recall(const char *list, size_t n);

#endif
