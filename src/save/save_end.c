/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as one end of the handover.
 *
 * The file has states (save_format.h), each on the disk before it counts, and
 * its facts follow from them; what is to be done is handover_decide()'s, as for
 * two hosts.  Why that keeps "never lost, never two":
 *
 * As a destination (save):
 *
 *     part made, "saving" -> images in, "whole", synced: fact held -> commit at
 *     the source -> its tree seen gone -> go: nothing is done, it is as good as
 *     running -> source notes "delivered" -> marked "saved", named FILE
 *
 * - Before "whole" is on the disk there is no commit: whatever fails leaves the
 *   process at the source, by an abort or the source's own lease.
 * - Only "saved" may be restored.  It is written after the source's tree was
 *   seen gone and after the source noted "delivered".  So from a file that may
 *   be restored no second copy can come at the source: it does not run there,
 *   and the source never restores its own images after "delivered".
 * - Between commit and "saved" the part is whole, and the source has its images
 *   and its record: `pferry recover SOURCE` finishes it where the part lies, and
 *   should the part be gone (and the source not have noted "delivered", so it
 *   was never "saved"), has the source restore its own.
 * - A part that was not committed is refused by restore, whoever finds it.
 *
 * As a source (restore):
 *
 *     "saved" -> images there, destination holds the restored tree -> commit:
 *     marked "claimed ID HOST" -> go at the destination -> seen running ->
 *     "restored ID HOST"
 *
 * - The claim is the decision: one write, under a lock, synced.  Without it the
 *   destination is never told go.  Whoever finds it claimed or restored refuses.
 * - It is taken back only after the destination was seen without the copy
 *   (ORDER_BACK comes after ORDER_DROP).
 * - A claim cut off is recover's: the destination's record names the file, and
 *   the claim's ID says whether that restore was told go.  Where the file cannot
 *   be read that is not known, and nothing is done.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "save/save.h"

static struct end_facts *facts(struct save *save)
{
	return end_facts_edit(save->end);
}

static void tell(struct save *save, enum notice notice)
{
	end_tell(save->end, notice);
}

static bool mark(struct save *save, enum save_state state, const char *owner, const char *host)
{
	struct err e = { 0 };

	if (save_file_mark(&save->file, state, owner, host, &e))
		return true;
	end_tell_failed(save->end, e.text);
	return false;
}

static void let_go(struct save *save)
{
	struct end_facts *f = facts(save);

	save_way_close(save);
	f->decision = DECISION_ABORT;
	f->over = true;
	f->exit_status = 255;
	tell(save, NOTICE_DECISION);
}

static void finish(struct save *save)
{
	save_way_close(save);
	facts(save)->absent = true;
	tell(save, NOTICE_CLEANED);
}

/* ---- as a destination ---- */

void save_end_whole(struct save *save)
{
	struct end_facts *f = facts(save);

	f->received = f->launched = f->held = f->same = true;
	tell(save, NOTICE_HELD);
}

/* The source's tree is gone, and its record says that it will not come back. */
static void publish(struct save *save)
{
	struct save_file *file = &save->file;
	struct err e = { 0 };

	if (file->fd >= 0 && file->header.state == SAVE_WHOLE && !save_file_mark(file, SAVE_SAVED, "", "", &e)) {
		flow_in_doubt(save->move, e.text);
		return;
	}
	if (file->fd >= 0 && !save_file_publish(file, &e))
		move_warn(save->move, "%s.", e.text);
	finish(save);
}

static void obey_as_destination(struct save *save, enum order order)
{
	struct end_facts *f = facts(save);

	if (order == ORDER_GO) {
		f->decision = DECISION_GO;
		f->went = f->running = f->over = true;
		tell(save, NOTICE_RUNNING);
	} else if (order == ORDER_ABORT) {
		let_go(save);
	} else if (order == ORDER_DROP) {
		save_file_drop(&save->file);
		finish(save);
	} else if (order == ORDER_CLEAN) {
		publish(save);
	}
}

/* ---- as a source ---- */

