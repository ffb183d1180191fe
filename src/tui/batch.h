/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a move is about to take: processes by identity, on one or more hosts,
 * gathered once when the key is pressed.  What the tree looks like when the
 * question is answered does not change what was asked.
 */
#ifndef TUI_BATCH_H
#define TUI_BATCH_H

#include "tui/ui.h"

struct target {
	char host[ERR_HOST_MAX];
	struct proc_key key;
	char name[64];
	uint32_t processes; /* with those below it */
	uint64_t rss_bytes;
};

struct batch {
	bool check; /* only look whether it would move */
	char to[ERR_HOST_MAX];
	size_t count;
	struct target targets[];
};

/* The marked on all hosts, else what is under the cursor (of a cgroup all in
 * it, which get marked); NULL, with a notice, when there is nothing. Those
 * already under way are left out. */
struct batch *batch_gather(struct ui *ui, bool check);
/* A copy without the targets that are on `host`. */
struct batch *batch_without(const struct batch *batch, const char *host);
/* "redis-server(881), 184 MiB from web01" or "3 trees (5 processes, ~212 MiB) from web01, db01" */
void batch_text(const struct batch *batch, char *out, size_t size);
/* Start them all; says how that went. */
unsigned batch_start(struct ui *ui, const struct batch *batch);

#endif
