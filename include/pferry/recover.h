/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finishing or undoing interrupted moves.
 *
 * The hosts hold all that is known of a move, so this works from any machine
 * and any day later, may be run twice, and by two people at once.  A move that
 * a running pferry controls (its lease is renewed) is skipped.
 */
#ifndef PFERRY_RECOVER_H
#define PFERRY_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/engine.h>

enum recover_result {
	RECOVER_FOUND,      /* looking only: an interrupted move is there */
	RECOVER_FINISHED,   /* the process runs at the destination */
	RECOVER_UNDONE,     /* the process runs at the source */
	RECOVER_LEFT,       /* left alone, or only half done: see the sentence */
	RECOVER_WAITING,    /* a pferry may still be at work: reported once, and again with its outcome */
	RECOVER_LOST,       /* neither host has it any more: it ended, or its host went down */
	RECOVER_SWEPT       /* no move: a directory at `source` that belonged to none was removed */
};

struct recovered {
	char id[40];
	char source[128], destination[128]; /* names of the hosts, as the move called them; one may be a file */
	char name[64];
	pid_t pid;
	enum recover_result result;
	char sentence[ERR_TEXT_MAX];
};

/* Once for each move found (and before that, while it is waited for), then once with NULL. */
typedef void recover_fn(void *ctx, const struct recovered *item);

struct recover;

/*
 * Look at all hosts of the engine that are up and let us be root; with `act`
 * a password for that is asked for where it is needed.  With `act`, finish or undo
 * what is found, waiting for leases that still run; without, only report it.
 * It frees itself after the last callback.
 */
struct recover *engine_recover(struct engine *engine, bool act, recover_fn *fn, void *ctx);

const char *recover_result_name(enum recover_result result);

#endif
