/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser: a screen over an engine.  This is all the program around it
 * needs; nothing else in this room is meant to be included from outside.
 */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/config.h>
#include <pferry/engine.h>
#include <pferry/err.h>
#include <pferry/loop.h>

enum tui_color { TUI_COLOR_AUTO, TUI_COLOR_ALWAYS, TUI_COLOR_NEVER };

struct tui_options {
	enum tui_color color; /* AUTO: unless NO_COLOR is set or the terminal has none */
	bool ascii;	      /* no line drawing, whatever the locale */
	bool mouse;	      /* take the mouse from the start (M turns it on and off) */
	bool plain_tty;	      /* write to standard output directly, blocking */
	enum move_mode mode;  /* what moves start with; :mode and :via change it */
	enum move_via via;
	bool with_files, whole;
	const char *direct_key; /* and this */
	const char *hook; /* as in struct move_request, or NULL */
	struct config *config;	/* the configuration file, or NULL; borrowed */
	const char *ssh_config; /* for ssh -F when a session is shown, or NULL */
};

/*
 * Take over the terminal, show the engine's hosts, and run the loop until the
 * operator leaves or a signal ends it; the terminal is as before when this
 * returns.  The result is the program's exit code: 0; 1 or 3 when moves that
 * were still running at the end did not succeed or are in doubt; 128 + signal.
 * It is -1, with `e` filled, when there is no terminal to take.
 */
int tui_run(struct loop *loop, struct engine *engine, const struct tui_options *options, struct err *e);

/* One line of the table of actions, for the man page and its test. */
struct tui_action_doc {
	const char *name;  /* as typed after ':' */
	const char *keys;  /* "j Down ^N", "" when it has none */
	const char *args;  /* what it takes at the prompt, "" when nothing */
	const char *group; /* heading it stands under */
	const char *help;
};

/* The i-th action; false past the last. */
bool tui_action_doc(size_t i, struct tui_action_doc *out);

#endif
