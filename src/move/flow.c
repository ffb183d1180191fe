/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From staging to the end: the ends report facts, handover_decide() says what
 * to tell them, and here it is carried out and shown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "criu/explain.h"
#include "criu/keeplog.h"
#include "move/move_priv.h"

#define LIST_FROM_BYTES (32u << 20) /* below, the list of images would cost more than it tells */

static bool is_source(const struct move *move, const struct end *end)
{
	return move->source.end == end;
}

/* ---- what the ends say ---- */

static void thaw(struct move *move)
{
	if (!move->info.frozen)
		return;
	move->info.frozen = false;
	move->info.frozen_ms = (move_clock_us(move) - move->frozen_us) / 1000;
}

static void flow_source_held(struct move *move, const char *rest)
{
	(void)rest;
	move_set_phase(move, PHASE_SEND);
	if (move->transport_why.code != ERR_NONE)
		move_fail(move, &move->transport_why);
	if (move->info.via != VIA_RELAY || move->info.memory_bytes >= LIST_FROM_BYTES) {
		move->listed_bytes = 0;
		end_say(move->source.end, COMMAND_LIST, NULL);
	}
}

static void flow_tracks(struct move *move, const char *rest)
{
	(void)rest;
	move->pre.tracks = true;
}

static void flow_compares(struct move *move, const char *rest)
{
	(void)rest;
	move->pre.compares = true;
}

static void flow_source_streams(struct move *move, const char *rest)
{
	(void)rest;
	move->source.streams = true;
}

static void flow_source_warm(struct move *move, const char *rest)
{
	(void)rest;
	move->source.warm = true;
}

static void flow_replaced(struct move *move, const char *rest)
{
	struct err e = { 0 };

	(void)rest;
	if (end_facts(move->source.end)->held)
		return;
	err_set(&e, ERR_REFUSED, move->info.source, "%s(%d) has ended on %s since it was checked", move->info.name,
		(int)move->info.proc.pid, move->info.source);
	move_fail(move, &e);
}

static void flow_killed(struct move *move, const char *rest)
{
	struct err e = { 0 };

	(void)rest;
	if (move->info.reason.code != ERR_NONE)
		return;
	err_set(&e, ERR_REMOTE, move->info.source, "the dump failed on %s: CRIU was killed", move->info.source);
	move_fail(move, &e);
}

static void flow_source_exit(struct move *move, const char *rest)
{
	(void)rest;
	if (!end_facts(move->source.end)->committed && !move->info.committed)
		thaw(move);
}

static void take_pid(struct move *move, const char *rest)
{
	if (atoi(rest) > 0)
		move->info.new_pid = (pid_t)atoi(rest);
}

static void flow_destination_streams(struct move *move, const char *rest)
{
	(void)rest;
	move->destination.streams = true;
}

static void flow_destination_warm(struct move *move, const char *rest)
{
	(void)rest;
	move->destination.warm = true;
}

static void flow_received(struct move *move, const char *rest)
{
	(void)rest;
	move_set_phase(move, PHASE_RESTORE);
}

static void flow_destination_held(struct move *move, const char *rest)
{
	take_pid(move, rest);
}

static void flow_running(struct move *move, const char *rest)
{
	take_pid(move, rest);
	thaw(move);
	lazy_running(move);
	fill_running(move);
}

static void flow_filled(struct move *move, const char *rest)
{
	(void)rest;
	lazy_filled(move);
	fill_filled(move);
}

static void nobody(struct move *move, const char *rest)
{
	(void)move;
	(void)rest;
}

/* Who handles what an end reports; protocol.def names them. */
static const struct {
	void (*source)(struct move *move, const char *rest);
	void (*destination)(struct move *move, const char *rest);
} handlers[NOTICE_COUNT] = {
#define STATE(NAME, word, told, source, destination, says) [NOTICE_##NAME] = { source, destination },
#define EVENT(NAME, word, told, source, destination, says) [NOTICE_##NAME] = { source, destination },
#include "handover/protocol.def"
	[NOTICE_NONE] = { nobody, nobody },
	[NOTICE_DECISION] = { nobody, nobody },
	[NOTICE_LIVE] = { nobody, nobody },
	[NOTICE_CLEANED] = { nobody, nobody },
};

