/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Before a part is restored that was never committed: whether the process still
 * runs at its source. Nothing but the source knows, and --force is for one that
 * is lost; so it is asked when it answers, and only what cannot be known is
 * left to who said --force.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "save/save.h"

#define LOOK_MS 50
#define PATIENCE_MS 60000 /* to connect and list its processes; the time it takes to answer a question is not counted */

struct save_look {
	struct save *save;
	struct loop_timer *turn;
	bool asked;      /* for a new list of processes */
	uint64_t serial; /* of the one before */
	int64_t waited_ms;
};

void save_look_stop(struct save *save)
{
	struct save_look *look = save->look;

	if (!look)
		return;
	save->look = NULL;
	loop_timer_remove(&look->turn);
	free(look);
}

static void go_on(struct save *save)
{
	save_look_stop(save);
	save->looked = true;
	move_set_status(save->move, "");
	move_check(save->move);
}

/* It cannot be known: say so, with what may come of it. */
static void not_known(struct save *save, const char *why)
{
	const struct save_header *h = &save->file.header;

	move_warn(save->move, "Not known: whether %.40s(%d) still runs on %.60s, as a second copy (%.*s).", h->name,
		 (int)h->proc.pid, h->source, (int)text_fit(why, 100, NULL), why);
	go_on(save);
}

/* It itself, or what recover has made of its images there: that has its pid and name, and began later. */
static const struct proc *find(const struct tree *tree, const struct save_header *h)
{
	const struct proc *proc = tree_find_pid(tree, h->proc.pid);

	if (!proc || proc->gone_ms || proc->state == 'Z' || proc->state == 'X')
		return NULL;
	if (proc->key.start == h->proc.start && strcmp(tree_boot_id(tree), h->facts.boot_id) == 0)
		return proc;
	return strcmp(proc->name, h->name) == 0 ? proc : NULL;
}

static void judge(struct save *save, const struct tree *tree)
{
	const struct save_header *h = &save->file.header;
	const struct proc *proc = find(tree, h);
	struct err e = { 0 };

	if (proc) {
		err_set(&e, ERR_REFUSED, h->source,
			"%s was not saved to its end, and %s(%d) %s on %s: this would be a second copy, which --force does not make. "
			"Run here: pferry recover %s; that ends the save",
			save->file.path, h->name, (int)h->proc.pid,
			proc->key.start == h->proc.start ? "still runs" : "runs, started again since,", h->source, h->source);
		save_look_stop(save);
		move_fail(save->move, &e);
		return;
	}
	/* Where others' processes are hidden from the login, that it was not seen says nothing. */
	if (!tree_find_pid(tree, 1)) {
		not_known(save, "its login there may not see it");
		return;
	}
	go_on(save);
}

static void on_look(void *ctx)
{
	struct save_look *look = ctx;
	struct save *save = look->save;
	struct move *move = save->move;
	struct err e = { 0 };
	struct host *host;

	if (move->finishing)
		return;
	host = move->setup.host ? move->setup.host(move->setup.ctx, save->file.header.source, &e) : NULL;
	if (!host) {
		not_known(save, e.text[0] ? e.text : "it was not asked");
		return;
	}
	if (host_state(host) == HOST_LOST || host_state(host) == HOST_REFUSED) {
		not_known(save, host_err(host)->text[0] ? host_err(host)->text : host_state_text(host));
		return;
	}
	if (host_state(host) == HOST_UP && !look->asked) {
		look->asked = true;
		look->serial = tree_serial(host_tree(host));
		host_refresh(host);
	} else if (look->asked && tree_serial(host_tree(host)) != look->serial) {
		judge(save, host_tree(host));
		return;
	}
	look->waited_ms += host_question(host) ? 0 : LOOK_MS;
	if (look->waited_ms > PATIENCE_MS) {
		not_known(save, "it did not answer");
		return;
	}
	loop_timer_set(look->turn, LOOK_MS);
}

void save_look_begin(struct move *move)
{
	struct save_look *look = save_of(move)->look = mem_new(struct save_look);
	char status[120];

	look->save = save_of(move);
	look->turn = loop_timer_add(move->loop, 0, on_look, look);
	snprintf(status, sizeof status, "asking %.60s whether it still runs there", save_of(move)->file.header.source);
	move_set_status(move, status);
}
