/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves and checks, each from a word of the command line to its result: what
 * the commands that name processes share.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <stdbool.h>
#include <pferry/move.h>

#include "cli/session.h"

struct run {
	struct session *session;
	struct run *next;                 /* another one of the same session, or NULL */
	const char *source, *destination; /* as named; destination "" when there is none */
	bool from_file, to_file;          /* the source or destination is a file */
	bool checks;                      /* only a check is asked for */
	pid_t pid;
	struct move *move;                /* once it was asked for */
	bool over;                        /* the result has been printed */
	enum move_phase told_phase;       /* last phase printed in JSON */
	bool told_any;
	char told_waiting[160];           /* the last wait that was printed */
	size_t told_findings, told_rounds;
};

/* Let the session print the moves of this run and of those behind it. */
void run_begin(struct run *run, struct session *session);
/*
 * Connect to the hosts and carry out the request, whose hosts are filled in
 * here, to its end.  EXIT_DONE with run->move ended; else it did not begin,
 * which has been printed, and the result is the exit code.
 */
int run_request(struct run *run, struct move_request *request);
/* Print the outcome as a sentence, unless it is printed in JSON; returns the exit code for it. */
int run_sentence(struct run *run);
/* Say that it did not begin, and why; returns `code`. */
int run_refused(struct run *run, const struct err *e, int code);

/*
 * The same in steps, for several at once.  run_hosts() begins to connect;
 * run_settled() tells when both hosts are up, or will not be; run_start() then
 * asks for the move; run_result() tells what became of it, once it has ended.
 */
int run_hosts(struct run *run, struct move_request *request);
bool run_settled(const struct move_request *request);
int run_start(struct run *run, struct move_request *request);
void run_result(struct run *run);

#endif
