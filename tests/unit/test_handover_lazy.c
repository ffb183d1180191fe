/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As test_handover.c, for post-copy: every state that the two ends, the stream
 * of pages between them, pferry and its late orders can get into.
 *
 * Faults, at most FAULTS of them in one history: CRIU killed at either end, the
 * daemon that takes in pages killed, a keeper killed, the lease running out,
 * either host booting anew, an operator's cancel.  The stream of pages breaks
 * whenever pferry dies, which is no fault here: it may at any moment.
 *
 * Hostile ones besides, HOSTILE of all in one history: a CRIU that hangs at either end,
 * that lets the source's tree run on or kills it, that starts the copy unasked; the whole
 * of an end stopped by SIGSTOP; the two hosts out of reach of one another.
 *
 * Checked in every state: never two copies that can run, nor one at the
 * destination after the source's ran on; the source's is killed only when the
 * other has all of its memory; and from every state an end is reached with one
 * copy running, or with none only when a host went down that had what nobody
 * else had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explore.h"

#define FAULTS 4
#define HOSTILE 3

enum fate { FATE_NONE, FATE_FILL, FATE_DISCARD };      /* a link at the destination */
enum settled { SETTLED_NONE, SETTLED_KILL, SETTLED_REVOKE }; /* and one at the source */

/* ---- the source ---- */

/* Held, SIGSTOP queued; CRIU goes on to serve pages. */
static bool source_dumps(struct world *w)
{
	if (!side_works(&w->s) || w->s.f.held || w->s.tree != TREE_RUNS || w->s.f.decision != DECISION_NONE)
		return false;
	w->s.f.held = true;
	w->s.tree = TREE_HELD;
	return true;
}

static bool source_dump_aborted(struct world *w)
{
	if (!side_works(&w->s) || w->s.f.held || w->s.f.decision != DECISION_ABORT)
		return false;
	w->s.criu = false;
	return true;
}

static void serving_ends(struct world *w)
{
	w->s.criu = w->s.stuck = false;
	if (w->s.tree == TREE_HELD)
		w->s.tree = TREE_STOPPED;
}

/* The watcher, or end.sh at once. */
static bool source_obeys(struct world *w)
{
	if (!w->s.criu || !w->s.f.held || w->s.f.decision != DECISION_ABORT || w->s.stopped)
		return false;
	serving_ends(w);
	return true;
}

/* CRIU has ended: without a decision it is an abort, and only an abort lets the tree run. */
static bool source_over(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.launched || s->criu || s->f.over || s->f.rebooted)
		return false;
	if (s->f.held)
		side_decide(s, DECISION_ABORT);
	if (s->f.decision == DECISION_COMMIT && s->tree == TREE_RUNS && !s->keeper_dead && w->settled == SETTLED_NONE)
		s->tree = TREE_STOPPED;
	if (s->f.decision == DECISION_ABORT && s->tree == TREE_STOPPED) {
		s->tree = TREE_RUNS;
		w->ran_on = true;
	}
	side_end(s, 137);
	return true;
}

static bool source_keeper(struct world *w)
{
	return !w->s.keeper_dead && !w->s.stopped && source_over(w);
}

/* ---- the destination ---- */

static bool images_arrive(struct world *w)
{
	if (!w->s.f.held || w->d.f.launched || w->d.f.absent || w->d.f.rebooted || w->s.f.rebooted || w->apart)
		return false;
	w->d.f.received = w->d.f.launched = true;
	w->d.criu = w->feed = true;
	return true;
}

static bool pages_come(const struct world *w)
{
	return w->feed && side_works(&w->s) && !w->d.stopped && !w->cut;
}

static bool destination_restores(struct world *w)
{
	if (!side_works(&w->d) || w->d.f.held || !pages_come(w))
		return false;
	w->d.f.held = true;
	side_forget_comparison(&w->d);
	w->d.tree = TREE_HELD;
	return true;
}

/* Without pages it cannot; aborted, it is not waited for. */
static bool destination_fails(struct world *w)
{
	if (!side_works(&w->d) || w->d.f.held || (w->feed && w->d.f.decision != DECISION_ABORT))
		return false;
	w->d.criu = false;
	return true;
}

