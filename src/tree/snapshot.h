/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of a complete snapshot holds, for tree_update(): processes by pid, each
 * with its cgroup, and the cgroups in path order, parents before children.
 */
#ifndef TREE_SNAPSHOT_H
#define TREE_SNAPSHOT_H

#include <pferry/tree.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/sort.h"

#define SNAPSHOT_MAX_BYTES ((uint64_t)256 << 20)
#define SNAPSHOT_MAX_NOISE ((size_t)1 << 20)
#define SNAPSHOT_MAX_PROCS 200000
#define SNAPSHOT_MAX_CGROUPS 100000
#define SNAPSHOT_MAX_USERS 10000
#define SNAPSHOT_MAX_ARGS 4096
#define SNAPSHOT_MAX_PATH 4096
#define SNAPSHOT_MAX_ABOVE ((size_t)64 << 20) /* bytes of paths of cgroups that were not listed, but have cgroups below */

/* Strings that live and die together. */
struct arena {
	struct arena_block *blocks;
};

/* A copy of `len` bytes made safe to show, of at most `max` bytes. */
const char *arena_text(struct arena *arena, const char *bytes, size_t len, size_t max);
/* Whether that would change nothing but too great a length. */
bool arena_plain(const char *bytes, size_t len);
void arena_free(struct arena *arena);

struct snap_user {
	uint32_t uid;
	const char *name;
};

struct snap_uid {
	pid_t pid;
	uint32_t uid;
};

/* Data read of one process. */
struct snap_proc {
	struct proc proc;         /* links unset */
	size_t path;              /* path of its cgroup: index plus one; 0 when not known (yet) */
	size_t cgroup;            /* index, once complete */
};

/* A path that was listed: as a cgroup, or by a process in it. */
struct snap_path {
	const char *text;
	bool wanted; /* a cgroup is to be made for the path */
	size_t at;   /* index of that cgroup, once complete */
};

enum snap_state { SNAP_NOISE, SNAP_KEY, SNAP_VALUE, SNAP_SETTLING, SNAP_COMPLETE, SNAP_FAILED };

/* In settle.c: how far the ordering has come. */
struct settle;

/* Room for one more in an array that grows by half. */
void *snapshot_room(void *array, size_t count, size_t *cap, size_t size);

struct snapshot {
	enum snap_state state;
	bool in_turns;            /* see snapshot_in_turns() */
	struct settle *settle;
	struct err err;
	uint64_t fed;
	struct buf key, value;    /* parts of the pair being read, cut at their bounds */
	struct arena strings;

	char boot[64];
	char hierarchy[256];
	double load, uptime;
	uint32_t hz, page;

	struct snap_proc *procs;
	size_t nprocs, cprocs;
	struct buf args;          /* arguments of the last process so far, raw */
	size_t nargs;
	struct snap_uid *uids;    /* as listed; matched by pid at the end */
	size_t nuids, cuids;
	bool any_path;            /* the host tells cgroups of processes */

	struct snap_path *paths;  /* each once */
	size_t npaths, cpaths, ndirs;
	struct hash by_path;
	size_t above;             /* see SNAPSHOT_MAX_ABOVE */
	struct snap_user *users;
	size_t nusers, cusers;

	struct cgroup *cgroups;   /* once complete; parent, path, name and depth are set */
	size_t ncgroups;
};

/* cgroups.c: path order, as strcmp() does; a cgroup comes right before all that
 * is below it, so "/" is the least of all characters. */
int cgroup_path_order(const char *a, const char *b);

/* settle.c: what needs all of a snapshot is done once its end marker is there; by
 * snapshot_feed(), or with snapshot_in_turns() by snapshot_settle(), for about
 * *budget steps a call. True when it is over: complete or failed. */
void snapshot_in_turns(struct snapshot *snap);
bool snapshot_settle(struct snapshot *snap, size_t *budget, struct err *e);
/* The end marker is there; it may have to be settled. */
bool snapshot_ended(const struct snapshot *snap);
void settle_free(struct snapshot *snap);
/* Fail with a reason; returns false. */
bool snapshot_bad(struct snapshot *snap, const char *what);

/* cgroups.c: the cgroups of all wanted paths, with those in between, in path order,
 * made in as many calls; `order` has the indices of the paths, in that order. */
struct cgroups_build {
	struct snapshot *snap;
	const uint32_t *order;
	size_t count, at; /* paths in all; done */
	size_t cap, cparents;
	size_t *parents; /* indices: the array of cgroups moves while it grows */
	size_t linked;
};
void cgroups_begin(struct cgroups_build *build, struct snapshot *snap, const uint32_t *order, size_t count);
/* True when it is over; snap->state says whether there were too many. */
bool cgroups_step(struct cgroups_build *build, size_t *budget);
void cgroups_end(struct cgroups_build *build);

/* stat.c: fill pid's part of /proc/PID/stat into `proc`; false when it is malformed. */
struct stat_name {
	const char *start; /* comm, raw, within the text */
	size_t len;
};
bool stat_parse(const char *text, size_t len, uint32_t page, struct proc *proc, struct stat_name *name);

#endif
