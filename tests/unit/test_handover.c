/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model of the handover that explores every state it can get into.
 *
 * The hosts are modelled as src/remote/hand.sh and end.sh behave, one step at a
 * time; what else there is to it says explore.h.
 *
 * One whose memory is put in place when it runs already ("fills") is explored too:
 * it counts as running, and must not stay without the rest.
 *
 * Nor does a copy run that was not compared with what the tree was, or that
 * differs from it.
 *
 * Faults: CRIU killed at either end at any moment, that daemon or its keeper
 * killed, somebody who has a copy differ, the lease running out at
 * any moment, each host booting anew, an operator's cancel at any moment.  At
 * most FAULTS of them in one history.
 *
 * Hostile ones besides, HOSTILE of all of them in one history: a CRIU that hangs, that ends
 * without having killed the tree it was told to kill, that lets it run or kills it unasked,
 * that never calls its action script, that starts the copy unasked or leaves it stopped; the
 * whole of an end stopped by SIGSTOP; a keeper killed at the source; a full disk on which the
 * commit cannot be noted; the two hosts out of reach of one another.
 *
 * Assumptions: a file made by link(2) is there for all who look later, also
 * after a reboot; SIGSTOP queued to a tree that CRIU holds stops it when CRIU
 * lets go; but for the hostile ones, CRIU does what the exit status of its action
 * script says.
 *
 * Checked in every state: never two copies that can run; a copy never runs at
 * the destination after the source's has run on from the same dump (but when
 * the source's host then went down before it could note that: the older copy
 * is better than none); and from
 * every state, without further faults, an end is reached with one copy
 * running, or with none only when the host it ran on went down; by a living
 * pferry, and by a recover.  A CRIU that starts a copy unasked or lets the source's
 * run on breaks the first two for the moment until its keeper has killed what it
 * started; one that kills the only copy after the abort, the last.
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

/* ---- the hosts, step by step; each returns whether it could happen ---- */

static bool source_dumps(struct world *w)
{
	if (!side_works(&w->s) || w->s.f.held || w->s.tree != TREE_RUNS)
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

	if (!s->f.held || s->f.decision == DECISION_NONE || s->f.committed || s->f.revoked || s->f.over || s->f.rebooted || s->stopped)
		return false;
	if (s->f.decision == DECISION_ABORT && s->criu && s->stuck)
		return false;
	if (s->f.decision == DECISION_COMMIT) {
		if (s->criu) {
			s->stop_queued = true;
			s->f.committed = true;
			s->dying = true;
		} else {
			s->f.revoked = true;
			side_end(s, 137);
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
	side_end(s, 1);
	return true;
}

static bool source_kills(struct world *w)
{
	if (!w->s.dying || !side_works(&w->s))
		return false;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->s.f.gone = true;
	side_end(&w->s, 0);
	return true;
}

/* The holder's last deed: a CRIU that does not kill the tree is not waited for. */
static bool source_tells_gone(struct world *w)
{
	if (!w->s.dying || !w->s.criu || !w->s.stuck || w->s.stopped || w->s.f.gone)
		return false;
	w->s.tree = TREE_DEAD;
	w->s.f.gone = true;
	return true;
}

/* CRIU has ended without having been told to, and with it the tree: its images are the process. */
static bool finished_off(struct world *w)
{
	struct side *s = &w->s;

	if (s->tree != TREE_DEAD || !s->f.held || s->f.committed || s->f.decision == DECISION_ABORT)
		return false;
	s->f.decision = DECISION_COMMIT;
	s->f.committed = true;
	w->died = false;
	return true;
}

/* The keeper sees that its CRIU was killed. */
static bool source_keeper(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.launched || s->criu || s->f.over || s->f.rebooted || s->f.returning || s->stopped || s->keeper_dead)
		return false;
	if (s->f.committed || finished_off(w)) {
		s->tree = TREE_DEAD;
		s->f.gone = true;
	} else if (s->tree == TREE_STOPPED && s->f.decision != DECISION_COMMIT) {
		s->tree = TREE_RUNS;
		w->ran_on = true;
	}
	side_end(s, 137);
	return true;
}

/* The source restores its own images: works unless they went with a boot. */
static bool source_returns(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.returning || s->f.returned || s->f.over || s->f.rebooted || s->stopped || (s->criu && s->stuck))
		return false;
	if (s->criu) {
		s->tree = TREE_RUNS;
		s->f.returned = true;
		s->criu = false;
		s->f.exit_status = 0;
	} else {
		/* What was made without anybody having been asked is killed. */
		s->tree = TREE_DEAD;
		s->f.exit_status = 137;
	}
	s->f.over = true;
	return true;
}

