/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the models of the handover share: the two hosts and pferry between them,
 * faults, and the search through every state they can get into.
 *
 * The decisions are the real ones: handover_decide() of src/handover.  A model says
 * how hosts behave, one step at a time, and what must hold.  pferry sees an end
 * only as it was when it last heard of it; its orders are those for what it saw,
 * so they can come late; it can die and come back at any moment (it keeps
 * nothing), which is the same as hearing of an end anew.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

#include "handover/handover.h"

enum tree { TREE_NONE, TREE_RUNS, TREE_HELD, TREE_STOPPED, TREE_DEAD };

/* All but the facts is of single bytes, so that there is no padding that differs. */
struct side {
	struct end_facts f; /* what lies on the host; `known` is unused */
	uint8_t tree;
	bool criu;          /* lives */
	bool keeper_dead;
	bool dying;         /* source: CRIU was told to kill the tree */
	bool stop_queued;
	bool images_lost;
	bool stopped;       /* CRIU, its holder and its keeper were stopped (SIGSTOP) */
	bool stuck;         /* CRIU lives, and neither does what it is told nor ends */
};

struct world {
	struct side s, d;
	struct end_facts seen_s, seen_d;
	bool ran_on;        /* the source's tree ran after it was dumped */
	bool cancel;
	bool host_died;     /* one that had what nobody else had */
	uint8_t faults, retries;
	/* post-copy */
	uint8_t fate;       /* a link at the destination */
	uint8_t settled;    /* and one at the source */
	bool feed;          /* the daemon at the destination lives */
	bool all;           /* it ended with every page in place */
	bool cut;           /* the stream of pages broke */
	bool killed_early;
	/* a broken CRIU, and other hostile things */
	bool lied;          /* CRIU did other than it was told */
	bool unasked;       /* it runs at the destination though nobody said go */
	bool apart;         /* the hosts do not reach one another: nothing goes from one to the other */
	bool died;          /* CRIU, or somebody, killed the only copy after the abort */
	bool swapped;       /* at the destination the copy would be given another file */
};

/* Returns whether it could happen. */
typedef bool step_fn(struct world *w);

struct model {
	step_fn *const *steps; /* of the hosts; NULL ends the list */
	step_fn *const *faults;
	unsigned max_faults;   /* in one history */
	void (*see)(struct end_facts *seen, const struct side *side);
	step_fn *looks_source, *looks_destination; /* what a look there does; or NULL */
	step_fn *forgets;      /* pferry dies: what comes of that; or NULL */
	bool recovers;         /* so may somebody else's recover come between at any time */
	bool recover_ends;     /* and from every state such a recover, too, comes to an end */
	void (*order_source)(struct world *w, enum order order);
	void (*order_destination)(struct world *w, enum order order);
	void (*judge)(const struct world *w); /* fails where something is so that must not be */
};

/* Go from `first` to every state there is, have each judged, and see that each has a way to an end: one copy
 * runs and nothing is left over, but where a host died. Fails the test, with the state told, where not. */
void model_explore(const struct model *model, const struct world *first);
/* Says what a state is, and fails the test. */
void model_fail(const char *what, const struct world *w);

/* ---- what hosts of both kinds do ---- */
bool side_runs(const struct side *side);
/* The first decision stands. */
void side_decide(struct side *side, enum decision decision);
void side_end(struct side *side, int status);
/* end.sh: an abort of what was not started settles it. */
void side_abort(struct side *side);
/* Its CRIU lives, and goes on. */
bool side_works(const struct side *side);
/* Nothing is left, unless it still works. */
void side_clean(struct side *side);

/* ---- the copy is compared ---- */
/* What with: the source's half, by pferry. */
step_fn expectation_arrives;
step_fn destination_compares;
/* The holder's: one that differs is killed, and nothing goes that was not compared. True: it is settled by that. */
bool side_refuses(struct side *side);
/* Of another copy, that is no more. */
void side_forget_comparison(struct side *side);

/* ---- faults ---- */
/* Somebody there changes where a name leads, or changes it back. */
step_fn fault_swap;
step_fn fault_destination_criu;
/* The lease, as the hold script's watcher sees it, or a CRIU that is gone. */
step_fn fault_lease;
step_fn fault_cancel;

#endif
