/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first copy of the files that come along, made before the freeze
 * (src/remote/bring.sh into accept.sh).  What changes after it goes with the
 * images; see transport.h.
 */
#ifndef TRANSPORT_BRING_H
#define TRANSPORT_BRING_H

#include <pferry/err.h>

#include "host/host.h"

struct bring;

struct bring_ops {
	void (*progress)(void *ctx, uint64_t bytes);
	void (*done)(void *ctx, const struct err *e); /* e NULL: all are there. It has freed itself. */
};

/* The directories are D at each end, which must be staged. */
struct bring *bring_start(struct host *source, struct host *destination, const char *source_dir,
			  const char *destination_dir, const struct bring_ops *ops,
			  void *ctx);
/* Without a callback; sets *bring NULL. */
void bring_stop(struct bring **bring);

#endif
