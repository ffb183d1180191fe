/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities of CRIU on a host (src/remote/able.sh), what of a tree another host
 * has (src/remote/verify.sh), and sums of files (src/remote/digest.sh), read
 * from what the scripts print.  Bounded; any bytes may come.
 */
#ifndef CHECK_VERIFIED_H
#define CHECK_VERIFIED_H

#include "check/survey.h"

#define ABLE_ADDRESSES 256

struct able {
	uint64_t capabilities;
	bool apparmor, selinux;
	char hierarchies[512];   /* cgroup hierarchies, "LIST;LIST;" */
	char controllers[256];   /* controllers of version 2 */
	char (*addresses)[33];   /* as /proc/net/tcp writes them, IPv6's too */
	size_t naddresses;
	struct hash by_address;
	uint64_t pid_max, huge_free_kb;
	unsigned timens;         /* time namespaces: 1 the kernel has them, 2 unshare(1) makes them too */
	uint64_t criu_capabilities; /* capabilities that CRIU gets when the login, that is not root, runs it */
	unsigned cap_last;       /* the last that the kernel knows */
	bool ends;               /* logind ends what a login leaves behind */
	bool checked;            /* `criu check` could be run */
	int check_status;        /* status of `criu check`: 0 it will do */
	char check_text[512];    /* output of a `criu check` that failed */
	char missing[512];       /* features that it lacks, of no weight for most */
	char *cpu;               /* CRIU's picture of the CPU as octal numbers, NULL when none */
};

/* Read able.sh's output as it comes, into what is empty at first. */
void able_begin(struct answer *answer, struct able *able);
bool able_failed(struct err *e);
bool able_parse(const char *text, size_t len, struct able *able, struct err *e);
void able_free(struct able *able);
bool able_has(const struct able *able, unsigned capability);
bool able_has_address(const struct able *able, const char *address);

/* Where a directory lies, and how much is free there. */
struct verified_space {
	char *dir;
	uint64_t free_kb, device;
};

/* The destination's answers about one tree. */
struct verified {
	pid_t taken_pid; /* first of ours that is in use there, 0 for none */
	char taken_name[64];
	uint32_t taken_count;
	uint64_t shm_room_kb, lib_room_kb, mem_kb;
	struct survey_file *files; /* files that are there, by path */
	size_t nfiles;
	struct hash by_path, by_socket; /* indices into those lists */
	struct sort sort;
	unsigned stage; /* stage that verified_step() has reached */
	size_t at;
	bool cpu_asked;
	int cpu_status;            /* status of `criu cpuinfo check` */
	char cpu_text[256];
	char **links;              /* symbolic links on the way to its names */
	size_t nlinks;
	char **sockets;            /* unix sockets that are there */
	size_t nsockets;
	char open_dir[256];        /* on the way to a socket, and not only root can put another in its place; "" */
	uint32_t open_uid;         /* the user who can, 0: any */
	char sticky_dir[256];      /* directory of a socket, which its owner can replace; "" */
	struct { unsigned port; char address[33]; } ports[64]; /* TCP ports of ours that are in use there */
	size_t nports;
	struct verified_space *spaces; /* by directory */
	size_t nspaces;
	char lib_dir[256];         /* where moves have their directories */
	char frozen[160];          /* a cgroup that the tree would come into, and is frozen there; "" */
	char deaf[160];            /* a file system there that does not answer: "fuse /mnt"; "" */
	struct survey_people people; /* names that the tree's numbers have there */
};

/* The input for verify.sh; allocated. `cpu` may be NULL. */
char *survey_questions(const struct survey *survey, const char *cpu);
/* Only whether its pids are taken. */
char *survey_pid_questions(const struct survey *survey);
/* Read verify.sh's output as it comes, and put it in order: as survey_begin() and survey_step(). */
void verified_begin(struct answer *answer, struct verified *verified);
bool verified_step(struct verified *verified, size_t *budget);
bool verified_failed(struct err *e);
bool verified_parse(const char *text, size_t len, struct verified *verified, struct err *e);
void verified_free(struct verified *verified);
/* The answer about a directory, NULL when there was none. */
const struct verified_space *verified_space(const struct verified *verified, const char *dir);
bool verified_has_socket(const struct verified *verified, const char *path);

/* The files that the destination lacks, as questions to the source; allocated, NULL for none. */
char *survey_missing(const struct survey *survey, const struct verified *verified);
/* Names whose sums must be compared, one a line (digest.sh's input); allocated, NULL for none. */
char *survey_unsure(const struct survey *survey, const struct verified *verified);
/* Names of the plain files of moderate size that it uses, likewise. */
char *survey_plain(const struct survey *survey);
/* Accept the present size of files that were open for writing, where their host cannot be asked any more: the
 * size that is there counts as the one that was seen. CRIU compares it with the size at the dump. */
void verified_allow_written(struct survey *survey, const struct verified *verified);
/* The nodes of its files that the destination is sent, to compare the copy's with: allocated. */
char *verified_nodes(const struct verified *verified);
/* The output of digest.sh: sums of files. */
struct digests {
	struct digest {
		char *sum;
		const char *path; /* in the same allocation */
	} *all;
	size_t count;
	struct hash by_path;
};

/* Read its output as it comes, into what is empty at first. */
void digests_begin(struct answer *answer, struct digests *digests);
void digests_free(struct digests *digests);
/* Whether both have the same sum of a file. */
bool digests_agree(const struct digests *a, const struct digests *b, const struct survey_file *file);
/* Equal size and unequal time: the same only if their sums are. */
bool verified_unsure(const struct survey_file *here, const struct survey_file *there);

#endif