static void claim(struct save *save)
{
	struct end_facts *f = facts(save);
	const struct move_info *info = &save->move->info;

	save->before = save->file.header;
	if (!mark(save, save->before.state == SAVE_SAVED ? SAVE_CLAIMED : SAVE_RECLAIMED, info->id, info->destination)) {
		/* What got to the disk of it is taken back, if that can be. */
		save_file_mark(&save->file, save->before.state, save->before.owner, save->before.host, NULL);
		return;
	}
	f->decision = DECISION_COMMIT;
	f->committed = f->gone = f->over = true;
	tell(save, NOTICE_GONE);
}

/* Its copy is no more: it may be restored as before. */
static void unclaim(struct save *save)
{
	struct end_facts *f = facts(save);
	struct err e = { 0 };

	if (!save_file_mark(&save->file, save->before.state, save->before.owner, save->before.host, &e)) {
		flow_in_doubt(save->move, e.text);
		return;
	}
	f->returning = f->returned = true;
	tell(save, NOTICE_RETURNED);
}

static void obey_as_source(struct save *save, enum order order)
{
	const struct move_info *info = &save->move->info;
	struct end_facts *f = facts(save);

	if (order == ORDER_FREEZE) {
		f->launched = f->held = true;
		tell(save, NOTICE_HELD);
		save_way_go(save);
	} else if (order == ORDER_COMMIT) {
		claim(save);
	} else if (order == ORDER_ABORT) {
		let_go(save);
	} else if (order == ORDER_BACK) {
		unclaim(save);
	} else if (order == ORDER_DELIVERED) {
		if (mark(save, SAVE_RESTORED, info->id, info->destination)) {
			f->delivered = true;
			tell(save, NOTICE_DELIVERED);
		}
	} else if (order == ORDER_CLEAN) {
		finish(save);
	}
}

/* ---- orders ---- */

static void on_turn(void *ctx)
{
	struct save *save = ctx;

	for (unsigned order = 0; save->orders && !save->move->finishing; order++) {
		if (!(save->orders & 1u << order))
			continue;
		save->orders &= ~(1u << order);
		if (save->restores)
			obey_as_source(save, (enum order)order);
		else
			obey_as_destination(save, (enum order)order);
	}
}

/* From the loop's next turn: the move is just deciding. */
static void on_order(void *ctx, enum order order)
{
	struct save *save = ctx;

	save->orders |= 1u << order;
	loop_timer_set(save->turn, 0);
}

struct end *save_end(struct move *move, const struct end_ops *ops)
{
	struct save *save = save_of(move);

	save->turn = loop_timer_add(move->loop, -1, on_turn, save);
	save->end = end_new_file(save->file.path, ops, move, on_order, save);
	return save->end;
}

/* ---- staging ---- */

static bool create(struct save *save, struct err *e)
{
	struct move *move = save->move;
	struct save_header *h = &save->file.header;
	const struct check_result *r = move->result;
	size_t len = 0;

	*h = (struct save_header){ .state = SAVE_SAVING, .proc = r->proc, .memory_bytes = r->memory_bytes,
				   .facts = *host_facts(move->request.source) };
	snprintf(h->id, sizeof h->id, "%s", move->info.id);
	snprintf(h->source, sizeof h->source, "%s", move->info.source);
	snprintf(h->name, sizeof h->name, "%s", move->info.name);
	/* As long as it will be, so that what does not fit is known now. */
	memset(h->sum, '0', sizeof h->sum - 1);
	memset(h->when, '0', 20);
	h->images = 1ull << 45;
	for (size_t i = 0; i < SAVE_SECTIONS; i++)
		h->lengths[i] = r->said[i].len;
	for (size_t i = 0; move->accept && move->accept[i] && h->naccept < SAVE_ACCEPTED; i++)
		snprintf(h->accept[h->naccept++], sizeof h->accept[0], "%.31s", move->accept[i]);
	for (size_t i = 0; i < r->count; i++) {
		if (r->findings[i].restore_option && len < sizeof h->options)
			len += (size_t)snprintf(h->options + len, sizeof h->options - len, "%s%s", len ? " " : "", r->findings[i].restore_option);
	}
	for (size_t i = 0; i < SAVE_SECTIONS; i++) {
		if (h->lengths[i] > save_section_max((enum save_section)i))
			return err_set(e, ERR_REFUSED, NULL, "what is to be recorded of it is too long");
	}
	return save_path_free(save->file.path, save->force, e) && save_file_create(&save->file, e) && save_file_write_header(&save->file, e);
}

