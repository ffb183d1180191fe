/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A check made by the way, for a screen that shows what would become of the
 * process under the cursor: it is in no list, and says nothing when it ends.
 */
#ifndef TUI_MODEL_PEEK_H
#define TUI_MODEL_PEEK_H

#include "tui/model/ui.h"

/* Where what is under the cursor would go: where the last move went, else the
 * first other host that could take it; NULL when there is none. */
struct column *peek_goal(struct ui *ui);
/* That process; of a cgroup one in it stands for all. NULL when there is none. */
const struct proc *peek_proc(struct ui *ui);
/* Check the process under the cursor, unless that was just done or would have
 * a password asked for, which nobody wants for having looked. */
void peek_row(struct ui *ui);
/* Called about once a second: while the field "movable" is on, the process the
 * cursor rests on is checked once, a bounded number of them in all. */
void peek_resting(struct ui *ui);
/* Check it in any case: someone said so. */
void peek_now(struct ui *ui);
/* The same again, for other options. */
void peek_again(struct ui *ui);
/* What is known of it so far; NULL when nothing was looked at. */
const struct move_info *peek_info(const struct ui *ui);

#endif
