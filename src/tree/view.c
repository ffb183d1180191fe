/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

struct view *view_new(void)
{
	struct view *view = mem_new(struct view);

	view->filter = mem_strdup("");
	view->first_ms = -1;
	return view;
}

static void free_keys(struct view *view)
{
	for (size_t i = 0; i < view->nkeys; i++)
		free(view->keys[i].path);
	free(view->keys);
	view->keys = NULL;
	view->nkeys = 0;
}

void view_free(struct view *view)
{
	if (!view)
		return;
	free_keys(view);
	free(view->rows);
	key_set_clear(&view->folded);
	key_set_clear(&view->marks);
	path_set_clear(&view->folded_cgroups);
	free(view->filter);
	free(view);
}

/* ---- filter ---- */

static bool wants_marks(const char *filter)
{
	const char *at = strstr(filter, "mark:");

	return at && (at == filter || at[-1] == ' ');
}

/* A kept process keeps what is above it visible. */
static void keep_above(struct view *view, const struct proc *p)
{
	size_t bound = tree_count(view->tree);

	for (const struct proc *up = p->in_parent; up && bound-- > 0; up = up->in_parent) {
		size_t at = proc_index(view->tree, up);

		if (at == SIZE_MAX || view->keep[at] != KEEP_NOT)
			break;
		view->keep[at] = KEEP_ABOVE;
	}
	for (const struct cgroup *cg = p->cgroup; cg; cg = cg->parent) {
		size_t at = cgroup_index(view->tree, cg);

		if (at == SIZE_MAX || view->keep_cgroup[at] != KEEP_NOT)
			break;
		view->keep_cgroup[at] = KEEP_ABOVE;
	}
}

/* Reading only what is not in a filter's way. */
static void filter_tree(struct view *view)
{
	bool marks = wants_marks(view->filter);
	size_t n = tree_count(view->tree), ncg = tree_cgroup_count(view->tree);

	view->keep = mem_array(n, 1);
	view->keep_cgroup = mem_array(ncg, 1);
	for (size_t i = 0; i < n; i++) {
		const struct proc *p = tree_at(view->tree, i);

		if ((p->kernel && !view->kernel) || !tree_match(p, p->cgroup, view->filter) ||
		    (marks && !key_set_has(&view->marks, p->key)))
			continue;
		view->keep[i] = KEEP_MATCH;
		keep_above(view, p);
	}
	/* A cgroup that matches by its own name is kept although it is empty. */
	for (size_t i = 0; i < ncg && !marks; i++) {
		const struct cgroup *cg = tree_cgroup_at(view->tree, i);

		if (!cg->parent || !tree_match(NULL, cg, view->filter))
			continue;
		view->keep_cgroup[i] = KEEP_MATCH;
		for (cg = cg->parent; cg; cg = cg->parent) {
			size_t at = cgroup_index(view->tree, cg);

			if (at == SIZE_MAX || view->keep_cgroup[at] != KEEP_NOT)
				break;
			view->keep_cgroup[at] = KEEP_ABOVE;
		}
	}
}

/* ---- the cursor's identity ---- */

static bool same_row(const struct row_key *key, const struct row *row)
{
	if (key->kind != row->kind)
		return false;
	if (key->kind == ROW_CGROUP)
		return strcmp(key->path, row->cgroup->path) == 0;
	return key->proc.pid == row->proc->key.pid && key->proc.start == row->proc->key.start;
}

static size_t find_row(const struct view *view, const struct row_key *key)
{
	for (size_t i = 0; i < view->nrows; i++) {
		if (same_row(key, &view->rows[i]))
			return i;
	}
	return SIZE_MAX;
}

static void take_keys(struct view *view)
{
	free_keys(view);
	view->keys = mem_array(view->nrows, sizeof *view->keys);
	view->nkeys = view->nrows;
	for (size_t i = 0; i < view->nrows; i++) {
		const struct row *row = &view->rows[i];

		view->keys[i].kind = row->kind;
		if (row->kind == ROW_PROC)
			view->keys[i].proc = row->proc->key;
		else
			view->keys[i].path = mem_strdup(row->cgroup->path);
	}
}

/* The row it was on, else the nearest one after it that is still there, else
 * before it: siblings come before parents that way in a tree's order. */
