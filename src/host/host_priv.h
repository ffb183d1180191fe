/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside src/host: what a host is made of.  host.c has the life of its
 * connection, host_tree.c its snapshots, host_root.c how it lets us be root.
 */
#ifndef HOST_PRIV_H
#define HOST_PRIV_H

#include "host/host.h"
#include "host/root.h"
#include "tree/snapshot.h"
#include "tree/tree_priv.h"

struct host {
	struct loop *loop;
	char *name;
	char *ssh_config;
	struct host_setup setup;
	enum host_state state;
	char state_text[96];
	struct err err;
	struct ssh_conn *conn;
	unsigned generation;
	struct host_facts facts;
	struct ssh_run *probe;
	struct loop_timer *retry;
	int64_t retry_at_ms;
	int backoff_ms;
	struct gate_pass *pass;       /* while it connects, or waits to */
	struct loop_timer *pass_over; /* one that takes long is left to the network: let others in */
	int turned_away;              /* times in a row */
	/* snapshots */
	struct tree *tree;
	int64_t tree_ms; /* when the last came, 0: never */
	struct snapshot *snap;
	struct ssh_chan *snap_chan;
	struct tree_build *build; /* build from the last snapshot, in turns */
	struct loop_timer *building;
	struct loop_timer *refresh;
	struct loop_timer *snap_limit;
	bool snap_bad;
	bool snap_careful;            /* one did not end: see snapshot.sh */
	unsigned snap_fails;          /* in a row that did not */
	bool paused;
	/* root */
	struct root *root;
	bool wants_root;     /* a password was asked for, or is being tried */
	bool root_asks;      /* the question is for it */
	int root_tries;
	char root_said[200]; /* why it was not to be had, when asked last */
	/* question */
	bool asks;
	char *question_text;
	struct host_question question;
};

/* ---- host.c ---- */

void host_tell(struct host *host, enum host_change change);
/* Ask a person; the text is taken. */
void host_ask(struct host *host, char *text, bool echo, bool yes_no);
/* The connection is of no use any more: try another, in time. */
void host_lost(struct host *host, const struct err *why);
/* Probed: it is there. */
void host_come_up(struct host *host);

/* ---- host_tree.c ---- */

/* Take a snapshot now, if it is up and none is being taken. */
void tree_look(struct host *host);
/* Forget the one that is being taken. */
void tree_drop(struct host *host);
void host_on_refresh(void *ctx);
void host_on_snapshot_limit(void *ctx);
void host_on_building(void *ctx);

/* ---- host_root.c ---- */

root_done_fn host_on_root;
void host_root_answer(struct host *host, const char *answer);
/* "up", or as whom, into its state_text. */
void host_say_up(struct host *host);

/* Shows the tmux session of that name; to be freed. */
struct remote_line *host_attach_line(const struct host *host, const char *session);

#endif
