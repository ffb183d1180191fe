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
	tree_let_go(tree);
	free(tree);
}

struct tree tree_hold(const struct tree *tree)
{
	if (tree->share)
		tree->share->refs++;
	return *tree;
}

void tree_let_go(struct tree *held)
{
	struct tree_share *share = held->share;

	*held = (struct tree){ 0 };
	if (!share || --share->refs > 0)
		return;
	free(share->procs);
	free(share->cgroups);
	arena_free(&share->strings);
	free(share);
}

/* ---- looking up ---- */

/* Index of the first process whose key is not before `key`. */
size_t tree_lower(const struct proc *procs, size_t n, struct proc_key key)
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
	size_t i = tree_lower(tree->procs, tree->nprocs, key);

	if (i < tree->nprocs && tree->procs[i].key.pid == key.pid && tree->procs[i].key.start == key.start)
		return &tree->procs[i];
	return NULL;
}

const struct proc *tree_find(const struct tree *tree, struct proc_key key)
{
	return find(tree, key);
}

struct proc *tree_proc_of(const struct tree *tree, pid_t pid)
{
	size_t i = tree_lower(tree->procs, tree->nprocs, (struct proc_key){ pid, 0 });

	for (; i < tree->nprocs && tree->procs[i].key.pid == pid; i++) {
		if (!tree->procs[i].gone_ms)
			return &tree->procs[i];
	}
	return NULL;
}

const struct proc *tree_find_pid(const struct tree *tree, pid_t pid)
{
	return tree_proc_of(tree, pid);
}

struct cgroup *tree_cgroup_of(const struct tree *tree, const char *path)
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
	return tree_cgroup_of(tree, path);
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
