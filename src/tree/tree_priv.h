/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TREE_TREE_PRIV_H
#define TREE_TREE_PRIV_H

#include <pferry/tree.h>

#include "tree/snapshot.h"

/* Most processes kept for having gone a moment ago. */
#define TREE_MAX_GONE 50000

/* Contents of a tree at one moment: they stay while a view shows them. */
struct tree_share {
	unsigned refs;
	struct proc *procs;
	struct cgroup *cgroups;
	struct arena strings;
};

struct tree {
	struct tree_share *share; /* owner of the objects that the pointers below lead to; NULL when the tree is empty */
	struct proc *procs;      /* by pid, then start */
	size_t nprocs;
	size_t living;           /* not gone, kernel threads not counted */
	size_t own;              /* pferry's own among them */
	struct cgroup *cgroups;  /* in path order */
	size_t ncgroups;
	char boot[64];
	double load, uptime;
	uint32_t hz;
	uint64_t serial;
};

/* ours.c: whether it is a shell of pferry's own; its arguments are known. */
bool tree_is_ours(const struct proc *p);
/* Mark programs of such a shell as pferry's own too: root's only. */
void tree_spread_ours(struct proc *proc);

/* tree.c: index of the first process whose key is not before `key`; the living one of a pid; a cgroup. */
size_t tree_lower(const struct proc *procs, size_t count, struct proc_key key);
struct proc *tree_proc_of(const struct tree *tree, pid_t pid);
struct cgroup *tree_cgroup_of(const struct tree *tree, const char *path);

/*
 * update.c: tree_update() in turns.  The snapshot is taken over.  Each call does
 * about *budget steps; true once the tree has been replaced.  Nothing else may change
 * the tree in between.
 */
struct tree_build;
struct tree_build *tree_build_new(struct tree *tree, struct snapshot *snap, int64_t now_ms);
bool tree_build_step(struct tree_build *build, size_t *budget);
/* Why it could not be made of that snapshot; NULL when it was. */
const struct err *tree_build_err(const struct tree_build *build);
void tree_build_free(struct tree_build *build);

/* Another handle on what a tree is at this moment, and the end of one. */
struct tree tree_hold(const struct tree *tree);
void tree_let_go(struct tree *held);

#endif
