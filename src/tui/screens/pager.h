/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen of text over the columns: help, the log, one move, details.  Its
 * lines are written anew for each frame by a function, so what it shows is
 * never old; it scrolls with the keys of the columns, and '/' keeps only the
 * lines that contain what is typed.
 */
#ifndef TUI_SCREENS_PAGER_H
#define TUI_SCREENS_PAGER_H

#include "tui/model/ui.h"
#include "tui/term/page.h"

struct pager_ops {
	const char *title;
	bool typing; /* what is typed searches at once */
	bool follow; /* begins at the end, and stays there while lines come */
	void (*fill)(struct ui *ui, struct page *page, const void *data);
	/* A key of its own; 0 when it is none. May be NULL. */
	unsigned (*key)(struct ui *ui, void *state, const void *data, const struct key *key);
	const char *hints;
};

/* Open one; `data` is freed by free(3). Opened twice it comes to the top once. */
void pager_open(struct ui *ui, const struct pager_ops *ops, void *data);

#endif
