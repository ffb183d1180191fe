/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handover/handover.h"

#include <stddef.h>

/* It told, and its directory is gone or was never made. An end not heard of is
 * never taken for an empty one. */
static bool empty(const struct end_facts *end)
{
	return end->known && (end->absent || !end->staged);
}

/* It runs at the destination: say so at the source, then remove everything,
 * the source's record last, because it is the one that says "delivered". */
static struct step moved(const struct end_facts *s, const struct end_facts *d)
{
	struct step step = { .verdict = VERDICT_MOVED };

	if (!s->known)
		return step;
	if (!empty(s) && !s->delivered) {
		step.source = ORDER_DELIVERED;
		return step;
	}
	if (!empty(d)) {
		if (d->known && (d->over || d->rebooted))
			step.destination = ORDER_CLEAN;
		return step;
	}
	if (!empty(s)) {
		if (s->over || s->rebooted)
			step.source = ORDER_CLEAN;
		return step;
	}
	step.clean = true;
	return step;
}

/* Whether nothing of an aborted end can happen any more. Not as soon as it is lost or gone: its keeper is at work
 * until it is over, and what would begin or remove anything beside that is refused there. */
static bool settled(const struct end_facts *end)
{
	return end->over || end->rebooted || !end->launched;
}

/* The source's tree runs on (or died with its host): undo the destination, then the source. */
static struct step rolled_back(const struct end_facts *s, const struct end_facts *d)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!empty(s)) {
		if (s->decision == DECISION_NONE)
			step.source = ORDER_ABORT; /* so that a late commit fails */
		else if (settled(s))
			step.verdict = VERDICT_ROLLED_BACK;
	} else {
		step.verdict = VERDICT_ROLLED_BACK;
	}
	if (!d->known)
		return step; /* the source's record stays until it is heard of */
	if (!empty(d)) {
		if (d->decision == DECISION_NONE)
			step.destination = ORDER_ABORT;
		else if (settled(d))
			step.destination = ORDER_DROP;
		return step;
	}
	if (!empty(s) && step.verdict == VERDICT_ROLLED_BACK)
		step.source = ORDER_CLEAN;
	step.clean = empty(s);
	return step;
}

/* The source's tree is gone, and so is all that was at the destination: the
 * source's images are the process now. They are restored where they are. */
static struct step back(const struct end_facts *s, int retries)
{
	struct step step = { .verdict = VERDICT_PENDING };
	bool failed = s->returning && s->over && s->exit_status != 0;

	if (s->rebooted || (failed && retries >= 2 * HANDOVER_RETRIES)) {
		step.verdict = VERDICT_DOUBT;
		step.why = "neither host could restore it; what is left of its images is kept at the source";
	} else if (!settled(s)) {
		/* The dump's keeper, or the last restore's, would take the new restore for its own. */
	} else if (!s->returning || failed) {
		step.source = ORDER_BACK;
	}
	return step;
}

static struct step came_back(const struct end_facts *s)
{
	struct step step = { .verdict = VERDICT_ROLLED_BACK };

	if (empty(s))
		step.clean = true;
	else if (s->over || s->rebooted)
		step.source = ORDER_CLEAN;
	return step;
}

