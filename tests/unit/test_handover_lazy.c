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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explore.h"
#include "move/handover.h"

#define FAULTS 4

enum tree { TREE_NONE, TREE_RUNS, TREE_HELD, TREE_STOPPED, TREE_DEAD };
enum fate { FATE_NONE, FATE_FILL, FATE_DISCARD };      /* a link at the destination */
enum settled { SETTLED_NONE, SETTLED_KILL, SETTLED_REVOKE }; /* and one at the source */

struct side {
	struct end_facts f;
	enum tree tree;
	bool criu, keeper_dead;
};

struct world {
	struct side s, d;
	struct end_facts seen_s, seen_d;
	enum fate fate;
	enum settled settled;
	bool feed; /* the daemon at the destination lives */
	bool all;  /* it ended with every page in place */
	bool cut;  /* the stream of pages broke */
	bool ran_on, cancel, host_died, killed_early;
	uint8_t faults;
};

static bool can_run(const struct side *side)
{
	return side->tree == TREE_RUNS;
}

static void decide_at(struct side *side, enum decision decision)
{
	if (side->f.decision == DECISION_NONE)
		side->f.decision = decision;
}

static void end_at(struct side *side, int status)
{
	side->f.over = true;
	side->f.exit_status = status;
}

/* ---- the source ---- */

/* Held, SIGSTOP queued; CRIU goes on to serve pages. */
static bool source_dumps(struct world *w)
{
	if (!w->s.criu || w->s.f.held || w->s.tree != TREE_RUNS || w->s.f.decision != DECISION_NONE)
		return false;
	w->s.f.held = true;
	w->s.tree = TREE_HELD;
	return true;
}

static bool source_dump_aborted(struct world *w)
{
	if (!w->s.criu || w->s.f.held || w->s.f.decision != DECISION_ABORT)
		return false;
	w->s.criu = false;
	return true;
}

static void serving_ends(struct world *w)
{
	w->s.criu = false;
	if (w->s.tree == TREE_HELD)
		w->s.tree = TREE_STOPPED;
}

/* The watcher, or end.sh at once. */
static bool source_obeys(struct world *w)
{
	if (!w->s.criu || !w->s.f.held || w->s.f.decision != DECISION_ABORT)
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
		decide_at(s, DECISION_ABORT);
	if (s->f.decision == DECISION_ABORT && s->tree == TREE_STOPPED) {
		s->tree = TREE_RUNS;
		w->ran_on = true;
	}
	end_at(s, 137);
	return true;
}

static bool source_keeper(struct world *w)
{
	return !w->s.keeper_dead && source_over(w);
}

/* ---- the destination ---- */

static bool images_arrive(struct world *w)
{
	if (!w->s.f.held || w->d.f.launched || w->d.f.absent || w->d.f.rebooted || w->s.f.rebooted)
		return false;
	w->d.f.received = w->d.f.launched = true;
	w->d.criu = w->feed = true;
	return true;
}

static bool pages_come(const struct world *w)
{
	return w->feed && w->s.criu && !w->cut;
}

static bool destination_restores(struct world *w)
{
	if (!w->d.criu || w->d.f.held || !pages_come(w))
		return false;
	w->d.f.held = true;
	w->d.tree = TREE_HELD;
	return true;
}

/* Without pages it cannot; aborted, it is not waited for. */
static bool destination_fails(struct world *w)
{
	if (!w->d.criu || w->d.f.held || (w->feed && w->d.f.decision != DECISION_ABORT))
		return false;
	w->d.criu = false;
	return true;
}

/* Of both that would be done, the first link stands. */
static void discard(struct world *w)
{
	if (w->fate == FATE_NONE)
		w->fate = FATE_DISCARD;
	decide_at(&w->d, DECISION_ABORT);
}

static bool feed_fails(struct world *w)
{
	if (!w->feed || pages_come(w))
		return false;
	w->feed = false;
	if (!w->d.keeper_dead)
		discard(w);
	return true;
}

static bool destination_obeys(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.held || d->f.went || d->f.over || d->f.decision == DECISION_NONE || d->tree != TREE_HELD)
		return false;
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
	if (!w->d.f.went || !w->d.criu || w->d.tree != TREE_HELD)
		return false;
	w->d.tree = TREE_RUNS;
	w->d.f.running = true;
	w->d.criu = false;
	return true;
}

static bool destination_fills(struct world *w)
{
	if (!can_run(&w->d) || !pages_come(w))
		return false;
	w->all = true;
	w->feed = false;
	serving_ends(w);
	return true;
}

