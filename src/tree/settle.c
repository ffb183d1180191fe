/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that needs all of a snapshot: order by pid, users, names of those, cgroups.
 * 200,000 processes take a tenth of a second, so it is done a piece at a time:
 * each stage goes on where it was left.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/snapshot.h"
#include "tree/tree_priv.h"

/* A process is far larger than what it is sorted by. */
struct order {
	pid_t pid;
	uint32_t index;
	uint64_t start;
};

enum stage { STAGE_KEYS, STAGE_PIDS, STAGE_UIDS, STAGE_PROCS, STAGE_NAMES, STAGE_PATHS, STAGE_ORDER, STAGE_CGROUPS, STAGE_PLACES, STAGE_DONE };

struct settle {
	enum stage stage;
	size_t at;               /* in the list that the stage goes through */
	struct order *keys;
	struct snap_proc *procs; /* in order */
	size_t nprocs, uid;
	struct sort sort;
	struct buf text;
	struct snap_user number; /* the last user without a name */
	uint32_t *order;         /* indices of the wanted paths */
	size_t norder;
	struct cgroups_build cgroups;
};

static int by_pid(const void *a, const void *b, void *ctx)
{
	const struct order *x = a, *y = b;

	(void)ctx;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

static int uid_by_pid(const void *a, const void *b, void *ctx)
{
	pid_t x = ((const struct snap_uid *)a)->pid, y = ((const struct snap_uid *)b)->pid;

	(void)ctx;
	return x < y ? -1 : x > y;
}

static int user_by_uid(const void *a, const void *b)
{
	uint32_t x = ((const struct snap_user *)a)->uid, y = ((const struct snap_user *)b)->uid;

	return x < y ? -1 : x > y;
}

static int by_path(const void *a, const void *b, void *ctx)
{
	const struct snapshot *snap = ctx;

	return cgroup_path_order(snap->paths[*(const uint32_t *)a].text, snap->paths[*(const uint32_t *)b].text);
}

/* Keep one process per pid, the latest, and none that ended while it was read. */
static void take_proc(struct snapshot *snap, struct settle *s, size_t i)
{
	pid_t pid = s->keys[i].pid;
	const struct snap_proc *sp = &snap->procs[s->keys[i].index];

	if (i + 1 < snap->nprocs && s->keys[i + 1].pid == pid)
		return;
	while (s->uid < snap->nuids && snap->uids[s->uid].pid < pid)
		s->uid++;
	if (s->uid == snap->nuids || snap->uids[s->uid].pid != pid || (snap->any_path && !sp->path))
		return;
	s->procs[s->nprocs] = *sp;
	s->procs[s->nprocs++].proc.uid = snap->uids[s->uid].uid;
}

/* The name of its user, and the process's own name where it has no arguments. */
static void name_proc(struct snapshot *snap, struct settle *s, struct snap_proc *sp)
{
	struct proc *p = &sp->proc;
	struct snap_user want = { p->uid, NULL }, *user = NULL;

	if (!p->args) {
		buf_clear(&s->text);
		buf_puts(&s->text, "[");
		buf_puts(&s->text, p->name);
		buf_puts(&s->text, "]");
		p->args = arena_text(&snap->strings, buf_data(&s->text), s->text.len, SNAPSHOT_MAX_ARGS);
	}
	if (snap->nusers)
		user = bsearch(&want, snap->users, snap->nusers, sizeof(want), user_by_uid);
	if (!user) {
		if (!s->number.name || s->number.uid != p->uid) {
			buf_clear(&s->text);
			buf_printf(&s->text, "%u", (unsigned)p->uid);
			s->number.uid = p->uid;
			s->number.name = arena_text(&snap->strings, buf_data(&s->text), s->text.len, 16);
		}
		user = &s->number;
	}
	p->user = user->name;
	p->ours = tree_is_ours(p);
	if (sp->path)
		snap->paths[sp->path - 1].wanted = true;
}

/* The next of `count`; false, and the stage is left, when the budget or they are used up. */
static bool next(struct settle *s, size_t count, size_t *budget, size_t *i)
{
	if (s->at >= count || *budget == 0)
		return false;
	--*budget;
	*i = s->at++;
	return true;
}

/* Begin the stage that the last one leads to. */
static void enter(struct snapshot *snap, struct settle *s)
{
	s->at = 0;
	s->stage++;
	if (s->stage == STAGE_PIDS) {
		sort_begin(&s->sort, s->keys, snap->nprocs, sizeof(*s->keys), by_pid, NULL);
	} else if (s->stage == STAGE_UIDS) {
		sort_end(&s->sort);
		sort_begin(&s->sort, snap->uids, snap->nuids, sizeof(*snap->uids), uid_by_pid, NULL);
	} else if (s->stage == STAGE_PROCS) {
		sort_end(&s->sort);
		s->procs = mem_array(snap->nprocs + 1, sizeof(*s->procs));
	} else if (s->stage == STAGE_NAMES) {
		free(snap->procs);
		snap->procs = s->procs;
		snap->nprocs = s->nprocs;
		s->procs = NULL;
		/* A few thousand at the most. */
		if (snap->nusers)
			qsort(snap->users, snap->nusers, sizeof(*snap->users), user_by_uid);
	} else if (s->stage == STAGE_PATHS) {
		s->order = mem_array(snap->npaths + 1, sizeof(*s->order));
	} else if (s->stage == STAGE_ORDER) {
		sort_begin(&s->sort, s->order, s->norder, sizeof(*s->order), by_path, snap);
	} else if (s->stage == STAGE_CGROUPS) {
		sort_end(&s->sort);
		cgroups_begin(&s->cgroups, snap, s->order, s->norder);
	} else if (s->stage == STAGE_DONE) {
		snap->state = SNAP_COMPLETE;
	}
}

static void step(struct snapshot *snap, struct settle *s, size_t *budget)
{
	size_t i, count = snap->nprocs;
	bool over = false;

	switch (s->stage) {
	case STAGE_KEYS:
		while (next(s, count, budget, &i)) {
			const struct proc_key *key = &snap->procs[i].proc.key;

			s->keys[i] = (struct order){ key->pid, (uint32_t)i, key->start };
		}
		break;
	case STAGE_PIDS:
	case STAGE_UIDS:
	case STAGE_ORDER:
		over = sort_step(&s->sort, budget);
		count = s->at;
		break;
	case STAGE_PROCS:
		while (next(s, count, budget, &i))
			take_proc(snap, s, i);
		break;
	case STAGE_NAMES:
		while (next(s, count, budget, &i))
			name_proc(snap, s, &snap->procs[i]);
		break;
	case STAGE_PATHS:
		count = snap->npaths;
		while (next(s, count, budget, &i)) {
			if (snap->paths[i].wanted)
				s->order[s->norder++] = (uint32_t)i;
		}
		break;
	case STAGE_CGROUPS:
		over = cgroups_step(&s->cgroups, budget);
		count = s->at;
		break;
	case STAGE_PLACES:
		while (next(s, count, budget, &i)) {
			struct snap_proc *sp = &snap->procs[i];

			sp->cgroup = sp->path ? snap->paths[sp->path - 1].at : 0;
		}
		break;
	case STAGE_DONE:
		return;
	}
	if (snap->state == SNAP_SETTLING && (over || (s->at == count && s->stage != STAGE_PIDS && s->stage != STAGE_UIDS &&
						      s->stage != STAGE_ORDER && s->stage != STAGE_CGROUPS)))
		enter(snap, s);
}

bool snapshot_settle(struct snapshot *snap, size_t *budget, struct err *e)
{
	if (snap->state == SNAP_SETTLING && !snap->settle) {
		snap->settle = mem_new(struct settle);
		snap->settle->keys = mem_array(snap->nprocs + 1, sizeof(*snap->settle->keys));
		buf_init(&snap->settle->text, 0);
	}
	while (snap->state == SNAP_SETTLING && *budget > 0)
		step(snap, snap->settle, budget);
	if (snap->state < SNAP_COMPLETE)
		return false;
	settle_free(snap);
	if (snap->state == SNAP_FAILED && e)
		*e = snap->err;
	return true;
}

void settle_free(struct snapshot *snap)
{
	struct settle *s = snap->settle;

	if (!s)
		return;
	snap->settle = NULL;
	free(s->keys);
	free(s->procs);
	free(s->order);
	sort_end(&s->sort);
	buf_free(&s->text);
	cgroups_end(&s->cgroups);
	free(s);
}

void snapshot_in_turns(struct snapshot *snap)
{
	snap->in_turns = true;
}

bool snapshot_ended(const struct snapshot *snap)
{
	return snap->state == SNAP_SETTLING || snap->state == SNAP_COMPLETE;
}
