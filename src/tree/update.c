/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree made anew from a snapshot and the tree before it.  Each stage is one
 * pass over processes or cgroups that can be left anywhere, so that a host with
 * 200,000 of them keeps no turn of the loop for long; nothing recurses, whatever
 * a host claims about parents.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/tree_priv.h"

enum stage { STAGE_SETTLE, STAGE_MERGE, STAGE_PARENTS, STAGE_CIRCLES, STAGE_CHILDREN, STAGE_CGROUPS, STAGE_OURS, STAGE_SUMS, STAGE_ABOVE, STAGE_DONE };

struct tree_build {
	struct tree *tree;       /* tree to be replaced at the end */
	struct tree next;
	struct snapshot *snap;
	int64_t now_ms;
	enum stage stage;
	size_t at;               /* in the list that the stage goes through */
	const struct tree *old;  /* NULL when nothing may be carried over */
	size_t was, gone;        /* processes of it that were looked at, and that are kept */
	size_t *walk;
};

/* Carry over from the snapshot before what belongs to the process. */
static void carry(struct proc *p, const struct proc *old, double elapsed, uint32_t hz)
{
	p->first_seen_ms = old->first_seen_ms;
	/* Two snapshots within a clock tick tell nothing new. */
	if (elapsed < 0.02)
		p->cpu_percent = old->cpu_percent;
	else if (p->cpu_ticks > old->cpu_ticks)
		p->cpu_percent = (double)(p->cpu_ticks - old->cpu_ticks) / hz / elapsed * 100;
	if (p->cpu_percent > 1e6)
		p->cpu_percent = 1e6;
}

/* A copy of a process that is no longer there, its strings moved to `tree`. */
static void keep_gone(struct tree *tree, struct proc *to, const struct proc *old, int64_t now_ms)
{
	const struct cgroup *cg = old->cgroup;

	*to = *old;
	to->parent = to->child = to->next = NULL;
	to->in_child = to->in_next = to->in_parent = NULL;
	to->cpu_percent = 0;
	if (!to->gone_ms)
		to->gone_ms = now_ms ? now_ms : 1;
	to->name = arena_text(&tree->share->strings, old->name, strlen(old->name), SNAPSHOT_MAX_ARGS);
	to->args = arena_text(&tree->share->strings, old->args, strlen(old->args), SNAPSHOT_MAX_ARGS);
	to->user = arena_text(&tree->share->strings, old->user, strlen(old->user), SNAPSHOT_MAX_ARGS);
	/* The cgroup may be gone as well: then the nearest that is there. */
	while (!(to->cgroup = tree_cgroup_of(tree, cg->path)))
		cg = cg->parent;
}

static bool key_before(struct proc_key a, struct proc_key b)
{
	return a.pid < b.pid || (a.pid == b.pid && a.start < b.start);
}

static bool key_equal(struct proc_key a, struct proc_key b)
{
	return a.pid == b.pid && a.start == b.start;
}

/* Merge the next process of the snapshot with those of the tree before it, which
 * are both in order; false when there is none. */
static bool merge_one(struct tree_build *b)
{
	struct tree *tree = &b->next;
	const struct snapshot *snap = b->snap;
	const struct snap_proc *sp = b->at < snap->nprocs ? &snap->procs[b->at] : NULL;
	const struct proc *was = b->old && b->was < b->old->nprocs ? &b->old->procs[b->was] : NULL;
	struct proc *p = &tree->procs[tree->nprocs];

	if (!sp && !was)
		return false;
	if (was && (!sp || key_before(was->key, sp->proc.key))) {
		b->was++;
		if ((was->gone_ms && b->now_ms - was->gone_ms >= TREE_GONE_MS) || b->gone == TREE_MAX_GONE)
			return true;
		/* One per pid, the latest, so that looking for a pid stays short. */
		if (tree->nprocs > 0 && p[-1].key.pid == was->key.pid && p[-1].gone_ms) {
			p--;
			b->gone--;
			tree->nprocs--;
		}
		keep_gone(tree, p, was, b->now_ms);
		b->gone++;
	} else {
		*p = sp->proc;
		p->cgroup = &tree->cgroups[sp->cgroup];
		p->first_seen_ms = b->now_ms;
		if (was && key_equal(was->key, p->key)) {
			carry(p, was, snap->uptime - b->old->uptime, snap->hz);
			b->was++;
		}
		b->at++;
	}
	tree->nprocs++;
	return true;
}

