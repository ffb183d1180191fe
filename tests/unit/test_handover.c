/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of the handover that explores every state it can get into.
 *
 * The decisions are the real ones: handover_decide() of src/move.  The hosts
 * are modelled as src/remote/hand.sh and end.sh behave, one step at a time.
 * pferry sees an end only as it was when it last heard of it; its orders are
 * those for what it saw, so they can come late; it can die and come back at
 * any moment (it keeps nothing), which is the same as hearing of an end anew.
 *
 * Faults: CRIU killed at either end at any moment, the lease running out at
 * any moment, each host booting anew, an operator's cancel at any moment.  At
 * most FAULTS of them in one history.
 *
 * Assumptions: a file made by link(2) is there for all who look later, also
 * after a reboot; SIGSTOP queued to a tree that CRIU holds stops it when CRIU
 * lets go; CRIU does what the exit status of its action script says.
 *
 * Checked in every state: never two copies that can run; a copy never runs at
 * the destination after the source's has run on from the same dump (but when
 * the source's host then went down before it could note that: the older copy
 * is better than none); and from
 * every state, without further faults, an end is reached with one copy
 * running, or with none only when the host it ran on went down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explore.h"
#include "move/handover.h"

#define FAULTS 4

enum tree { TREE_NONE, TREE_RUNS, TREE_HELD, TREE_STOPPED, TREE_DEAD };

struct side {
	struct end_facts f; /* what lies on the host; `known` is unused */
	enum tree tree;
	bool criu;          /* lives */
	bool dying;         /* source: CRIU was told to kill the tree */
	bool stop_queued;
	bool images_lost;
};

struct world {
	struct side s, d;
	struct end_facts seen_s, seen_d;
	bool ran_on;        /* the source's tree ran after it was dumped */
	bool cancel;
	bool host_died;     /* the source's host, while its tree was the only copy */
	uint8_t faults, retries;
	bool padding[5];
};

static bool can_run(const struct side *side)
{
	return side->tree == TREE_RUNS;
}

/* ---- the hosts, step by step; each returns whether it could happen ---- */

static bool source_dumps(struct world *w)
{
	if (!w->s.criu || w->s.f.held || w->s.tree != TREE_RUNS)
		return false;
	w->s.f.held = true;
	w->s.tree = TREE_HELD;
	return true;
}

static void let_go(struct world *w)
{
	w->s.tree = w->s.stop_queued ? TREE_STOPPED : TREE_RUNS;
	w->ran_on |= w->s.tree == TREE_RUNS;
}

/* The hold script reads the decision. */
static bool source_obeys(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.held || s->f.decision == DECISION_NONE || s->f.committed || s->f.revoked || s->f.over || s->f.rebooted)
		return false;
	if (s->f.decision == DECISION_COMMIT) {
		if (s->criu) {
			s->stop_queued = true;
			s->f.committed = true;
			s->dying = true;
		} else {
			s->f.revoked = true;
			s->f.over = true;
			s->f.exit_status = 137;
			if (s->tree == TREE_STOPPED)
				s->tree = TREE_RUNS;
			w->ran_on = true;
		}
		return true;
	}
	if (s->criu) {
		let_go(w);
		s->criu = false;
	}
	s->f.over = true;
	s->f.exit_status = 1;
	return true;
}

static bool source_kills(struct world *w)
{
	if (!w->s.dying || !w->s.criu)
		return false;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->s.f.gone = true;
	w->s.f.over = true;
	w->s.f.exit_status = 0;
	return true;
}

/* The keeper sees that its CRIU was killed. */
static bool source_keeper(struct world *w)
{
	if (!w->s.f.launched || w->s.criu || w->s.f.over || w->s.f.rebooted || w->s.f.returning)
		return false;
	w->s.f.over = true;
	w->s.f.exit_status = 137;
	return true;
}

/* The source restores its own images: works unless they went with a boot. */
static bool source_returns(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.returning || s->f.returned || s->f.over || s->f.rebooted)
		return false;
	if (s->criu) {
		s->tree = TREE_RUNS;
		s->f.returned = true;
		s->criu = false;
		s->f.exit_status = 0;
	} else {
		s->f.exit_status = 137;
	}
	s->f.over = true;
	return true;
}

static bool images_arrive(struct world *w)
{
	if (!w->s.f.held || w->d.f.received || !w->d.f.staged || w->d.f.absent || w->d.f.launched || w->d.f.rebooted ||
	    w->s.f.rebooted)
		return false;
	w->d.f.received = true;
	w->d.f.launched = true;
	w->d.criu = true;
	return true;
}

