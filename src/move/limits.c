/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a move asks the operator, and how long it may take. */
#include "move/move_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

#define FROZEN_ASK_MIN_MS 5000 /* a shorter pause is over before it is answered */
#define FROZEN_ASK_TIMES 3     /* what was expected */

static void ask(struct move *move, enum move_asks what, char *question)
{
	free(move->question);
	move->question = question;
	move->asks = what;
	move_tell(move, MOVE_CHANGE_QUESTION);
}

void ask_no_more(struct move *move)
{
	if (!move->question)
		return;
	free(move->question);
	move->question = NULL;
	move->asks = ASKS_NOTHING;
	move_tell(move, MOVE_CHANGE_QUESTION);
}

void ask_for_choice(struct move *move)
{
	const struct check_result *r = move->result;

	move_set_status(move, "waiting for an answer");
	if (r->choice && r->only_pids)
		ask(move, ASKS_CHOICE, mem_printf("%s Or wait (w) until it is free?", r->question));
	else if (r->choice)
		ask(move, ASKS_CHOICE, mem_strdup(r->question));
	else
		ask(move, ASKS_WAIT, mem_printf("%s. Wait until it is free?", r->findings[r->stands].text));
}

/* It goes on meanwhile: the answer may come too late, which is well too. */
static void ask_while_frozen(struct move *move)
{
	char frozen[32], expected[32];

	move->frozen_asked = true;
	ask(move, ASKS_FROZEN,
	    mem_printf("frozen for %s, expected were %s. Stop the move and let it run on at %s?",
		       text_duration(frozen, sizeof frozen, move->info.frozen_ms),
		       text_duration(expected, sizeof expected, move->info.estimate_ms), move->info.source));
}

void move_answer(struct move *move, bool yes)
{
	enum move_asks asks = move->asks;
	struct err e = { 0 };

	if (!move->question)
		return;
	ask_no_more(move);
	if (asks == ASKS_FROZEN) {
		if (yes)
			move_cancel(move, &e);
		return;
	}
	move_set_status(move, "");
	if (yes && asks == ASKS_WAIT) {
		move->request.wait_pid_s = -1;
		pidwait_begin(move);
	} else if (yes) {
		choose_yes(move);
		move_check(move);
	} else {
		move_fail(move, &move->result->why);
	}
}

void move_answer_wait(struct move *move)
{
	bool may = move_info(move)->may_wait;

	if (!may) {
		move_answer(move, false);
		return;
	}
	ask_no_more(move);
	move->request.wait_pid_s = -1;
	pidwait_begin(move);
}

/* A connection that is lost has rules of its own, and a line of its own on the screen. */
static bool reachable(const struct move *move)
{
	return !move->source.unreachable_since_ms && !move->destination.unreachable_since_ms;
}

/* Frozen for longer than was expected, with no limit given: someone should say. */
static bool outlasts(const struct move *move)
{
	const struct move_info *info = &move->info;

	return move->request.ask && reachable(move) && !move->request.max_frozen_s && !move->frozen_asked && !move->recovering && info->frozen &&
	       info->estimate_ms >= 0 && info->frozen_ms > FROZEN_ASK_MIN_MS &&
	       info->frozen_ms > FROZEN_ASK_TIMES * info->estimate_ms;
}

void limits_tick(struct move *move)
{
	const struct move_info *info = &move->info;
	struct err e = { 0 };
	char limit[32];

	if (move->asks == ASKS_FROZEN && (info->committed || !info->frozen || move->intent == INTENT_ABORT || !reachable(move)))
		ask_no_more(move);
	if (move->intent == INTENT_ABORT || info->committed)
		return;
	if (move->request.timeout_s && info->total_ms > (int64_t)move->request.timeout_s * 1000)
		err_set(&e, ERR_TIMEOUT, NULL, "it took longer than %s",
			text_duration(limit, sizeof limit, (int64_t)move->request.timeout_s * 1000));
	else if (move->request.max_frozen_s && info->frozen && info->frozen_ms > (int64_t)move->request.max_frozen_s * 1000)
		err_set(&e, ERR_TIMEOUT, NULL, "it was frozen longer than %s",
			text_duration(limit, sizeof limit, (int64_t)move->request.max_frozen_s * 1000));
	if (e.code != ERR_NONE)
		move_fail(move, &e);
	else if (outlasts(move))
		ask_while_frozen(move);
}