void save_stage(struct move *move)
{
	struct save *save = save_of(move);
	struct err e = { 0 };

	if (!save->restores && !create(save, &e)) {
		save_file_drop(&save->file);
		end_tell_failed(save->end, e.text);
		return;
	}
	facts(save)->known = facts(save)->staged = true;
	tell(save, NOTICE_STAGED);
}

/* ---- recovery ---- */

static bool is_ours(const struct save *save, const struct save_header *h)
{
	return strcmp(h->id, save->move->info.id) == 0 && strcmp(h->source, save->move->info.source) == 0;
}

/* What a part that lies there says. */
static void take_part(struct save *save)
{
	struct end_facts *f = facts(save);

	save->file.at_part = true;
	f->known = f->staged = true;
	if (save->file.header.state == SAVE_SAVING) {
		/* Not whole, so never committed. */
		save_file_drop(&save->file);
		f->absent = true;
	} else if (save->file.header.state == SAVE_WHOLE) {
		f->received = f->launched = f->held = f->same = f->over = true;
	} else {
		f->running = f->over = true; /* only its name is missing */
	}
}

/* The name and the ids come from a host: only a file that bears both is touched. */
static void attach_destination(struct save *save)
{
	struct end_facts *f = facts(save);
	struct save_file *file = &save->file;
	enum save_opened part = save_file_open(file, file->part, NULL), whole;
	char *here;

	if (part == SAVE_OPEN && is_ours(save, &file->header)) {
		take_part(save);
		return;
	}
	if (part != SAVE_MISSING)
		return;
	whole = save_file_open(file, file->path, NULL);
	if (whole == SAVE_OPEN && is_ours(save, &file->header)) {
		f->known = f->staged = f->running = f->over = true;
		return;
	}
	here = save_machine();
	/* Neither is on the machine where they were: then it was never "saved", or the
	 * source has noted "delivered" and its owner has put it elsewhere since. */
	if (whole != SAVE_BUSY && strcmp(here, save->machine) == 0)
		f->known = f->absent = true;
	free(here);
}

static void attach_source(struct save *save)
{
	struct end_facts *f = facts(save);
	const struct save_header *h = &save->file.header;
	bool owned;

	if (save_file_open(&save->file, save->file.path, NULL) != SAVE_OPEN)
		return;
	owned = strcmp(h->owner, save->move->info.id) == 0;
	f->known = f->staged = true;
	save->before = *h;
	if (owned) {
		f->decision = DECISION_COMMIT;
		f->launched = f->committed = f->gone = f->over = true;
		f->delivered = h->state == SAVE_RESTORED;
		/* What it is when it is taken back. */
		save->before.state = h->state == SAVE_CLAIMED ? SAVE_SAVED : SAVE_RESTORED;
	}
}

static void on_attach(void *ctx)
{
	struct save *save = ctx;

	loop_timer_remove(&save->turn);
	save->turn = loop_timer_add(save->move->loop, -1, on_turn, save);
	if (save->restores)
		attach_source(save);
	else
		attach_destination(save);
	tell(save, facts(save)->known ? NOTICE_LIVE : NOTICE_NONE);
}

struct end *save_end_attach(struct move *move, const struct end_ops *ops)
{
	struct save *save = save_of(move);

	save->end = end_new_file(save->file.path, ops, move, on_order, save);
	save->turn = loop_timer_add(move->loop, 0, on_attach, save);
	return save->end;
}

void save_end_forget(struct save *save)
{
	facts(save)->known = facts(save)->absent = true;
	tell(save, NOTICE_NONE);
}
