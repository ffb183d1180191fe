/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/queue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "host/host.h"
#include "engine/turns.h"

struct queue {
	struct move **moves;
	size_t count;
	struct loop_timer *turns; /* who waits for the link is to be looked at */
	double share;             /* bytes sent for each of memory, of the last move */
	bool may_begin;           /* some move has come to a phase in which others may */
	uint32_t pass;            /* over those that wait to begin */
	bool held;
};

/* ---- beginning ---- */

/* Both hosts let us be root, or will not: it has been asked for. */
static bool root_settled(struct move *move)
{
	struct host *const hosts[] = { move_source(move), move_destination(move) };
	bool settled = true;

	/* An answer may be there, and we here again, before asking is over. */
	if (move->asking_root)
		return false;
	move->asking_root = true;
	for (size_t i = 0; i < countof(hosts); i++) {
		if (hosts[i] && !move->asked_root)
			host_want_root(hosts[i]);
	}
	move->asked_root = true;
	move->asking_root = false;
	for (size_t i = 0; i < countof(hosts); i++)
		settled &= !hosts[i] || host_root_settled(hosts[i]);
	return settled;
}

static bool waits(const struct queue *queue, const struct move *move)
{
	return move->info.outcome == MOVE_WAITING && !move->info.ended && !move->finishing &&
	       turns_may_begin(queue->moves, queue->count, move);
}

static size_t begun_from(const struct queue *queue, const struct host *source)
{
	size_t n = 0;

	for (size_t i = 0; i < queue->count; i++)
		n += move_source(queue->moves[i]) == source && queue->moves[i]->info.outcome != MOVE_WAITING;
	return n;
}

/* Every host gets its share: the next is one from where the fewest have begun. */
static struct move *next_to_begin(const struct queue *queue, uint32_t pass)
{
	struct move *best = NULL;
	size_t least = 0;

	for (size_t i = 0; i < queue->count; i++) {
		struct move *move = queue->moves[i];
		size_t n;

		if (move->passed == pass || !waits(queue, move))
			continue;
		n = begun_from(queue, move_source(move));
		if (!best || n < least) {
			best = move;
			least = n;
		}
	}
	return best;
}

void queue_start(struct queue *queue)
{
	uint32_t pass = ++queue->pass;

	while (!queue->held) {
		struct move *move = next_to_begin(queue, pass);

		if (!move)
			return;
		/* Once each: who still waits for root does so after this too. */
		move->passed = pass;
		/* Twice: a question for root may be answered, and the move started, before that returns. */
		if (root_settled(move) && waits(queue, move))
			move_start(move);
	}
}

/* ---- the link ---- */

bool queue_turn(const struct queue *queue, const struct move *move)
{
	if (!move->turn_asked)
		return turns_may_copy(queue->moves, queue->count, move, queue->share);
	return turns_may_send(queue->moves, queue->count, move, queue->share);
}

static void on_turns(void *ctx)
{
	struct queue *queue = ctx;

	for (size_t i = 0; i < queue->count; i++) {
		struct move *move = queue->moves[i];

		if (turns_waits(move) && move->source.end)
			flow_advance(move);
	}
	if (queue->may_begin)
		queue_start(queue);
	queue->may_begin = false;
}

void queue_heard(struct queue *queue, const struct move *move, enum move_change change)
{
	if (move->info.ended && move->info.outcome == MOVE_MOVED && move->info.mode != MODE_POSTCOPY && move->info.memory_bytes)
		queue->share = (double)move->info.bytes / (double)move->info.memory_bytes;
	if (turns_waits(move))
		return;
	queue->may_begin |= change != MOVE_CHANGE_PROGRESS;
	if (turns_waiting(queue->moves, queue->count) && !loop_timer_armed(queue->turns))
		loop_timer_set(queue->turns, 0);
}

bool queue_uses(const struct queue *queue, const struct host *host)
{
	for (size_t i = 0; i < queue->count; i++) {
		if (turns_use(queue->moves[i], host))
			return true;
	}
	return false;
}

/* ---- the list ---- */

struct queue *queue_new(struct loop *loop)
{
	struct queue *queue = mem_new(struct queue);

	queue->turns = loop_timer_add(loop, -1, on_turns, queue);
	return queue;
}

void queue_free(struct queue *queue)
{
	loop_timer_remove(&queue->turns);
	for (size_t i = 0; i < queue->count; i++)
		move_free(queue->moves[i]);
	free(queue->moves);
	free(queue);
}

void queue_add(struct queue *queue, struct move *move)
{
	queue->moves = mem_resize(queue->moves, queue->count + 1, sizeof(struct move *));
	queue->moves[queue->count++] = move;
}

size_t queue_count(const struct queue *queue)
{
	return queue->count;
}

struct move *queue_at(const struct queue *queue, size_t i)
{
	return i < queue->count ? queue->moves[i] : NULL;
}

void queue_hold(struct queue *queue)
{
	queue->held = true;
}

bool queue_held(const struct queue *queue)
{
	return queue->held;
}
