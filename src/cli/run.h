/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One move or check at a time, from a line of the command line to its result:
 * what `move` and `check` share.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include <stdbool.h>
#include <pferry/move.h>

#include "cli/session.h"

struct run {
	struct session session;
	const char *source, *destination; /* as named; destination "" when there is none */
	bool from_file, to_file;          /* that one is a file */
	pid_t pid;
	struct move *move;                /* the one that runs, or NULL */
	enum move_phase told_phase;       /* what has been printed of it in JSON */
	bool told_any;
	char told_waiting[160];           /* the last thing it said that it waits for */
	size_t told_findings, told_rounds;
	bool progress_shown;
};

/* Let the session tell of this run's moves. */
void run_begin(struct run *run);
/*
 * Connect to the hosts and carry out the request, whose hosts are filled in
 * here, to its end.  EXIT_DONE with run->move ended; else it did not begin,
 * which has been said, and the result is the exit code.
 */
int run_request(struct run *run, struct move_request *request);
/* The exit code for how it ended. */
int run_code(const struct move_info *info);
/* Say that it did not begin, and why; returns `code`. */
int run_refused(struct run *run, const struct err *e, int code);

#endif
