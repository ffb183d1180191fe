/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks: on processes, each standing for all its descendants. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

static bool markable(const struct proc *p)
{
	return !p->kernel && p->gone_ms == 0;
}

static bool below(const struct tree *tree, const struct proc *p, const struct proc *above)
{
	size_t bound = tree_count(tree);

	for (p = p->parent; p && bound-- > 0; p = p->parent) {
		if (p == above)
			return true;
	}
	return false;
}

static bool covered(const struct view *view, const struct tree *tree, const struct proc *p)
{
	size_t bound = tree_count(tree);

	for (p = p->parent; p && bound-- > 0; p = p->parent) {
		if (key_set_has(&view->marks, p->key))
			return true;
	}
	return false;
}

static void mark_one(struct view *view, const struct tree *tree, const struct proc *p)
{
	if (!markable(p) || covered(view, tree, p))
		return;
	/* Marks below are absorbed: it stands for them now. */
	for (size_t i = view->marks.count; i-- > 0;) {
		const struct proc *other = tree_find(tree, view->marks.keys[i]);

		if (other && below(tree, other, p))
			key_set_remove(&view->marks, other->key);
	}
	key_set_add(&view->marks, p->key);
}

static bool inside(const struct cgroup *cg, const struct cgroup *above)
{
	for (; cg; cg = cg->parent) {
		if (cg == above)
			return true;
	}
	return false;
}

/* The topmost processes of a cgroup and of all below it. */
static void mark_cgroup(struct view *view, const struct tree *tree, const struct cgroup *cg, bool marked)
{
	for (size_t i = 0; i < tree_count(tree); i++) {
		const struct proc *p = tree_at(tree, i);

		/* The root's row stands for the root's own processes only. */
		if (cg->parent ? !inside(p->cgroup, cg) : p->cgroup != cg)
			continue;
		if (!marked)
			key_set_remove(&view->marks, p->key);
		else if (!p->parent || !inside(p->parent->cgroup, cg))
			mark_one(view, tree, p);
	}
}

void view_mark(struct view *view, const struct tree *tree, size_t row, bool marked)
{
	const struct row *r = view_row(view, row);

	if (!r)
		return;
	if (r->kind == ROW_CGROUP)
		mark_cgroup(view, tree, r->cgroup, marked);
	else if (marked)
		mark_one(view, tree, r->proc);
	else
		key_set_remove(&view->marks, r->proc->key);
	for (size_t i = 0; i < view->nrows; i++) {
		struct row *each = &view->rows[i];

		if (each->kind != ROW_PROC)
			continue;
		each->marked = key_set_has(&view->marks, each->proc->key);
		each->mark_inherited = !each->marked && covered(view, tree, each->proc);
	}
}

bool view_is_marked(const struct view *view, struct proc_key key)
{
	return key_set_has(&view->marks, key);
}

void view_unmark_all(struct view *view)
{
	key_set_clear(&view->marks);
	for (size_t i = 0; i < view->nrows; i++)
		view->rows[i].marked = view->rows[i].mark_inherited = false;
}

size_t view_marks(const struct view *view)
{
	return view->marks.count;
}

struct proc_key view_mark_at(const struct view *view, size_t i)
{
	return view->marks.keys[i];
}

struct tree_sum view_marked_sum(const struct view *view, const struct tree *tree)
{
	struct tree_sum all = { 0 };

	for (size_t i = 0; i < view->marks.count; i++) {
		const struct proc *p = tree_find(tree, view->marks.keys[i]);
		struct tree_sum one;

		if (!p)
			continue;
		one = tree_sum(p);
		all.processes += one.processes;
		all.rss_bytes += one.rss_bytes;
	}
	return all;
}

size_t view_marks_hidden(const struct view *view)
{
	size_t seen = 0;

	for (size_t i = 0; i < view->nrows; i++)
		seen += view->rows[i].kind == ROW_PROC && view->rows[i].marked;
	return view->marks.count > seen ? view->marks.count - seen : 0;
}

size_t view_take_dropped(struct view *view)
{
	size_t dropped = view->dropped;

	view->dropped = 0;
	return dropped;
}

/* Drop marks whose process is gone, and those that a new parent covers. */
void marks_refresh(struct view *view)
{
	for (size_t i = view->marks.count; i-- > 0;) {
		const struct proc *p = tree_find(view->tree, view->marks.keys[i]);

		if (p && p->gone_ms == 0)
			continue;
		key_set_remove(&view->marks, view->marks.keys[i]);
		view->dropped++;
	}
}
