/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shared part of the commands: an engine with the hosts they name, waiting until
 * those are up or not to be had, questions on the terminal, signals, and
 * output that does not wait for its reader.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <pferry/engine.h>

#include "cli/asker.h"
#include "cli/cli.h"
#include "cli/out.h"

#define SESSION_SIGNALS 6

struct session {
	const struct cli_options *options;
	struct loop *loop;
	struct engine *engine;
	struct loop_signal *signals[SESSION_SIGNALS];
	struct asker *asker;
	struct out *out;  /* standard output */
	struct out *tell; /* standard error: progress */
	void (*event)(void *ctx, const struct event *event); /* the command's listener, or NULL */
	void *ctx;
	bool progress_shown; /* a line of progress stands on the terminal */
	bool interrupted; /* a signal asks to stop: begin nothing new */
};

/* Start; `refresh_ms` as in engine_options. False once an error is printed. */
bool session_begin(struct session *session, const struct cli_options *options, int refresh_ms);
/* Let all output leave, and free. False when output was lost, which is printed. */
bool session_end(struct session *session);

/* Add a host, or find it when it is there; NULL with `e` filled. */
struct host *session_host(struct session *session, const char *name, struct err *e);
/* Add all that a NULL-terminated list of words stands for; false with `e` filled. */
bool session_hosts(struct session *session, const char *const *names, struct err *e);
/* True once the host is up or refused. */
bool session_settled(const struct host *host);
/* Run the loop until every host is, or a signal came. */
void session_connect(struct session *session);
/* Whether the host is up; else `e` says what is wrong, exit code in the result. */
int session_up(const struct session *session, const struct host *host, struct err *e);

/* Print an object as a line of JSON, and free it. */
void session_json(struct session *session, json_t *object);

#endif
