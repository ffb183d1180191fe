/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a move or a check is asked for: processes, each named by its key, so
 * that they stay the same ones while the operator answers questions.
 */
#ifndef TUI_MODEL_BATCH_H
#define TUI_MODEL_BATCH_H

#include "tui/model/ui.h"

struct target {
	char host[ERR_HOST_MAX], to[ERR_HOST_MAX]; /* from, to */
	struct proc_key key;
	char name[64], label[LABEL_MAX];
	uint32_t processes; /* with those below it */
	uint64_t rss_bytes;
};

struct batch {
	bool check; /* only look whether it would move */
	size_t count;
	struct target targets[];
};

/* The marked on all hosts, else what is under the cursor (of a cgroup all in
 * it, which get marked); NULL, with a notice, when there is nothing. Those
 * already under way are left out. */
struct batch *batch_gather(struct ui *ui, bool check);
/* One process. */
struct batch *batch_one(const struct column *col, const struct proc *proc);
/* A copy without the targets that are on `host`, all of them for `to`. */
struct batch *batch_to(const struct batch *batch, const char *to);
/* A copy whose targets are spread over the columns by the memory free there,
 * none to where it is; `left` gets how many found no place. */
struct batch *batch_spread(const struct ui *ui, const struct batch *batch, const size_t *columns,
			   size_t count, size_t *left);
/* How many processes, with those below them. */
uint32_t batch_processes(const struct batch *batch);
/* "redis-server(881), 184 MiB from web01" or "3 trees (5 processes, ~212 MiB) from web01, db01" */
void batch_text(const struct batch *batch, char *out, size_t size);
/* "3 to web02, 2 to db01" or "to web02" */
void batch_goals(const struct batch *batch, char *out, size_t size);
/* How long the largest would be frozen, "~2.1 s"; from moves before this one,
 * if there are any. */
void batch_pause(struct ui *ui, const struct batch *batch, char *out, size_t size);
/* Start them all; says how that went. */
unsigned batch_start(struct ui *ui, const struct batch *batch);

#endif
