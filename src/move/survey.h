/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a tree of processes is made of (src/remote/inspect.sh at the source)
 * and what of it another host has (src/remote/verify.sh at the destination),
 * read from what the scripts print.  Bounded; any bytes may come.
 */
#ifndef MOVE_SURVEY_H
#define MOVE_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <pferry/err.h>

struct survey_proc {
	pid_t pid, ppid, pgid, sid;
	uint64_t start;
	char state;
	uint64_t tty;
	uint32_t threads;
	bool kthread;
	char name[64];
};

struct survey_file {
	char type;       /* f d c b p ?, or 0 when it cannot be found under its name */
	uint64_t inode, size;
	int64_t mtime;
	char *path;      /* as it was sent; show it only sanitised */
	bool mapped_or_exe; /* not open by a descriptor: its size must not differ */
	bool open;
};

#define SURVEY_LOCKS 64

struct survey {
	bool gone;       /* no such process */
	struct survey_proc *procs;
	size_t nprocs;
	pid_t *tids;     /* of all threads, leaders included */
	size_t ntids;
	struct survey_file *files;
	size_t nfiles;
	uint64_t anon_kb, shm_room_kb, lib_room_kb, mem_kb;
	uint32_t tcp_established, tcp_listen, unix_sockets, other_sockets;
	uint32_t locks, deleted, devices, pipes;
	uint32_t fds, fd_files, fd_sockets, fd_terminals, fd_anonymous;
	uint64_t locked[SURVEY_LOCKS]; /* inodes of locked files, the first few */
	bool traced, seccomp;
	bool ptmx;       /* holds the master side of terminals: a terminal multiplexer */
	char namespaces[64]; /* "mnt pid" that differ from the login's */
	char odd_fd[160];    /* an fd of a kind CRIU cannot dump, sanitised, or "" */
};

/* Parse all of inspect.sh's output; what came before its first line is skipped. */
bool survey_parse(const char *text, size_t len, struct survey *survey, struct err *e);
void survey_free(struct survey *survey);

/* The root of the tree, NULL when there is none. */
const struct survey_proc *survey_root(const struct survey *survey);
const struct survey_proc *survey_find(const struct survey *survey, pid_t pid);

/* What the destination answered about one pid or file. */
struct verified {
	pid_t taken_pid; /* first of ours that is in use there, 0 for none */
	char taken_name[64];
	uint32_t taken_count;
	uint64_t shm_room_kb, lib_room_kb, mem_kb;
	struct survey_file *files; /* same order as asked; type 0: missing */
	size_t nfiles;
};

/* The input for verify.sh; allocated. Paths with a newline are left out. */
char *survey_questions(const struct survey *survey);
bool verified_parse(const char *text, size_t len, const struct survey *survey, struct verified *verified,
		    struct err *e);
void verified_free(struct verified *verified);

#endif
