/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands share: an engine with the hosts they name, waiting until
 * those are up or not to be had, questions on the terminal, and signals.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <pferry/engine.h>

#include "cli/cli.h"

struct session {
	const struct cli_options *options;
	struct loop *loop;
	struct engine *engine;
	struct loop_signal *signals[3];
	struct asker *asker;
	void (*event)(void *ctx, const struct event *event); /* of the command, or NULL */
	void *ctx;
	bool interrupted;
};

/* Start; `refresh_ms` as in engine_options. False with an error said. */
bool session_begin(struct session *session, const struct cli_options *options, int refresh_ms);
void session_end(struct session *session);

/* Add a host, or find it when it is there; NULL with an error said. */
struct host *session_host(struct session *session, const char *name, struct err *e);
/* Run the loop until every host is up or refused. */
void session_connect(struct session *session);
/* Whether all hosts are up; else `e` says of the first what is wrong. */
bool session_all_up(const struct session *session, struct err *e);

/* Print an object as a line of JSON, and free it. */
void session_print(json_t *object);

/* asker.c: questions on the terminal, one at a time; no terminal: refused. */
struct asker *asker_new(struct loop *loop);
void asker_free(struct asker *asker);
void asker_host(struct asker *asker, struct host *host);
void asker_move(struct asker *asker, struct move *move);

#endif
