/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view from the inside: sets of keys, patterns, and the parts of view.c. */
#ifndef TREE_VIEW_PRIV_H
#define TREE_VIEW_PRIV_H

#include "tree/tree_priv.h"

/* ---- view_sets.c ---- */

/* A sorted set of process keys. */
struct key_set {
	struct proc_key *keys;
	size_t count, cap;
};

bool key_set_has(const struct key_set *set, struct proc_key key);
void key_set_add(struct key_set *set, struct proc_key key);
/* Add many at once, in any order. */
void key_set_merge(struct key_set *set, const struct proc_key *keys, size_t count);
void key_set_remove(struct key_set *set, struct proc_key key);
void key_set_remove_all(struct key_set *set, const struct key_set *gone);
void key_set_clear(struct key_set *set);

/* A set of strings in path order, so that those of a tree are added at the end. */
struct path_set {
	char **paths;
	size_t count, cap;
};

bool path_set_has(const struct path_set *set, const char *path);
void path_set_add(struct path_set *set, const char *path);
void path_set_remove(struct path_set *set, const char *path);
void path_set_clear(struct path_set *set);

/* ---- match.c ---- */

enum term_kind { TERM_PLAIN, TERM_PID, TERM_USER, TERM_CGROUP, TERM_MARK };

struct term {
	enum term_kind kind;
	bool negate, ignore_case;
	const char *text; /* text after the kind */
	uint64_t pid;
};

/* A filter's text, taken apart once. */
struct pattern {
	char *copy;
	struct term *terms;
	size_t count;
};

/* Whether it is marked; where that is unknown, terms about marks hold. */
enum mark_known { MARK_UNKNOWN, MARK_NO, MARK_YES };

void pattern_init(struct pattern *pattern, const char *text);
void pattern_free(struct pattern *pattern);
/* `proc` is NULL for a cgroup. */
bool pattern_matches(const struct pattern *pattern, const struct proc *proc, const struct cgroup *cgroup,
		     enum mark_known mark);

/* ---- the view ---- */

/* Rows that a filter keeps, per process or cgroup. */
enum keep { KEEP_NOT = 0, KEEP_ABOVE = 1, KEEP_MATCH = 2 };

/* Where a row was when it was built: a key that outlives the tree's content. */
struct spot {
	enum row_kind kind;
	uint32_t depth;
	struct proc_key proc;
	const char *path; /* path of a cgroup */
};

/* A node waiting to become a row. */
struct todo {
	const struct proc *proc;     /* NULL: the cgroup itself */
	const struct cgroup *cgroup;
	uint32_t depth;
	uint64_t mask;
};

struct stack {
	struct todo *items;
	size_t count, cap;
};

enum build_stage { BUILD_NONE, BUILD_FOLDS, BUILD_MARKS, BUILD_FILTER, BUILD_BEGIN, BUILD_ROWS, BUILD_COVER, BUILD_SHOW };

/* Rows in the making, of a tree that stays until they are shown. */
struct view_build {
	enum build_stage stage;
	size_t at;                /* in the list that the stage goes through */
	struct tree tree;
	struct row *rows;
	struct spot *spots;
	size_t nrows, cap;
	size_t *procs, *cgroups;  /* the row of each, plus one; 0 for none */
	struct stack stack, siblings;
	struct sort sort;         /* order of the siblings */
	bool sorting;
	struct pattern pattern;
	size_t matches;
	unsigned char *keep;      /* enum keep by index; NULL without a filter */
	unsigned char *keep_cgroup;
};

struct folds {
	struct key_set procs;
	struct path_set cgroups;
};

struct view {
	struct row *rows;
	size_t nrows;
	struct tree shown;        /* tree that the rows show */
	size_t cursor;            /* index of a spot */
	struct spot *spots;       /* spots of the rows as last built; kept when there are none */
	size_t nspots;
	struct tree spotted;      /* tree of the spots */
	struct folds folds;
	struct folds unfiltered;  /* folds to come back to when the filter is cleared */
	struct path_set named;    /* processes to fold once they are there, by name */
	struct key_set marks;
	enum tree_sort sort;
	bool reverse, kernel, flat, own;
	char *filter;
	size_t matches, dropped;
	bool met;                 /* a host was seen: */
	char boot[64];            /* boot id of the host when rows were begun last */
	int64_t first_ms;         /* first_seen of the oldest process then: those are not new */
	int64_t now_ms;
	struct view_build build;
};

/* Steps of work, of which a call may do so many. */
static inline void view_spend(size_t *budget, size_t steps)
{
	*budget -= *budget < steps ? *budget : steps;
}

/* The parts of a build go on where they were left, and are true when they are over. */

/* view_folds.c: forget all; fold what was folded under its name before. */
void folds_clear(struct folds *folds);
bool folds_meet(struct view *view, size_t *budget);

/* view_rows.c: begin with the top of the tree; fill the rows from it. */
void rows_begin(struct view *view);
bool rows_fill(struct view *view, size_t *budget);

/* view_filter.c: fill keep and keep_cgroup, and count what matches. */
bool filter_tree(struct view *view, size_t *budget);

/* view_cursor.c: put the cursor where it belongs in the rows that were built. */
void cursor_place(struct view *view);

/* view_marks.c: forget marks that have no process any more and those that
 * another stands for; then show them in rows. */
void marks_settle(struct view *view, const struct tree *tree);
void marks_show(const struct view *view, const struct tree *tree, struct row *rows, size_t count);

/* Index of a process or cgroup in its tree. */
static inline size_t proc_index(const struct tree *tree, const struct proc *proc)
{
	return (size_t)(proc - tree->procs);
}

static inline size_t cgroup_index(const struct tree *tree, const struct cgroup *cgroup)
{
	return (size_t)(cgroup - tree->cgroups);
}

#endif