static void see_dead(struct world *w)
{
	w->d.tree = w->d.tree == TREE_NONE ? TREE_NONE : TREE_DEAD;
	w->d.criu = w->feed = false;
	w->d.f.discarded = true;
	end_at(&w->d, 1);
}

static bool destination_keeper(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.launched || d->criu || d->f.over || d->f.rebooted || d->keeper_dead)
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
		end_at(d, 0);
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
static bool sees_source(struct world *w)
{
	if (w->s.keeper_dead)
		source_over(w);
	see(&w->seen_s, &w->s);
	return true;
}

static bool sees_destination(struct world *w)
{
	struct side *d = &w->d;

	if (d->keeper_dead && d->f.launched && !d->criu && !(w->feed && d->f.running) && !d->f.over && !d->f.rebooted) {
		w->feed = false; /* of no use without a restore */
		end_at(d, 137);
	}
	see(&w->seen_d, d);
	return true;
}

static bool dies(struct world *w)
{
	memset(&w->seen_s, 0, sizeof w->seen_s);
	memset(&w->seen_d, 0, sizeof w->seen_d);
	w->cut |= w->d.f.launched && !w->all;
	return true;
}

static void clean_at(struct side *side)
{
	if (side->f.launched && !side->f.over && !side->f.rebooted)
		return;
	memset(&side->f, 0, sizeof side->f);
	side->f.absent = true;
}

static void abort_at(struct side *side)
{
	if (!side->f.launched) {
		side->f.launched = true;
		end_at(side, 0);
	}
	decide_at(side, DECISION_ABORT);
}

static void order_source(struct world *w, enum order order)
{
	struct side *s = &w->s;

	if (s->f.absent)
		return;
	if (order == ORDER_FREEZE && !s->f.launched && s->tree == TREE_RUNS) {
		s->f.launched = s->criu = true;
	} else if (order == ORDER_COMMIT) {
		decide_at(s, DECISION_COMMIT);
	} else if (order == ORDER_ABORT) {
		abort_at(s);
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
		clean_at(s);
	}
}

static void order_destination(struct world *w, enum order order)
{
	struct side *d = &w->d;

	if (d->f.absent)
		return;
	if (order == ORDER_GO) {
		decide_at(d, DECISION_GO);
	} else if (order == ORDER_ABORT) {
		abort_at(d);
	} else if (order == ORDER_DISCARD) {
		discard(w);
		if (w->fate == FATE_DISCARD && (d->f.running || d->keeper_dead))
			see_dead(w);
	} else if (order == ORDER_CLEAN || (order == ORDER_DROP && (!d->f.running || d->f.discarded || d->f.rebooted))) {
		clean_at(d);
	}
}

static struct step decide(const struct world *w, enum intent intent)
{
	return handover_decide(&w->seen_s, &w->seen_d, w->cancel ? INTENT_ABORT : intent, true, 0);
}

static bool orders_source(struct world *w)
{
	order_source(w, decide(w, INTENT_MOVE).source);
	return true;
}

static bool orders_destination(struct world *w)
{
	order_destination(w, decide(w, INTENT_MOVE).destination);
	return true;
}

/* A recover, by somebody else, at any time. */
static bool recovers_source(struct world *w)
{
	order_source(w, decide(w, INTENT_ABORT).source);
	return true;
}

static bool recovers_destination(struct world *w)
{
	order_destination(w, decide(w, INTENT_ABORT).destination);
	return true;
}

/* ---- faults ---- */

static bool fault_source_criu(struct world *w)
{
	if (!w->s.criu)
		return false;
	serving_ends(w);
	return true;
}

static bool fault_destination_criu(struct world *w)
{
	if (!w->d.criu)
		return false;
	w->d.criu = false;
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
	w->host_died |= !(can_run(&w->d) && w->fate == FATE_FILL);
	w->s.tree = TREE_DEAD;
	w->s.criu = false;
	w->s.f.rebooted = !w->s.f.absent;
	return true;
}

static bool fault_destination_boots(struct world *w)
{
	if (w->d.f.rebooted)
		return false;
	w->host_died |= can_run(&w->d) && w->fate == FATE_FILL;
	if (w->d.tree != TREE_NONE)
		w->d.tree = TREE_DEAD;
	w->d.criu = w->feed = false;
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
	source_dumps, source_dump_aborted, source_obeys, source_keeper, images_arrive, destination_restores, feed_fails,
	destination_fails, destination_obeys, destination_resumes, destination_fills, destination_keeper,
	/* from here on pferry's, as HOST_STEPS says */
	sees_source, sees_destination, orders_source, orders_destination, recovers_source, recovers_destination, dies,
};
#define HOST_STEPS 12
static step_fn *const faults[] = { fault_source_criu, fault_destination_criu, fault_feed, fault_source_keeper,
				   fault_destination_keeper, fault_lease, fault_source_boots, fault_destination_boots,
				   fault_cancel };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- exploring ---- */

