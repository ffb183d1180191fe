/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folds: of cgroups by path, of processes by key; by name, to be kept for another day. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

void folds_clear(struct folds *folds)
{
	key_set_clear(&folds->procs);
	path_set_clear(&folds->cgroups);
}

void view_fold(struct view *view, size_t row, bool folded)
{
	const struct spot *at;

	if (row >= view->nrows)
		return;
	at = &view->spots[row];
	if (at->kind == ROW_CGROUP && folded)
		path_set_add(&view->folds.cgroups, at->path);
	else if (at->kind == ROW_CGROUP)
		path_set_remove(&view->folds.cgroups, at->path);
	else if (folded)
		key_set_add(&view->folds.procs, at->proc);
	else
		key_set_remove(&view->folds.procs, at->proc);
}

void view_fold_all(struct view *view, const struct tree *tree, bool folded)
{
	folds_clear(&view->folds);
	for (size_t i = 0; folded && i < tree->ncgroups; i++)
		path_set_add(&view->folds.cgroups, tree->cgroups[i].path);
	for (size_t i = 0; folded && i < tree->nprocs; i++) {
		if (tree->procs[i].in_child)
			key_set_add(&view->folds.procs, tree->procs[i].key);
	}
}

/* ---- by name ---- */

/* A process by name: its cgroup's path, a newline, which no path here has, and its own. */
static char *full_name(const char *cgroup, const char *process)
{
	return mem_printf("%s\n%s", cgroup, process);
}

void view_fold_named(struct view *view, const char *cgroup, const char *process)
{
	char *name;

	if (!process) {
		path_set_add(*view->filter ? &view->unfiltered.cgroups : &view->folds.cgroups, cgroup);
		return;
	}
	name = full_name(cgroup, process);
	path_set_add(&view->named, name);
	free(name);
}

bool folds_meet(struct view *view, size_t *budget)
{
	struct folds *folds = *view->filter ? &view->unfiltered : &view->folds;
	struct view_build *b = &view->build;

	for (; view->named.count > 0 && b->at < b->tree.nprocs; b->at++) {
		const struct proc *p = &b->tree.procs[b->at];
		char *name;

		if (*budget == 0)
			return false;
		view_spend(budget, p->in_child ? 4 : 1);
		if (!p->in_child)
			continue;
		name = full_name(p->cgroup->path, p->name);
		if (path_set_has(&view->named, name))
			key_set_add(&folds->procs, p->key);
		free(name);
	}
	path_set_clear(&view->named);
	return true;
}

void view_each_fold(const struct view *view, const struct tree *tree, view_fold_fn *fn, void *ctx)
{
	const struct folds *folds = *view->filter ? &view->unfiltered : &view->folds;

	for (size_t i = 0; i < folds->cgroups.count; i++)
		fn(ctx, folds->cgroups.paths[i], NULL);
	for (size_t i = 0; tree && i < folds->procs.count; i++) {
		const struct proc *p = tree_find(tree, folds->procs.keys[i]);

		if (p)
			fn(ctx, p->cgroup->path, p->name);
	}
}
