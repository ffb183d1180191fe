/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One stream straight from the source to the destination: an ssh(1) beside the
 * loop, pinned to the source's key (ssh/pin.h), runs a sender there, and the
 * source's own ssh takes its output to a receiver at the destination.  For that
 * login the operator's agent is lent to the source (ssh/lend.h), until it is
 * done.  All ends when this program does, however that ends.
 */
#ifndef TRANSPORT_DIRECT_H
#define TRANSPORT_DIRECT_H

#include <stdbool.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/loop.h>

#include "host/host.h"

struct direct;

struct direct_ops {
	/* The receiver runs and waits for input: it printed "ready". */
	void (*ready)(void *ctx);
	/* The receiver printed "half", or "done": so far all has arrived, though the two ssh have
	 * yet to end. Not when the object was closed meanwhile. May be NULL. */
	void (*arrived)(void *ctx, bool all);
	/* `bytes` have gone: of a stream that tells ("at BYTES"). May be NULL. */
	void (*progress)(void *ctx, uint64_t bytes);
	/* Over; `e` says why it failed. The object is freed right after. */
	void (*done)(void *ctx, const struct err *e);
};

struct direct_setup {
	const struct host *source, *destination;
	const char *dir;               /* the migration's directory at the source */
	const struct remote_line *sender, *receiver; /* for the two hosts */
	const char *key;               /* a file of this machine: only its key is lent; NULL: the operator's agent is */
	bool both;                     /* connect the receiver's output to the sender's input, see direct.sh */
};

/* Strings of the setup are copied. NULL with `e` filled when it cannot begin. */
struct direct *direct_open(struct loop *loop, const struct direct_setup *setup, const struct direct_ops *ops, void *ctx,
			   struct err *e);
/* End it without a callback; sets *direct NULL. */
void direct_close(struct direct **direct);

#endif
