/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a move waits for, for how long, and what becomes of it then.  Each step
 * has a limit that counts from the last sign of life: a fact that is new, or
 * bytes that went over.  Only time in which the loop turned counts, so a pferry
 * that was stopped blames nobody; and none while a connection is away, for which
 * patience.c has rules.
 */
#include <stdio.h>
#include <string.h>

#include "base/patience.h"
#include "check/check.h"
#include "move/move_priv.h"

#define SAY_MS 4000    /* from then on the status says so */
#define TICK_MAX_MS 1000
#define HURRY_MS 3000  /* after a second cancel */

/* What to do about it in the end. */
enum remedy { ONLY_SAY, FAIL, DOUBT, NO_MEMORY };

struct waiting {
	int64_t limit_ms;
	enum remedy remedy;
	const char *host; /* NULL: the two */
	const char *what; /* it is to do */
};

static int64_t by_memory(const struct move *move, int64_t base_s, uint64_t bytes_per_s)
{
	return (base_s + (int64_t)(move->info.memory_bytes / bytes_per_s)) * 1000;
}

static bool for_check(const struct move *move, struct waiting *w)
{
	*w = (struct waiting){ .remedy = ONLY_SAY };
	return move->check && check_waits(move->check, &w->host, &w->what);
}

/* Both ends have been told to undo it. */
static bool for_abort(const struct move *move, struct waiting *w)
{
	const struct end_facts *s = end_facts(move->source.end);
	bool source = s->known && !s->absent && s->launched && !s->over;

	*w = (struct waiting){ source || !s->known || move->frozen_us ? 30000 : 12000, DOUBT, source || !s->known ? move->info.source : move->info.destination,
			       source ? "CRIU to let the process go" : "all to be undone" };
	return !move->settled_ms && !move->info.committed;
}

static bool for_staging(const struct move *move, struct waiting *w)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);

	if (s->staged && d->staged)
		return false;
	*w = (struct waiting){ 45000, FAIL, s->staged ? move->info.destination : move->info.source, "its directory to be made" };
	return true;
}

static bool before_freeze(const struct move *move, struct waiting *w)
{
	if (move->bring)
		*w = (struct waiting){ 60000, FAIL, NULL, "files that come along to go over" };
	else if (move->trial && !trial_over(move))
		*w = (struct waiting){ 0, ONLY_SAY, move->info.source, "the way to be tried" };
	else if (move->pre.dumping)
		*w = (struct waiting){ by_memory(move, 60, 10u << 20), FAIL, move->info.source, "its memory to be read" };
	else if (move->pre.sending)
		*w = (struct waiting){ 60000, FAIL, NULL, "memory to go over" };
	else if (lazy_pending(move))
		*w = (struct waiting){ 30000, FAIL, NULL, "the way for its memory to be opened" };
	else if (move->turn_asked && move->transport_tries && !move->ready)
		*w = (struct waiting){ 30000, FAIL, NULL, "the way for its images to be opened" };
	else if ((move->source.warming && !move->source.warm) || (move->destination.warming && !move->destination.warm))
		*w = (struct waiting){ by_memory(move, 30, 50u << 20), NO_MEMORY,
				       move->source.warming && !move->source.warm ? move->info.source : move->info.destination,
				       "memory to be fetched" };
	else
		return false;
	return true;
}

static bool before_commit(const struct move *move, struct waiting *w)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);

	if (!s->launched)
		return before_freeze(move, w);
	if (!s->held)
		*w = (struct waiting){ by_memory(move, 40, 20u << 20), FAIL, move->info.source, "CRIU to have read the process" };
	else if (!d->received && !d->held)
		*w = (struct waiting){ move->endpoint->images_limit_ms, FAIL, NULL, "the images to go over" };
	else if (!d->held)
		*w = (struct waiting){ by_memory(move, 60, 10u << 20), FAIL, move->info.destination, "CRIU to restore it" };
	else if (!d->expected && d->expects && s->decision == DECISION_NONE)
		*w = (struct waiting){ 20000, FAIL, NULL, "what its copy is compared with to go over" };
	else if (!d->same && s->decision == DECISION_NONE)
		*w = (struct waiting){ by_memory(move, 60, 1u << 30), FAIL, move->info.destination, "its copy to be compared" };
	else
		*w = (struct waiting){ 30000, DOUBT, move->info.source, "the decision" };
	return true;
}

