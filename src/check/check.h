/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check before a move: what the process is made of, whether the other host
 * has what it needs, the options that CRIU gets, and blockers.  It
 * changes nothing on either host.
 *
 * Both hosts are asked at once (inspect.sh and able.sh at the source, able.sh at
 * the destination), then the destination for what the tree needs (verify.sh), and
 * only when files of equal size are unequally old, both for their sums (digest.sh).
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>
#include <pferry/loop.h>
#include <pferry/move.h>

#include "host/host.h"
#include "check/survey.h"
#include "check/verified.h"

/* Answers of the source's scripts: inspect.sh, able.sh, digest.sh of all files it uses. */
enum { CHECK_INSPECT, CHECK_ABLE, CHECK_SUMS, CHECK_SAID };

struct check_said {
	char *text; /* or NULL */
	size_t len;
};

#define FINDINGS_KINDS 160     /* more than there are in findings.c */
#define FINDINGS_OF_A_KIND 100 /* findings of one kind that are listed */

/* Facts that the rest of the move goes by. */
struct check_result {
	struct finding *findings;
	size_t count;
	size_t times[FINDINGS_KINDS]; /* how often each kind was found */
	bool refused;          /* some finding is a blocker, or a question without an answer */
	struct err why;        /* the first that does, as a sentence */
	size_t stands;         /* index of the finding that gives the reason */
	bool only_pids;        /* the only blockers are taken pids: waiting may help */
	const char *choice;    /* code of the first question, when there is no blocker */
	char *question;        /* for that choice, as a person is asked */
	struct survey survey;
	char name[64];
	struct proc_key proc;
	uint64_t memory_bytes; /* about what a dump writes */
	bool tty;              /* needs a terminal at the destination */
	bool shell_job;        /* or belongs to a session that stays behind */
	bool tcp, tcp_close, skip_in_flight, ext_unix, watches, locks, deleted, cgroup_ignore;
	/* A pid namespace that CRIU takes as external: the number of the source's (0:
	 * none), whether the destination makes one, and the source should it go back. */
	uint64_t pidns;
	bool pidns_new, pidns_back_new;
	bool timens;           /* the dump runs in a time namespace of its own: see judge_taken() */
	char addresses[256];   /* IPv4 addresses of its connections and listening sockets, but loopback */
	bool nft_source, nft_destination;
	bool shm_source, shm_destination; /* images on tmpfs there */
	bool ahead;            /* memory can be pre-copied, as far as is known */
	bool room_ahead;       /* both ends have room for the rounds of a pre-copy too */
	uint64_t ghost_max_kb; /* the largest deleted file */
	char **bring;          /* paths of what comes along */
	size_t nbring;
	size_t nreplace;       /* the last of those replace a different file */
	bool executed;         /* some of those may be executed there, and that was accepted */
	char *nodes;           /* nodes of the destination's files as the check saw them, for compare.h; or NULL */
	struct check_said said[CHECK_SAID]; /* with check_options.save */
};

struct check_options {
	bool with_files;           /* as if "file-missing" were accepted */
	bool hook;                 /* the process's addresses move with it */
	const char *const *accept; /* codes of choices made already, NULL-terminated, or NULL */
	bool save;                 /* the move goes to a file: keep the source's answers for the file's restore */
	const struct check_said *saved; /* answers, CHECK_SAID of them, or NULL: the source is a recorded host */
};

struct check;

/* `result` belongs to the caller from then on (check_result_free()). `e` not
 * NULL: the check itself could not be made, result is NULL. */
typedef void check_done_fn(void *ctx, struct check_result *result, const struct err *e);

/* `destination` NULL: only what the source alone can say. The options must
 * stay until the callback. */
struct check *check_start(struct host *source, struct host *destination, struct proc_key proc,
			  const struct check_options *options, check_done_fn *done, void *ctx);
/* Stop without a callback; sets *check NULL. It frees itself after its callback. */
/* The first host whose answer is still waited for, and to what; false when none is. */
bool check_waits(const struct check *check, const char **host, const char **for_what);
void check_stop(struct check **check);
void check_result_free(struct check_result *result);

#endif
