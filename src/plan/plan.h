/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prediction of the pause that is to be expected, from the size of the
 * memory and from what earlier moves between the same hosts took.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <pferry/move.h>

/* From this size on, memory is usually loaded once the process runs (fill.c): below, starting the daemon for
 * it takes as long as it saves. */
#define FILL_FROM_BYTES (128u << 20)

/* Times that earlier moves of this program took; one for an engine. */
struct rates;

struct rates *rates_new(void);
void rates_free(struct rates *rates);

/* A move that froze for `frozen_ms` while `bytes` of images went over. */
void rates_learn(struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t bytes,
		 int64_t frozen_ms);
/* The link was measured: so many bytes a second. */
void rates_measured(struct rates *rates, const char *source, const char *destination, enum move_via via, double bytes_per_s);

/* Whether to look at it for the first time: the rate is unknown, no probe was made, and none is being made of another,
 * whose bytes may go over the same link. */
bool rates_may_glimpse(struct rates *rates, const char *source, const char *destination, enum move_via via);
/* The look is over.  It found so many bytes a second, or (0) that they are many; any other measurement takes its place. */
void rates_glimpsed(struct rates *rates, const char *source, const char *destination, enum move_via via, double bytes_per_s);

/* The rate of two ssh would carry, each with a processor for its ciphers, where our one thread was measured
 * to carry `bytes_per_s` and was at work for that part (0 to 1) of the time: more only where it was what the
 * link waited for. */
double rates_of_two(double bytes_per_s, double busy);

/* The same where `memory` bytes were pre-copied, and only `bytes` while it was frozen. */
void rates_learn_ahead(struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t memory,
		       uint64_t bytes, int64_t frozen_ms);

/* How long a process is frozen while so many bytes go over, in ms. */
int64_t rates_pause(const struct rates *rates, const char *source, const char *destination, enum move_via via, uint64_t bytes);
/* And where `memory` bytes were pre-copied: CRIU still reads and restores them while it is frozen. */
int64_t rates_pause_ahead(const struct rates *rates, const char *source, const char *destination, enum move_via via,
			  uint64_t memory, uint64_t bytes);
/*
 * The same by `mode`: MODE_AUTO is the shorter of the two where memory can go
 * `ahead`, as far as is known.  It counts on a process that writes to little of its
 * memory in between; the rounds will show.
 */
int64_t rates_pause_in(const struct rates *rates, const char *source, const char *destination, enum move_via via,
		       enum move_mode mode, bool ahead, uint64_t memory);
/* Bytes a second that the way carries, about; 0 when nothing is known of it. */
double rates_link(const struct rates *rates, const char *source, const char *destination, enum move_via via);
/* Whether anything is known of the way, by a move or a measurement. */
bool rates_known(const struct rates *rates, const char *source, const char *destination, enum move_via via);

#endif