static bool destination_restores(struct world *w)
{
	if (!w->d.criu || w->d.f.held || w->d.tree == TREE_HELD)
		return false;
	if (w->d.images_lost) {
		w->d.criu = false;
		w->d.f.over = true;
		w->d.f.exit_status = 1;
		return true;
	}
	w->d.f.held = true;
	w->d.tree = TREE_HELD;
	return true;
}

static bool destination_obeys(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.held || d->f.went || d->f.over || d->f.decision == DECISION_NONE || d->tree != TREE_HELD)
		return false;
	if (!d->criu) {
		d->tree = TREE_DEAD;
		d->f.lost = true;
		d->f.over = true;
		d->f.exit_status = 137;
	} else if (d->f.decision == DECISION_GO) {
		d->f.went = true;
	} else {
		d->tree = TREE_DEAD;
		d->criu = false;
		d->f.over = true;
		d->f.exit_status = 1;
	}
	return true;
}

static bool destination_resumes(struct world *w)
{
	if (!w->d.f.went || !w->d.criu || w->d.tree != TREE_HELD)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.f.running = true;
	w->d.criu = false;
	w->d.f.over = true;
	w->d.f.exit_status = 0;
	return true;
}

static bool destination_keeper(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.launched || d->criu || d->f.over || d->f.rebooted)
		return false;
	if (d->tree == TREE_HELD)
		d->tree = TREE_DEAD;
	d->f.lost = d->f.held;
	d->f.over = true;
	d->f.exit_status = 137;
	return true;
}

/* ---- pferry ---- */

static void see(struct end_facts *seen, const struct side *side)
{
	*seen = side->f;
	seen->known = true;
	seen->tree_lives = side->tree == TREE_RUNS || side->tree == TREE_STOPPED;
}

static bool sees_source(struct world *w)
{
	see(&w->seen_s, &w->s);
	return true;
}

static bool sees_destination(struct world *w)
{
	see(&w->seen_d, &w->d);
	return true;
}

/* A pferry that died and one that comes back know nothing. */
static bool forgets(struct world *w)
{
	memset(&w->seen_s, 0, sizeof w->seen_s);
	memset(&w->seen_d, 0, sizeof w->seen_d);
	return true;
}

static void decide_at(struct side *side, enum decision decision)
{
	if (side->f.decision == DECISION_NONE)
		side->f.decision = decision;
}

/* end.sh: an abort of what was not started settles it. */
static void abort_at(struct side *side)
{
	if (!side->f.launched) {
		side->f.launched = true;
		side->f.over = true;
		side->f.exit_status = 0;
	}
	decide_at(side, DECISION_ABORT);
}

static void order_source(struct world *w, enum order order)
{
	struct side *s = &w->s;

	if (s->f.absent)
		return;
	switch (order) {
	case ORDER_FREEZE:
		if (!s->f.launched && s->tree == TREE_RUNS)
			s->f.launched = s->criu = true;
		break;
	case ORDER_COMMIT:
		decide_at(s, DECISION_COMMIT);
		break;
	case ORDER_ABORT:
		abort_at(s);
		break;
	case ORDER_REVOKE:
		if (!s->f.committed && s->f.over) {
			s->f.revoked = true;
			if (s->tree == TREE_STOPPED)
				s->tree = TREE_RUNS;
			w->ran_on |= s->tree == TREE_RUNS;
		}
		break;
	case ORDER_KILL:
		if (s->f.committed) {
			s->tree = TREE_DEAD;
			s->f.gone = true;
		}
		break;
	case ORDER_BACK:
		if (s->f.gone && !s->f.delivered && !s->f.returned && (!s->f.returning || s->f.over)) {
			w->retries++;
			s->f.returning = s->criu = true;
			s->dying = s->f.over = false;
		}
		break;
	case ORDER_DELIVERED:
		s->f.delivered = true;
		break;
	case ORDER_CLEAN:
		if (s->f.launched && !s->f.over && !s->f.rebooted)
			break;
		memset(&s->f, 0, sizeof s->f);
		s->f.absent = true;
		break;
	case ORDER_NONE:
	case ORDER_GO:
	case ORDER_AGAIN:
	case ORDER_DISCARD:
	case ORDER_DROP:
		break;
	}
}