/* For the time line; what else a host says of a decision or of what lives is not for it. */
static void mark(struct move *move, const char *side, enum notice notice, const char *rest)
{
	char joint[2] = { notice_joint(notice), '\0' };

	if (notice == NOTICE_NONE)
		return;
	if (!*rest || notice == NOTICE_DECISION)
		move_mark(move, "%s: %.30s", side, notice_name(notice));
	else
		move_mark(move, "%s: %s%s%.20s", side, notice_name(notice), joint, rest);
}

/* An end has no directory (any more): making it broke off; or another pferry has brought the move to its end, one or the other. */
static void forgotten(struct move *move, const struct end *end)
{
	struct err e = { 0 };

	if (move->frozen_us) {
		flow_in_doubt(move, "another pferry has finished or undone it meanwhile");
		return;
	}
	err_set(&e, ERR_REMOTE, end_name(end), "%s: the directory of the move is not there: its making broke off, or somebody removed it",
		end_name(end));
	move_fail(move, &e);
}

static void on_facts(void *ctx, struct end *end, enum notice notice, const char *rest)
{
	struct move *move = ctx;
	bool source = is_source(move, end);
	struct move_end *side = source ? &move->source : &move->destination;

	if (!handover_same(&side->seen, end_facts(end))) {
		side->seen = *end_facts(end);
		move->heard_ms = loop_now_ms(move->loop);
		move->asked_ms = move->heard_ms;
	} else if (move->asked_ms > move->heard_ms && !notice_told_once(notice)) {
		notice = NOTICE_NONE; /* told again on asking */
	}
	if (end_host(end) && end_facts(end)->absent && !end_facts(end)->staged && !move->recovering && move->intent == INTENT_MOVE &&
	    !move->info.committed) {
		forgotten(move, end);
		return;
	}
	mark(move, source ? "source" : "destination", notice, rest);
	(source ? handlers[notice].source : handlers[notice].destination)(move, rest);
	flow_advance(move);
}

static void on_failed(void *ctx, struct end *end, enum failure failure, const char *sentence)
{
	struct move *move = ctx;
	struct err e = { 0 };
	struct end_facts *facts = end_facts_edit(end);

	err_set(&e, ERR_REMOTE, end_name(end), "%s: %s", end_name(end), sentence);
	if (failure == FAILURE_UNREMOVED || !facts->staged) {
		facts->known = true;
		facts->absent = true;
	}
	if (failure == FAILURE_UNREMOVED) {
		move_warn(move, "%s.", e.text);
		flow_advance(move);
		return;
	}
	move_fail(move, &e);
}

static void on_reach(void *ctx, struct end *end, bool reachable)
{
	struct move *move = ctx;
	struct move_end *side = is_source(move, end) ? &move->source : &move->destination;

	side->log_wanted = side->log_explains = false; /* who was asked is not there to answer */
	if (!reachable)
		rounds_lost(move, end_name(end));
	side->unreachable_since_ms = reachable ? 0 : loop_now_ms(move->loop);
	side->warm |= side->warming; /* whoever would say so may be gone */
	move_mark(move, "%s %s", is_source(move, end) ? "source" : "destination", reachable ? "back" : "lost");
	log_add(LOG_WARN, end_name(end), reachable ? "connected again" : "connection lost while a move is under way");
	if (reachable)
		move_set_status(move, "");
	else
		move_set_lost(move, end_name(end));
}

static void on_listed(void *ctx, struct end *end, const char *line)
{
	(void)end;
	sending_listed(ctx, line);
}

static void on_sized(void *ctx, struct end *end, uint64_t bytes)
{
	(void)end;
	sending_sized(ctx, bytes);
}

static void on_logged(void *ctx, struct end *end, const char *line)
{
	struct move *move = ctx;
	struct move_end *side = is_source(move, end) ? &move->source : &move->destination;
	char why[512], *path;
	bool known;
	struct err e = { 0 };

	if (line) {
		if (buf_room(&side->log) > strlen(line) + 2)
			buf_printf(&side->log, "%s\n", line);
		return;
	}
	side->log_wanted = false;
	if (!side->log_explains) {
		flow_advance(move);
		return;
	}
	side->log_explains = false;
	known = explain_log(buf_str(&side->log), end_facts(end)->exit_status, why, sizeof why);
	path = keeplog(move->info.id, end_name(end), buf_str(&side->log));
	err_set(&e, ERR_REMOTE, end_name(end), "the %s failed on %s: %s%s%s", is_source(move, end) ? "dump" : "restore",
		end_name(end), why, !known && path ? "; its log is in " : "", !known && path ? path : "");
	free(path);
	move_fail(move, &e);
}

