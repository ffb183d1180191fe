/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A move: one process with its descendants, from one host to another.
 *
 * engine_move() starts one; it then runs by itself and tells the engine's
 * listeners of every change.  What can be shown of it is in `struct move_info`.
 */
#ifndef PFERRY_MOVE_H
#define PFERRY_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/host.h>
#include <pferry/tree.h>

struct move;

enum move_mode { MODE_AUTO, MODE_PLAIN, MODE_PRECOPY, MODE_POSTCOPY };
enum move_via { VIA_AUTO, VIA_RELAY, VIA_DIRECT, VIA_SCP };

/* In the order in which they happen. */
enum move_phase {
	PHASE_CHECK,
	PHASE_STAGE,
	PHASE_PRECOPY,
	PHASE_FREEZE,  /* freeze and dump */
	PHASE_SEND,
	PHASE_RESTORE,
	PHASE_COMMIT,
	PHASE_GO,
	PHASE_FILL,    /* the process runs, and the rest of its memory follows (post-copy), or is loaded */
	PHASE_CLEAN,
	PHASE_COUNT
};

enum move_outcome {
	MOVE_RUNNING,     /* not over yet */
	MOVE_WAITING,     /* queued behind another */
	MOVE_MOVED,
	MOVE_ROLLED_BACK, /* the destination has nothing of the process; see `at_source` */
	MOVE_IN_DOUBT,    /* recover must look at it */
	MOVE_LOST,        /* neither host has it: it ended, or its host went down */
	MOVE_CHECKED      /* only a check was asked for */
};

/* Whether the process still runs at the source, of a move that ended without having moved it. */
enum move_presence {
	PRESENCE_UNKNOWN, /* the source could not be asked, or is a file */
	PRESENCE_RUNS,    /* the process was seen there after the end of the move */
	PRESENCE_GONE
};

/*
 * The process to move, and how; strings and lists are copied.
 *
 * With `file` one end is a file of this machine: a save has no destination, a
 * restore no source (and no proc: that is in the file). Both go plainly.
 */
struct move_request {
	struct host *source, *destination;
	const char *file;                /* or NULL */
	bool force;                      /* save: replace the file; restore: also one that was restored before */
	struct proc_key proc;            /* start 0: the process that has that pid now */
	enum move_mode mode;
	enum move_via via;
	bool with_files;                 /* bring files along that are missing there */
	const char *const *accept;       /* codes of findings that are choices and were made; NULL-terminated, or NULL */
	bool ask;                        /* a person can answer questions (else they count as no) */
	bool check_only;                 /* findings, then stop: outcome MOVE_CHECKED */
	const char *hook;                /* text of a shell script that has its address move too (man page), or NULL */
	const char *direct_key;          /* file of the key that the source may use for the direct way; NULL: the agent */
	bool whole;                      /* resume only after all memory is restored */
	bool keep_source_stopped;        /* leave the source's tree stopped instead of killed */
	const char *const *dump_options; /* extra CRIU options, NULL-terminated, or NULL */
	const char *const *restore_options;
	int wait_pid_s;                  /* wait so long for a pid that is taken there, -1: without a limit, 0: do not wait */
	int timeout_s;                   /* whole move, 0: no limit */
	int max_frozen_s;                /* past it the move is aborted, 0: no limit */
};

enum finding_level { FINDING_OK, FINDING_OPTION, FINDING_CHOICE, FINDING_REFUSE };

/* One result of the check. */
struct finding {
	const char *code;          /* fixed word: "pid-taken", "tty", ... */
	enum finding_level level;
	char *text;                /* the sentence */
	char *remedy;              /* remedy, "" when nothing */
	const char *option;        /* CRIU option it adds at the source, or NULL */
	const char *restore_option;/* and at the destination, or NULL */
	char **files;              /* all files that it is about, where it names only the first */
	size_t files_count;
};

/* Contents of a tree of processes is made of, as its check found it. */
struct move_inside {
	uint32_t threads;
	uint32_t fds, files, pipes, sockets, terminals, anonymous, deleted; /* open descriptors, by kind */
	uint32_t tcp_established, tcp_listening, unix_sockets, other_sockets;
	uint32_t devices, locks;
	bool traced, seccomp;
	char namespaces[64]; /* "mnt pid": those that differ from the login's; "" when none do */
};

#define MOVE_ROUNDS_MAX 8

/* One round of a pre-copy. */
struct move_round {
	uint64_t bytes;      /* memory that it wrote */
	int64_t ms;          /* to dump and send it */
	int64_t expected_ms; /* the pause, had the freeze come after it */
};

