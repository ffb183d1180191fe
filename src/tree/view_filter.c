/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A filter's result: matching rows, and all that is above it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

static void keep_cgroups_above(struct view *view, const struct cgroup *cg)
{
	for (; cg; cg = cg->parent) {
		unsigned char *keep = &view->build.keep_cgroup[cgroup_index(&view->build.tree, cg)];

		/* All above this one are kept already. */
		if (*keep != KEEP_NOT)
			break;
		*keep = KEEP_ABOVE;
	}
}

static void keep_above(struct view *view, const struct proc *p)
{
	for (const struct proc *up = p->in_parent; up; up = up->in_parent) {
		unsigned char *keep = &view->build.keep[proc_index(&view->build.tree, up)];

		if (*keep != KEEP_NOT)
			break;
		*keep = KEEP_ABOVE;
	}
	keep_cgroups_above(view, p->cgroup);
}

/* Steps that looking at this process takes: its arguments may be long. */
static size_t steps_for(const struct view *view, const struct proc *p)
{
	return 1 + view->build.pattern.count * (1 + strlen(p->args) / 64);
}

static void filter_proc(struct view *view, size_t i)
{
	const struct proc *p = &view->build.tree.procs[i];
	enum mark_known mark = key_set_has(&view->marks, p->key) ? MARK_YES : MARK_NO;

	if ((p->kernel && !view->kernel) || (p->ours && !view->own) ||
	    !pattern_matches(&view->build.pattern, p, p->cgroup, mark))
		return;
	keep_above(view, p);
	view->build.keep[i] = KEEP_MATCH;
	view->build.matches++;
}

/* A cgroup that matches by its own path is kept although it is empty. */
static void filter_cgroup(struct view *view, size_t i)
{
	const struct cgroup *cg = &view->build.tree.cgroups[i];

	if (!pattern_matches(&view->build.pattern, NULL, cg, MARK_NO))
		return;
	keep_cgroups_above(view, cg->parent);
	view->build.keep_cgroup[i] = KEEP_MATCH;
	view->build.matches++;
}

bool filter_tree(struct view *view, size_t *budget)
{
	struct view_build *b = &view->build;
	size_t procs = b->tree.nprocs, all = procs + (b->tree.ncgroups ? b->tree.ncgroups - 1 : 0);

	if (!b->keep) {
		b->keep = mem_array(procs, 1);
		b->keep_cgroup = mem_array(b->tree.ncgroups, 1);
	}
	for (; b->at < all; b->at++) {
		if (*budget == 0)
			return false;
		if (b->at < procs) {
			view_spend(budget, steps_for(view, &b->tree.procs[b->at]));
			filter_proc(view, b->at);
		} else {
			view_spend(budget, 2);
			filter_cgroup(view, b->at - procs + 1);
		}
	}
	return true;
}