/* The parent a process names. */
static struct proc *parent_of(struct tree *tree, const struct proc *p)
{
	struct proc *parent = tree_proc_of(tree, p->ppid);
	size_t i;

	/* A process that is gone may have had a parent that is gone too, or whose pid is
	 * another's by now. */
	if (p->gone_ms && (!parent || parent->key.start > p->key.start)) {
		i = tree_lower(tree->procs, tree->nprocs, (struct proc_key){ p->ppid, 0 });
		parent = i < tree->nprocs && tree->procs[i].key.pid == p->ppid ? &tree->procs[i] : NULL;
		if (parent && parent->key.start > p->key.start)
			parent = NULL;
	}
	return parent;
}

/* Follow parents until a process that an earlier walk passed: no circle there. One
 * that this walk passed is where it would close. Returns how many were passed. */
static size_t break_circle(struct tree *tree, size_t *walk, size_t i)
{
	struct proc *p = &tree->procs[i];
	size_t steps = 1;

	while (walk[p - tree->procs] == 0) {
		walk[p - tree->procs] = i + 1;
		steps++;
		if (!p->parent)
			break;
		if (walk[p->parent - tree->procs] == i + 1) {
			p->parent = NULL;
			break;
		}
		p = p->parent;
	}
	return steps;
}

/* Children and siblings; backwards, so that putting in front leaves them by pid. */
static void link_child(struct proc *p)
{
	struct proc *parent = p->parent;

	if (parent) {
		p->next = parent->child;
		parent->child = p;
	}
	/* A process that a kernel thread started is not hidden along with it. */
	if (parent && parent->cgroup == p->cgroup && (p->kernel || !parent->kernel)) {
		p->in_parent = parent;
		p->in_next = parent->in_child;
		parent->in_child = p;
	} else {
		p->in_next = p->cgroup->procs;
		p->cgroup->procs = p;
	}
}

static void link_cgroup(struct cgroup *cg)
{
	cg->next = cg->parent->child;
	cg->parent->child = cg;
}

static void sum_proc(struct tree *tree, const struct proc *p)
{
	if (p->gone_ms || p->kernel)
		return;
	tree->living++;
	tree->own += p->ours;
	p->cgroup->own_processes++;
	p->cgroup->all_processes++;
	p->cgroup->all_rss_bytes += p->rss_bytes;
	p->cgroup->all_cpu_percent += p->cpu_percent;
}

/* Cgroups below come later in path order. */
static void sum_above(const struct cgroup *cg)
{
	cg->parent->all_processes += cg->all_processes;
	cg->parent->all_rss_bytes += cg->all_rss_bytes;
	cg->parent->all_cpu_percent += cg->all_cpu_percent;
}

/* ---- turns ---- */

static void spend(size_t *budget, size_t steps)
{
	*budget -= *budget < steps ? *budget : steps;
}

/* The snapshot is in order: its cgroups and strings are the tree's. */
static void take_over(struct tree_build *b)
{
	struct tree *next = &b->next;
	struct snapshot *snap = b->snap;
	size_t before;

	next->serial = b->tree->serial + 1;
	memcpy(next->boot, snap->boot, sizeof(next->boot));
	next->load = snap->load;
	next->uptime = snap->uptime;
	next->hz = snap->hz;
	next->cgroups = snap->cgroups;
	next->ncgroups = snap->ncgroups;
	/* After a restart the same key is another process. */
	if (b->tree->serial > 0 && strcmp(b->tree->boot, next->boot) == 0)
		b->old = b->tree;
	before = b->old ? b->old->nprocs : 0;
	next->procs = mem_array(snap->nprocs + (before < TREE_MAX_GONE ? before : TREE_MAX_GONE) + 1, sizeof(*next->procs));
	next->share = mem_new(struct tree_share);
	*next->share = (struct tree_share){ 1, next->procs, next->cgroups, snap->strings };
	snap->cgroups = NULL;
	snap->strings = (struct arena){ NULL };
}

