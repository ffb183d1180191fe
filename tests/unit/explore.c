/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "explore.h"

#define TABLE_BITS 23
#define RETRIES_MAX 6
#define TURNS_MAX 60

/* ---- the states found, in the order they were found: also the queue of those still to be looked at ---- */

struct search {
	struct world *found;
	size_t count, cap, transitions;
	uint32_t *table; /* index + 1 into found */
};

static uint64_t hash(const void *state, size_t size)
{
	const unsigned char *p = state;
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h ^ h >> 29;
}

/* Field by field into zeroed memory: its padding is to compare equal. */
static void copy_facts(struct end_facts *to, const struct end_facts *from)
{
	memset(to, 0, sizeof *to);
#define STATE(NAME, word, told, source, destination, says) to->word = from->word;
#define FACT(type, name, says) to->name = from->name;
#include "handover/protocol.def"
}

/* Add it unless it is there. */
static void add(struct search *x, const struct world *w)
{
	struct world c;

	memcpy(&c, w, sizeof c);
	copy_facts(&c.s.f, &w->s.f);
	copy_facts(&c.d.f, &w->d.f);
	copy_facts(&c.seen_s, &w->seen_s);
	copy_facts(&c.seen_d, &w->seen_d);
	if (c.retries > RETRIES_MAX)
		c.retries = RETRIES_MAX;
	for (uint64_t at = hash(&c, sizeof c);; at++) {
		uint32_t *slot = &x->table[at & ((1u << TABLE_BITS) - 1)];

		if (*slot == 0) {
			if (x->count == x->cap) {
				x->cap = x->cap ? x->cap * 2 : 65536;
				x->found = realloc(x->found, x->cap * sizeof c);
				assert_non_null(x->found);
			}
			memcpy(&x->found[x->count], &c, sizeof c);
			*slot = (uint32_t)++x->count;
			assert_true(x->count < (3u << (TABLE_BITS - 2)));
			return;
		}
		if (memcmp(&x->found[*slot - 1], &c, sizeof c) == 0)
			return;
	}
}

/* ---- pferry ---- */

static void sees_source(const struct model *m, struct world *w)
{
	if (m->looks_source)
		m->looks_source(w);
	m->see(&w->seen_s, &w->s);
}

static void sees_destination(const struct model *m, struct world *w)
{
	if (m->looks_destination)
		m->looks_destination(w);
	m->see(&w->seen_d, &w->d);
}

static void forgets(const struct model *m, struct world *w)
{
	memset(&w->seen_s, 0, sizeof w->seen_s);
	memset(&w->seen_d, 0, sizeof w->seen_d);
	if (m->forgets)
		m->forgets(w);
}

static struct step decide(const struct world *w, enum intent intent)
{
	return handover_decide(&w->seen_s, &w->seen_d, w->cancel ? INTENT_ABORT : intent, true, w->retries);
}

/* ---- exploring ---- */

