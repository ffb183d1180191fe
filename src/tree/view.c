/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

struct view *view_new(void)
{
	struct view *view = mem_new(struct view);

	view->filter = mem_strdup("");
	return view;
}

/* Give up rows in the making. */
static void drop_build(struct view *view)
{
	struct view_build *b = &view->build;

	free(b->rows);
	free(b->spots);
	free(b->procs);
	free(b->cgroups);
	free(b->stack.items);
	free(b->siblings.items);
	sort_end(&b->sort);
	pattern_free(&b->pattern);
	free(b->keep);
	free(b->keep_cgroup);
	tree_let_go(&b->tree);
	*b = (struct view_build){ .stage = BUILD_NONE };
}

void view_free(struct view *view)
{
	if (!view)
		return;
	drop_build(view);
	free(view->rows);
	free(view->spots);
	tree_let_go(&view->shown);
	tree_let_go(&view->spotted);
	key_set_clear(&view->marks);
	folds_clear(&view->folds);
	folds_clear(&view->unfiltered);
	path_set_clear(&view->named);
	free(view->filter);
	free(view);
}

/* A host seen for the first time, or restarted: its processes are others than
 * those that were marked, and none of them stands out as new. */
static void meet_boot(struct view *view)
{
	const struct tree *tree = &view->build.tree;

	if (view->met && strcmp(view->boot, tree->boot) == 0)
		return;
	view->met = true;
	memcpy(view->boot, tree->boot, sizeof view->boot);
	view->dropped += view->marks.count;
	key_set_clear(&view->marks);
	view->first_ms = INT64_MAX;
	for (size_t i = 0; i < tree->nprocs; i++) {
		if (tree->procs[i].first_seen_ms < view->first_ms)
			view->first_ms = tree->procs[i].first_seen_ms;
	}
}

void view_begin(struct view *view, const struct tree *tree, int64_t now_ms)
{
	struct view_build *b = &view->build;

	drop_build(view);
	b->tree = tree_hold(tree);
	b->stage = BUILD_FOLDS;
	view->now_ms = now_ms;
	if (tree_serial(tree) > 0)
		meet_boot(view);
	pattern_init(&b->pattern, view->filter);
}

/* Show what was built. */
static void show(struct view *view)
{
	struct view_build *b = &view->build;

	free(view->rows);
	view->rows = b->rows;
	view->nrows = b->nrows;
	view->matches = b->matches;
	b->rows = NULL;
	tree_let_go(&view->shown);
	view->shown = tree_hold(&b->tree);
	/* A filter that leaves nothing is soon changed: then the cursor goes back. */
	if (view->nrows > 0) {
		cursor_place(view);
		free(view->spots);
		view->spots = b->spots;
		view->nspots = b->nrows;
		b->spots = NULL;
		tree_let_go(&view->spotted);
		view->spotted = tree_hold(&b->tree);
	}
	drop_build(view);
}

bool view_step(struct view *view, size_t *budget)
{
	struct view_build *b = &view->build;
	bool known = tree_serial(&b->tree) > 0;

	while (b->stage != BUILD_NONE) {
		bool over = true;

		if (*budget == 0)
			return false;
		view_spend(budget, 1);
		if (b->stage == BUILD_FOLDS)
			over = !known || folds_meet(view, budget);
		else if (b->stage == BUILD_MARKS && known)
			marks_settle(view, &b->tree);
		else if (b->stage == BUILD_FILTER && *view->filter)
			over = filter_tree(view, budget);
		else if (b->stage == BUILD_BEGIN)
			rows_begin(view);
		else if (b->stage == BUILD_ROWS)
			over = rows_fill(view, budget);
		else if (b->stage == BUILD_COVER)
			marks_show(view, &b->tree, b->rows, b->nrows);
		if (b->stage == BUILD_SHOW) {
			show(view);
			return true;
		}
		if (!over)
			return false;
		/* Each of these goes through all processes at once. */
		if (view->marks.count > 0 && (b->stage == BUILD_MARKS || b->stage == BUILD_COVER))
			view_spend(budget, b->tree.nprocs / 4);
		b->at = 0;
		b->stage++;
	}
	return true;
}

void view_build(struct view *view, const struct tree *tree, int64_t now_ms)
{
	size_t budget = SIZE_MAX;

	view_begin(view, tree, now_ms);
	view_step(view, &budget);
}

size_t view_rows(const struct view *view)
{
	return view->nrows;
}

const struct row *view_row(const struct view *view, size_t i)
{
	return i < view->nrows ? &view->rows[i] : NULL;
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

void view_set_own(struct view *view, bool show)
{
	view->own = show;
}

void view_set_flat(struct view *view, bool flat)
{
	view->flat = flat;
}

void view_set_filter(struct view *view, const char *text)
{
	bool was = *view->filter, is = text && *text;
	char *copy = mem_strdup(is ? text : ""); /* `text` may be view->filter */

	/* A filter has folds of its own, none at first: it is to show what it
	 * finds.  Those from before come back with its end. */
	if (is && !was) {
		view->unfiltered = view->folds;
		view->folds = (struct folds){ 0 };
	} else if (was && !is) {
		folds_clear(&view->folds);
		view->folds = view->unfiltered;
		view->unfiltered = (struct folds){ 0 };
	}
	free(view->filter);
	view->filter = copy;
}

const char *view_filter(const struct view *view)
{
	return view->filter;
}

size_t view_matches(const struct view *view)
{
	return view->matches;
}
