/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All moves of an engine, in the order in which they were asked for, and which
 * of them goes on: who begins beside those under way, so that every source has
 * its share, and who may have its link.  turns.h has the rules; here it is
 * noticed when they may say something else.
 */
#ifndef ENGINE_QUEUE_H
#define ENGINE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "move/move_priv.h"

struct queue;

struct queue *queue_new(struct loop *loop);
/* And all moves. */
void queue_free(struct queue *queue);

/* Takes the move; one that is to begin does so by queue_start(). */
void queue_add(struct queue *queue, struct move *move);
size_t queue_count(const struct queue *queue);
struct move *queue_at(const struct queue *queue, size_t i);

/* Start those that wait and may begin; after any change that could let one. */
void queue_start(struct queue *queue);
/* From now on none begins. */
void queue_hold(struct queue *queue);
bool queue_held(const struct queue *queue);

/* move_setup.turn: whether it may copy ahead, or freeze and send. */
bool queue_turn(const struct queue *queue, const struct move *move);
/* A move has said that something changed: from the loop's next turn others may have their turn, or begin. */
void queue_heard(struct queue *queue, const struct move *move, enum move_change change);

/* Whether one that is under way has to do with the host. */
bool queue_uses(const struct queue *queue, const struct host *host);

#endif
