/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: hosts and moves over one loop, and listeners that are notified
 * of changes.  The screen and the command line are two such listeners; a program
 * of yours is another.  No function here blocks, prints or asks.
 */
#ifndef PFERRY_ENGINE_H
#define PFERRY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/host.h>
#include <pferry/loop.h>
#include <pferry/move.h>

struct config;
struct engine;

struct engine_options {
	struct config *config;   /* remembers choices (config.h), or NULL; must stay */
	const char *ssh_config;  /* for ssh -F, NULL: ssh's own */
	int refresh_ms;          /* between snapshots of a host; 0: 2000; negative: no snapshots at all */
	bool once;               /* no second attempt when a host cannot be reached (command line) */
	bool look_only;          /* the program moves nothing: do not find out about sudo and doas, which log each try */
	int handshakes;          /* connections being made at once; 0: 8 */
	bool askpass;            /* main() calls engine_askpass() first: jump hosts may ask */
	int lease_ms;            /* a frozen source resumes by itself after this without pferry; 0: 15000 */
};

enum event_kind {
	EVENT_HOST,      /* a host's state, error or facts changed */
	EVENT_HOST_GONE, /* a host was closed; the pointer is only good for comparing */
	EVENT_TREE,      /* a host has a new tree */
	EVENT_QUESTION,  /* host_question() or move_info()->question is new or gone */
	EVENT_MOVE,      /* a move's phase or status changed */
	EVENT_PROGRESS,  /* bytes or times of a move; at most ten a second each */
	EVENT_MOVE_END   /* a move ended */
};

struct event {
	enum event_kind kind;
	struct host *host; /* or NULL */
	struct move *move; /* or NULL */
};

typedef void engine_listener_fn(void *ctx, const struct event *event);

/*
 * A jump host's question comes from an ssh that runs beside us; that starts this
 * program again for it, with the question as its argument.  Then this asks the
 * engine, prints the answer, and returns an exit status; otherwise it is -1.
 */
int engine_askpass(int argc, char **argv);

/* Options are copied. NULL with `e` filled when SSH cannot be initialised. */
struct engine *engine_new(struct loop *loop, const struct engine_options *options, struct err *e);
/* Close every host and free all; moves still running are left to their hosts' leases. */
void engine_free(struct engine *engine);
void engine_listen(struct engine *engine, engine_listener_fn *fn, void *ctx);

/* Add a host by the name `ssh` would take; connects at once. NULL with a
 * sentence when the name cannot be one or is there already. */
struct host *engine_add_host(struct engine *engine, const char *name, struct err *e);
/* Close it; refused while a move uses it. */
bool engine_close_host(struct engine *engine, struct host *host, struct err *e);
size_t engine_hosts(const struct engine *engine);
struct host *engine_host(const struct engine *engine, size_t i);
struct host *engine_find_host(const struct engine *engine, const char *name);

/* Start a move (or a check); NULL with a sentence when it makes no sense. It
 * waits when another move uses the same process or its hosts are full. */
struct move *engine_move(struct engine *engine, const struct move_request *request, struct err *e);
/* Moves of this program, oldest first, ended ones included. */
size_t engine_moves(const struct engine *engine);
struct move *engine_move_at(const struct engine *engine, size_t i);
/* Moves that have not ended. */
size_t engine_moves_active(const struct engine *engine);
/* Whether a process is frozen by a move right now. */
bool engine_frozen(const struct engine *engine);
/* How long, in ms, a process with so many bytes of memory is likely to be frozen
 * by a move in that mode: from what earlier moves between the two took, else a guess. */
int64_t engine_expected_pause(const struct engine *engine, const struct host *source, const struct host *destination,
			      enum move_mode mode, uint64_t bytes);
/* Result of a quick check of a process: the code of a blocker that stops a
 * move to any host, or NULL when none was found, which is no promise. */
struct glance_result {
	struct proc_key proc;
	const char *code;
};

#define GLANCE_MAX 32

/* The results are valid during the call; processes that have ended have none. */
typedef void engine_glance_fn(void *ctx, struct host *host, const struct glance_result *results, size_t count);

/*
 * Quickly check up to GLANCE_MAX processes of a host: one short script there,
 * one at a time for all hosts, and none where a move is under way. False when it
 * was not begun. The callback comes once, if the host stays.
 */
bool engine_glance(struct engine *engine, struct host *host, const struct proc_key *keys, size_t count, engine_glance_fn *done,
		   void *ctx);
/* No callback comes any more of one that is under way. */
void engine_glance_stop(struct engine *engine);
/* Start nothing that is queued from now on (the terminal is gone). */
void engine_hold_queue(struct engine *engine);

/* The text of all scripts that may run on a host, for --show-scripts: the i-th
 * script's name and text, or NULL past the last. */
const char *engine_script(size_t i, const char **text);
/* And how they are started, as lines of comment; to be freed. */
char *engine_scripts_overview(void);

#endif
