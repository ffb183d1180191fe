/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Marks: on processes, each standing for all its descendants.  What they cover
 * is worked out for all processes in one pass, since how deep and how many
 * they are is up to a host.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

/* Mark state of a process; for a cgroup, of all in it. */
enum { COVER_MARKED = 1, COVER_ABOVE = 2, COVER_KNOWN = 4 };

static bool markable(const struct proc *p)
{
	return !p->kernel && !p->ours && p->gone_ms == 0;
}

/* By index: whether it is marked, and whether a process above it is. */
static unsigned char *cover_procs(const struct view *view, const struct tree *tree)
{
	unsigned char *cover = mem_array(tree->nprocs, 1);
	size_t *walk = mem_array(tree->nprocs, sizeof *walk);

	for (size_t i = 0; i < view->marks.count; i++) {
		const struct proc *p = tree_find(tree, view->marks.keys[i]);

		if (p)
			cover[proc_index(tree, p)] = COVER_MARKED;
	}
	for (size_t i = 0; i < tree->nprocs; i++) {
		const struct proc *p = &tree->procs[i];
		size_t n = 0;
		bool above;

		/* Up to what is known, and down again with what was found. */
		for (; p && !(cover[proc_index(tree, p)] & COVER_KNOWN); p = p->parent)
			walk[n++] = proc_index(tree, p);
		above = p && cover[proc_index(tree, p)] & (COVER_MARKED | COVER_ABOVE);
		while (n > 0) {
			unsigned char *c = &cover[walk[--n]];

			*c |= above ? COVER_KNOWN | COVER_ABOVE : COVER_KNOWN;
			above |= *c & COVER_MARKED;
		}
	}
	free(walk);
	return cover;
}

/* By index: marked when all processes of a cgroup are, one of them in it. */
static unsigned char *cover_cgroups(const struct tree *tree, const unsigned char *procs)
{
	struct tally {
		uint32_t all, covered, marked;
	} *tally = mem_array(tree->ncgroups, sizeof *tally);
	unsigned char *cover = mem_array(tree->ncgroups, 1);

	for (size_t i = 0; i < tree->nprocs; i++) {
		const struct proc *p = &tree->procs[i];
		struct tally *t = &tally[cgroup_index(tree, p->cgroup)];

		if (!markable(p))
			continue;
		t->all++;
		t->covered += (procs[i] & (COVER_MARKED | COVER_ABOVE)) != 0;
		t->marked += (procs[i] & COVER_MARKED) != 0;
	}
	for (size_t i = tree->ncgroups; i-- > 0;) {
		const struct cgroup *up = tree->cgroups[i].parent;
		struct tally *t = &tally[i];

		if (t->all > 0 && t->covered == t->all)
			cover[i] = t->marked ? COVER_MARKED : COVER_ABOVE;
		/* The root's row stands for the root's own processes only. */
		if (up && up->parent) {
			struct tally *to = &tally[cgroup_index(tree, up)];

			to->all += t->all;
			to->covered += t->covered;
			to->marked += t->marked;
		}
	}
	free(tally);
	return cover;
}

void marks_show(const struct view *view, const struct tree *tree, struct row *rows, size_t count)
{
	unsigned char *procs, *cgroups;

	if (view->marks.count == 0) {
		for (size_t i = 0; i < count; i++)
			rows[i].marked = rows[i].mark_inherited = false;
		return;
	}
	procs = cover_procs(view, tree);
	cgroups = cover_cgroups(tree, procs);
	for (size_t i = 0; i < count; i++) {
		struct row *row = &rows[i];
		unsigned char c = row->kind == ROW_PROC ? procs[proc_index(tree, row->proc)]
							: cgroups[cgroup_index(tree, row->cgroup)];

		row->marked = c & COVER_MARKED;
		row->mark_inherited = !row->marked && c & COVER_ABOVE;
	}
	free(procs);
	free(cgroups);
}

void marks_settle(struct view *view, const struct tree *tree)
{
	unsigned char *cover;
	size_t out = 0;

	if (view->marks.count == 0)
		return;
	cover = cover_procs(view, tree);
	for (size_t i = 0; i < view->marks.count; i++) {
		const struct proc *p = tree_find(tree, view->marks.keys[i]);

		if (!p || p->gone_ms)
			view->dropped++;
		else if (!(cover[proc_index(tree, p)] & COVER_ABOVE))
			view->marks.keys[out++] = view->marks.keys[i];
	}
	view->marks.count = out;
	free(cover);
}

