/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running browser: what app.c (events in, frames out) and port.c (what the
 * model wants done) share.
 */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <pferry/engine.h>
#include <pferry/loop.h>

#include "tui/model/ui.h"
#include "tui/term/keys.h"
#include "tui/term/sink.h"

/* Why the loop is to end once no move is under way. */
enum leaving { STAY, LEAVE_ASKED, LEAVE_SIGNAL, LEAVE_GONE };

struct app {
	bool active;
	struct loop *loop;
	struct engine *engine;
	struct ui ui;
	struct sink *sink;
	const char *ssh_config; /* for ssh -F, or NULL */
	struct attach *attach;	/* the terminal is lent */
	char attached[ERR_HOST_MAX];
	char title[64]; /* of the terminal, "": its own */
	struct key_decoder keys;
	struct loop_timer *draw_timer, *tick, *build, *escape, *rest;
	struct loop_signal *winch, *hup, *term, *intr, *quit, *xcpu, *cont, *tstp;
	bool dirty, repaint, resized, pasting, paste_said;
	/* A question was opened; a frame with it was drawn; that frame has left. */
	enum { SEEN, UNSEEN, DRAWN } question;
	int64_t drawn_ms;
	enum leaving leaving;
	int signo;
	size_t rolled_back; /* of the moves that ended while leaving */
	int code;
	bool looked; /* for moves that were cut off */
	size_t cut_off, recovered;
	char first_cut_off[256];
};

/* Bring the model up to date with the engine; a question that appears in it
 * makes everything typed so far void. */
void app_sync(struct app *app);
/* Draw as soon as the terminal can take it. */
void app_frame(struct app *app);

/* leave.c: stay no longer than the moves under way; "stop" stops those that can be. */
void app_leave(struct app *app, enum leaving why, bool stop);
/* The last of them has ended: so does the loop, with the exit code. */
void app_finish(struct app *app);
/* The terminal is gone: no picture, no question, nothing new; what runs is finished. */
void app_on_lost(void *app);
void app_on_hup(void *app, int signo);
void app_on_term(void *app, int signo);

/* port.c: "pferry: 2 moving, 61 %" as the terminal's title, when that is wanted and has changed. */
void app_title(struct app *app);

/* cutoff.c: look for moves that were cut off, once, when all hosts have answered; recover them. */
void cutoff_watch(struct app *app);
void cutoff_recover(struct app *app);

/* The model's way out; its context is the struct app. */
extern const struct port app_port;

#endif
