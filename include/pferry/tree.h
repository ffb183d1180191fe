/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tree of one host: its cgroups, the processes in each, and the parent
 * and child relation between those.  A snapshot parser is fed what the host
 * printed; each complete snapshot replaces the tree's content while keeping
 * what belongs to a process or a cgroup and not to a moment (first seen, gone
 * since).  The view (folds, marks, filter, order) is a separate object that
 * flattens a tree into rows.
 *
 * All strings are sanitised UTF-8; what came from the host is bounded.
 */
#ifndef PFERRY_TREE_H
#define PFERRY_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <pferry/err.h>

/* ---- model ---- */

/* A process on one boot of one host, for as long as it lives. */
struct proc_key {
	pid_t pid;
	uint64_t start; /* clock ticks since boot: /proc/PID/stat field 22, proc(5) */
};

struct cgroup;

struct proc {
	struct proc_key key;
	pid_t ppid;
	char state;              /* R S D Z T t X I as in proc(5) */
	bool kernel;             /* a kernel thread */
	bool ours;               /* a shell that pferry runs there, or run by one */
	uint32_t uid;            /* effective */
	uint32_t tty;            /* device number, 0 for none */
	uint32_t threads;
	uint64_t rss_bytes;
	uint64_t cpu_ticks;      /* user + system so far */
	double cpu_percent;      /* between the last two snapshots; 0 at first */
	const char *name;        /* comm */
	const char *args;        /* full arguments joined by spaces; name in [] when it has none */
	const char *user;        /* name, or the uid as digits */
	char tty_name[16];       /* "pts/3", "tty1", "" */
	struct cgroup *cgroup;   /* never NULL */
	struct proc *parent;     /* parent process if it is in the tree, in whatever cgroup */
	struct proc *child, *next;           /* children and siblings, in the whole host */
	struct proc *in_child, *in_next;     /* children and siblings inside the same cgroup */
	struct proc *in_parent;              /* parent if it is in the same cgroup; a kernel thread only of its like */
	int64_t first_seen_ms;   /* loop time; equal to the tree's first snapshot's for old ones */
	int64_t gone_ms;         /* 0, or when it was found gone (kept for a moment, see tree_update) */
};

struct cgroup {
	const char *path;        /* "/" or "/a/b" */
	const char *name;        /* last component; "/" for the root */
	struct cgroup *parent;   /* NULL for the root */
	struct cgroup *child, *next;
	struct proc *procs;      /* processes in it whose parent is not in it, by in_next */
	uint32_t own_processes;  /* directly in it (not gone, kernel threads not counted) */
	uint32_t all_processes;  /* with all below */
	uint64_t all_rss_bytes;
	double all_cpu_percent;
	uint32_t depth;          /* 0 for the root */
};

struct tree;

struct tree *tree_new(void);
void tree_free(struct tree *tree);

/* The root cgroup; NULL before the first snapshot. */
const struct cgroup *tree_root(const struct tree *tree);
const struct proc *tree_find(const struct tree *tree, struct proc_key key);
/* By pid alone, whatever its start time; NULL if not there or gone. */
const struct proc *tree_find_pid(const struct tree *tree, pid_t pid);
const struct cgroup *tree_find_cgroup(const struct tree *tree, const char *path);
/* All processes, gone ones included, by ascending pid. */
size_t tree_count(const struct tree *tree);
const struct proc *tree_at(const struct tree *tree, size_t i);
/* Living processes, kernel threads not counted. */
size_t tree_processes(const struct tree *tree);
/* Processes among them that are pferry's own. */
size_t tree_own(const struct tree *tree);
/* Cgroups in path order. */
size_t tree_cgroup_count(const struct tree *tree);
const struct cgroup *tree_cgroup_at(const struct tree *tree, size_t i);
/* Boot id of the host when the snapshot was made, "" if it has none. */
const char *tree_boot_id(const struct tree *tree);
/* Load average over one minute, CPUs, page size and clock ticks per second there. */
double tree_load(const struct tree *tree);
uint32_t tree_clock_hz(const struct tree *tree);
/* Seconds since boot, there, when the snapshot was made. */
double tree_uptime(const struct tree *tree);
/* Changes with every tree_update(). */
uint64_t tree_serial(const struct tree *tree);

/* Sum of a process and all its descendants that are alive. */
struct tree_sum {
	uint32_t processes;
	uint64_t rss_bytes;
};
struct tree_sum tree_sum(const struct proc *proc);

/* ---- snapshots ---- */

/*
 * Fed the bytes that src/remote/snapshot.sh prints (its format is described
 * there), in pieces of any size.  Never fails on what processes may be called;
 * what breaks the format or a bound is an error, and the snapshot is dropped.
 */
struct snapshot;

struct snapshot *snapshot_new(void);
void snapshot_free(struct snapshot *snap);
/* False once it has failed (`e` filled, text without host). */
bool snapshot_feed(struct snapshot *snap, const char *data, size_t len, struct err *e);
/* The end marker was read. */
bool snapshot_complete(const struct snapshot *snap);

/* Replace the tree's content. `now_ms` is loop time; a process that vanished
 * stays for TREE_GONE_MS, with gone_ms set, and is then dropped. The snapshot
 * must be complete; it is consumed (freed). */
#define TREE_GONE_MS 3000
void tree_update(struct tree *tree, struct snapshot *snap, int64_t now_ms);

/* ---- view: rows ---- */

