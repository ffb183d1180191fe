/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line at the bottom edge where something is typed: a command, a search, a
 * filter, a host's name, a password.  What each kind does is a struct of
 * functions; the editing is the same for all.
 */
#ifndef TUI_SCREENS_PROMPT_H
#define TUI_SCREENS_PROMPT_H

#include "tui/model/ui.h"
#include "tui/term/line.h"

struct prompt;

struct prompt_ops {
	/* The text changed; may be NULL. */
	void (*changed)(struct ui *ui, struct prompt *prompt);
	/* Enter. The prompt has left the screen and is freed afterwards. */
	unsigned (*accept)(struct ui *ui, struct prompt *prompt);
	/* Esc; may be NULL. */
	void (*cancel)(struct ui *ui, struct prompt *prompt);
	/* Tab (by 1) or S-Tab (by -1); may be NULL. */
	void (*complete)(struct ui *ui, struct prompt *prompt, int by);
	/* What the last line says meanwhile; may be NULL. */
	void (*hint)(struct ui *ui, struct prompt *prompt, char *out, size_t size);
	void (*free)(struct prompt *prompt);
	const char *history; /* name of the list Up and Down go through, NULL: none */
};

struct prompt {
	const struct prompt_ops *ops;
	char label[768];
	struct line line;
	bool secret;   /* show nothing of what is typed */
	bool warn;     /* nothing fits what is typed */
	bool proposed; /* the text is a proposal: the first character typed replaces it */
	void *data;    /* the kind's own */
	size_t recall; /* how far back in the history */
};

/* Open one; `prompt` is copied, its line filled from `text`. */
struct prompt *prompt_open(struct ui *ui, const struct prompt *prompt, const char *text);

extern const struct layer_ops prompt_layer;

#endif
