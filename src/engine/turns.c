/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/turns.h"

#include <pferry/tree.h>

/* sshd's MaxSessions, for each connection. */
#define CHANNELS_PER_HOST 10
#define CHANNELS_TO_LOOK 1 /* at the host's processes, now and then */
/* A move that begins may need so many at each end; while its images go over, the
 * end's own and one or two for what goes; then only the first. */
#define CHANNELS_TO_BEGIN 3
#define CHANNELS_POSTCOPY 5
#define CHANNELS_TO_SEND 2
#define CHANNELS_TO_END 1
/* From the order to freeze to the first bytes on the link: the next may freeze so
 * long before the link is free. */
#define AHEAD_MS 200
/* Who has waited for so long shares the link. */
#define WAIT_MS 60000
#define SHARE_MIN 0.05
/* From the turn to copy ahead to the first bytes: memory is read before. */
#define COPY_AHEAD_MS 400
/* So many copy ahead over one link at once. */
#define COPIES_PER_LINK 2
/* A round of less is nearly over. */
#define LITTLE_BYTES (1u << 20)
/* What is frozen with so much has the link for itself. */
#define MUCH_BYTES (16u << 20)

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
	if (move->info.mode == MODE_POSTCOPY)
		return CHANNELS_POSTCOPY;
	if (move->info.phase != PHASE_PRECOPY && !move->turn_asked && !move->copy_asked)
		return CHANNELS_TO_BEGIN;
	/* And what the copy is compared with. */
	return CHANNELS_TO_SEND + files + (move->transport_tries > 0 ? 1 : 0);
}

static bool has_room(struct move *const *moves, size_t count, const struct move *move, const struct host *host)
{
	unsigned used = 0, wants = move->info.mode == MODE_POSTCOPY ? CHANNELS_POSTCOPY : CHANNELS_TO_BEGIN;

	for (size_t i = 0; i < count; i++) {
		if (moves[i] != move && turns_use(moves[i], host))
			used += channels(moves[i]);
	}
	return used == 0 || used + wants + CHANNELS_TO_LOOK <= CHANNELS_PER_HOST;
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

/* One is in the other's tree, as far as is known, or both want one pid at one host. */
static bool in_the_way(const struct move *a, const struct move *b)
{
	pid_t x = a->info.proc.pid, y = b->info.proc.pid;

	if (a->request.destination && a->request.destination == b->request.destination && x == y && x > 0)
		return true;
	if (!a->request.source || a->request.source != b->request.source)
		return false;
	return x == y || host_tree_age_ms(a->request.source) < 0 || above(a->request.source, x, y) || above(a->request.source, y, x);
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

static bool waits_to_copy(const struct move *move)
{
	return under_way(move) && move->copy_asked && !move->pre.count && !move->pre.dumping && !move->pre.over && !move->turn_asked;
}

bool turns_waits(const struct move *move)
{
	return !move->finishing && move->intent == INTENT_MOVE &&
	       (waits_to_copy(move) || (under_way(move) && move->turn_asked && !move->transport_tries));
}

/* Memory goes ahead, or will in a moment. */
static bool is_copying(const struct move *move)
{
	const struct pre *pre = &move->pre;

	if (!under_way(move) || move->finishing || move->intent != INTENT_MOVE || pre->broken)
		return false;
	return (pre->dumping && pre->count == 0) || (pre->sending && pre->count && pre->rounds[pre->count - 1].bytes >= LITTLE_BYTES);
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

static bool ends_soon(const struct move *move, double share)
{
	int64_t left = left_ms(move, share);

	return left >= 0 && left <= AHEAD_MS;
}

static bool is_free(struct move *const *moves, size_t count, const struct move *move, double share)
{
	unsigned ending = 0;
	bool earlier = true;

	for (size_t i = 0; i < count; i++) {
		const struct move *other = moves[i];

		if (other == move) {
			earlier = false;
			continue;
		}
		if (!one_link(other, move))
			continue;
		if (earlier && turns_waits(other) && other->turn_asked)
			return false;
		if (!is_sending(other))
			continue;
		if (!ends_soon(other, share) || ++ending > 1)
			return false;
	}
	return true;
}

static bool waited_enough(const struct move *move)
{
	int64_t most = WAIT_MS, waited = loop_now_ms(move->loop) - move->turn_ms;

	/* Half of the time that it is given at all. */
	if (move->request.timeout_s && most > move->request.timeout_s * 500)
		most = move->request.timeout_s * 500;
	return waited >= most;
}

bool turns_may_send(struct move *const *moves, size_t count, const struct move *move, double share)
{
	return waited_enough(move) || is_free(moves, count, move, share);
}

static bool copy_ends_soon(const struct move *move, double share)
{
	const struct pre *pre = &move->pre;
	double sent = (double)(move->info.bytes - pre->sent), us = (double)(move_clock_us(move) - pre->sending_us), all;

	if (!pre->sending || !pre->count || sent <= 0 || (move->pack && share <= SHARE_MIN))
		return false;
	all = (double)pre->rounds[pre->count - 1].bytes * (move->pack ? share : 1);
	return all <= sent || (all - sent) * us / sent <= COPY_AHEAD_MS * 1000;
}

bool turns_may_copy(struct move *const *moves, size_t count, const struct move *move, double share)
{
	bool earlier = true;
	unsigned copies = 0;

	if (waited_enough(move))
		return true;
	for (size_t i = 0; i < count; i++) {
		const struct move *other = moves[i];

		if (other == move)
			earlier = false;
		if (other == move || !one_link(other, move))
			continue;
		if ((earlier && turns_waits(other)) || (is_copying(other) && !copy_ends_soon(other, share) && ++copies == COPIES_PER_LINK))
			return false;
		if (is_sending(other) && other->info.mode == MODE_PLAIN && other->info.memory_bytes >= MUCH_BYTES && !ends_soon(other, share))
			return false;
	}
	return true;
}

bool turns_waiting(struct move *const *moves, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct move *move = moves[i];

		if (move->info.ended || move->finishing)
			continue;
		if (move->info.outcome == MOVE_WAITING || turns_waits(move))
			return true;
	}
	return false;
}
