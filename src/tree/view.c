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

void view_free(struct view *view)
{
	if (!view)
		return;
	free(view->rows);
	free(view->spots);
	arena_free(&view->paths);
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
	const struct tree *tree = view->tree;

	if (view->serial > 0 && strcmp(view->boot, tree->boot) == 0)
		return;
	memcpy(view->boot, tree->boot, sizeof view->boot);
	view->dropped += view->marks.count;
	key_set_clear(&view->marks);
	view->first_ms = INT64_MAX;
	for (size_t i = 0; i < tree->nprocs; i++) {
		if (tree->procs[i].first_seen_ms < view->first_ms)
			view->first_ms = tree->procs[i].first_seen_ms;
	}
}

void view_build(struct view *view, const struct tree *tree, int64_t now_ms)
{
	view->tree = tree;
	view->now_ms = now_ms;
	view->matches = 0;
	if (tree_serial(tree) > 0) {
		meet_boot(view);
		folds_meet(view);
		marks_settle(view, tree);
	}
	view->serial = tree_serial(tree);
	if (*view->filter)
		filter_tree(view);
	rows_fill(view);
	marks_show(view);
	free(view->keep);
	free(view->keep_cgroup);
	view->keep = view->keep_cgroup = NULL;
	cursor_place(view);
	cursor_remember(view);
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
	char *copy = mem_strdup(is ? text : ""); /* it may be our own */

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
