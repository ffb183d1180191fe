/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The relay: what a script prints at the source is the input of another at the
 * destination, and goes through us.
 */
#ifndef TRANSPORT_RELAY_H
#define TRANSPORT_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <pferry/err.h>

#include "host/host.h"

struct relay;

/* How it ended. The first of these that holds says why it failed. */
struct relay_result {
	bool lost;         /* a connection went, that to `host` */
	const char *why;   /* `host` would not run its script at all; "" when it did */
	bool failed;       /* the receiving script did */
	bool unsent;       /* the sending one too, by itself */
	const struct host *host;
	const char *said;  /* output of the receiving script, a string of any bytes */
};

struct relay_ops {
	void (*opened)(void *ctx); /* one of the two scripts runs; may be NULL */
	void (*progress)(void *ctx, uint64_t bytes);
	/* Both ended, or one so that the other does not matter. The result lasts as long as
	 * the relay, which may be stopped now; if it is not, nothing more is called but `progress`. */
	void (*over)(void *ctx, const struct relay_result *result);
};

struct relay_script {
	struct host *host;
	const char *name;
	const char *const *args; /* ends with NULL */
};

struct relay *relay_start(const struct relay_script *sender, const struct relay_script *receiver,
			  const struct relay_ops *ops, void *ctx);
/* Give the relay's bytes priority; see ssh_splice_hurry(). */
void relay_hurry(struct relay *relay);
/* The sentence for a receiver that was not content: its "fail CODE SENTENCE" in all that it `said`, or `otherwise`.
 * Returns false. */
bool relay_not_received(struct err *e, const char *host, const char *said, const char *otherwise);
/* Without a callback; sets *relay NULL, which it may be already. */
void relay_stop(struct relay **relay);

#endif