static bool after_commit(const struct move *move, struct waiting *w)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);

	/* Memory that follows has its own ends: lazy.c, fill.c. */
	if (move->settled_ms || s->lazy || d->lazy || d->fills)
		return false;
	if (!s->gone && !s->returning)
		*w = (struct waiting){ by_memory(move, 60, 200u << 20), DOUBT, move->info.source, "what was the process to end" };
	else if (s->returning)
		*w = (struct waiting){ by_memory(move, 120, 10u << 20), DOUBT, move->info.source, "CRIU to restore it where it was" };
	else
		*w = (struct waiting){ by_memory(move, 120, 10u << 20), DOUBT, move->info.destination, "it to run there" };
	return true;
}

static bool find(const struct move *move, struct waiting *w)
{
	if (move->question && move->asks != ASKS_FROZEN)
		return false;
	if (!move->source.end)
		return for_check(move, w);
	if (move->source.unreachable_since_ms || move->destination.unreachable_since_ms)
		return false;
	if (move->intent == INTENT_ABORT && !move->info.committed)
		return for_abort(move, w);
	if (move->info.committed)
		return after_commit(move, w);
	return for_staging(move, w) || before_commit(move, w);
}

/* A sign of life: true when it is another than at the last look. */
static bool advanced(struct move *move, const struct waiting *w)
{
	struct wait *wait = &move->wait;
	uint64_t bytes = move->info.bytes + move->info.phases[PHASE_STAGE].bytes + move->info.phases[PHASE_SEND].bytes;
	bool same = wait->what == w->what && wait->bytes == bytes &&
		    (!move->source.end || (handover_same(&wait->source, &move->source.seen) && handover_same(&wait->destination, &move->destination.seen)));

	wait->what = w->what;
	wait->bytes = bytes;
	wait->source = move->source.seen;
	wait->destination = move->destination.seen;
	return !same;
}

static void say(struct move *move, const struct waiting *w)
{
	char status[160];

	snprintf(status, sizeof status, "waiting for %.60s%s%.70s", w->host ? w->host : "", w->host ? ": " : "", w->what);
	move->wait.said = true;
	snprintf(move->wait.status, sizeof move->wait.status, "%s", status);
	move_set_status(move, status);
}

static void say_no_more(struct move *move)
{
	if (move->wait.said && strcmp(move->status, move->wait.status) == 0)
		move_set_status(move, "");
	move->wait.said = false;
}

/* Nothing was frozen: it runs, whatever lies about there. */
static void leave(struct move *move, const char *why)
{
	char hosts[300];

	move_warn(move, "%.150s: run pferry recover %s later.", why, move->endpoint->recover_hosts(move, hosts, sizeof hosts));
	move_finish(move, MOVE_ROLLED_BACK);
}

static void give_up(struct move *move, const struct waiting *w)
{
	struct err e = { 0 };
	char text[256];

	snprintf(text, sizeof text, "waited %d s in vain for %.60s%s%.70s", (int)(move->wait.ms / 1000), w->host ? w->host : "",
		 w->host ? ": " : "", w->what);
	move->wait.ms = 0;
	switch (w->remedy) {
	case ONLY_SAY:
		break;
	case NO_MEMORY:
		move->source.warm = move->destination.warm = true;
		flow_advance(move);
		break;
	case FAIL:
		err_set(&e, ERR_TIMEOUT, w->host, "%s", text);
		move_fail(move, &e);
		break;
	case DOUBT:
		if (move->intent == INTENT_ABORT && !move->info.committed && !end_facts(move->source.end)->launched && !move->frozen_us)
			leave(move, text);
		else
			flow_in_doubt(move, text);
		break;
	}
}

void waits_tick(struct move *move)
{
	struct wait *wait = &move->wait;
	int64_t now = loop_now_ms(move->loop), passed = now - wait->looked_ms;
	struct waiting w;

	wait->looked_ms = now;
	if (move->finishing || move->recovering || move->pid_wait)
		return;
	if (!find(move, &w) || advanced(move, &w)) {
		say_no_more(move);
		wait->ms = 0;
		return;
	}
	wait->ms += passed < TICK_MAX_MS ? passed : TICK_MAX_MS;
	if (move->cancels > 1 && w.remedy == DOUBT && w.limit_ms > HURRY_MS)
		w.limit_ms = HURRY_MS;
	if (w.limit_ms && wait->ms > patience_ms(w.limit_ms))
		give_up(move, &w);
	else if (wait->ms > SAY_MS)
		say(move, &w);
}
