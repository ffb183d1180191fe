/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TREE_TREE_PRIV_H
#define TREE_TREE_PRIV_H

#include <pferry/tree.h>

#include "tree/snapshot.h"

/* Most processes kept for having gone a moment ago. */
#define TREE_MAX_GONE 50000

struct tree {
	struct proc *procs;      /* by pid, then start */
	size_t nprocs;
	size_t living;           /* not gone, kernel threads not counted */
	size_t own;              /* of those, pferry's own */
	struct cgroup *cgroups;  /* in path order */
	size_t ncgroups;
	struct arena strings;    /* of both */
	char boot[64];
	double load, uptime;
	uint32_t hz;
	uint64_t serial;
};

/* ours.c: whether it is a shell of pferry's own; its arguments are known. */
bool tree_is_ours(const struct proc *p);
/* What such a shell runs, root's only, is ours too. */
void tree_spread_ours(struct tree *tree);

#endif