struct move_phase_info {
	int64_t began_ms;          /* since the move began; -1: not reached */
	int64_t ms;                /* how long it took; grows while it runs */
	uint64_t bytes;
};

/* A point of the time line, for details and JSON. */
struct move_mark {
	int64_t us;                /* since the move began */
	char what[48];
};

struct move_info {
	uint32_t number;           /* 1, 2, ... in this program: "#3" */
	char id[40];               /* unique; names its directory on the hosts */
	const char *source, *destination; /* host names */
	struct proc_key proc;
	pid_t new_pid;             /* at the destination, 0 until known */
	char name[64];             /* name of the process */
	uint32_t processes;        /* in its tree, once checked */
	uint64_t memory_bytes;     /* estimate of what a dump writes, once checked */
	enum move_mode mode;       /* the mode chosen, never AUTO after the check */
	enum move_via via;
	enum move_phase phase;
	enum move_outcome outcome;
	bool ended;                /* outcome is final, nothing more will happen */
	bool cancelling;           /* cancel asked for, being undone */
	bool committed;            /* past the point of no return */
	struct err reason;         /* why it did not move; code ERR_NONE when it did */
	const char *code;          /* fixed word for it: a finding's code or err_code_name(); "" when there is none */
	enum move_presence at_source; /* once ended */
	const char *const *warnings; /* sentences: what there is to know beside the outcome */
	size_t warnings_count;
	uint64_t bytes, bytes_total; /* sent so far; total 0 while unknown */
	double bytes_per_s;        /* over the last seconds, 0 while unknown */
	int64_t frozen_ms;         /* time frozen so far or in the end; -1: not frozen yet */
	bool frozen;               /* now */
	struct move_round rounds[MOVE_ROUNDS_MAX]; /* rounds of a pre-copy */
	size_t rounds_count;       /* done */
	char plan[160];            /* "auto: plain by relay, about 0.4 s frozen; postcopy 0.2 s"; "" before the check */
	int64_t estimate_ms;       /* the pause that was expected; -1: not known */
	int64_t total_ms;
	struct move_phase_info phases[PHASE_COUNT];
	const struct finding *findings;
	size_t findings_count;
	const struct move_inside *inside; /* once checked; NULL before */
	const struct move_mark *marks;
	size_t marks_count;
	/* As run; of a check that found nothing in the way, as they would be; NULL before. */
	const char *dump_command, *restore_command;
	bool check_only;           /* the request is a check only */
	char session[96];          /* tmux session that a shell job gets at the destination; "" */
	const char *dump_log, *restore_log;         /* CRIU's own, last part; NULL when none */
	const char *status;        /* extra words for the status bar: what it waits for; "" */
	char lost[ERR_HOST_MAX];   /* the host whose lost connection is made again, as status says; "" */
	const char *question;      /* yes/no question it waits for with its answer, or NULL */
	bool waits;                /* the move waits for a pid that is taken there; status says which */
	bool may_wait;             /* the question may be answered by waiting too: move_answer_wait() */
};

/* All facts about the move; valid until the loop's next turn. */
const struct move_info *move_info(struct move *move);

/* Ask it to stop and put all back. False with a sentence when it is too late. */
bool move_cancel(struct move *move, struct err *e);
/* Stop pre-copying and freeze as soon as possible; false when it does not pre-copy. */
bool move_freeze_now(struct move *move);
/* Answer its question. */
void move_answer(struct move *move, bool yes);
/* Answer neither yes nor no: wait until the blocker is gone, then move. */
void move_answer_wait(struct move *move);

/* Whether CRIU may be given these options beside pferry's own, a NULL-terminated
 * list or NULL; `e` says which not, and why. */
bool move_options_ok(const char *const *options, struct err *e);

const char *move_phase_name(enum move_phase phase);   /* "check", "freeze", ... */
const char *move_outcome_name(enum move_outcome outcome); /* "moved", "rolled-back", "in-doubt", ... */
const char *move_mode_name(enum move_mode mode);
const char *move_via_name(enum move_via via);
/* False when the word names none. */
bool move_mode_parse(const char *word, enum move_mode *mode);
bool move_via_parse(const char *word, enum move_via *via);

/* One sentence about where it stands or how it ended, for the status bar and
 * the log, without the phase's numbers: "Moved redis-server(881) web01 -> web02
 * in 4.8 s, frozen 0.62 s, 184 MiB." */
#define MOVE_SENTENCE_MAX 2048
void move_sentence(struct move *move, char *out, size_t size);

#endif
