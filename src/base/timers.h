/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The loop's timers: which of them are due.  Those that are armed are a heap, so
 * that a turn looks at none but the first; times are in the caller's unit.
 *
 * timers_fire() calls back.  Within that, timers may be added, armed, disarmed
 * and removed, the one that fires included.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <pferry/loop.h>

struct timers;

struct timers *timers_new(void);
/* With every timer still in it; NULL is fine. */
void timers_free(struct timers *timers);

/* A new one, not armed. */
struct loop_timer *timers_add(struct timers *timers, loop_timer_fn *fn, void *ctx);
/* Arm it, or anew, for `due_ms`. */
void timers_arm(struct loop_timer *timer, int64_t due_ms);
void timers_disarm(struct loop_timer *timer);
bool timers_armed(const struct loop_timer *timer);
/* Frees it and sets *timer NULL, which it may be already. */
void timers_remove(struct loop_timer **timer);

/* When the first is due; INT64_MAX when none is armed. */
int64_t timers_next_ms(const struct timers *timers);
/* Call those that are due by `now_ms`, each disarmed before, the soonest first and of equals the one armed
 * first. A timer armed in the meantime is not called, however soon it is due. */
void timers_fire(struct timers *timers, int64_t now_ms);

#endif