static void enter(struct tree_build *b)
{
	b->at = 0;
	b->stage++;
	if (b->stage == STAGE_MERGE)
		take_over(b);
	else if (b->stage == STAGE_CIRCLES)
		b->walk = mem_array(b->next.nprocs + 1, sizeof(*b->walk));
}

/* The next index of so many, SIZE_MAX when the budget or they are used up. */
static size_t next(struct tree_build *b, size_t count, size_t *budget)
{
	if (b->at >= count || *budget == 0)
		return SIZE_MAX;
	spend(budget, 1);
	return b->at++;
}

/* Go on with the stage; true when it is over. */
static bool go_on(struct tree_build *b, size_t *budget)
{
	struct tree *tree = &b->next;
	size_t procs = tree->nprocs, below = tree->ncgroups ? tree->ncgroups - 1 : 0, i;

	switch (b->stage) {
	case STAGE_SETTLE:
		return snapshot_settle(b->snap, budget, NULL);
	case STAGE_MERGE:
		while (*budget > 0) {
			if (!merge_one(b))
				return true;
			spend(budget, 2);
		}
		return false;
	case STAGE_PARENTS:
		while ((i = next(b, procs, budget)) != SIZE_MAX) {
			tree->procs[i].parent = parent_of(tree, &tree->procs[i]);
			spend(budget, 2);
		}
		return b->at == procs;
	case STAGE_CIRCLES:
		while ((i = next(b, procs, budget)) != SIZE_MAX)
			spend(budget, break_circle(tree, b->walk, i));
		return b->at == procs;
	case STAGE_CHILDREN:
		while ((i = next(b, procs, budget)) != SIZE_MAX)
			link_child(&tree->procs[procs - 1 - i]);
		return b->at == procs;
	case STAGE_CGROUPS:
		while ((i = next(b, below, budget)) != SIZE_MAX)
			link_cgroup(&tree->cgroups[below - i]);
		return b->at == below;
	case STAGE_OURS:
		while ((i = next(b, procs, budget)) != SIZE_MAX)
			tree_spread_ours(&tree->procs[i]);
		return b->at == procs;
	case STAGE_SUMS:
		while ((i = next(b, procs, budget)) != SIZE_MAX)
			sum_proc(tree, &tree->procs[i]);
		return b->at == procs;
	case STAGE_ABOVE:
		while ((i = next(b, below, budget)) != SIZE_MAX)
			sum_above(&tree->cgroups[below - i]);
		return b->at == below;
	case STAGE_DONE:
		break;
	}
	return true;
}

struct tree_build *tree_build_new(struct tree *tree, struct snapshot *snap, int64_t now_ms)
{
	struct tree_build *b = mem_new(struct tree_build);

	b->tree = tree;
	b->snap = snap;
	b->now_ms = now_ms;
	return b;
}

const struct err *tree_build_err(const struct tree_build *b)
{
	return b->snap->state == SNAP_FAILED ? &b->snap->err : NULL;
}

void tree_build_free(struct tree_build *b)
{
	if (!b)
		return;
	tree_let_go(&b->next);
	snapshot_free(b->snap);
	free(b->walk);
	free(b);
}

bool tree_build_step(struct tree_build *b, size_t *budget)
{
	while (b->stage != STAGE_DONE) {
		if (*budget == 0 || !go_on(b, budget))
			return false;
		/* The bytes were no snapshot after all: the tree stays. */
		if (b->stage == STAGE_SETTLE && !snapshot_complete(b->snap))
			return true;
		enter(b);
	}
	if (b->next.share) {
		tree_let_go(b->tree);
		*b->tree = b->next;
		b->next = (struct tree){ 0 };
	}
	return true;
}

void tree_update(struct tree *tree, struct snapshot *snap, int64_t now_ms)
{
	struct tree_build *b = tree_build_new(tree, snap, now_ms);
	size_t budget = SIZE_MAX;

	if (snapshot_ended(snap))
		tree_build_step(b, &budget);
	tree_build_free(b);
}