static void place_cursor(struct view *view)
{
	for (size_t i = view->cursor; i < view->nkeys; i++) {
		size_t at = find_row(view, &view->keys[i]);

		if (at != SIZE_MAX) {
			view->cursor = at;
			return;
		}
	}
	for (size_t i = view->cursor < view->nkeys ? view->cursor : view->nkeys; i-- > 0;) {
		size_t at = find_row(view, &view->keys[i]);

		if (at != SIZE_MAX) {
			view->cursor = at;
			return;
		}
	}
	view->cursor = 0;
}

void view_build(struct view *view, const struct tree *tree, int64_t now_ms)
{
	view->tree = tree;
	view->now_ms = now_ms;
	/* Those of the first snapshot share its time and are not new. */
	if (view->first_ms < 0 && tree_count(tree) > 0) {
		view->first_ms = tree_at(tree, 0)->first_seen_ms;
		for (size_t i = 0; i < tree_count(tree); i++) {
			if (tree_at(tree, i)->first_seen_ms < view->first_ms)
				view->first_ms = tree_at(tree, i)->first_seen_ms;
		}
	}
	if (tree_root(tree))
		marks_refresh(view);
	if (*view->filter)
		filter_tree(view);
	rows_fill(view);
	free(view->keep);
	free(view->keep_cgroup);
	view->keep = view->keep_cgroup = NULL;
	place_cursor(view);
	take_keys(view);
}

size_t view_rows(const struct view *view)
{
	return view->nrows;
}

const struct row *view_row(const struct view *view, size_t i)
{
	return i < view->nrows ? &view->rows[i] : NULL;
}

size_t view_cursor(const struct view *view)
{
	return view->cursor < view->nrows ? view->cursor : 0;
}

void view_set_cursor(struct view *view, size_t row)
{
	view->cursor = row < view->nrows ? row : view->nrows ? view->nrows - 1 : 0;
}

bool view_cursor_to(struct view *view, const struct tree *tree, struct proc_key key)
{
	const struct proc *proc = tree_find(tree, key);
	size_t bound = tree_count(tree);

	if (!proc)
		return false;
	for (const struct proc *up = proc->in_parent; up && bound-- > 0; up = up->in_parent)
		key_set_remove(&view->folded, up->key);
	for (const struct cgroup *cg = proc->cgroup; cg; cg = cg->parent)
		path_set_remove(&view->folded_cgroups, cg->path);
	view_build(view, tree, view->now_ms);
	for (size_t i = 0; i < view->nrows; i++) {
		if (view->rows[i].proc == proc) {
			view->cursor = i;
			return true;
		}
	}
	return false;
}

/* ---- folds ---- */

void view_fold(struct view *view, size_t row, bool folded)
{
	const struct row *r = view_row(view, row);

	if (!r)
		return;
	if (r->kind == ROW_CGROUP && folded)
		path_set_add(&view->folded_cgroups, r->cgroup->path);
	else if (r->kind == ROW_CGROUP)
		path_set_remove(&view->folded_cgroups, r->cgroup->path);
	else if (folded)
		key_set_add(&view->folded, r->proc->key);
	else
		key_set_remove(&view->folded, r->proc->key);
}

void view_fold_all(struct view *view, const struct tree *tree, bool folded)
{
	key_set_clear(&view->folded);
	path_set_clear(&view->folded_cgroups);
	for (size_t i = 0; folded && i < tree_cgroup_count(tree); i++)
		path_set_add(&view->folded_cgroups, tree_cgroup_at(tree, i)->path);
	for (size_t i = 0; folded && i < tree_count(tree); i++) {
		if (tree_at(tree, i)->in_child)
			key_set_add(&view->folded, tree_at(tree, i)->key);
	}
}

/* ---- options ---- */

void view_set_sort(struct view *view, enum tree_sort sort, bool reverse)
{
	view->sort = sort;
	view->reverse = reverse;
}

void view_set_kernel(struct view *view, bool show)
{
	view->kernel = show;
}

void view_set_flat(struct view *view, bool flat)
{
	view->flat = flat;
}

void view_set_filter(struct view *view, const char *text)
{
	free(view->filter);
	view->filter = mem_strdup(text ? text : "");
}

const char *view_filter(const struct view *view)
{
	return view->filter;
}

size_t view_matches(const struct view *view)
{
	return view->matches;
}
