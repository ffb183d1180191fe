/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The composition of a tree of processes, read from what src/remote/inspect.sh
 * prints at the source.  Bounded; any bytes may come.  What the hosts can do
 * and have of it is in verified.h.
 */
#ifndef CHECK_SURVEY_H
#define CHECK_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <pferry/err.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/sort.h"
#include "check/survey_owner.h"
#include "check/survey_people.h"

struct survey_proc {
	pid_t pid, ppid, pgid, sid;
	uint64_t start;
	char state;
	uint64_t tty;    /* device number of its terminal, 0 for none */
	uint32_t threads;
	bool kthread;
	bool other_user; /* some id of it is not 0 */
	uint32_t uid, gid;
	bool ids_differ; /* effective, saved or filesystem ids differ from the real ones */
	uint64_t bound;  /* bounding set of capabilities */
	char groups[256]; /* supplementary ones, as /proc has them */
	bool code_shared;  /* the first memory that it may execute is shared and cannot be written */
	bool session_away; /* the leader of its session has no pid in its pid namespace */
	bool ended;        /* the process ended while it was looked at */
	bool exe_seen;     /* program and descriptors could be read */
	char name[64];
	char *stat;      /* while its lines come in */
	unsigned pieces; /* how many have */
};

/* How the tree uses a name; USE_SOCKET: a socket of it is bound there; USE_WRITE: it is open for writing. */
enum survey_use { USE_OPEN = 1, USE_MAP = 2, USE_EXE = 4, USE_DIR = 8, USE_SOCKET = 16, USE_WRITE = 32 };

struct survey_file {
	uint32_t mode;   /* st_mode */
	uint64_t inode, size;
	int64_t mtime;
	uint32_t major, minor; /* numbers of a device */
	bool has_node;   /* the following are known too */
	uint64_t device; /* device that the file lies on */
	uint32_t uid, gid;
	unsigned use;    /* bits of enum survey_use, at the source */
	uint64_t disk_kb; /* size of its content on a disk, without holes */
	char *path;      /* as it was sent; show it only sanitised */
	uint64_t hash;   /* hash_bytes() of the path */
};

#define SURVEY_UDP 100

/* A TCP or UDP socket. */
struct survey_tcp {
	unsigned state;  /* Linux's: 1 established, 10 listening; or SURVEY_UDP */
	char local[33], remote[33]; /* address as /proc/net/tcp writes it */
	unsigned local_port, remote_port;
	uint32_t waiting; /* connections not yet accepted, when it listens */
};

struct survey_unix {
	uint64_t inode, peer; /* 0: none */
	bool peer_known;
	unsigned type;   /* 1 stream, 2 datagram, 5 seqpacket */
	unsigned state;  /* 1 unconnected, 3 connected */
	char *path;      /* "" when it has no name */
};

struct survey_peer {
	uint64_t inode;
	char *path;
};

#define SURVEY_LOCKS 64

struct survey {
	bool gone;       /* no such process */
	struct survey_proc *procs;
	size_t nprocs;
	pid_t *tids;     /* ids of all threads */
	size_t ntids;
	pid_t *own_tids; /* the same in their own pid namespace; none when that is the login's */
	size_t nown_tids;
	struct survey_file *files; /* by path, each once */
	size_t nfiles;
	struct survey_file *names; /* path and use of all names, each once, while lines come in */
	size_t nnames;
	struct survey_file *disks; /* path and disk_kb of large files, while lines come in */
	size_t ndisks;
	struct hash by_pid, by_tid, by_name, by_path, by_socket, by_peer, by_disk; /* indices into those lists */
	struct sort sort;          /* order of the files, and then of what others own */
	unsigned stage;            /* stage that survey_step() has reached */
	size_t at;
	struct survey_tcp *tcp;
	size_t ntcp;
	struct survey_unix *unixes;
	size_t nunixes;
	struct survey_peer *peers;
	size_t npeers;
	uint64_t *sockets; /* inodes of all sockets it holds */
	size_t nsockets;
	uint64_t anon_kb;   /* with what it shares */
	uint64_t shared_kb; /* part of that; an upper bound */
	uint64_t segments_kb; /* all that is shared and that no file has, once each, whether it is there or not */
	uint64_t huge_kb, ghost_kb, ghost_max_kb, shm_room_kb, lib_room_kb, mem_kb;
	uint32_t raw, icmp, netlink, packet, mptcp, vsock;
	uint32_t forged;         /* unix sockets whose line in the host's table is there twice */
	uint32_t tcp_established, tcp_listen, unix_sockets, other_sockets, devices;
	uint32_t fds, fd_files, fd_sockets, fd_terminals, fd_anonymous, pipes; /* open descriptors, by kind */
	uint32_t locks, deleted, linked, watches, pipes_outside;
	uint64_t locked[SURVEY_LOCKS]; /* inodes of files locked against others, the first few */
	size_t nlocked;
	char frozen[160];        /* the cgroup that keeps it so; "" */
	pid_t stuck;             /* a thread that waits in the kernel and cannot be stopped; 0 */
	char stuck_where[64];    /* the kernel function it waits in */
	char deaf[160];          /* a file system that does not answer: "fuse /mnt", "" */
	bool traced, seccomp, sysv_shm, segments_known;
	unsigned tty_outside;    /* descriptors on a terminal whose other side is not in the tree */
	bool ptys[256];          /* terminals whose other side it holds, by the last byte of their index */
	char pidns[32];          /* "pid:[4026531836]" */
	char prefix[32];         /* names are to be looked up there; "" */
	char namespaces[64];     /* "mnt pid" that differ from the login's */
	bool nspid_init;         /* the root of the tree is the first process of a pid namespace of its own */
	char odd_fd[160];        /* an fd of a kind CRIU cannot dump, sanitised, or "" */
	char odd_name[160];      /* a name with a newline in it, sanitised, which is in none of the lists here; or "" */
	char far_mount[160];     /* a file on a mount that is not its own */
	char pipe_peer[96];      /* holder of the other end of a pipe: "NAME(PID)" */
	char label[128];         /* label of a security module; "" when unconfined */
	struct survey_gone { uint64_t inode; char *name; } gone_dirs[32]; /* deleted directories, each once */
	size_t ngone_dirs;
	char *freezable[32];     /* "LIST:PATH" of cgroups of it that can freeze, each once */
	size_t nfreezable;
	char cgroup[256];        /* path in the hierarchy that tells its owner */
	char hierarchies[512];   /* all that it is in, "LIST;LIST;" */
	struct survey_owner owner;  /* the parents, and the unit and container it is of */
	struct survey_people people; /* numbers and names of its users and groups */
	struct survey_owned *owned; /* files and directories of others than root, by path */
	size_t nowned;
	struct { char net[32], mnt[32], pid[32], ipc[32], uts[32], user[32], cgroup[32], time[32]; } self;
};