/* The source's tree is gone: the copy at the destination must run. */
static struct step forward(const struct end_facts *s, const struct end_facts *d, enum intent intent, int retries)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!d->known)
		return step;
	if (empty(d))
		return back(s, retries);
	if (intent == INTENT_ABORT && !d->received && !d->launched && !s->rebooted) {
		/* The tree went without a commit of ours, and its images never left: they are restored where they are. */
		step.destination = ORDER_DROP;
		return step;
	}
	if (d->expects && !d->expected && d->decision == DECISION_NONE) {
		/* The tree went without a commit of ours, and with it what the copy is compared with: the source restores it. */
		step.destination = ORDER_ABORT;
		return step;
	}
	if (d->decision == DECISION_ABORT) {
		/* Its copy cannot run; else nobody who follows these rules aborts it now. */
		if (settled(d))
			step.destination = ORDER_DROP;
		return step;
	}
	if (d->lost && !settled(d))
		return step;
	if (d->lost || d->rebooted || (d->over && d->exit_status != 0)) {
		/* Somebody made CRIU open other files there, and these images are the process now: they stay. */
		if (d->differs && s->rebooted && retries >= HANDOVER_RETRIES) {
			step.verdict = VERDICT_DOUBT;
			step.why = "its copy at the destination differed from what it was each time; its images are kept there";
			return step;
		}
		/* Its directory goes before the source restores: with it goes the
		 * chance that somebody starts the copy there after all. */
		step.destination = retries < HANDOVER_RETRIES ? ORDER_AGAIN : ORDER_DROP;
		return step;
	}
	if (d->decision == DECISION_NONE) {
		/* A file that is told go counts as the copy: not before it is whole. */
		if (d->held)
			step.destination = ORDER_GO;
	} else if (d->over && !d->running)
		step.verdict = VERDICT_MOVED; /* CRIU ended well: it runs, or ran to its end */
	return step;
}

/* The source decided to commit and its tree is not known to be gone yet. */
static struct step committing(const struct end_facts *s)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!s->over)
		return step; /* CRIU is at it */
	if (s->committed)
		step.source = ORDER_KILL; /* CRIU died before it had killed all; they are stopped */
	else
		step.source = ORDER_REVOKE; /* nobody was there to carry it out; it ran on */
	return step;
}

/* CRIU killed the tree and ended well, although that was aborted: its images are restored, once the other end
 * is seen empty. */
static struct step killed_in_spite(const struct end_facts *s, const struct end_facts *d, int retries)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!d->known)
		return step;
	if (empty(d))
		return back(s, retries);
	if (d->decision == DECISION_NONE)
		step.destination = ORDER_ABORT;
	else if (settled(d))
		step.destination = ORDER_DROP;
	return step;
}

static bool source_let_go(const struct end_facts *s)
{
	return s->decision == DECISION_ABORT || s->revoked || (s->over && s->exit_status != 0 && !s->committed &&
							       s->decision != DECISION_COMMIT);
}

/* Undecided: the source alone decides, and only a held pair may commit. */
static struct step undecided(const struct end_facts *s, const struct end_facts *d, enum intent intent, bool ready)
{
	struct step step = { .verdict = VERDICT_PENDING };
	bool failed = d->known && (d->differs || d->lost || d->rebooted || d->decision == DECISION_ABORT || (d->over && d->exit_status != 0));

	if (empty(s)) {
		if (intent == INTENT_ABORT && d->known)
			return rolled_back(s, d);
		return step;
	}
	if (intent == INTENT_ABORT || failed)
		step.source = ORDER_ABORT;
	else if (s->held && d->known && d->held && d->same)
		step.source = ORDER_COMMIT;
	else if (ready && !s->launched && d->known && d->staged)
		step.source = ORDER_FREEZE;
	return step;
}

/* ---- post-copy ---- */

/* Nothing runs at the destination, nor will. */
static bool lazy_dead(const struct end_facts *d)
{
	return empty(d) || d->discarded || d->rebooted;
}

/* The source is stopped for good, until it is known what became of the copy. */
static struct step lazy_committed(const struct end_facts *s, const struct end_facts *d, enum intent intent)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!d->known)
		return step;
	if (lazy_dead(d))
		step.source = ORDER_REVOKE;
	else if (intent == INTENT_ABORT || d->over || (s->over && d->decision == DECISION_NONE))
		step.destination = ORDER_DISCARD; /* the rest of its memory will not come */
	else if (d->held && d->decision == DECISION_NONE)
		step.destination = ORDER_GO;
	return step;
}

