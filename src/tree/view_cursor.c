/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor: on a process or cgroup, not on a row. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

/* Spots looked for at most: of a host that has been restarted none is found again. */
#define LOOKS 20000

static bool look(struct view *view, const struct view_build *at, const struct spot *spot)
{
	const struct proc *p;
	const struct cgroup *cg;
	size_t row = 0;

	if (spot->kind == ROW_PROC) {
		p = tree_find(&at->tree, spot->proc);
		row = p ? at->procs[proc_index(&at->tree, p)] : 0;
	} else {
		cg = tree_find_cgroup(&at->tree, spot->path);
		row = cg ? at->cgroups[cgroup_index(&at->tree, cg)] : 0;
	}
	if (row > 0)
		view->cursor = row - 1;
	return row > 0;
}

/* The row where it was; else its next sibling, its previous one, its parent;
 * else the same from there.  Each spot is looked at once. */
static bool find_place(struct view *view, const struct view_build *at)
{
	size_t looks = 0;
	const struct spot *spots = view->spots;
	size_t back, fwd;
	uint32_t depth;

	if (view->nspots == 0)
		return false;
	back = view->cursor < view->nspots ? view->cursor : view->nspots - 1;
	fwd = back + 1;
	while (!look(view, at, &spots[back])) {
		depth = spots[back].depth;
		if (looks > LOOKS)
			return false;
		for (; fwd < view->nspots && spots[fwd].depth >= depth && looks++ <= LOOKS; fwd++) {
			if (spots[fwd].depth == depth && look(view, at, &spots[fwd]))
				return true;
		}
		for (; back > 0 && spots[back - 1].depth >= depth && looks++ <= LOOKS; back--) {
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
	if (!find_place(view, &view->build))
		view->cursor = 0;
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
	struct key_set above = { 0 };
	struct proc_key *keys = NULL;
	size_t n = 0;

	if (!proc)
		return false;
	for (const struct proc *up = proc->in_parent; up && view->folds.procs.count > 0; up = up->in_parent) {
		keys = mem_grow(keys, n, sizeof *keys);
		keys[n++] = up->key;
	}
	key_set_merge(&above, keys, n);
	key_set_remove_all(&view->folds.procs, &above);
	key_set_clear(&above);
	free(keys);
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
