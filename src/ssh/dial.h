/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP connection to the first of several addresses that answers.  They are
 * tried in turn; one that is silent for a moment does not hold up the next.
 */
#ifndef SSH_DIAL_H
#define SSH_DIAL_H

#include <pferry/err.h>
#include <pferry/loop.h>

#include "ssh/resolve.h"

struct dial;
/* A non-blocking descriptor (the callee's) and the address it is connected to; or -1 and why. */
typedef void dial_done_fn(void *ctx, int fd, const char *address, const struct err *e);

/* `name` is for messages; `bind_address` may be NULL. `done` is called once, from the loop. */
struct dial *dial_start(struct loop *loop, const char *name, const struct ssh_addrs *addrs, int port,
			const char *bind_address, dial_done_fn *done, void *ctx);
/* Forget it without a callback; sets *d NULL. After `done` it has freed itself. */
void dial_stop(struct dial **d);

#endif