/* Of both that would be done, the first link stands. */
static void discard(struct world *w)
{
	if (w->fate == FATE_NONE)
		w->fate = FATE_DISCARD;
	side_decide(&w->d, DECISION_ABORT);
}

static bool feed_fails(struct world *w)
{
	if (!w->feed || pages_come(w) || w->d.stopped || (w->s.criu && !w->cut))
		return false;
	w->feed = false;
	if (!w->d.keeper_dead)
		discard(w);
	return true;
}

static bool destination_obeys(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.held || d->f.went || d->f.over || d->tree != TREE_HELD || d->stopped)
		return false;
	if (d->criu && d->stuck && (d->f.differs || d->f.decision != DECISION_GO))
		return false;
	if (side_refuses(d))
		return d->tree != TREE_HELD;
	if (d->criu && d->f.decision == DECISION_GO) {
		d->f.went = true;
	} else {
		d->f.lost = !d->criu;
		d->criu = false;
		d->tree = TREE_DEAD;
	}
	return true;
}

static bool destination_resumes(struct world *w)
{
	if (!w->d.f.went || !side_works(&w->d) || w->d.tree != TREE_HELD)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.f.running = true;
	w->d.criu = false;
	return true;
}

static bool destination_fills(struct world *w)
{
	if (!side_runs(&w->d) || !pages_come(w))
		return false;
	w->all = true;
	w->feed = false;
	serving_ends(w);
	return true;
}

static void see_dead(struct world *w)
{
	w->d.tree = w->d.tree == TREE_NONE ? TREE_NONE : TREE_DEAD;
	w->d.criu = w->feed = w->d.stuck = w->unasked = false;
	w->d.f.discarded = true;
	side_end(&w->d, 1);
}

static bool destination_keeper(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.launched || d->criu || d->f.over || d->f.rebooted || d->keeper_dead || d->stopped)
		return false;
	if (!d->f.running)
		discard(w);
	else if (w->feed)
		return false;
	else if (w->all && w->fate == FATE_NONE)
		w->fate = FATE_FILL;
	else
		discard(w);
	if (w->fate == FATE_FILL) {
		d->f.filled = true;
		side_end(d, 0);
	} else {
		see_dead(w);
	}
	return true;
}

/* ---- pferry ---- */

static void see(struct end_facts *seen, const struct side *side)
{
	*seen = side->f;
	seen->known = true;
	seen->lazy = !side->f.absent;
}

/* Looking, end.sh records what a dead keeper cannot. */
static bool looks_source(struct world *w)
{
	struct side *s = &w->s;

	s->stopped = false;
	if (s->criu && s->stuck && (s->f.decision == DECISION_ABORT || s->f.gone || s->f.revoked)) {
		s->stuck = false;
		serving_ends(w);
	}
	if (s->keeper_dead)
		source_over(w);
	return true;
}

static bool looks_destination(struct world *w)
{
	struct side *d = &w->d;

	d->stopped = false;
	if (d->criu && d->stuck && !d->f.running && (d->f.decision == DECISION_ABORT || d->f.went || w->fate == FATE_DISCARD)) {
		d->criu = d->stuck = false;
		if (d->tree != TREE_NONE)
			d->tree = TREE_DEAD;
	}
	if (!d->keeper_dead || !d->f.launched || d->criu || (w->feed && d->f.running) || d->f.over || d->f.rebooted)
		return false;
	w->feed = false; /* of no use without a restore */
	if (!d->f.running && d->tree != TREE_NONE)
		d->tree = TREE_DEAD;
	w->unasked = false;
	side_end(d, 137);
	return true;
}

/* With pferry the stream goes that it carried. */
static bool forgets(struct world *w)
{
	w->cut |= w->d.f.launched && !w->all;
	return true;
}

