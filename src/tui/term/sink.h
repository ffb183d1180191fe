/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal as a sink that never blocks.
 *
 * Curses writes into memory; the loop moves those bytes to the terminal when
 * it takes them.  A terminal that stopped reading therefore stops nothing but
 * its own picture, and one that is gone is noticed by poll(2), which is the
 * only place where it shows.  The sink also owns the terminal's modes: they
 * are put back when it is closed, when the program is suspended, and when it
 * crashes.
 */
#ifndef TUI_TERM_SINK_H
#define TUI_TERM_SINK_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <pferry/err.h>
#include <pferry/loop.h>

struct sink;

struct sink_events {
	void (*input)(void *ctx, const char *bytes, size_t len); /* typed */
	void (*drained)(void *ctx);				 /* the last frame has left */
	void (*lost)(void *ctx);				 /* the terminal is gone */
};

/* Take the terminal and start curses on it. NULL with `e` filled. */
struct sink *sink_open(struct loop *loop, bool plain, const struct sink_events *events, void *ctx,
		       struct err *e);
/* Put everything back (waiting a moment for the last bytes to leave) and free. */
void sink_close(struct sink *sink);

/* Whether the last frame has left, so that a new one may be drawn. */
bool sink_ready(const struct sink *sink);
/* Send what curses has written since the last call. */
void sink_frame(struct sink *sink);
/* Send bytes of our own (a mode, the clipboard) after what is on its way. */
void sink_raw(struct sink *sink, const char *bytes, size_t len);
/* Take or give back the mouse. */
void sink_mouse(struct sink *sink, bool on);
/* Ring. */
void sink_bell(struct sink *sink);
/* Name the terminal's window; "" gives back the name it had. */
void sink_title(struct sink *sink, const char *text);
/* Throw away what was typed and not read yet. */
void sink_flush_input(struct sink *sink);

/* The terminal's size now. */
void sink_size(const struct sink *sink, int *rows, int *cols);
/* Give the terminal back, stop the program as ^Z would, take it again. */
void sink_suspend(struct sink *sink);
/* Give the terminal back for another program to use, while this one goes on:
 * nothing is read or written until it is taken back. False when it is lent. */
bool sink_lend(struct sink *sink);
/* Make that program's process group the terminal's; in that program too. */
void sink_give(const struct sink *sink, pid_t group);
void sink_take_back(struct sink *sink);

/* The terminal is gone: touch it no more. */
void sink_abandon(struct sink *sink);
bool sink_gone(const struct sink *sink);

#endif