enum tree_sort {
	TREE_SORT_PID,
	TREE_SORT_NAME,
	TREE_SORT_CPU,
	TREE_SORT_RSS,
	TREE_SORT_START,
	TREE_SORT_USER,
	TREE_SORT_TTY,
	TREE_SORT_THREADS
};

enum row_kind { ROW_CGROUP, ROW_PROC };

#define ROW_DEPTH_MAX 64

struct row {
	enum row_kind kind;
	const struct cgroup *cgroup;  /* the row's cgroup, for a process too */
	const struct proc *proc;      /* NULL for a cgroup */
	uint32_t depth;
	uint64_t last_mask;           /* bit d: at depth d this branch has no later sibling */
	bool has_children;
	bool folded;
	bool marked;                  /* marked itself; of a cgroup: all in it are */
	bool mark_inherited;          /* below a marked one */
	bool match;                   /* matches the filter or search itself (not only an ancestor) */
	bool is_new;                  /* first seen less than 5 s ago */
};

struct view;

struct view *view_new(void);
void view_free(struct view *view);

/* Flatten `tree` into rows, valid until the next call.
 * Empty cgroups are shown; the root is shown only when it has processes of its
 * own. Cursor and marks are carried over by key: a mark whose process is gone
 * is dropped (view_take_dropped tells how many). */
void view_build(struct view *view, const struct tree *tree, int64_t now_ms);
/* The same in turns, for a tree of many: view_begin(), then view_step() for about
 * *budget steps a call until it is true.  Until then the rows stay as they are, and
 * valid although the tree is updated; folds and filters changed meanwhile count from
 * the next view_begin() on. */
void view_begin(struct view *view, const struct tree *tree, int64_t now_ms);
bool view_step(struct view *view, size_t *budget);
size_t view_rows(const struct view *view);
const struct row *view_row(const struct view *view, size_t i);

/* The cursor as a row index; 0 when there are no rows. After view_build() it is
 * on the same process or cgroup as before, else on its nearest surviving
 * neighbour: next sibling, previous, parent. */
size_t view_cursor(const struct view *view);
void view_set_cursor(struct view *view, size_t row);
/* Put it on a process (unfolding what hides it); false when it is not in the tree. */
bool view_cursor_to(struct view *view, const struct tree *tree, struct proc_key key);

/* Fold state is per cgroup path and per process key; everything starts unfolded. */
void view_fold(struct view *view, size_t row, bool folded);
void view_fold_all(struct view *view, const struct tree *tree, bool folded);

/* Folds as they can be kept over restarts: cgroups by path, and then `process`
 * is NULL; processes by their cgroup's path and their name. */
typedef void view_fold_fn(void *ctx, const char *cgroup, const char *process);
/* Call `fn` for each fold; with `tree` NULL only cgroups. */
void view_each_fold(const struct view *view, const struct tree *tree, view_fold_fn *fn, void *ctx);
/* Fold what has this name; processes those in the first tree that is built. */
void view_fold_named(struct view *view, const char *cgroup, const char *process);

/* Marks are on processes (their descendants are implied and cannot be marked
 * on their own: marking an ancestor absorbs them); marking a cgroup marks the
 * topmost processes in it and below it. Kernel threads, gone processes and
 * pferry's own are never marked. */
void view_mark(struct view *view, const struct tree *tree, size_t row, bool marked);
/* The same for each process from row `from` to row `to`, cgroups left out: much
 * faster than one by one. */
void view_mark_rows(struct view *view, const struct tree *tree, size_t from, size_t to, bool marked);
bool view_is_marked(const struct view *view, struct proc_key key);
void view_unmark_all(struct view *view);
size_t view_marks(const struct view *view);
struct proc_key view_mark_at(const struct view *view, size_t i);
struct tree_sum view_marked_sum(const struct view *view, const struct tree *tree);
/* Marked processes that are on no visible row (folded away or filtered out). */
size_t view_marks_hidden(const struct view *view);
/* Marks dropped by view_build() since last asked. */
size_t view_take_dropped(struct view *view);

/* Options; each takes effect with the next view_build(). */
void view_set_sort(struct view *view, enum tree_sort sort, bool reverse);
void view_set_kernel(struct view *view, bool show);
void view_set_own(struct view *view, bool show); /* pferry's own shells, hidden at first */
void view_set_flat(struct view *view, bool flat); /* processes only, no cgroups, no tree */
/* Keep what matches and its ancestors; NULL or "" shows all. Smart case; terms
 * pid:N user:NAME cg:TEXT mark: and plain text, all of which must match; a
 * leading ! negates a term. Plain text is looked for in name, arguments, user
 * and cgroup path, and at the start of the pid. What matches is shown although
 * it was folded away; folds made meanwhile end with the filter. */
void view_set_filter(struct view *view, const char *text);
const char *view_filter(const struct view *view);
/* Processes and cgroups that match themselves, folded away or not; 0 without a filter. */
size_t view_matches(const struct view *view);

/* Whether a process, or with NULL a cgroup, matches a pattern in the filter's
 * language; mark: says nothing here. */
bool tree_match(const struct proc *proc, const struct cgroup *cgroup, const char *pattern);

/* The same for many: the text is taken apart once. Free it with tree_pattern_free(). */
struct tree_pattern;
struct tree_pattern *tree_pattern_new(const char *text);
void tree_pattern_free(struct tree_pattern *pattern);
bool tree_pattern_matches(const struct tree_pattern *pattern, const struct proc *proc, const struct cgroup *cgroup);

#endif