static void order_destination(struct world *w, enum order order)
{
	struct side *d = &w->d;

	if (d->f.absent)
		return;
	switch (order) {
	case ORDER_GO:
		decide_at(d, DECISION_GO);
		break;
	case ORDER_ABORT:
		abort_at(d);
		break;
	case ORDER_AGAIN:
		if (d->f.running || !(d->f.over || d->f.lost || d->f.rebooted))
			break;
		w->retries++;
		if (d->tree == TREE_HELD || d->tree == TREE_DEAD)
			d->tree = TREE_NONE;
		d->f.lost = d->f.held = d->f.went = d->f.over = d->f.rebooted = false;
		d->f.exit_status = 0;
		d->f.launched = d->criu = true;
		break;
	case ORDER_DROP:
		if (d->f.running)
			break;
		/* fall through */
	case ORDER_CLEAN:
		if (d->f.launched && !d->f.over && !d->f.rebooted)
			break;
		memset(&d->f, 0, sizeof d->f);
		d->f.absent = true;
		break;
	case ORDER_NONE:
	case ORDER_FREEZE:
	case ORDER_COMMIT:
	case ORDER_REVOKE:
	case ORDER_KILL:
	case ORDER_BACK:
	case ORDER_DELIVERED:
	case ORDER_DISCARD:
		break;
	}
}

static struct step decide(const struct world *w)
{
	return handover_decide(&w->seen_s, &w->seen_d, w->cancel ? INTENT_ABORT : INTENT_MOVE, true, w->retries);
}

static bool orders_source(struct world *w)
{
	order_source(w, decide(w).source);
	return true;
}

static bool orders_destination(struct world *w)
{
	order_destination(w, decide(w).destination);
	return true;
}

/* ---- faults ---- */

static bool fault_source_criu(struct world *w)
{
	if (!w->s.criu)
		return false;
	w->s.criu = false;
	if (w->s.tree == TREE_HELD)
		let_go(w);
	return true;
}

static bool fault_destination_criu(struct world *w)
{
	if (!w->d.criu)
		return false;
	w->d.criu = false;
	return true;
}

/* The lease, as the hold script's watcher sees it, or a CRIU that is gone. */
static bool fault_lease(struct world *w)
{
	if (!w->s.f.held || w->s.f.decision != DECISION_NONE || w->s.f.over)
		return false;
	decide_at(&w->s, DECISION_ABORT);
	return true;
}

static bool fault_source_boots(struct world *w)
{
	if (w->s.f.rebooted)
		return false;
	/* Its images on tmpfs went too, so it counts although the tree was gone. */
	w->host_died |= w->s.tree != TREE_DEAD || !can_run(&w->d);
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->s.f.rebooted = !w->s.f.absent;
	return true;
}

static bool fault_destination_boots(struct world *w)
{
	if (w->d.f.rebooted)
		return false;
	if (w->d.tree == TREE_RUNS)
		w->host_died = true;
	if (w->d.tree != TREE_NONE)
		w->d.tree = TREE_DEAD;
	w->d.criu = false;
	w->d.images_lost = true;
	w->d.f.rebooted = !w->d.f.absent;
	return true;
}

static bool fault_cancel(struct world *w)
{
	if (w->cancel)
		return false;
	w->cancel = true;
	return true;
}

typedef bool step_fn(struct world *w);

static step_fn *const steps[] = {
	source_dumps, source_obeys,         source_kills,      source_keeper,       images_arrive,
	destination_restores, destination_obeys, destination_resumes, destination_keeper, source_returns, sees_source,
	sees_destination, orders_source,    orders_destination, forgets,
};
static step_fn *const faults[] = { fault_source_criu, fault_destination_criu, fault_lease, fault_source_boots,
				   fault_destination_boots, fault_cancel };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- exploring ---- */

/* Copy field by field into zeroed memory, so that padding compares equal. */
static struct end_facts plain(const struct end_facts *f)
{
	struct end_facts c;

	memset(&c, 0, sizeof c);
	c.known = f->known, c.absent = f->absent, c.staged = f->staged, c.launched = f->launched, c.held = f->held;
	c.committed = f->committed, c.revoked = f->revoked, c.gone = f->gone, c.received = f->received;
	c.went = f->went, c.running = f->running, c.lost = f->lost, c.delivered = f->delivered, c.over = f->over;
	c.returning = f->returning, c.returned = f->returned;
	c.exit_status = f->exit_status, c.decision = f->decision, c.rebooted = f->rebooted;
	return c;
}

static void add(struct explore *search, const struct world *w)
{
	struct world c;

	memset(&c, 0, sizeof c);
	c.s.f = plain(&w->s.f), c.d.f = plain(&w->d.f), c.seen_s = plain(&w->seen_s), c.seen_d = plain(&w->seen_d);
	c.s.tree = w->s.tree, c.s.criu = w->s.criu, c.s.dying = w->s.dying, c.s.stop_queued = w->s.stop_queued;
	c.d.tree = w->d.tree, c.d.criu = w->d.criu, c.d.images_lost = w->d.images_lost;
	c.ran_on = w->ran_on, c.cancel = w->cancel, c.host_died = w->host_died, c.faults = w->faults;
	c.retries = w->retries > 6 ? 6 : w->retries;
	explore_add(search, &c);
}