static void order_source(struct world *w, enum order order)
{
	struct side *s = &w->s;

	if (s->f.absent)
		return;
	if (order == ORDER_FREEZE && !s->f.launched && s->tree == TREE_RUNS) {
		s->f.launched = s->criu = true;
	} else if (order == ORDER_COMMIT) {
		side_decide(s, DECISION_COMMIT);
	} else if (order == ORDER_ABORT) {
		side_abort(s);
	} else if (order == ORDER_REVOKE && s->f.decision == DECISION_COMMIT && w->settled != SETTLED_KILL) {
		w->settled = SETTLED_REVOKE;
		serving_ends(w);
		if (s->tree == TREE_STOPPED) {
			s->tree = TREE_RUNS;
			w->ran_on = true;
		}
		s->f.revoked = true;
	} else if (order == ORDER_KILL && s->f.decision == DECISION_COMMIT && w->settled != SETTLED_REVOKE) {
		w->settled = SETTLED_KILL;
		w->killed_early |= s->tree != TREE_DEAD && !w->all && !w->host_died;
		s->tree = TREE_DEAD;
		s->f.gone = true;
	} else if (order == ORDER_DELIVERED) {
		s->f.delivered = true;
	} else if (order == ORDER_CLEAN) {
		side_clean(s);
	}
}

static void order_destination(struct world *w, enum order order)
{
	struct side *d = &w->d;

	if (d->f.absent)
		return;
	if (order == ORDER_GO) {
		side_decide(d, DECISION_GO);
	} else if (order == ORDER_ABORT) {
		side_abort(d);
	} else if (order == ORDER_DISCARD) {
		discard(w);
		if (w->fate == FATE_DISCARD && (d->f.running || d->keeper_dead))
			see_dead(w);
	} else if (order == ORDER_CLEAN || (order == ORDER_DROP && (!d->f.running || d->f.discarded || d->f.rebooted))) {
		side_clean(d);
	}
}

/* ---- faults ---- */

static bool fault_source_criu(struct world *w)
{
	if (!w->s.criu)
		return false;
	serving_ends(w);
	return true;
}

static bool fault_feed(struct world *w)
{
	if (!w->feed)
		return false;
	w->feed = false;
	if (!w->d.keeper_dead)
		discard(w);
	return true;
}

static bool fault_source_keeper(struct world *w)
{
	if (!w->s.f.launched || w->s.keeper_dead)
		return false;
	w->s.keeper_dead = true;
	return true;
}

static bool fault_destination_keeper(struct world *w)
{
	if (!w->d.f.launched || w->d.keeper_dead)
		return false;
	w->d.keeper_dead = true;
	return true;
}

static bool fault_source_boots(struct world *w)
{
	if (w->s.f.rebooted)
		return false;
	w->host_died |= !(side_runs(&w->d) && w->fate == FATE_FILL);
	w->s.tree = TREE_DEAD;
	w->s.criu = w->s.stopped = w->s.stuck = false;
	w->s.f.rebooted = !w->s.f.absent;
	return true;
}

static bool fault_destination_boots(struct world *w)
{
	if (w->d.f.rebooted)
		return false;
	w->host_died |= side_runs(&w->d) && w->fate == FATE_FILL;
	if (w->d.tree != TREE_NONE)
		w->d.tree = TREE_DEAD;
	w->d.criu = w->feed = w->d.stopped = w->d.stuck = w->unasked = false;
	w->d.f.rebooted = !w->d.f.absent;
	return true;
}

/* ---- hostile ones ---- */

static bool stops(struct side *side)
{
	if (!side->f.launched || side->stopped || side->f.over || side->f.rebooted)
		return false;
	side->stopped = true;
	return true;
}

static bool fault_source_stops(struct world *w)
{
	return stops(&w->s);
}

static bool fault_destination_stops(struct world *w)
{
	return stops(&w->d);
}

static bool fault_source_hangs(struct world *w)
{
	if (!w->s.criu || w->s.stuck)
		return false;
	w->s.stuck = true;
	return true;
}

static bool fault_destination_hangs(struct world *w)
{
	if (!w->d.criu || w->d.stuck)
		return false;
	w->d.stuck = true;
	return true;
}

/* It ends, and lets the tree run as if no SIGSTOP waited. */
static bool fault_source_runs_on(struct world *w)
{
	if (!side_works(&w->s) || w->s.tree != TREE_HELD)
		return false;
	serving_ends(w);
	w->lied = w->ran_on = true;
	w->s.tree = TREE_RUNS;
	return true;
}

