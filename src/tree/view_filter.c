/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a filter leaves: what matches, and all that is above it. */
#include <stdlib.h>

#include "base/mem.h"
#include "tree/view_priv.h"

static void keep_cgroups_above(struct view *view, const struct cgroup *cg)
{
	for (; cg; cg = cg->parent) {
		unsigned char *keep = &view->keep_cgroup[cgroup_index(view->tree, cg)];

		/* All above this one are kept already. */
		if (*keep != KEEP_NOT)
			break;
		*keep = KEEP_ABOVE;
	}
}

static void keep_above(struct view *view, const struct proc *p)
{
	for (const struct proc *up = p->in_parent; up; up = up->in_parent) {
		unsigned char *keep = &view->keep[proc_index(view->tree, up)];

		if (*keep != KEEP_NOT)
			break;
		*keep = KEEP_ABOVE;
	}
	keep_cgroups_above(view, p->cgroup);
}

void filter_tree(struct view *view)
{
	const struct tree *tree = view->tree;
	struct pattern pattern;

	pattern_init(&pattern, view->filter);
	view->keep = mem_array(tree->nprocs, 1);
	view->keep_cgroup = mem_array(tree->ncgroups, 1);
	for (size_t i = 0; i < tree->nprocs; i++) {
		const struct proc *p = &tree->procs[i];
		enum mark_known mark = key_set_has(&view->marks, p->key) ? MARK_YES : MARK_NO;

		if ((p->kernel && !view->kernel) || (p->ours && !view->own) || !pattern_matches(&pattern, p, p->cgroup, mark))
			continue;
		keep_above(view, p);
		view->keep[i] = KEEP_MATCH;
		view->matches++;
	}
	/* A cgroup that matches by its own path is kept although it is empty. */
	for (size_t i = 1; i < tree->ncgroups; i++) {
		const struct cgroup *cg = &tree->cgroups[i];

		if (!pattern_matches(&pattern, NULL, cg, MARK_NO))
			continue;
		keep_cgroups_above(view, cg->parent);
		view->keep_cgroup[i] = KEEP_MATCH;
		view->matches++;
	}
	pattern_free(&pattern);
}
