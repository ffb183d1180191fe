/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A column: one host as the screen knows it.  What is shown of the host is
 * copied here once a turn (ui.h), so that drawing needs no engine; the rows
 * come from a view of its tree, flattened again when something changed.
 */
#ifndef TUI_MODEL_COLUMN_H
#define TUI_MODEL_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/host.h>
#include <pferry/tree.h>

struct column {
	struct host *host;
	char name[ERR_HOST_MAX];
	enum host_state state;
	char state_text[96];
	char error[ERR_TEXT_MAX]; /* "" when there is none */
	char no_target[96];	  /* why nothing can be moved here, "" when it can */
	bool asks;		  /* a check there would ask for a password */
	uint64_t mem_available;	  /* bytes, 0 when not known */
	int64_t age_ms;		  /* of its tree, -1 when there is none */
	const struct tree *tree;
	struct view *view;
	bool was_lost;		    /* said so, and not yet that it is back */
	bool stale;		    /* rows must be built again before they are read */
	bool building;		    /* they are, over several turns; those from before are shown */
	size_t top;		    /* first row on the screen */
	size_t height;		    /* rows on the screen, set when it is drawn */
	bool range;		    /* v was pressed: a range is being marked */
	struct proc_key range_proc; /* where it began */
	char range_path[256];	    /* the same when it began on a cgroup */
	int pid_width;		    /* digits of its largest pid, at least 4 */
};

struct column *column_new(const char *name);
void column_free(struct column *col);

/* Rows as they are now; the row under the cursor stays where it is on the
 * screen. Returns the number of marks whose process is gone. Of a tree of very many
 * the rows come later: column_build() goes on with them, and is true once they are there. */
size_t column_fresh(struct column *col, int64_t now_ms);
bool column_build(struct column *col);
/* The row under the cursor; NULL when there is none. Call column_fresh() first. */
const struct row *column_row(const struct column *col);
/* Move the cursor by rows, kept within them. */
void column_step(struct column *col, int64_t by);
/* Scroll so that the cursor is on the screen. */
void column_scroll(struct column *col);

#endif
