/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that come along: their first copy, while the process still runs. */
#include "move/move_priv.h"

static void on_progress(void *ctx, uint64_t bytes)
{
	struct move *move = ctx;

	move->info.phases[PHASE_STAGE].bytes = bytes;
}

static void on_done(void *ctx, const struct err *e)
{
	struct move *move = ctx;

	move->bring = NULL;
	move_set_status(move, "");
	if (move->intent != INTENT_MOVE)
		return;
	if (e) {
		move_fail(move, e);
		return;
	}
	move->brought = true;
	move_mark(move, "files are there");
	flow_advance(move);
}

bool files_brought(struct move *move)
{
	static const struct bring_ops ops = { .progress = on_progress, .done = on_done };
	struct err e = { 0 };

	if (move->brought || move->result->nbring == 0)
		return true;
	if (move->bring || move->intent != INTENT_MOVE)
		return false;
	if (!host_conn(move->request.source) || !host_conn(move->request.destination)) {
		err_set(&e, ERR_LOST, NULL, "a connection went before files were sent");
		move_fail(move, &e);
		return false;
	}
	move_set_status(move, "sending the files that come along");
	move->bring = bring_start(move->request.source, move->request.destination, move->source.dir, move->destination.dir, &ops, move);
	return false;
}