static bool images_arrive(struct world *w)
{
	if (!w->s.f.held || w->d.f.received || !w->d.f.staged || w->d.f.absent || w->d.f.launched || w->d.f.rebooted ||
	    w->s.f.rebooted || w->apart)
		return false;
	w->d.f.received = true;
	w->d.f.launched = true;
	w->d.criu = true;
	return true;
}

static bool destination_restores(struct world *w)
{
	if (!side_works(&w->d) || w->d.f.held || w->d.tree == TREE_HELD)
		return false;
	if (w->d.images_lost) {
		w->d.criu = false;
		side_end(&w->d, 1);
		return true;
	}
	w->d.f.held = true;
	side_forget_comparison(&w->d);
	w->d.tree = TREE_HELD;
	return true;
}

static bool destination_obeys(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.held || d->f.went || d->f.over || d->tree != TREE_HELD || d->stopped)
		return false;
	if (d->criu && d->stuck && (d->f.differs || d->f.decision != DECISION_GO))
		return false;
	if (side_refuses(d)) {
		if (d->tree == TREE_HELD)
			return false;
		side_end(d, 1);
		return true;
	}
	if (!d->criu) {
		d->tree = TREE_DEAD;
		d->f.lost = true; /* and its keeper is not through */
	} else if (d->f.decision == DECISION_GO) {
		d->f.went = true;
	} else {
		d->tree = TREE_DEAD;
		d->criu = false;
		side_end(d, 1);
	}
	return true;
}

/* Its memory may be put in place from then on: the keeper waits for that. */
static bool destination_resumes(struct world *w)
{
	if (!w->d.f.went || !side_works(&w->d) || w->d.tree != TREE_HELD)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.f.running = true;
	w->d.criu = false;
	w->feed = w->d.f.fills;
	if (!w->d.f.fills)
		side_end(&w->d, 0);
	return true;
}

static bool fills(const struct world *w)
{
	return w->d.f.running && w->d.f.fills && !w->d.f.over && !w->d.f.rebooted;
}

/* The daemon has put all in place; the keeper, if there is one, says that all is over. */
static bool destination_fills(struct world *w)
{
	if (!fills(w) || !w->feed)
		return false;
	w->feed = false;
	w->d.f.filled = true;
	side_end(&w->d, w->d.keeper_dead ? 137 : 0);
	return true;
}

/* The daemon died: what is missing will not come, and who touches it waits. */
static bool destination_starts_anew(struct world *w)
{
	struct side *d = &w->d;

	if (!fills(w) || w->feed || d->f.filled)
		return false;
	if (d->keeper_dead) {
		side_end(d, 137); /* end.sh sees nobody there */
		return true;
	}
	d->tree = TREE_NONE;
	d->f.running = d->f.fills = d->f.went = d->f.held = false;
	side_forget_comparison(d);
	d->criu = true;
	return true;
}

static bool destination_keeper(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.launched || d->criu || d->f.over || d->f.rebooted || fills(w) || d->stopped)
		return false;
	if (d->f.running) {
		if (d->tree == TREE_STOPPED)
			d->tree = TREE_RUNS;
		side_end(d, 0);
		return true;
	}
	if (d->tree != TREE_NONE)
		d->tree = TREE_DEAD;
	w->unasked = false;
	d->f.lost = d->f.held;
	side_end(d, 137);
	return true;
}

/* ---- pferry ---- */

static void see(struct end_facts *seen, const struct side *side)
{
	*seen = side->f;
	seen->known = true;
}

/* Whoever looks wakes what was stopped, kills a CRIU that was told and does nothing, and records what a dead
 * keeper cannot. */
static bool looks_source(struct world *w)
{
	struct side *s = &w->s;

	s->stopped = false;
	if (s->criu && s->stuck && (s->f.decision != DECISION_NONE || s->f.returning)) {
		s->criu = s->stuck = false;
		if (s->tree == TREE_HELD)
			let_go(w);
	}
	if (s->keeper_dead && s->f.launched && !s->criu && !s->f.over && !s->f.rebooted && !s->f.returning) {
		if (finished_off(w))
			s->f.gone = true;
		side_end(s, 137);
	}
	return true;
}