static void copy_side(struct side *to, const struct side *from)
{
	to->f = from->f;
	to->tree = from->tree, to->criu = from->criu, to->keeper_dead = from->keeper_dead;
}

/* Worlds are only ever copied whole from one that was zeroed, so padding stays equal. */
static void add(struct explore *search, const struct world *w)
{
	struct world c;

	memcpy(&c, w, sizeof c);
	copy_side(&c.s, &w->s);
	explore_add(search, &c);
}

static void show(const char *what, const struct world *w)
{
	fprintf(stderr,
		"%s: source tree %d criu %d keeper %d held %d decision %d revoked %d gone %d over %d(%d) boot %d delivered %d absent %d;"
		" destination tree %d criu %d feed %d keeper %d held %d decision %d went %d running %d filled %d discarded %d over %d(%d)"
		" boot %d absent %d; fate %d settled %d all %d cut %d ran_on %d cancel %d faults %d\n",
		what, (int)w->s.tree, w->s.criu, !w->s.keeper_dead, w->s.f.held, (int)w->s.f.decision, w->s.f.revoked, w->s.f.gone,
		w->s.f.over, w->s.f.exit_status, w->s.f.rebooted, w->s.f.delivered, w->s.f.absent, (int)w->d.tree, w->d.criu, w->feed,
		!w->d.keeper_dead, w->d.f.held, (int)w->d.f.decision, w->d.f.went, w->d.f.running, w->d.f.filled, w->d.f.discarded,
		w->d.f.over, w->d.f.exit_status, w->d.f.rebooted, w->d.f.absent, (int)w->fate, (int)w->settled, w->all, w->cut, w->ran_on,
		w->cancel, w->faults);
}

/* Without further faults, and with pferry or a recover at it. */
static void ends_well(const struct world *start)
{
	struct world w = *start;
	bool over = false;

	for (int turn = 0; turn < 60 && !over; turn++) {
		struct step step;

		for (size_t i = 0; i < HOST_STEPS; i++)
			steps[i](&w);
		sees_source(&w);
		sees_destination(&w);
		step = decide(&w, w.cut ? INTENT_ABORT : INTENT_MOVE);
		order_source(&w, step.source);
		order_destination(&w, step.destination);
		over = step.clean || (w.s.f.absent && w.d.f.absent);
	}
	if ((!can_run(&w.s) && !can_run(&w.d) && !w.host_died) || (!over && !w.host_died)) {
		show("began", start);
		show(over ? "nobody runs" : "does not end", &w);
		fail();
	}
}

static void judge(const struct world *w)
{
	if (can_run(&w->s) && can_run(&w->d)) {
		show("two run", w);
		fail();
	}
	if (can_run(&w->d) && w->ran_on) {
		show("runs from an old dump", w);
		fail();
	}
	if (w->killed_early) {
		show("killed before the other had all", w);
		fail();
	}
	ends_well(w);
}

static void test_every_state(void **state)
{
	struct explore search;
	struct world first;

	(void)state;
	memset(&first, 0, sizeof first);
	explore_begin(&search, sizeof first);
	first.s.f.staged = first.d.f.staged = true;
	first.s.tree = TREE_RUNS;
	add(&search, &first);
	for (size_t at = 0; at < search.count; at++) {
		struct world w, next;

		memcpy(&w, explore_at(&search, at), sizeof w);
		judge(&w);
		for (size_t i = 0; i < COUNT(steps); i++) {
			memcpy(&next, &w, sizeof next);
			if (steps[i](&next))
				add(&search, &next);
		}
		for (size_t i = 0; i < COUNT(faults) && w.faults < FAULTS; i++) {
			memcpy(&next, &w, sizeof next);
			if (faults[i](&next)) {
				next.faults++;
				add(&search, &next);
			}
		}
	}
	print_message("explored %zu states\n", search.count);
	explore_end(&search);
}

static void test_go_only_after_commit(void **state)
{
	struct end_facts s = { .known = true, .lazy = true, .staged = true, .launched = true, .held = true };
	struct end_facts d = { .known = true, .lazy = true, .staged = true, .launched = true, .received = true, .held = true };

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
