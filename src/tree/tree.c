/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree: made anew from each snapshot, carrying over what outlives one.
 * Processes are an array by pid and cgroups an array in path order, so looking
 * up is a binary search, and linking or summing is one pass forwards or
 * backwards; nothing recurses, whatever a host claims about parents.
 */
#include "tree/tree_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct tree *tree_new(void)
{
	return mem_new(struct tree);
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	free(tree->procs);
	free(tree->cgroups);
	arena_free(&tree->strings);
	free(tree);
}

/* ---- looking up ---- */

/* Index of the first process whose key is not before `key`. */
static size_t lower(const struct proc *procs, size_t n, struct proc_key key)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		struct proc_key at = procs[mid].key;

		if (at.pid < key.pid || (at.pid == key.pid && at.start < key.start))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct proc *find(const struct tree *tree, struct proc_key key)
{
	size_t i = lower(tree->procs, tree->nprocs, key);

	if (i < tree->nprocs && tree->procs[i].key.pid == key.pid && tree->procs[i].key.start == key.start)
		return &tree->procs[i];
	return NULL;
}

const struct proc *tree_find(const struct tree *tree, struct proc_key key)
{
	return find(tree, key);
}

static struct proc *find_pid(const struct tree *tree, pid_t pid)
{
	size_t i = lower(tree->procs, tree->nprocs, (struct proc_key){ pid, 0 });

	for (; i < tree->nprocs && tree->procs[i].key.pid == pid; i++) {
		if (!tree->procs[i].gone_ms)
			return &tree->procs[i];
	}
	return NULL;
}

const struct proc *tree_find_pid(const struct tree *tree, pid_t pid)
{
	return find_pid(tree, pid);
}

static struct cgroup *find_cgroup(const struct tree *tree, const char *path)
{
	size_t lo = 0, hi = tree->ncgroups;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = cgroup_path_order(tree->cgroups[mid].path, path);