static bool looks_destination(struct world *w)
{
	struct side *d = &w->d;

	d->stopped = false;
	if (d->criu && d->stuck && (d->f.decision != DECISION_NONE || !d->f.held)) {
		d->criu = d->stuck = false;
		if (d->tree != TREE_NONE && !d->f.running)
			d->tree = TREE_DEAD;
	}
	return true;
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
		side_decide(s, DECISION_COMMIT);
		break;
	case ORDER_ABORT:
		side_abort(s);
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
		if (s->f.committed && !s->f.absent && !s->f.gone) {
			s->tree = TREE_DEAD;
			s->f.gone = true;
		}
		break;
	case ORDER_BACK:
		if (s->f.gone && !s->f.delivered && !s->f.returned && s->f.over) {
			w->retries++;
			s->f.returning = s->criu = true;
			s->dying = s->f.over = false;
		}
		break;
	case ORDER_DELIVERED:
		s->f.delivered = true;
		break;
	case ORDER_CLEAN:
		if (!s->f.gone && s->tree == TREE_STOPPED && !s->f.rebooted)
			s->tree = TREE_RUNS;
		side_clean(s);
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
		side_decide(d, DECISION_GO);
		break;
	case ORDER_ABORT:
		side_abort(d);
		break;
	case ORDER_AGAIN:
		if ((d->f.running && !(d->f.fills && !d->f.filled)) || !(d->f.over || d->f.rebooted))
			break;
		w->retries++;
		if (d->tree == TREE_HELD || d->tree == TREE_DEAD || d->f.running)
			d->tree = TREE_NONE;
		d->f.lost = d->f.held = d->f.went = d->f.over = d->f.rebooted = d->f.running = d->f.fills = false;
		side_forget_comparison(d);
		d->f.exit_status = 0;
		d->keeper_dead = false;
		d->f.launched = d->criu = true;
		break;
	case ORDER_DROP:
		if (d->f.running)
			break;
		/* fall through */
	case ORDER_CLEAN:
		side_clean(d);
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

static bool fault_source_boots(struct world *w)
{
	if (w->s.f.rebooted)
		return false;
	w->s.stopped = w->s.stuck = false;
	/* Its images on tmpfs went too, so it counts although the tree was gone. */
	w->host_died |= w->s.tree != TREE_DEAD || !side_runs(&w->d) || w->swapped;
	/* A copy that cannot be compared is none, nor is one that was given up for that, or that nobody said go to. */
	w->host_died |= (w->d.f.expects && !w->d.f.expected) || w->d.f.decision == DECISION_ABORT || w->unasked;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->s.f.rebooted = !w->s.f.absent;
	return true;
}

static bool fault_destination_boots(struct world *w)
{
	if (w->d.f.rebooted)
		return false;
	/* One that was being restored anew has images elsewhere only while the source's are there. */
	if (w->d.tree == TREE_RUNS || w->d.tree == TREE_STOPPED || (w->s.f.gone && w->s.f.rebooted))
		w->host_died = true;
	if (w->d.tree != TREE_NONE)
		w->d.tree = TREE_DEAD;
	w->d.criu = w->d.stopped = w->d.stuck = w->unasked = false;
	w->d.images_lost = true;
	w->d.f.rebooted = !w->d.f.absent;
	return true;
}

static bool fault_daemon(struct world *w)
{
	if (!w->feed)
		return false;
	w->feed = false;
	return true;
}

static bool fault_fill_keeper(struct world *w)
{
	if (!fills(w) || w->d.keeper_dead)
		return false;
	w->d.keeper_dead = true;
	return true;
}

/* ---- hostile ones ---- */

static bool fault_source_keeper(struct world *w)
{
	if (!w->s.f.launched || w->s.keeper_dead || w->s.f.over || w->s.f.rebooted)
		return false;
	w->s.keeper_dead = true;
	return true;
}

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

static bool hangs(struct side *side)
{
	if (!side->criu || side->stuck)
		return false;
	side->stuck = true;
	return true;
}

static bool fault_source_hangs(struct world *w)
{
	return hangs(&w->s);
}

static bool fault_destination_hangs(struct world *w)
{
	return hangs(&w->d);
}

/* Told to kill the tree, CRIU ends without having done so: a SIGSTOP waits for it. */
static bool fault_source_kept(struct world *w)
{
	if (!w->s.dying || !side_works(&w->s))
		return false;
	w->lied = true;
	w->s.criu = false;
	if (w->s.tree == TREE_HELD)
		let_go(w);
	return true;
}

/* CRIU lets the tree run, as if no SIGSTOP waited, and ends. */
static bool fault_source_runs_on(struct world *w)
{
	if (!side_works(&w->s) || w->s.tree != TREE_HELD)
		return false;
	w->lied = w->ran_on = true;
	w->s.criu = false;
	w->s.tree = TREE_RUNS;
	return true;
}

static bool fault_source_killed(struct world *w)
{
	if (!side_works(&w->s) || w->s.tree != TREE_HELD || w->s.f.returning)
		return false;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->died = !w->s.f.committed;
	return true;
}

/* The dump came to its end, and nobody was asked. */
static bool fault_source_asks_nobody(struct world *w)
{
	if (!side_works(&w->s) || w->s.f.held || w->s.tree != TREE_RUNS || w->s.keeper_dead || w->s.stopped ||
	    w->s.f.decision == DECISION_COMMIT)
		return false;
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	if (w->s.f.decision == DECISION_ABORT) {
		w->s.f.gone = true;
		side_end(&w->s, 1);
		return true;
	}
	w->s.f.held = true; /* its keeper says so at once: it knows how CRIU ended */
	finished_off(w);
	w->s.f.gone = true;
	side_end(&w->s, 0);
	return true;
}

/* The commit cannot be noted: it is void. */
static bool fault_source_unnoted(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.held || s->f.decision != DECISION_COMMIT || s->f.committed || s->f.revoked || s->f.over || !side_works(s) ||
	    s->tree != TREE_HELD)
		return false;
	s->tree = TREE_RUNS;
	w->ran_on = true;
	s->criu = false;
	side_end(s, 1);
	return true;
}

