/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A first look at the link by relay, beside the check, once for each pair of
 * hosts: is it so slow that a small process waits for it too?  Less than half
 * a MiB of zeros goes over.  What it finds is known before mode and way are
 * chosen; on a link that is fast, the trial (trial.c) measures later, and better.
 */
#ifndef MOVE_SLOW_H
#define MOVE_SLOW_H

#include <stdbool.h>

struct move;

/* Begin, where there is a link and nothing is known of it. */
void slow_begin(struct move *move);
/* Over, or never begun.  Else `move_checked` is called when it is. */
bool slow_over(const struct move *move);
void slow_free(struct move *move);

#endif
