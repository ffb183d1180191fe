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

#include "handover/protocol.h"

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

#endif
