/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check before a move: what the process is made of, whether the other host
 * has what it needs, what CRIU must be told, and what stands in the way.  It
 * changes nothing on either host.
 */
#ifndef MOVE_CHECK_H
#define MOVE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>
#include <pferry/loop.h>
#include <pferry/move.h>

#include "host/host.h"
#include "move/survey.h"

/* Facts that the rest of the move goes by. */
struct check_result {
	struct finding *findings;
	size_t count;
	bool refused;          /* some finding stands in the way */
	struct err why;        /* the first that does, as a sentence */
	struct survey survey;
	char name[64];
	struct proc_key proc;
	uint64_t memory_bytes;
	bool tty;              /* needs a terminal at the destination */
	bool shell_job;        /* or belongs to a session that stays behind */
	bool tcp, locks, deleted, nft_source, nft_destination;
	bool shm_source, shm_destination; /* images on tmpfs there */
	bool files_missing;    /* only files that could be brought along stand in the way */
	char **bring;          /* their paths */
	size_t nbring;
};

struct check;

/* `result` belongs to the caller from then on (check_result_free()). `e` not
 * NULL: the check itself could not be made, result is NULL. */
typedef void check_done_fn(void *ctx, struct check_result *result, const struct err *e);

/* `destination` NULL: only what the source alone can say. `with_files`: files
 * missing at the destination are brought along and do not stand in the way. */
struct check *check_start(struct host *source, struct host *destination, struct proc_key proc, bool with_files,
			  check_done_fn *done, void *ctx);
/* Stop without a callback; sets *check NULL. It frees itself after its callback. */
void check_stop(struct check **check);
void check_result_free(struct check_result *result);

#endif
