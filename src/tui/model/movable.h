/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands in the field "movable" before anything was checked: now and then
 * the engine glances at the processes on the screen that it has not seen yet,
 * or not for long, a few at a time; what it saw is kept by host, pid and start.
 */
#ifndef TUI_MODEL_MOVABLE_H
#define TUI_MODEL_MOVABLE_H

#include "tui/model/ui.h"

enum movability {
	MOVABLE_NEVER,	/* a kernel thread, the first process, one that has ended */
	MOVABLE_NO,	/* something stands in its way */
	MOVABLE_YES,	/* checked */
	MOVABLE_MAYBE,	/* a glance saw nothing in its way */
	MOVABLE_UNKNOWN /* not looked at */
};

struct movable *movable_new(void);
void movable_free(struct movable *movable);
/* Called about once a second: while the field is on, one batch for one host. */
void movable_tick(struct ui *ui);
/* What a glance saw. */
void movable_take(struct ui *ui, const struct host *host, const struct glance_result *results, size_t count);
/* Whether a process can move, as far as is known: by what it is, by the last check of
 * it, else by what a glance saw. */
enum movability movable_known(const struct ui *ui, const struct column *col, const struct proc *proc);
/* The word for it: "-", "no", "yes", "yes?", "?". */
const char *movable_word(enum movability known);

#endif
