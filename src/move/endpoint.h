/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a move goes from and to: from host to host, or with a file of this
 * machine at one end.  All that differs between them is behind one table of
 * functions; the engine chooses it when it makes the move.  The facts of the
 * ends, and the orders to them, are the same ones (handover/end.h).
 */
#ifndef MOVE_ENDPOINT_H
#define MOVE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/check.h"
#include "handover/end.h"
#include "transport/transport.h"

struct move;
struct move_end;

struct endpoint {
	/* Check it: as check_start(). NULL: something comes before that, then move_check() is called again. */
	struct check *(*check)(struct move *move, check_done_fn *done);
	/* Make both ends, which tell `ops` of their facts. */
	void (*make)(struct move *move, const struct end_ops *ops);
	/* Have both make their directories; nothing more once the move is to be undone. */
	void (*stage)(struct move *move);
	/* Make both ends of a move that another pferry began. `absent`: that host answered and has no directory of it. */
	void (*attach)(struct move *move, bool source_absent, bool destination_absent, const struct end_ops *ops);
	/* Lines for the record on a host, each after a newline, that tell recover of an end that is no host; allocated. */
	char *(*record)(const struct move *move);
	/* The word of end.sh for how the fingerprint reaches what compares it; NULL: none goes. `unseen`: that host
	 * cannot take one. */
	const char *(*fingerprint)(bool source, bool unseen);
	/* Whether the way was tried and measured, as far as it is; begins to when it was not. */
	bool (*tried)(struct move *move);
	/* Open the way of the images. */
	void (*open)(struct move *move, const struct transport_setup *setup, const struct transport_ops *ops);
	/* Limit for the images to be at the destination, after the last sign of life. */
	int64_t images_limit_ms;
	/* The process has moved: remember what helps to predict the next move. */
	void (*learn)(const struct move *move);
	/* What `pferry recover` must be asked about. */
	const char *(*recover_hosts)(const struct move *move, char *out, size_t size);
	/* Recovery, rolled back: whether an end that cannot be seen from here counts as not there from now on. */
	bool (*forget)(struct move *move);
	/* Recovery: which end could not be seen, and what to do about it; a sentence without its full stop. */
	void (*away)(const struct move *move, char *out, size_t size);
	/* The sentence for how it ended, where it has one of its own. */
	bool (*sentence)(const struct move *move, const char *name, char *out, size_t size);
	/* The move is over: nothing more is called back. Then it goes with all it has. */
	void (*stop)(struct move *move);
	void (*free)(struct move *move);
};

/* From host to host: hosts.c. */
extern const struct endpoint endpoint_hosts;

/* ---- for those with a host at one end ---- */
/* An end on `host`, new, or attached to the directory that is there; an end whose host was not found is only known,
 * if at all, not to be there. */
struct end *endpoint_host(struct move *move, const struct move_end *side, struct host *host, const struct end_ops *ops);
struct end *endpoint_host_attach(struct move *move, const struct move_end *side, struct host *host, bool absent,
				 const struct end_ops *ops);

#endif
