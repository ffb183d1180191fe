/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is put in place while the tree runs already.
 *
 * Where memory went ahead, little is sent in the freeze, and most of the pause is
 * the restore, which fills all of it in before anything runs.  It need not: all of
 * it is on that host, so CRIU's daemon for lazy pages can do so meanwhile, what is
 * touched first (filler.pl, lazy.sh).  Nothing depends on the source or a link then.
 * Should the daemon die, the copy is killed, and restored again as it was at the
 * freeze: as in post-copy, that is not for one whose peers would notice.  Nor for a
 * tree: memory that is shared since a fork would become many times as much.
 */
#include <stdio.h>
#include <string.h>

#include <pferry/log.h>

#include "check/findings.h"
#include "move/move_priv.h"

static bool wanted(const struct move *move)
{
	const struct check_result *r = move->result;
	const struct host *destination = move->request.destination;

	/* What processes share since a fork would not be shared any more. */
	if (move->info.processes != 1)
		return false;
	if (move->request.whole || move->info.mode != MODE_PRECOPY || move->info.memory_bytes < FILL_FROM_BYTES)
		return false;
	if (!move->request.source || !destination || !host_facts(destination)->perl || host_own_only(destination))
		return false;
	return !lazy_unfit(r);
}

void fill_judge(struct move *move)
{
	const struct judge judge = { .options = &move->check_options };
	struct check_result *r = move->result;

	move->fills = wanted(move);
	if (!move->fills || r->refused)
		return;
	findings_add(r, &judge, "fills", NULL, "its memory is put in place on %s while it runs there; should that be cut off, it is "
		     "restored once more as it was at the freeze, and what it did there is lost (not so with --whole)",
		     move->info.destination);
	move->info.findings = r->findings;
	move->info.findings_count = r->count;
}

void fill_running(struct move *move)
{
	const struct end_facts *facts = end_facts(move->destination.end);

	if (!facts->fills || facts->filled)
		return;
	move->info.committed = true;
	move_set_phase(move, PHASE_FILL);
	move_set_status(move, "runs there, its memory is filled in");
	if (move->recovering)
		log_add(LOG_NOTE, move->info.destination, "#%u runs there; waiting until all of its memory is in place",
			move->info.number);
}

void fill_filled(struct move *move)
{
	move_set_status(move, "");
}

void fill_anew(struct move *move, const char *rest)
{
	(void)rest;
	move_warn(move, "CRIU's daemon on %.100s ended before all of its memory was in place: it was restored once more, as it was "
			"at the freeze.", move->info.destination);
}