/* ---- staging ---- */

static const struct end_ops end_callbacks = { .facts = on_facts, .failed = on_failed, .reach = on_reach,
					      .listed = on_listed, .logged = on_logged, .sized = on_sized };

void flow_stage(struct move *move)
{
	move_set_phase(move, PHASE_STAGE);
	move->heard_ms = move->asked_ms = loop_now_ms(move->loop); /* their silence begins here */
	stage_places(move);
	stage_commands(move);
	move->endpoint->make(move, &end_callbacks);
	move->endpoint->stage(move);
}

void flow_recover(struct move *move, bool source_absent, bool destination_absent)
{
	move->endpoint->attach(move, source_absent, destination_absent, &end_callbacks);
}

/* ---- deciding ---- */

static void freeze_begins(struct move *move)
{
	if (!move->request.source)
		return; /* it is in a file */
	move_set_phase(move, PHASE_FREEZE);
	move->frozen_us = move_clock_us(move);
	move->info.frozen = true;
	move->info.frozen_ms = 0;
	move->rate_us = move->frozen_us;
}

/* The source let go by itself: that is the reason, and CRIU's log says nothing of it. */
static bool lapsed(const struct end_facts *facts)
{
	return facts->lapsed && facts->decision == DECISION_ABORT;
}

/* Its CRIU ended for a reason of its own: not because it was told to let go, when it exits with 255. */
static bool has_failed(const struct end_facts *facts)
{
	return facts->over && facts->exit_status != 0 && facts->launched && !lapsed(facts) &&
	       (facts->decision != DECISION_ABORT || (facts->exit_status > 128 && facts->exit_status != 255));
}

/* An end is told to clean up: its CRIU's log goes with it, so if it failed, ask first. */
static void order(struct move *move, struct move_end *side, enum order what)
{
	const struct end_facts *facts = end_facts(side->end);

	if (what == ORDER_NONE)
		return;
	/* One that failed is asked why; the others for the record. */
	if ((what == ORDER_CLEAN || what == ORDER_DROP || (what == ORDER_ABORT && has_failed(facts))) && !move->recovering &&
	    facts->launched && !facts->rebooted && !side->log_asked && end_reachable(side->end)) {
		side->log_asked = side->log_wanted = true;
		side->log_explains = has_failed(facts) && move->info.reason.code == ERR_NONE;
		end_say(side->end, COMMAND_LOG, NULL);
	}
	if (side->log_wanted && (what == ORDER_CLEAN || what == ORDER_DROP))
		return;
	if (what == ORDER_FREEZE) {
		freeze_begins(move);
		/* The restore is near. */
		if (move->info.mode == MODE_PRECOPY)
			end_say(move->destination.end, COMMAND_UNWARM, NULL);
	}
	else if (what == ORDER_COMMIT)
		move_set_phase(move, PHASE_COMMIT);
	else if (what == ORDER_GO)
		move_set_phase(move, PHASE_GO);
	end_order(side->end, what);
}

/* A CRIU that failed has said why in its log. */
static void ask_for_reason(struct move *move)
{
	struct move_end *const sides[] = { &move->destination, &move->source };

	if (move->info.reason.code != ERR_NONE || move->info.committed || move->recovering)
		return;
	for (size_t i = 0; i < countof(sides); i++) {
		const struct end_facts *facts = end_facts(sides[i]->end);

		if (facts->known && !facts->absent && !sides[i]->log_asked && has_failed(facts)) {
			sides[i]->log_asked = sides[i]->log_wanted = sides[i]->log_explains = true;
			end_say(sides[i]->end, COMMAND_LOG, NULL);
			return;
		}
	}
}

void flow_in_doubt(struct move *move, const char *why)
{
	char hosts[300];

	if (move->recovering) {
		err_set(&move->info.reason, ERR_LOST, NULL, "%s", why);
		move_finish(move, MOVE_IN_DOUBT);
		return;
	}
	err_set(&move->info.reason, ERR_LOST, NULL, "%s; run: pferry recover %s", why,
		move->endpoint->recover_hosts(move, hosts, sizeof hosts));
	move_finish(move, MOVE_IN_DOUBT);
}

