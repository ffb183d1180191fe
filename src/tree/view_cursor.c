/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor: on a process or cgroup, not on a row. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

/* The row of each process and cgroup, plus one; 0 for none. */
struct places {
	const struct tree *tree;
	size_t *procs, *cgroups;
};

static bool look(struct view *view, const struct places *at, const struct spot *spot)
{
	const struct proc *p;
	const struct cgroup *cg;
	size_t row = 0;

	if (spot->kind == ROW_PROC) {
		p = tree_find(at->tree, spot->proc);
		row = p ? at->procs[proc_index(at->tree, p)] : 0;
	} else {
		cg = tree_find_cgroup(at->tree, spot->path);
		row = cg ? at->cgroups[cgroup_index(at->tree, cg)] : 0;
	}
	if (row > 0)
		view->cursor = row - 1;
	return row > 0;
}

/* The row where it was; else its next sibling, its previous one, its parent;
 * else the same from there.  Each spot is looked at once. */
static bool find_place(struct view *view, const struct places *at)
{
	const struct spot *spots = view->spots;
	size_t back, fwd;
	uint32_t depth;

	if (view->nspots == 0)
		return false;
	back = view->cursor < view->nspots ? view->cursor : view->nspots - 1;
	fwd = back + 1;
	while (!look(view, at, &spots[back])) {
		depth = spots[back].depth;
		for (; fwd < view->nspots && spots[fwd].depth >= depth; fwd++) {
			if (spots[fwd].depth == depth && look(view, at, &spots[fwd]))
				return true;
		}
		for (; back > 0 && spots[back - 1].depth >= depth; back--) {
			if (spots[back - 1].depth == depth && look(view, at, &spots[back - 1]))
				return true;
		}
		if (back == 0)
			return false;
		back--;
	}
	return true;
}

void cursor_place(struct view *view)
{
	struct places at = { .tree = view->tree };

	/* A filter that leaves nothing is soon changed: then it goes back. */
	if (view->nrows == 0)
		return;
	at.procs = mem_array(at.tree->nprocs, sizeof *at.procs);
	at.cgroups = mem_array(at.tree->ncgroups, sizeof *at.cgroups);
	for (size_t i = 0; i < view->nrows; i++) {
		const struct row *row = &view->rows[i];

		if (row->kind == ROW_PROC)
			at.procs[proc_index(at.tree, row->proc)] = i + 1;
		else
			at.cgroups[cgroup_index(at.tree, row->cgroup)] = i + 1;
	}
	if (!find_place(view, &at))
		view->cursor = 0;
	free(at.procs);
	free(at.cgroups);
}

void cursor_remember(struct view *view)
{
	if (view->nrows == 0)
		return;
	arena_free(&view->paths);
	view->spots = mem_resize(view->spots, view->nrows, sizeof *view->spots);
	view->nspots = view->nrows;
	for (size_t i = 0; i < view->nrows; i++) {
		const struct row *row = &view->rows[i];
		struct spot *spot = &view->spots[i];

		*spot = (struct spot){ .kind = row->kind, .depth = row->depth };
		if (row->kind == ROW_PROC)
			spot->proc = row->proc->key;
		else
			spot->path = arena_text(&view->paths, row->cgroup->path, strlen(row->cgroup->path),
						SNAPSHOT_MAX_PATH);
	}
}

size_t view_cursor(const struct view *view)
{
	return view->cursor < view->nrows ? view->cursor : 0;
}

void view_set_cursor(struct view *view, size_t row)
{
	if (view->nrows > 0)
		view->cursor = row < view->nrows ? row : view->nrows - 1;
}

bool view_cursor_to(struct view *view, const struct tree *tree, struct proc_key key)
{
	const struct proc *proc = tree_find(tree, key);

	if (!proc)
		return false;
	for (const struct proc *up = proc->in_parent; up; up = up->in_parent)
		key_set_remove(&view->folds.procs, up->key);
	for (const struct cgroup *cg = proc->cgroup; cg; cg = cg->parent)
		path_set_remove(&view->folds.cgroups, cg->path);
	view_build(view, tree, view->now_ms);
	for (size_t i = 0; i < view->nrows; i++) {
		if (view->rows[i].proc == proc) {
			view->cursor = i;
			return true;
		}
	}
	return false;
}