static bool fault_source_killed(struct world *w)
{
	if (w->s.tree != TREE_HELD && w->s.tree != TREE_STOPPED)
		return false;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->died = true;
	return true;
}

static bool fault_destination_unasked(struct world *w)
{
	if (!side_works(&w->d) || w->d.f.went)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.criu = false;
	w->lied = w->unasked = true;
	return true;
}

static bool fault_apart(struct world *w)
{
	if (w->apart || w->d.f.received)
		return false;
	w->apart = true;
	return true;
}

static step_fn *const steps[] = {
	source_dumps, source_dump_aborted, source_obeys, source_keeper, images_arrive, destination_restores, feed_fails,
	destination_fails, destination_obeys, destination_resumes, destination_fills, destination_keeper, expectation_arrives,
	destination_compares, NULL,
};
static step_fn *const faults[] = {
	fault_source_criu, fault_destination_criu, fault_feed, fault_source_keeper, fault_destination_keeper, fault_lease,
	fault_source_boots, fault_destination_boots, fault_cancel, fault_swap, NULL,
};
static step_fn *const hostile_faults[] = {
	fault_source_criu, fault_destination_criu, fault_feed, fault_source_keeper, fault_destination_keeper, fault_lease,
	fault_source_boots, fault_destination_boots, fault_cancel, fault_source_stops, fault_destination_stops, fault_source_hangs,
	fault_destination_hangs, fault_source_runs_on, fault_source_killed, fault_destination_unasked, fault_apart, NULL,
};

/* ---- exploring ---- */

static void judge(const struct world *w)
{
	if (side_runs(&w->s) && side_runs(&w->d) && !w->lied)
		model_fail("two run", w);
	if (side_runs(&w->d) && w->ran_on && !w->lied)
		model_fail("runs from an old dump", w);
	if (side_runs(&w->d) && !w->d.f.same && !w->d.f.absent && !w->unasked)
		model_fail("runs without having been compared", w);
	if (w->killed_early)
		model_fail("killed before the other had all", w);
}

static void explore(bool hostile)
{
	const struct model model = {
		.steps = steps, .faults = hostile ? hostile_faults : faults, .max_faults = hostile ? HOSTILE : FAULTS,
		.recover_ends = true, .see = see, .looks_source = looks_source,
		.looks_destination = looks_destination, .forgets = forgets, .recovers = true, .order_source = order_source,
		.order_destination = order_destination, .judge = judge,
	};
	struct world first;

	memset(&first, 0, sizeof first);
	first.s.f.staged = first.d.f.staged = first.d.f.expects = true;
	first.s.tree = TREE_RUNS;
	model_explore(&model, &first);
}

static void test_every_state(void **state)
{
	(void)state;
	explore(false);
}

static void test_every_state_of_a_hostile_world(void **state)
{
	(void)state;
	explore(true);
}

static void test_go_only_after_commit(void **state)
{
	struct end_facts s = { .known = true, .lazy = true, .staged = true, .launched = true, .held = true };
	struct end_facts d = { .known = true, .lazy = true, .staged = true, .launched = true, .received = true, .held = true,
			       .same = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_NONE);
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_COMMIT);
	s.decision = DECISION_COMMIT;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_GO);
}

static void test_kill_only_when_filled(void **state)
{
	struct end_facts s = { .known = true, .lazy = true, .staged = true, .launched = true, .held = true,
			       .decision = DECISION_COMMIT, .over = true };
	struct end_facts d = { .known = true, .lazy = true, .staged = true, .launched = true, .received = true, .held = true,
			       .went = true, .running = true, .decision = DECISION_GO };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_NONE);
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).source, ORDER_NONE);
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_DISCARD);
	d.filled = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).source, ORDER_KILL);
	d.filled = false;
	d.discarded = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_REVOKE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_go_only_after_commit),
		cmocka_unit_test(test_kill_only_when_filled),
		cmocka_unit_test(test_every_state),
		cmocka_unit_test(test_every_state_of_a_hostile_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