static void show_facts(const struct end_facts *f)
{
#define STATE(NAME, word, told, source, destination, says) SHOW(word)
#define FACT(type, name, says) SHOW(name)
#define SHOW(name)                                               \
	if (f->name)                                             \
		fprintf(stderr, " " #name " %d", (int)f->name);
#include "handover/protocol.def"
#undef SHOW
}

static void show_side(const char *what, const struct side *s)
{
	fprintf(stderr, "  %s: tree %d%s%s%s%s%s%s%s;", what, s->tree, s->criu ? " criu" : "", s->keeper_dead ? " no-keeper" : "",
		s->stopped ? " stopped" : "", s->stuck ? " stuck" : "", s->dying ? " dying" : "", s->stop_queued ? " stop-queued" : "", s->images_lost ? " images-lost" : "");
	show_facts(&s->f);
	fprintf(stderr, "\n");
}

static void show(const char *what, const struct world *w)
{
	fprintf(stderr, "%s: ran_on %d cancel %d host_died %d faults %d retries %d fate %d settled %d feed %d all %d cut %d lied %d "
		"unasked %d apart %d died %d swapped %d\n", what, w->ran_on, w->cancel, w->host_died, w->faults, w->retries, w->fate, w->settled, w->feed,
		w->all, w->cut, w->lied, w->unasked, w->apart, w->died, w->swapped);
	show_side("source", &w->s);
	show_side("destination", &w->d);
}

void model_fail(const char *what, const struct world *w)
{
	show(what, w);
	fail();
}

/* Without further faults, and with pferry or a recover at it. */
static void ends_well(const struct model *m, const struct world *start, enum intent intent)
{
	struct world w;
	bool over = false, doubt = false;

	memcpy(&w, start, sizeof w);
	w.retries = 0; /* as a recover that is run anew */
	for (int turn = 0; turn < TURNS_MAX && !over && !doubt; turn++) {
		struct step step;

		for (size_t i = 0; m->steps[i]; i++)
			m->steps[i](&w);
		sees_source(m, &w);
		sees_destination(m, &w);
		step = decide(&w, intent);
		m->order_source(&w, step.source);
		m->order_destination(&w, step.destination);
		/* Each is given once on a connection. */
		if ((step.destination == ORDER_DROP || step.destination == ORDER_CLEAN) && !w.d.f.absent)
			model_fail("it was told to remove all, and does not yet", &w);
		if (step.source == ORDER_CLEAN && !w.s.f.absent)
			model_fail("the source was told to remove all, and does not yet", &w);
		over = step.clean || (w.s.f.absent && w.d.f.absent);
		doubt = step.verdict == VERDICT_DOUBT;
		if (doubt && w.swapped) {
			/* Its images wait until somebody has put things right, and recover is run anew. */
			w.swapped = doubt = false;
			w.retries = 0;
		}
	}
	if (side_runs(&w.s) && side_runs(&w.d))
		model_fail("two run at the end", &w);
	if (w.host_died || (over && w.died) || (over && (side_runs(&w.s) || side_runs(&w.d))))
		return;
	show(intent == INTENT_MOVE ? "began" : "recover began", start);
	model_fail(over ? "nobody runs" : "does not end", &w);
}

static void next_states(const struct model *m, struct search *x, const struct world *w)
{
	const enum intent intents[] = { INTENT_MOVE, INTENT_ABORT };
	struct world next;

/* One thing that may happen; `could`: it did. */
#define MAY(could)                           \
	do {                                 \
		memcpy(&next, w, sizeof next); \
		if (could) {                 \
			x->transitions++;    \
			add(x, &next);       \
		}                            \
	} while (0)

	for (size_t i = 0; m->steps[i]; i++)
		MAY(m->steps[i](&next));
	MAY((sees_source(m, &next), true));
	MAY((sees_destination(m, &next), true));
	MAY((forgets(m, &next), true));
	for (size_t i = 0; i < (m->recovers ? 2 : 1); i++) {
		MAY((m->order_source(&next, decide(w, intents[i]).source), true));
		MAY((m->order_destination(&next, decide(w, intents[i]).destination), true));
	}
	for (size_t i = 0; m->faults[i] && w->faults < m->max_faults; i++)
		MAY(m->faults[i](&next) && ++next.faults);
#undef MAY
}

void model_explore(const struct model *model, const struct world *first)
{
	struct search x = { .table = calloc(1u << TABLE_BITS, sizeof *x.table) };

	assert_non_null(x.table);
	/* Nothing but the facts may have padding. */
	assert_int_equal(sizeof(struct side), sizeof(struct end_facts) + 8);
	assert_int_equal(sizeof(struct world), 2 * sizeof(struct side) + 2 * sizeof(struct end_facts) + 16);
	add(&x, first);
	for (size_t at = 0; at < x.count; at++) {
		struct world w; /* what is found may move */

		memcpy(&w, &x.found[at], sizeof w);
		model->judge(&w);
		/* Time alone shows a living pferry that nothing more comes; a recover aborts what it may. */
		if (!w.cut && !w.apart && !w.s.stuck && !w.d.stuck)
			ends_well(model, &w, INTENT_MOVE);
		if (w.cut || model->recover_ends)
			ends_well(model, &w, INTENT_ABORT);
		next_states(model, &x, &w);
	}
	print_message("explored %zu states, %zu transitions\n", x.count, x.transitions);
	free(x.found);
	free(x.table);
}

/* ---- what hosts of both kinds do ---- */

bool side_runs(const struct side *side)
{
	return side->tree == TREE_RUNS;
}

void side_decide(struct side *side, enum decision decision)
{
	if (side->f.decision == DECISION_NONE)
		side->f.decision = decision;
}

void side_end(struct side *side, int status)
{
	side->f.over = true;
	side->f.exit_status = status;
}

void side_abort(struct side *side)
{
	if (!side->f.launched) {
		side->f.launched = true;
		side_end(side, 0);
	}
	side_decide(side, DECISION_ABORT);
}

bool side_works(const struct side *side)
{
	return side->criu && !side->stopped && !side->stuck;
}

void side_clean(struct side *side)
{
	if (side->f.launched && !side->f.over && !side->f.rebooted)
		return;
	memset(&side->f, 0, sizeof side->f);
	side->f.absent = true;
}

/* ---- the copy is compared ---- */

bool expectation_arrives(struct world *w)
{
	if (w->d.f.expected || !w->s.f.held || w->s.tree != TREE_HELD || w->s.f.rebooted || w->d.f.absent || w->d.f.rebooted)
		return false;
	w->d.f.expected = true;
	return true;
}

bool destination_compares(struct world *w)
{
	struct side *d = &w->d;

	if (!d->f.held || d->tree != TREE_HELD || !d->f.expected || d->f.same || d->f.differs || d->f.over)
		return false;
	if (w->swapped)
		d->f.differs = true;
	else
		d->f.same = true;
	return true;
}

bool side_refuses(struct side *side)
{
	if (side->f.differs) {
		side->tree = TREE_DEAD;
		side->criu = false;
		return true;
	}
	return side->f.decision == DECISION_NONE || (side->f.decision == DECISION_GO && !side->f.same && side->criu);
}

void side_forget_comparison(struct side *side)
{
	side->f.same = side->f.differs = false;
}

/* ---- faults ---- */

bool fault_swap(struct world *w)
{
	if (w->d.f.absent)
		return false;
	w->swapped = !w->swapped;
	/* What there would have been to go back to has died with the source's host. */
	w->host_died |= w->s.f.rebooted;
	return true;
}

bool fault_destination_criu(struct world *w)
{
	if (!w->d.criu)
		return false;
	w->d.criu = false;
	return true;
}

bool fault_lease(struct world *w)
{
	if (!w->s.f.held || w->s.f.decision != DECISION_NONE || w->s.f.over)
		return false;
	side_decide(&w->s, DECISION_ABORT);
	return true;
}

bool fault_cancel(struct world *w)
{
	if (w->cancel)
		return false;
	w->cancel = true;
	return true;
}