static bool fault_destination_unasked(struct world *w)
{
	if (!side_works(&w->d) || w->d.f.went || w->d.images_lost)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.criu = false;
	w->lied = w->unasked = true;
	return true;
}

static bool fault_source_returns_unasked(struct world *w)
{
	struct side *s = &w->s;

	if (!s->f.returning || s->f.returned || s->f.over || s->f.rebooted || !side_works(s))
		return false;
	s->tree = TREE_RUNS;
	s->criu = false;
	w->lied = true;
	return true;
}

static bool fault_destination_leaves_stopped(struct world *w)
{
	if (!w->d.f.went || !side_works(&w->d) || w->d.tree != TREE_HELD || w->d.f.fills)
		return false;
	w->d.tree = TREE_STOPPED;
	w->d.f.running = true;
	w->d.criu = false;
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
	source_dumps, source_obeys, source_kills, source_tells_gone, source_keeper, images_arrive, destination_restores, destination_obeys,
	destination_resumes, destination_keeper, source_returns, destination_fills, destination_starts_anew, expectation_arrives,
	destination_compares, NULL,
};
static step_fn *const faults[] = {
	fault_source_criu, fault_destination_criu, fault_lease, fault_source_boots, fault_destination_boots, fault_cancel,
	fault_daemon, fault_fill_keeper, fault_swap, NULL,
};
static step_fn *const hostile_faults[] = {
	fault_source_criu, fault_destination_criu, fault_lease, fault_source_boots, fault_destination_boots, fault_cancel,
	fault_daemon, fault_fill_keeper, fault_source_keeper, fault_source_stops, fault_destination_stops, fault_source_hangs,
	fault_destination_hangs, fault_source_kept, fault_source_runs_on, fault_source_killed, fault_source_asks_nobody,
	fault_source_unnoted, fault_source_returns_unasked, fault_destination_unasked, fault_destination_leaves_stopped, fault_apart, NULL,
};

/* ---- exploring ---- */

static void judge(const struct world *w)
{
	if (side_runs(&w->d) && fills(w) && !w->feed && !w->d.f.filled && w->d.f.absent)
		model_fail("its images went before it was filled", w);
	if (side_runs(&w->s) && side_runs(&w->d) && !w->unasked)
		model_fail("two run", w);
	if (side_runs(&w->d) && !w->d.f.same && !w->d.f.absent && !w->unasked)
		model_fail("runs without having been compared", w);
	if (side_runs(&w->d) && w->ran_on && !w->host_died && !w->lied)
		model_fail("runs from an old dump", w);
}

static void explore(bool filling, bool hostile)
{
	const struct model model = {
		.steps = steps, .faults = hostile ? hostile_faults : faults, .max_faults = hostile ? HOSTILE : FAULTS, .see = see,
		.looks_source = looks_source, .looks_destination = looks_destination, .order_source = order_source,
		.order_destination = order_destination, .judge = judge, .recover_ends = true,
	};
	struct world first;

	memset(&first, 0, sizeof first);
	first.s.f.staged = first.d.f.staged = true;
	first.d.f.fills = filling;
	first.d.f.expects = true;
	first.s.tree = TREE_RUNS;
	model_explore(&model, &first);
}

