/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/turns.h"

#include <pferry/tree.h>

/* sshd's MaxSessions, for each connection. */
#define CHANNELS_PER_HOST 10
/* A move that begins may need so many at each end; while its images go over, the
 * end's own and one or two for what goes; then only the first. */
#define CHANNELS_TO_BEGIN 5
#define CHANNELS_TO_SEND 2
#define CHANNELS_TO_END 1
/* From the order to freeze to the first bytes on the link: the next may freeze so
 * long before the link is free. */
#define AHEAD_MS 200
/* Who has waited for so long shares the link. */
#define WAIT_MS 60000
#define SHARE_MIN 0.05

static bool under_way(const struct move *move)
{
	return move->info.outcome == MOVE_RUNNING && !move->info.ended;
}

bool turns_use(const struct move *move, const struct host *host)
{
	return under_way(move) && host && (move->request.source == host || move->request.destination == host);
}

/* ---- beginning ---- */

static unsigned channels(const struct move *move)
{
	unsigned files = move->result && move->result->nbring > 0 ? 1 : 0;

	if (move->pid_wait)
		return 0;
	if (move->recovering || move->info.phase > PHASE_SEND)
		return CHANNELS_TO_END;
	if (move->info.mode == MODE_POSTCOPY || (move->info.phase != PHASE_PRECOPY && !move->turn_asked))
		return CHANNELS_TO_BEGIN;
	return CHANNELS_TO_SEND + files;
}

static bool has_room(struct move *const *moves, size_t count, const struct move *move, const struct host *host)
{
	unsigned used = 0;

	for (size_t i = 0; i < count; i++) {
		if (moves[i] != move && turns_use(moves[i], host))
			used += channels(moves[i]);
	}
	return used == 0 || used + CHANNELS_TO_BEGIN <= CHANNELS_PER_HOST;
}

static bool above(const struct host *host, pid_t pid, pid_t of)
{
	const struct proc *p = tree_find_pid(host_tree(host), of);

	for (int depth = 0; p && depth < 1000; depth++, p = p->parent) {
		if (p->key.pid == pid)
			return true;
	}
	return false;
}

/* One is in the other's tree, or both want one pid at one host. */
static bool in_the_way(const struct move *a, const struct move *b)
{
	pid_t x = a->info.proc.pid, y = b->info.proc.pid;

	if (a->request.destination && a->request.destination == b->request.destination && x == y && x > 0)
		return true;
	if (!a->request.source || a->request.source != b->request.source)
		return false;
	return x == y || above(a->request.source, x, y) || above(a->request.source, y, x);
}

bool turns_may_begin(struct move *const *moves, size_t count, const struct move *move)
{
	for (size_t i = 0; i < count; i++) {
		if (moves[i] != move && under_way(moves[i]) && in_the_way(moves[i], move))
			return false;
	}
	return has_room(moves, count, move, move->request.source) && has_room(moves, count, move, move->request.destination);
}

/* ---- sending ---- */

/* Both would use one link in one direction. */
static bool one_link(const struct move *a, const struct move *b)
{
	return (a->request.source && a->request.source == b->request.source) ||
	       (a->request.destination && a->request.destination == b->request.destination);
}

/* Its process is frozen, or about to be, and its images are not over yet. */
static bool is_sending(const struct move *move)
{
	return under_way(move) && !move->finishing && !move->recovering && move->transport_tries > 0 && !move->transport_over &&
	       move->info.phase <= PHASE_SEND && move->intent == INTENT_MOVE;
}

/* How long the rest of it will take, as far as can be told; -1 when it cannot. */
static int64_t left_ms(const struct move *move, double share)
{
	const struct move_phase_info *send = &move->info.phases[PHASE_SEND];
	double bytes = (double)move->info.memory_bytes * (share > SHARE_MIN ? share : 1) - (double)send->bytes;
	int64_t took_ms = (move_clock_us(move) - move->phase_us) / 1000;

	if (move->info.phase != PHASE_SEND || send->bytes == 0 || took_ms <= 0)
		return -1;
	return bytes > 0 ? (int64_t)(bytes * (double)took_ms / (double)send->bytes) : 0;
}

static bool is_free(struct move *const *moves, size_t count, const struct move *move, double share)
{
	unsigned ending = 0;
	bool earlier = true;

	for (size_t i = 0; i < count; i++) {
		const struct move *other = moves[i];
		int64_t left;

		if (other == move) {
			earlier = false;
			continue;
		}
		if (!one_link(other, move))
			continue;
		if (earlier && under_way(other) && other->turn_asked && !other->transport_tries && other->intent == INTENT_MOVE)
			return false;
		if (!is_sending(other))
			continue;
		left = left_ms(other, share);
		if (left < 0 || left > AHEAD_MS || ++ending > 1)
			return false;
	}
	return true;
}

bool turns_may_send(struct move *const *moves, size_t count, const struct move *move, double share)
{
	int64_t most = WAIT_MS, waited = loop_now_ms(move->loop) - move->turn_ms;

	/* Half of the time that it is given at all. */
	if (move->request.timeout_s && most > move->request.timeout_s * 500)
		most = move->request.timeout_s * 500;
	return waited >= most || is_free(moves, count, move, share);
}

bool turns_waiting(struct move *const *moves, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct move *move = moves[i];

		if (move->info.ended || move->finishing)
			continue;
		if (move->info.outcome == MOVE_WAITING || (under_way(move) && move->turn_asked && !move->transport_tries))
			return true;
	}
	return false;
}
