/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a complete snapshot holds, for tree_update(): processes by pid, each
 * with its cgroup, and the cgroups in path order, parents before children.
 */
#ifndef TREE_SNAPSHOT_H
#define TREE_SNAPSHOT_H

#include <pferry/tree.h>

#include "base/buf.h"

#define SNAPSHOT_MAX_BYTES ((uint64_t)256 << 20)
#define SNAPSHOT_MAX_NOISE ((size_t)1 << 20)
#define SNAPSHOT_MAX_PROCS 200000
#define SNAPSHOT_MAX_CGROUPS 100000
#define SNAPSHOT_MAX_USERS 10000
#define SNAPSHOT_MAX_ARGS 4096
#define SNAPSHOT_MAX_PATH 4096

/* Strings that live and die together. */
struct arena {
	struct arena_block *blocks;
};

/* A copy of `len` bytes made safe to show, of at most `max` bytes. */
const char *arena_text(struct arena *arena, const char *bytes, size_t len, size_t max);
void arena_free(struct arena *arena);

struct snap_user {
	uint32_t uid;
	const char *name;
};

struct snap_uid {
	pid_t pid;
	uint32_t uid;
};

/* What was read of one process. */
struct snap_proc {
	struct proc proc;         /* links unset */
	const char *path;         /* of its cgroup; NULL when not known (yet) */
	size_t cgroup;            /* index, once complete */
};

enum snap_state { SNAP_NOISE, SNAP_KEY, SNAP_VALUE, SNAP_COMPLETE, SNAP_FAILED };

/* Room for one more in an array that grows by half. */
void *snapshot_room(void *array, size_t count, size_t *cap, size_t size);

struct snapshot {
	enum snap_state state;
	struct err err;
	uint64_t fed;
	struct buf key, value;    /* of the pair being read, cut at their bounds */
	struct arena strings;

	char boot[64];
	char hierarchy[256];
	double load, uptime;
	uint32_t hz, page;

	struct snap_proc *procs;
	size_t nprocs, cprocs;
	struct buf args;          /* of the last process so far, raw */
	size_t nargs;
	struct snap_uid *uids;    /* as listed; matched by pid at the end */
	size_t nuids, cuids;
	bool any_path;            /* the host tells cgroups of processes */

	const char **dirs;        /* paths of cgroups as listed */
	size_t ndirs, cdirs;
	struct snap_user *users;
	size_t nusers, cusers;

	struct cgroup *cgroups;   /* once complete; parent, path, name and depth are set */
	size_t ncgroups;
};

/* cgroups.c: path order, as strcmp() does; a cgroup comes right before all that
 * is below it, so "/" is the least of all characters. */
int cgroup_path_order(const char *a, const char *b);

/* cgroups.c: the cgroups of all paths, with those in between, in path order;
 * each process gets its index. False when there are too many. */
bool snapshot_cgroups(struct snapshot *snap);

/* stat.c: fill pid's part of /proc/PID/stat into `proc`; false when it is malformed. */
struct stat_name {
	const char *start; /* comm, raw, within the text */
	size_t len;
};
bool stat_parse(const char *text, size_t len, uint32_t page, struct proc *proc, struct stat_name *name);

#endif
