/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one poll loop: file descriptors, timers and signals as data.
 *
 * Everything pferry does happens in a callback from here, in one thread.  A
 * callback never blocks; what takes long is cut into turns.  Sources may be
 * added and removed at any moment, from inside any callback, their own
 * included: a removed source is never called again.
 */
#ifndef PFERRY_LOOP_H
#define PFERRY_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_signal;

/* Bits for loop_fd_add() and its callback. */
enum {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_HUP = 4 /* POLLHUP, POLLERR or POLLNVAL; reported whether asked for or not */
};

typedef void loop_fd_fn(void *ctx, int fd, unsigned events);
typedef void loop_timer_fn(void *ctx);
typedef void loop_signal_fn(void *ctx, int signo);

/* A new loop; never NULL (out of memory ends the program). */
struct loop *loop_new(void);

/* Frees the loop and every source still in it; descriptors stay open.  When the
 * environment variable PFERRY_LOOP_GAP names a file, the longest time in microseconds
 * that callbacks kept it from waiting is written there. */
void loop_free(struct loop *loop);

/* Watch `fd` (owned by the caller) for `want`, a set of LOOP_* bits. */
struct loop_fd *loop_fd_add(struct loop *loop, int fd, unsigned want, loop_fd_fn *fn, void *ctx);
/* Change what is wanted; 0 keeps only LOOP_HUP. */
void loop_fd_want(struct loop_fd *src, unsigned want);
/* Stop watching and set *src to NULL; *src may be NULL already. */
void loop_fd_remove(struct loop_fd **src);

/* Call `fn` once, `delay_ms` from now (0: next turn).  The timer stays
 * allocated after it fired, and can be armed again, until it is removed. */
struct loop_timer *loop_timer_add(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *ctx);
/* Arm (again) for `delay_ms` from now; a negative delay disarms. */
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
/* Whether it is armed. */
bool loop_timer_armed(const struct loop_timer *timer);
void loop_timer_remove(struct loop_timer **timer);

/* Deliver `signo` through the loop (it is blocked for the process by this).
 * Several callbacks for one signal are all called. */
struct loop_signal *loop_signal_add(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx);
void loop_signal_remove(struct loop_signal **sig);

/* Monotonic time, read once per turn. */
int64_t loop_now_ms(const struct loop *loop);
/* Monotonic time read now, microseconds. */
int64_t loop_clock_us(void);

/* How long this turn has taken up to now, microseconds.  Work that can wait and finds
 * it longer than LOOP_LONG_US should come again in the next: many who take little make
 * a long turn together. */
#define LOOP_LONG_US 15000
int64_t loop_turn_us(const struct loop *loop);

/* Run turns until loop_stop(); one turn with loop_turn() (waits at most
 * `max_wait_ms`, negative: as long as it takes). */
void loop_run(struct loop *loop);
void loop_turn(struct loop *loop, int64_t max_wait_ms);
void loop_stop(struct loop *loop);

/* The longest time, in microseconds, that callbacks kept the loop from waiting
 * since the last call of this function; it starts again from 0. */
int64_t loop_worst_gap_us(struct loop *loop);

#endif
