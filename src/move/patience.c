/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only time shows of a move: an end that is silent or away, a transport
 * that broke, and how long each is waited for. */
#include <stdio.h>
#include <stdlib.h>

#include "move/move_priv.h"

#define DESTINATION_PATIENCE_MS 10000
#define CLEAN_PATIENCE_MS 20000
#define SIZE_MS 500
#define SILENCE_MS 2000
#define DOUBT_EXTRA_MS 30000
#define RECOVERY_PATIENCE_MS 6000
#define RECOVERY_LONG_MS 25000 /* with both there: what is stuck on a host is ended by then, see src/remote/parts/mend.sh */
#define TRANSPORT_TRIES 4

/* A connection that stays away, before and after the decision. */
static void mind_the_absent(struct move *move)
{
	int64_t now = loop_now_ms(move->loop);
	int64_t s = move->source.unreachable_since_ms, d = move->destination.unreachable_since_ms;
	char hosts[200];
	struct err e = { 0 };

	if (d && now - d > DESTINATION_PATIENCE_MS && move->intent == INTENT_MOVE && !move->info.committed) {
		err_set(&e, ERR_LOST, move->info.destination, "the connection to %s was lost", move->info.destination);
		move_fail(move, &e);
	}
	if (s && now - s > move->setup.lease_ms + DOUBT_EXTRA_MS)
		flow_in_doubt(move, move->info.mode == MODE_POSTCOPY && move->info.committed
					    ? "the source cannot be reached, and has memory that the other end lacks"
					    : "the source cannot be reached; before the decision it goes on by itself");
	else if (d && move->info.committed && now - d > 2 * DOUBT_EXTRA_MS)
		flow_in_doubt(move, "the destination cannot be reached after the source let go; its images are kept");
	else if (move->settled_ms && now - move->settled_ms > CLEAN_PATIENCE_MS) {
		move_warn(move, "Something is left on a host: run pferry recover %s.",
			  move->endpoint->recover_hosts(move, hosts, sizeof hosts));
		move_finish(move, end_facts(move->destination.end)->running || end_facts(move->source.end)->delivered
					  ? MOVE_MOVED
					  : MOVE_ROLLED_BACK);
	}
}

/* A recovery that nothing more is heard of has done what it can from here. */
static void mind_recovery(struct move *move)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);
	struct step step = handover_decide(s, d, INTENT_ABORT, false, move->retries);
	char text[256];

	if (loop_now_ms(move->loop) - move->heard_ms < (s->known && d->known ? RECOVERY_LONG_MS : RECOVERY_PATIENCE_MS))
		return;
	/* That takes as long as it has memory, and somebody there sees to it. */
	if (d->known && d->running && d->fills && !d->filled && !d->over)
		return;
	if (step.verdict == VERDICT_ROLLED_BACK && move->endpoint->forget(move))
		return;
	move->endpoint->away(move, text, sizeof text);
	if (s->known && d->known) {
		flow_in_doubt(move, "nothing more was heard from the hosts; run recover again");
	} else if (step.verdict == VERDICT_ROLLED_BACK) {
		move_warn(move, "%s.", text);
		move_finish(move, MOVE_ROLLED_BACK);
	} else {
		flow_in_doubt(move, text);
	}
}

/* A keeper that was killed says nothing, nor does another's recover: after a
 * silence, ask. */
static void mind_the_silent(struct move *move)
{
	int64_t now = loop_now_ms(move->loop);

	if (now - move->asked_ms < SILENCE_MS)
		return;
	move->asked_ms = now;
	end_say(move->source.end, COMMAND_LOOK, NULL);
	end_say(move->destination.end, COMMAND_LOOK, NULL);
}

/* What goes straight from host to host is seen where it arrives. */
static void mind_the_unseen(struct move *move)
{
	if (move->info.via != VIA_DIRECT || move->info.phase != PHASE_SEND || move->transport_over ||
	    loop_now_ms(move->loop) - move->sized_ms < SIZE_MS)
		return;
	move->sized_ms = loop_now_ms(move->loop);
	end_say(move->destination.end, COMMAND_SIZE, NULL);
}

void flow_tick(struct move *move)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);

	if (move->transport_over && move->transport_lost && s->known && d->known && (s->held || !move->ready) && !d->received &&
	    (s->decision == DECISION_NONE || s->gone) && move->intent == INTENT_MOVE) {
		struct err e = { 0 };

		transport_close(&move->transport);
		if (move->transport_tries < TRANSPORT_TRIES) {
			sending_begin(move);
			if (move->info.via == VIA_SCP)
				end_say(move->source.end, COMMAND_LIST, NULL);
		} else {
			err_set(&e, ERR_LOST, NULL, "the connection broke again and again while the images were sent");
			move_fail(move, &e);
		}
	}
	compare_tick(move);
	rounds_tick(move);
	mind_the_silent(move);
	mind_the_unseen(move);
	if (move->recovering)
		mind_recovery(move);
	else
		mind_the_absent(move);
}