/* ---- what an operator does ---- */

/* The cgroups of a subtree, by index from `first` up to before `end`. */
static void subtree(const struct tree *tree, const struct cgroup *cg, size_t *first, size_t *end)
{
	*first = cgroup_index(tree, cg);
	*end = *first + 1;
	while (cg->parent && *end < tree->ncgroups && tree->cgroups[*end].depth > cg->depth)
		++*end;
}

static bool inside(const struct tree *tree, const struct proc *p, size_t first, size_t end)
{
	size_t at = cgroup_index(tree, p->cgroup);

	return at >= first && at < end;
}

/* The topmost processes of a cgroup and of all below it. */
static void mark_cgroup(struct view *view, const struct tree *tree, const struct cgroup *cg)
{
	struct proc_key *keys = mem_array(tree->nprocs, sizeof *keys);
	size_t first, end, n = 0;

	subtree(tree, cg, &first, &end);
	for (size_t i = 0; i < tree->nprocs; i++) {
		const struct proc *p = &tree->procs[i], *up = p->parent;

		if (markable(p) && inside(tree, p, first, end) &&
		    (!up || !markable(up) || !inside(tree, up, first, end)))
			keys[n++] = p->key;
	}
	key_set_merge(&view->marks, keys, n);
	free(keys);
}

static void unmark_cgroup(struct view *view, const struct tree *tree, const struct cgroup *cg)
{
	size_t first, end, out = 0;

	subtree(tree, cg, &first, &end);
	for (size_t i = 0; i < view->marks.count; i++) {
		const struct proc *p = tree_find(tree, view->marks.keys[i]);

		if (!p || !inside(tree, p, first, end))
			view->marks.keys[out++] = view->marks.keys[i];
	}
	view->marks.count = out;
}

static bool is_shown(const struct view *view, const struct tree *tree)
{
	return view->shown.share == tree->share;
}

/* After marks changed. Rows of a tree that has changed since are not touched:
 * what they point to is gone, and they will be built again. */
static void marks_changed(struct view *view, const struct tree *tree)
{
	marks_settle(view, tree);
	if (is_shown(view, tree))
		marks_show(view, tree, view->rows, view->nrows);
	/* Rows in the making get them too. */
	if (view->build.stage > BUILD_COVER)
		view->build.stage = BUILD_COVER;
}

void view_mark(struct view *view, const struct tree *tree, size_t row, bool marked)
{
	const struct spot *at;
	const struct cgroup *cg;

	if (row >= view->nrows)
		return;
	at = &view->spots[row];
	if (at->kind == ROW_PROC) {
		view_mark_rows(view, tree, row, row, marked);
		return;
	}
	cg = tree_find_cgroup(tree, at->path);
	if (cg && marked)
		mark_cgroup(view, tree, cg);
	else if (cg)
		unmark_cgroup(view, tree, cg);
	marks_changed(view, tree);
}

/* The process of a row, in the tree as it is now. */
static const struct proc *proc_of_spot(const struct view *view, const struct tree *tree, size_t i)
{
	if (view->spots[i].kind != ROW_PROC)
		return NULL;
	return is_shown(view, tree) ? view->rows[i].proc : tree_find(tree, view->spots[i].proc);
}

void view_mark_rows(struct view *view, const struct tree *tree, size_t from, size_t to, bool marked)
{
	struct proc_key *keys;
	struct key_set gone = { 0 };
	size_t n = 0;

	if (from >= view->nrows || to < from)
		return;
	if (to >= view->nrows)
		to = view->nrows - 1;
	keys = mem_array(to - from + 1, sizeof *keys);
	for (size_t i = from; i <= to; i++) {
		const struct proc *p = proc_of_spot(view, tree, i);

		if (p && (!marked || markable(p)))
			keys[n++] = p->key;
	}
	if (marked) {
		key_set_merge(&view->marks, keys, n);
	} else {
		key_set_merge(&gone, keys, n);
		key_set_remove_all(&view->marks, &gone);
		key_set_clear(&gone);
	}
	free(keys);
	marks_changed(view, tree);
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

/* ---- what is marked ---- */

size_t view_marks(const struct view *view)
{
	return view->marks.count;
}

struct proc_key view_mark_at(const struct view *view, size_t i)
{
	return i < view->marks.count ? view->marks.keys[i] : (struct proc_key){ 0, 0 };
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
