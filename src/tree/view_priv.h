/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view from the inside: sets of keys, and the parts of view.c. */
#ifndef TREE_VIEW_PRIV_H
#define TREE_VIEW_PRIV_H

#include <pferry/tree.h>

/* A sorted set of process keys. */
struct key_set {
	struct proc_key *keys;
	size_t count, cap;
};

bool key_set_has(const struct key_set *set, struct proc_key key);
void key_set_add(struct key_set *set, struct proc_key key);
void key_set_remove(struct key_set *set, struct proc_key key);
void key_set_clear(struct key_set *set);

/* A sorted set of strings. */
struct path_set {
	char **paths;
	size_t count, cap;
};

bool path_set_has(const struct path_set *set, const char *path);
void path_set_add(struct path_set *set, const char *path);
void path_set_remove(struct path_set *set, const char *path);
void path_set_clear(struct path_set *set);

/* What a filter keeps: indexes of processes (as tree_at) and cgroups. */
enum keep { KEEP_NOT = 0, KEEP_ABOVE = 1, KEEP_MATCH = 2 };

struct view {
	struct row *rows;
	size_t nrows, cap;
	size_t cursor;
	struct row_key *keys;     /* of the rows as last built */
	size_t nkeys;
	struct key_set folded, marks;
	struct path_set folded_cgroups;
	enum tree_sort sort;
	bool reverse, kernel, flat;
	char *filter;
	size_t matches, dropped;
	int64_t first_ms;         /* first_seen of the tree's oldest: those are not new */
	uint64_t serial;
	/* while building */
	const struct tree *tree;
	int64_t now_ms;
	unsigned char *keep;      /* per process index; NULL without a filter */
	unsigned char *keep_cgroup;
};

/* view_rows.c */
void rows_fill(struct view *view);
/* Index of a process in tree_at() order, or SIZE_MAX. */
size_t proc_index(const struct tree *tree, const struct proc *proc);
size_t cgroup_index(const struct tree *tree, const struct cgroup *cgroup);
bool proc_shown(const struct view *view, const struct proc *proc);

/* view_marks.c */
void marks_refresh(struct view *view);

#endif