/*
 * Lines of a script's answer, taken as the bytes come in: those between the lines
 * `begin` and `end` ("end", unless it is set), each cut at ANSWER_LINE_MAX.
 */
#define ANSWER_LINE_MAX ((size_t)1 << 20)

struct answer {
	const char *begin, *end;
	void (*take)(void *ctx, char *line);
	void *ctx;
	struct buf line; /* one that has no end yet */
	bool begun, ended;
	bool was_late;   /* a line "late TEXT" came, wherever: the script's time was over */
	char late[101];  /* TEXT, sanitised */
};

void answer_init(struct answer *answer, const char *begin, void (*take)(void *ctx, char *line), void *ctx);
void answer_feed(struct answer *answer, const char *bytes, size_t len);
void answer_free(struct answer *answer);
/* Feed all of an answer and free it; false when its end is missing. */
bool answer_whole(struct answer *answer, const char *text, size_t len);

/* Read inspect.sh's output as it comes; what came before its first line is skipped.
 * The survey is empty at first.  Once the answer has ended, survey_step() puts it
 * in order, for about *budget steps a call; it is of use when that was true. */
void survey_begin(struct answer *answer, struct survey *survey);
bool survey_step(struct survey *survey, size_t *budget);
/* The error for an answer that has not ended. */
bool survey_failed(struct err *e);
/* All of that at once. */
bool survey_parse(const char *text, size_t len, struct survey *survey, struct err *e);
void survey_free(struct survey *survey);

/* The root of the tree, NULL when there is none. */
const struct survey_proc *survey_root(const struct survey *survey);
const struct survey_proc *survey_find(const struct survey *survey, pid_t pid);
/* A file by its path, NULL when it was not found. */
const struct survey_file *survey_file(const struct survey_file *files, size_t count, const char *path);
/* The same by an index of these files' paths, without looking at the path's bytes anew. */
const struct survey_file *survey_like(const struct survey_file *files, const struct hash *by_path,
				      const struct survey_file *like);
/* A thread of it has that id. */
bool survey_has_tid(const struct survey *survey, pid_t tid);
/* The tree holds that socket. */
bool survey_holds(const struct survey *survey, uint64_t inode);
/* The tree holds the other side of this terminal. */
bool survey_owns_tty(const struct survey *survey, uint64_t tty);
/* The name of a unix socket outside, "" when it has none. */
const char *survey_peer_path(const struct survey *survey, uint64_t inode);

/* ---- for the readers of what the scripts print ---- */

/* Take one word off the front of a line: "" at its end. */
char *survey_word(char **line);
uint64_t survey_number(char **line);
uint64_t survey_hex(char **line);
void survey_copy(char *to, size_t size, const char *from);
/* "MODE INODE SIZE MTIME MAJOR:MINOR PATH" */
void survey_read_file(struct survey_file *file, char *line);
/* "DEVICE UID GID", of the same file */
void survey_read_node(struct survey_file *file, char *line);
void survey_take_room(uint64_t *shm, uint64_t *lib, char *line);
/* To sort files by. */
int survey_by_path(const void *a, const void *b, void *ctx);
/* Keep the first "TYPE NAME" of what does not answer. */
void survey_copy_deaf(char *to, size_t size, const char *line);

#define SURVEY_FILES_MAX 20000

#endif