static void take_verdict(struct move *move, const struct step *step)
{
	struct err e = { 0 };

	switch (step->verdict) {
	case VERDICT_PENDING:
		break;
	case VERDICT_MOVED:
		thaw(move);
		move->info.committed = true;
		move_set_phase(move, PHASE_CLEAN);
		break;
	case VERDICT_ROLLED_BACK:
		thaw(move);
		if (move->info.reason.code == ERR_NONE && !move->recovering && !move->source.log_wanted && !move->destination.log_wanted) {
			if (lapsed(end_facts(move->source.end)))
				err_set(&e, ERR_TIMEOUT, move->info.source,
					"the process resumed by itself at the source after %d s: %s had heard nothing from pferry",
					move->setup.lease_ms / 1000, move->info.source);
			else
				err_set(&e, ERR_CANCELLED, move->info.source, "it was rolled back on %s by another pferry", move->info.source);
			move->info.reason = e;
		}
		break;
	case VERDICT_DOUBT:
		flow_in_doubt(move, step->why);
		return;
	}
	if (step->verdict != VERDICT_PENDING && !move->settled_ms)
		move->settled_ms = loop_now_ms(move->loop);
	if (step->clean)
		move_finish(move, step->verdict == VERDICT_MOVED ? MOVE_MOVED : MOVE_ROLLED_BACK);
}

/* Everything is there. A plain move may have to wait before it freezes; one whose memory went ahead has little to
 * send, which waiting would make more. */
static bool may_send(struct move *move)
{
	if (!move->turn_asked && !stage_memory(move))
		return false;
	if (!move->turn_asked)
		move->turn_ms = loop_now_ms(move->loop);
	move->turn_asked = true;
	if (move->info.mode == MODE_PLAIN && move->setup.turn && !move->setup.turn(move->setup.ctx, move)) {
		move_set_status(move, "waiting until the link is free");
		return false;
	}
	move_set_status(move, "");
	return true;
}

/* Both ends are staged, and nothing is frozen yet. */
static void go_on_staged(struct move *move)
{
	if (!files_brought(move) || !compare_placed(move))
		return;
	if (!move->endpoint->tried(move))
		return;
	if (rounds_pending(move))
		rounds_begin(move);
	if (lazy_pending(move)) {
		lazy_begin(move);
		return;
	}
	if (!rounds_pending(move) && move->intent == INTENT_MOVE && may_send(move)) {
		compare_begin(move);
		sending_begin(move);
	}
}

/* Making its directory was cut short on a host, and nothing there goes on with that. A recovery removes it: false
 * until it has. */
static bool mind_half_staged(struct move *move)
{
	struct move_end *const sides[] = { &move->source, &move->destination };
	bool removed = true;

	for (size_t i = 0; i < countof(sides); i++) {
		const struct end_facts *facts = end_facts(sides[i]->end);
		struct err e = { 0 };

		if (!end_host(sides[i]->end) || !facts->known || facts->staged || facts->launched)
			continue;
		if (move->recovering) {
			removed = removed && facts->absent;
			end_order(sides[i]->end, facts->absent ? ORDER_NONE : ORDER_CLEAN);
			continue;
		}
		if (move->intent != INTENT_MOVE)
			continue;
		if (!facts->absent)
			end_order_anew(sides[i]->end, ORDER_CLEAN);
		err_set(&e, ERR_LOST, end_name(sides[i]->end), "the preparation on %s was interrupted: try again", end_name(sides[i]->end));
		move_fail(move, &e);
	}
	return removed;
}

void flow_advance(struct move *move)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);
	struct step step;

	if (!mind_half_staged(move) || move->finishing)
		return;
	if (!move->recovering && !move->transport_tries && move->intent == INTENT_MOVE && s->known && d->known &&
	    s->staged && d->staged) {
		go_on_staged(move);
	}
	ask_for_reason(move);
	step = handover_decide(s, d, move->intent, move->ready, move->retries);
	if (s->decision == DECISION_COMMIT && !s->revoked)
		move->info.committed = true;
	if (step.destination == ORDER_AGAIN || step.source == ORDER_BACK)
		move->retries++;
	order(move, &move->source, step.source);
	order(move, &move->destination, step.destination);
	take_verdict(move, &step);
}