		if (c == 0)
			return &tree->cgroups[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct cgroup *tree_find_cgroup(const struct tree *tree, const char *path)
{
	return find_cgroup(tree, path);
}

const struct cgroup *tree_root(const struct tree *tree)
{
	return tree->ncgroups ? &tree->cgroups[0] : NULL;
}

size_t tree_count(const struct tree *tree)
{
	return tree->nprocs;
}

const struct proc *tree_at(const struct tree *tree, size_t i)
{
	return i < tree->nprocs ? &tree->procs[i] : NULL;
}

size_t tree_own(const struct tree *tree)
{
	return tree->own;
}

size_t tree_processes(const struct tree *tree)
{
	return tree->living;
}

size_t tree_cgroup_count(const struct tree *tree)
{
	return tree->ncgroups;
}

const struct cgroup *tree_cgroup_at(const struct tree *tree, size_t i)
{
	return i < tree->ncgroups ? &tree->cgroups[i] : NULL;
}

const char *tree_boot_id(const struct tree *tree)
{
	return tree->boot;
}

double tree_load(const struct tree *tree)
{
	return tree->load;
}

uint32_t tree_clock_hz(const struct tree *tree)
{
	return tree->hz;
}

double tree_uptime(const struct tree *tree)
{
	return tree->uptime;
}

uint64_t tree_serial(const struct tree *tree)
{
	return tree->serial;
}

struct tree_sum tree_sum(const struct proc *proc)
{
	struct tree_sum sum = { 0, 0 };
	const struct proc *p = proc;

	while (p) {
		if (!p->gone_ms) {
			sum.processes++;
			sum.rss_bytes += p->rss_bytes;
		}
		if (p->child) {
			p = p->child;
			continue;
		}
		while (p != proc && !p->next)
			p = p->parent;
		p = p == proc ? NULL : p->next;
	}
	return sum;
}

/* ---- updating ---- */

/* What a process keeps of what it was in the snapshot before. */
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
	to->name = arena_text(&tree->strings, old->name, strlen(old->name), SNAPSHOT_MAX_ARGS);
	to->args = arena_text(&tree->strings, old->args, strlen(old->args), SNAPSHOT_MAX_ARGS);
	to->user = arena_text(&tree->strings, old->user, strlen(old->user), SNAPSHOT_MAX_ARGS);
	/* Its cgroup may be gone as well: then the nearest that is there. */
	while (!(to->cgroup = find_cgroup(tree, cg->path)))
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

/* Merge the processes of the snapshot with those of the tree before it, which
 * are both in order. `old` is NULL when nothing may be carried over. */
static void merge(struct tree *tree, const struct tree *old, const struct snapshot *snap, int64_t now_ms)
{
	size_t nold = old ? old->nprocs : 0, gone = 0, n = 0, j = 0;
	double elapsed = old ? snap->uptime - old->uptime : 0;

	tree->procs = mem_array(snap->nprocs + (nold < TREE_MAX_GONE ? nold : TREE_MAX_GONE) + 1,
				sizeof(*tree->procs));
	for (size_t i = 0; i < snap->nprocs || j < nold;) {
		const struct snap_proc *sp = i < snap->nprocs ? &snap->procs[i] : NULL;
		const struct proc *was = j < nold ? &old->procs[j] : NULL;
		struct proc *p = &tree->procs[n];

		if (was && (!sp || key_before(was->key, sp->proc.key))) {
			j++;
			if ((was->gone_ms && now_ms - was->gone_ms >= TREE_GONE_MS) || gone == TREE_MAX_GONE)
				continue;
			/* One per pid, the latest, so that looking for a pid stays short. */
			if (n > 0 && p[-1].key.pid == was->key.pid && p[-1].gone_ms) {
				p--;
				gone--;
				n--;
			}
			keep_gone(tree, p, was, now_ms);
			gone++;
			n++;
			continue;
		}
		*p = sp->proc;
		p->cgroup = &tree->cgroups[sp->cgroup];
		p->first_seen_ms = now_ms;
		if (was && key_equal(was->key, p->key)) {
			carry(p, was, elapsed, snap->hz);
			j++;
		}
		i++;
		n++;
	}
	tree->nprocs = n;
}

/* The parent a process names. */
static struct proc *parent_of(struct tree *tree, const struct proc *p)
{
	struct proc *parent = find_pid(tree, p->ppid);
	size_t i;

	/* What is gone may have had a parent that is gone too, or whose pid is
	 * another's by now. */
	if (p->gone_ms && (!parent || parent->key.start > p->key.start)) {
		i = lower(tree->procs, tree->nprocs, (struct proc_key){ p->ppid, 0 });
		parent = i < tree->nprocs && tree->procs[i].key.pid == p->ppid ? &tree->procs[i] : NULL;
		if (parent && parent->key.start > p->key.start)
			parent = NULL;
	}
	return parent;
}

/* Set every parent, leaving out those that would close a circle. */
static void link_parents(struct tree *tree)
{
	size_t *walk = mem_array(tree->nprocs + 1, sizeof(*walk));

	for (size_t i = 0; i < tree->nprocs; i++)
		tree->procs[i].parent = parent_of(tree, &tree->procs[i]);
	/* Follow parents until a process that an earlier walk passed: no circle
	 * there. One that this walk passed is where it would close. */
	for (size_t i = 0; i < tree->nprocs; i++) {
		struct proc *p = &tree->procs[i];

		while (walk[p - tree->procs] == 0) {
			walk[p - tree->procs] = i + 1;
			if (!p->parent)
				break;
			if (walk[p->parent - tree->procs] == i + 1) {
				p->parent = NULL;
				break;
			}
			p = p->parent;
		}
	}
	free(walk);
}

/* Children and siblings; backwards, so that putting in front leaves them by pid. */
static void link_children(struct tree *tree)
{
	for (size_t i = tree->nprocs; i-- > 0;) {
		struct proc *p = &tree->procs[i], *parent = p->parent;

		if (parent) {
			p->next = parent->child;
			parent->child = p;
		}
		/* What a kernel thread started is not hidden along with it. */
		if (parent && parent->cgroup == p->cgroup && (p->kernel || !parent->kernel)) {
			p->in_parent = parent;
			p->in_next = parent->in_child;
			parent->in_child = p;
		} else {
			p->in_next = p->cgroup->procs;
			p->cgroup->procs = p;
		}
	}
	for (size_t i = tree->ncgroups; i-- > 1;) {
		struct cgroup *cg = &tree->cgroups[i];

		cg->next = cg->parent->child;
		cg->parent->child = cg;
	}
}

static void sum_up(struct tree *tree)
{
	for (size_t i = 0; i < tree->nprocs; i++) {
		const struct proc *p = &tree->procs[i];

		if (p->gone_ms || p->kernel)
			continue;
		tree->living++;
		tree->own += p->ours;
		p->cgroup->own_processes++;
		p->cgroup->all_processes++;
		p->cgroup->all_rss_bytes += p->rss_bytes;
		p->cgroup->all_cpu_percent += p->cpu_percent;
	}
	/* What is below comes later in path order. */
	for (size_t i = tree->ncgroups; i-- > 1;) {
		struct cgroup *cg = &tree->cgroups[i];

		cg->parent->all_processes += cg->all_processes;
		cg->parent->all_rss_bytes += cg->all_rss_bytes;
		cg->parent->all_cpu_percent += cg->all_cpu_percent;
	}
}

void tree_update(struct tree *tree, struct snapshot *snap, int64_t now_ms)
{
	struct tree old = *tree;
	bool same_boot;

	if (!snapshot_complete(snap)) {
		snapshot_free(snap);
		return;
	}
	memset(tree, 0, sizeof(*tree));
	tree->serial = old.serial + 1;
	memcpy(tree->boot, snap->boot, sizeof(tree->boot));
	tree->load = snap->load;
	tree->uptime = snap->uptime;
	tree->hz = snap->hz;
	tree->cgroups = snap->cgroups;
	tree->ncgroups = snap->ncgroups;
	tree->strings = snap->strings;
	snap->cgroups = NULL;
	snap->strings = (struct arena){ NULL };

	/* After a restart the same key is another process. */
	same_boot = old.serial > 0 && strcmp(old.boot, tree->boot) == 0;
	merge(tree, same_boot ? &old : NULL, snap, now_ms);
	link_parents(tree);
	link_children(tree);
	tree_spread_ours(tree);
	sum_up(tree);

	free(old.procs);
	free(old.cgroups);
	arena_free(&old.strings);
	snapshot_free(snap);
}
