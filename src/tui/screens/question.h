/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question that waits for one key.  The answer is No unless `y` (or another
 * of its letters) is pressed: Enter, Esc, n and q all mean No, other keys mean
 * nothing.  What was typed before it was on the screen does not count.
 */
#ifndef TUI_SCREENS_QUESTION_H
#define TUI_SCREENS_QUESTION_H

#include "tui/model/ui.h"

struct question {
	char text[1600];
	const char *letters; /* what may be answered beside No, "y" */
	const char *hints;   /* for the last line */
	/* Called once with a letter, or 'n'; the question has left the screen. */
	unsigned (*answer)(struct ui *ui, struct question *question, char letter);
	void (*free)(struct question *question);
	void *data;
	struct host *host; /* the host or move it comes from, if it does: it */
	struct move *move; /* disappears when they no longer ask */
	char source_text[512];
};

/* Open one; `question` is copied. */
struct question *question_open(struct ui *ui, const struct question *question);

extern const struct layer_ops question_layer;

#endif