static void show(const char *what, const struct world *w)
{
	fprintf(stderr,
		"%s: source tree %d criu %d held %d decision %d committed %d revoked %d gone %d over %d(%d) boot %d delivered %d absent %d;"
		" destination tree %d criu %d received %d held %d decision %d went %d running %d lost %d over %d(%d) boot %d absent %d;"
		" ran_on %d cancel %d retries %d faults %d\n",
		what, (int)w->s.tree, w->s.criu, w->s.f.held, (int)w->s.f.decision, w->s.f.committed, w->s.f.revoked, w->s.f.gone,
		w->s.f.over, w->s.f.exit_status, w->s.f.rebooted, w->s.f.delivered, w->s.f.absent, (int)w->d.tree, w->d.criu,
		w->d.f.received, w->d.f.held, (int)w->d.f.decision, w->d.f.went, w->d.f.running, w->d.f.lost, w->d.f.over,
		w->d.f.exit_status, w->d.f.rebooted, w->d.f.absent, w->ran_on, w->cancel, w->retries, w->faults);
}

/* Without further faults and with pferry (or recover) at it, all ends well. */
static void ends_well(const struct world *start)
{
	struct world w = *start;

	w.retries = 0; /* as a recover that is run anew */
	for (int turn = 0; turn < 60; turn++) {
		struct step step;

		for (size_t i = 0; i < 10; i++)
			steps[i](&w);
		sees_source(&w);
		sees_destination(&w);
		step = decide(&w);
		order_source(&w, step.source);
		order_destination(&w, step.destination);
		if (step.clean || step.verdict == VERDICT_DOUBT)
			break;
	}
	if (!can_run(&w.s) && !can_run(&w.d) && !w.host_died) {
		show("began", start);
		show("nobody runs", &w);
		fail();
	}
	if (!w.s.f.absent && !w.host_died) {
		show("began", start);
		show("left over", &w);
		fail();
	}
}

static void test_every_state(void **state)
{
	struct explore search;
	struct world first;

	(void)state;
	explore_begin(&search, sizeof first);
	memset(&first, 0, sizeof first);
	first.s.f.staged = first.d.f.staged = true;
	first.s.tree = TREE_RUNS;
	add(&search, &first);
	for (size_t at = 0; at < search.count; at++) {
		struct world w;

		memcpy(&w, explore_at(&search, at), sizeof w);
		if (can_run(&w.s) && can_run(&w.d)) {
			show("two run", &w);
			fail();
		}
		if (can_run(&w.d) && w.ran_on && !w.host_died) {
			show("runs from an old dump", &w);
			fail();
		}
		ends_well(&w);
		for (size_t i = 0; i < COUNT(steps); i++) {
			struct world next = w;

			if (steps[i](&next))
				add(&search, &next);
		}
		for (size_t i = 0; i < COUNT(faults) && w.faults < FAULTS; i++) {
			struct world next = w;

			if (faults[i](&next)) {
				next.faults++;
				add(&search, &next);
			}
		}
	}
	print_message("explored %zu states\n", search.count);
	explore_end(&search);
}

static void test_nothing_before_both_are_held(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true };
	struct end_facts d = { .known = true, .staged = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_NONE);
	d.held = d.received = d.launched = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_COMMIT);
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).source, ORDER_ABORT);
	d.known = false;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_NONE);
}

static void test_go_only_after_gone(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true,
			       .decision = DECISION_COMMIT, .committed = true };
	struct end_facts d = { .known = true, .staged = true, .launched = true, .received = true, .held = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_NONE);
	s.gone = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_GO);
	/* A cancel comes too late. */
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_GO);
}

static void test_come_back_ends(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true, .decision = DECISION_COMMIT,
			       .committed = true, .gone = true, .returning = true, .returned = true, .over = true };
	struct end_facts d = { .known = true, .absent = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_CLEAN);
	s.absent = true; /* what it told before it was cleaned is still known */
	assert_true(handover_decide(&s, &d, INTENT_MOVE, true, 0).clean);
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).verdict, VERDICT_ROLLED_BACK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_before_both_are_held),
		cmocka_unit_test(test_go_only_after_gone),
		cmocka_unit_test(test_come_back_ends),
		cmocka_unit_test(test_every_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
