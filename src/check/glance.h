/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A quick check of some processes of a host at once (src/remote/glance.sh): the
 * blockers that each has by itself, whatever the destination.  It costs far
 * less than a check, asks no other host, and does not look at descendants, so
 * it can say no, and never yes.
 */
#ifndef CHECK_GLANCE_H
#define CHECK_GLANCE_H

#include <stddef.h>
#include <pferry/engine.h>

#include "host/host.h"

struct glance;

/* The results are valid during the call; it frees itself after it. None come
 * when the connection goes. */
typedef void glance_done_fn(void *ctx, struct host *host, const struct glance_result *results, size_t count);

/* The host must be up; at most GLANCE_MAX keys, which are copied. */
struct glance *glance_start(struct host *host, const struct proc_key *keys, size_t count, glance_done_fn *done, void *ctx);
/* Stop without a callback; sets *glance NULL. */
void glance_stop(struct glance **glance);

/* Judge glance.sh's output about `keys`; returns how many results there are. */
size_t glance_parse(const char *text, size_t len, const struct host *host, const struct proc_key *keys, size_t count,
		    struct glance_result *results);

#endif
