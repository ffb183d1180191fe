/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handover, as a pure function.
 *
 * What is so at an end of a move lies on that host, as files in the
 * migration's directory (src/remote/hand.sh), and reaches us as facts.  From
 * the facts of both ends and what is wanted, handover_decide() says what to
 * tell each end next.  It keeps nothing in memory, so a pferry that comes back
 * after a lost connection, and a `recover` run by someone else a day later,
 * go on from the same facts by the same function; and a model checker can
 * walk through every state of it (tests/unit/test_handover.c).
 *
 * What it relies on, of the hosts: the first decision at an end stands; the
 * source's tree lives on unless "committed" was recorded, and "gone" is
 * recorded only when it was seen gone; the destination's tree runs only after
 * the decision go, and only when its end has compared it with what the source's
 * was ("same"); one that differs is killed there.
 *
 * Post-copy bends this: the source is stopped and serves its memory while the
 * copy runs already.  There the source's lease is good until the decision, as
 * always; after it the tree stays stopped until the destination has either all
 * of the memory ("filled": then it is killed) or no copy any more ("discarded",
 * seen dead: then it runs on).  Which of the two is one link there, as is killed
 * or revived at the source, so late orders cannot have both.
 *
 * Nor is a copy that "fills" there for good as soon as it runs: all of its memory
 * is on that host, but put in place meanwhile.  Should that fail, and its keeper be
 * no more, it is killed and restored again; until it has "filled", the images stay.
 */
#ifndef HANDOVER_HANDOVER_H
#define HANDOVER_HANDOVER_H

#include <stdbool.h>

enum decision { DECISION_NONE, DECISION_COMMIT, DECISION_ABORT, DECISION_GO };

/* What is so at an end: the one list of it. */
#define END_FACTS(FACT)                                                                                      \
	FACT(bool, known)                  /* it has told everything since we (re)attached */                \
	FACT(bool, absent)                 /* it answers, and there is no directory (any more) */            \
	FACT(bool, staged)                                                                                   \
	FACT(bool, launched)               /* its CRIU was started */                                        \
	FACT(bool, held)                   /* CRIU holds the tree */                                         \
	FACT(bool, committed)              /* source: SIGSTOP queued while CRIU held; CRIU kills the tree */ \
	FACT(bool, revoked)                /* source: commit came after CRIU let go; the tree runs on */     \
	FACT(bool, gone)                   /* source: no process of the tree is left */                      \
	FACT(bool, received)               /* destination: all images are there */                           \
	FACT(bool, went)                   /* destination: the holder let CRIU start the tree */             \
	FACT(bool, running)                /* the tree was seen started by CRIU here */                      \
	FACT(bool, lost)                   /* destination: CRIU died while holding; its tree was killed */   \
	FACT(bool, delivered)              /* source: the other end was seen running */                      \
	FACT(bool, returning)              /* source: its own images are being restored here, once */        \
	FACT(bool, returned)               /* and that tree was seen started */                              \
	FACT(bool, over)                   /* its keeper ended: CRIU is not there any more */                \
	FACT(int, exit_status)             /* of CRIU, when over */                                          \
	FACT(enum decision, decision)                                                                        \
	FACT(bool, rebooted)               /* the host booted since: nothing of it lives */                  \
	FACT(bool, tree_lives)             /* processes of the tree are there (only after look) */           \
	FACT(bool, lapsed)                 /* source: its lease ran out; with the decision abort, that is why */ \
	FACT(bool, keep)                   /* source: its tree is to be left stopped, not killed */          \
	FACT(bool, lazy)                   /* post-copy */                                                   \
	FACT(bool, fills)                  /* destination: it may run before all that is there is in place */ \
	FACT(bool, filled)                 /* destination: it runs, with all of its memory */                \
	FACT(bool, discarded)              /* destination: the copy was seen dead, and none will run */      \
	FACT(bool, replaced)               /* source: the process had ended before it was held */            \
	FACT(bool, expects)                /* destination: it compares the copy, and waits for what with */  \
	FACT(bool, expected)               /* destination: that is there */                                  \
	FACT(bool, same)                   /* destination: the copy it holds is as the tree was */           \
	FACT(bool, differs)                /* or is not: it will not run, whatever is decided */

#define END_FACTS_FIELD(type, name) type name;
struct end_facts {
	END_FACTS(END_FACTS_FIELD)
};
#undef END_FACTS_FIELD

enum order {
	ORDER_NONE,
	ORDER_FREEZE,
	ORDER_COMMIT,
	ORDER_ABORT,
	ORDER_GO,
	ORDER_REVOKE,    /* source: a commit that nobody carried out is void, the tree runs on */
	ORDER_KILL,      /* what is left of a committed tree */
	ORDER_AGAIN,     /* destination: forget the failed restore, or kill what was not filled, and restore once more */
	ORDER_BACK,      /* source: the copy there is no more: restore the images here */
	ORDER_DELIVERED,
	ORDER_DISCARD,   /* destination, post-copy: kill the copy, unless it has all of its memory */
	ORDER_DROP,      /* destination: remove all, unless it was started after all */
	ORDER_CLEAN
};

enum verdict {
	VERDICT_PENDING,
	VERDICT_MOVED,       /* runs at the destination */
	VERDICT_ROLLED_BACK, /* runs at the source */
	VERDICT_DOUBT        /* cannot be decided from here: see `why` */
};

enum intent {
	INTENT_MOVE,  /* go on */
	INTENT_ABORT  /* stop, if it is not too late */
};

struct step {
	enum order source, destination;
	enum verdict verdict;
	bool clean;       /* nothing is left on either host */
	const char *why;  /* VERDICT_DOUBT: a sentence */
};

/* `ready`: both ends are staged and the freeze may begin. `retries` is how often
 * a restore was already repeated, or done at the source, after commit. */
struct step handover_decide(const struct end_facts *source, const struct end_facts *destination,
			    enum intent intent, bool ready, int retries);

/* Whether both say the same of an end. */
bool handover_same(const struct end_facts *a, const struct end_facts *b);

/* After commit a failed restore is repeated this often at the destination, and
 * then as often at the source, before it is given up. */
#define HANDOVER_RETRIES 3

const char *order_name(enum order order);

#endif