static void test_every_state(void **state)
{
	(void)state;
	explore(false, false);
}

static void test_every_state_of_a_hostile_world(void **state)
{
	(void)state;
	explore(false, true);
	explore(true, true);
}

static void test_every_state_of_one_that_fills(void **state)
{
	(void)state;
	explore(true, false);
}

static void test_nothing_before_both_are_held(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true };
	struct end_facts d = { .known = true, .staged = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_NONE);
	d.held = d.received = d.launched = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_NONE);
	d.differs = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).source, ORDER_ABORT);
	d.differs = false;
	d.same = true;
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
	/* Nor before it is held, should the tree have gone by itself: a file that is told go counts as the copy. */
	d.held = false;
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_NONE);
	d.held = true;
	/* A cancel comes too late. */
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_GO);
}

static void test_gone_without_images_there(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true, .decision = DECISION_COMMIT,
			       .committed = true, .gone = true, .over = true };
	struct end_facts d = { .known = true, .staged = true };

	(void)state;
	/* They may be on their way; to a recover they are not. */
	assert_int_equal(handover_decide(&s, &d, INTENT_MOVE, true, 0).destination, ORDER_NONE);
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_DROP);
	d = (struct end_facts){ .known = true, .absent = true };
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).source, ORDER_BACK);
}

/* The source's host went down: the images there are the process, but for what they are compared with. */
static void test_no_go_uncompared(void **state)
{
	struct end_facts s = { .known = true, .staged = true, .launched = true, .held = true, .rebooted = true };
	struct end_facts d = { .known = true, .staged = true, .launched = true, .received = true, .expects = true };

	(void)state;
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_ABORT);
	d.expected = d.held = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_GO);
	/* Nowhere else are there images: they stay. */
	d.decision = DECISION_GO;
	d.differs = d.over = true;
	d.exit_status = 1;
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, 0).destination, ORDER_AGAIN);
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, HANDOVER_RETRIES).verdict, VERDICT_DOUBT);
	s.rebooted = false;
	s.decision = DECISION_COMMIT;
	s.committed = s.gone = s.over = true;
	assert_int_equal(handover_decide(&s, &d, INTENT_ABORT, true, HANDOVER_RETRIES).destination, ORDER_DROP);
}

/* Both directories are gone: what was seen until then says where the process runs. */
static void test_settled_by_another(void **state)
{
	static const struct {
		struct end_facts s, d;
		enum verdict verdict;
	} cases[] = {
		{ { .committed = true, .gone = true }, { .held = true }, VERDICT_MOVED },
		{ { .delivered = true }, { .running = true }, VERDICT_MOVED },
		{ { .held = true }, { .held = true }, VERDICT_ROLLED_BACK },
		{ { .committed = true, .gone = true, .returned = true }, { .went = true }, VERDICT_ROLLED_BACK },
		/* Post-copy: its copy ran, and was not whole. */
		{ { .lazy = true, .revoked = true }, { .running = true, .rebooted = true }, VERDICT_ROLLED_BACK },
		{ { .lazy = true, .revoked = true }, { .went = true, .running = true, .discarded = true }, VERDICT_ROLLED_BACK },
		{ { .lazy = true, .committed = true }, { .went = true, .running = true }, VERDICT_ROLLED_BACK },
		{ { .lazy = true, .committed = true }, { .running = true, .filled = true }, VERDICT_MOVED },
		{ { .lazy = true, .committed = true, .gone = true }, { .running = true }, VERDICT_MOVED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct end_facts s = cases[i].s, d = cases[i].d;
		struct step step;

		s.known = d.known = s.absent = d.absent = true;
		step = handover_decide(&s, &d, INTENT_ABORT, true, 0);
		assert_int_equal(step.verdict, cases[i].verdict);
		assert_true(step.clean);
	}
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
		cmocka_unit_test(test_gone_without_images_there),
		cmocka_unit_test(test_no_go_uncompared),
		cmocka_unit_test(test_come_back_ends),
		cmocka_unit_test(test_settled_by_another),
		cmocka_unit_test(test_every_state),
		cmocka_unit_test(test_every_state_of_one_that_fills),
		cmocka_unit_test(test_every_state_of_a_hostile_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