/* The source's host went down with the tree, or forgot it: what the copy lacks is lost. */
static struct step lazy_orphan(const struct end_facts *s, const struct end_facts *d)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (!d->known)
		return step;
	if (!lazy_dead(d) && d->decision == DECISION_GO)
		step.destination = ORDER_DISCARD;
	else
		return rolled_back(s, d);
	return step;
}

static struct step lazy_step(const struct end_facts *s, const struct end_facts *d, enum intent intent, bool ready)
{
	struct step step = { .verdict = VERDICT_PENDING };
	bool runs_whole = d->known && d->filled && !d->rebooted;

	if (s->known && s->delivered)
		return moved(s, d);
	if (runs_whole && s->known && !empty(s) && !s->gone && !s->rebooted) {
		step.source = ORDER_KILL;
		return step;
	}
	if (runs_whole)
		return moved(s, d);
	if (!s->known)
		return step;
	if (s->gone)
		return d->known && (d->filled || empty(d) || d->rebooted) ? moved(s, d) : step;
	if (source_let_go(s))
		return rolled_back(s, d);
	if (s->rebooted || (empty(s) && d->known && d->decision == DECISION_GO))
		return lazy_orphan(s, d);
	if (s->decision == DECISION_COMMIT)
		return lazy_committed(s, d, intent);
	return undecided(s, d, intent, ready);
}

/* It runs, and has not all of its memory in place yet. */
static bool filling(const struct end_facts *d)
{
	return d->known && d->running && d->fills && !d->filled && !d->rebooted;
}

/* Neither end has a directory any more: all is done, by us or by somebody else's recover, whom only the facts seen
 * until then tell of. */
static struct step settled_there(const struct end_facts *s, const struct end_facts *d)
{
	struct step step = { .verdict = VERDICT_ROLLED_BACK, .clean = true };
	bool moved = d->filled || s->delivered;

	/* A copy of post-copy is not the process until it has all of its memory, unless the source's tree is gone. */
	if (s->lazy || d->lazy)
		moved |= s->committed && s->gone && !s->revoked;
	else
		moved |= d->running || d->went || (s->committed && s->gone);
	if (moved && !s->returned && !d->discarded)
		step.verdict = VERDICT_MOVED;
	return step;
}

struct step handover_decide(const struct end_facts *s, const struct end_facts *d, enum intent intent, bool ready,
			    int retries)
{
	struct step step = { .verdict = VERDICT_PENDING };

	if (s->known && d->known && empty(s) && empty(d))
		return settled_there(s, d);
	if (s->lazy || d->lazy)
		return lazy_step(s, d, intent, ready);
	if (filling(d) && !(s->known && s->delivered)) {
		/* Its keeper sees to it, or there is none. */
		if (d->over)
			step.destination = ORDER_AGAIN;
		return step;
	}
	if ((d->known && d->running) || (s->known && s->delivered))
		return moved(s, d);
	if (!s->known)
		return step;
	if (s->returned)
		return came_back(s);
	if (s->gone && s->committed)
		return forward(s, d, intent, retries);
	if (s->gone && s->decision == DECISION_ABORT && !empty(s) && !s->rebooted)
		return killed_in_spite(s, d, retries);
	if (source_let_go(s))
		return rolled_back(s, d);
	if (s->rebooted && !empty(s)) {
		/* Its tree died with it: what the destination holds is the only copy. */
		if (!d->known)
			return step;
		if (d->received && d->decision != DECISION_ABORT && (!d->expects || d->expected))
			return forward(s, d, intent, retries);
		return rolled_back(s, d);
	}
	if (s->decision == DECISION_COMMIT)
		return committing(s);
	return undecided(s, d, intent, ready);
}

bool handover_same(const struct end_facts *a, const struct end_facts *b)
{
#define STATE(NAME, word, told, source, destination, says) && a->word == b->word
#define FACT(type, name, says) && a->name == b->name
	return true
#include "handover/protocol.def"
		;
}
