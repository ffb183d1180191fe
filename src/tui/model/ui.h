/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The screen's model: what is shown, where the operator is in it, and what is
 * being asked.  Keys change it and say what that calls for; drawing is a
 * function of it.  What the model wants done goes through a port, which the
 * program fills with the engine and a test with a notebook.
 *
 * Over the columns lies a stack of layers: screens such as help or the log,
 * and at the bottom edge prompts and questions.  The topmost has the keys.
 */
#ifndef TUI_MODEL_UI_H
#define TUI_MODEL_UI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <pferry/engine.h>
#include <pferry/err.h>
#include <pferry/move.h>
#include <pferry/names.h>
#include <pferry/tree.h>

#include "tui/model/column.h"
#include "tui/model/label.h"
#include "tui/model/options.h"
#include "tui/term/keys.h"
#include "tui/term/paint.h"

struct ui;
struct action;
struct keep;
struct movable;
struct page;

/* What the world outside does for the model. */
struct port {
	struct move *(*start_move)(void *ctx, const struct move_request *request, struct err *e);
	bool (*cancel_move)(void *ctx, struct move *move, struct err *e);
	bool (*freeze_now)(void *ctx, struct move *move);
	int64_t (*expected_pause)(void *ctx, const struct host *from, const struct host *to, enum move_mode mode, uint64_t bytes);
	void (*answer_move)(void *ctx, struct move *move, char letter); /* y, n, or w to wait */
	/* movable_take() follows; false when it was not begun. */
	bool (*glance)(void *ctx, struct host *host, const struct proc_key *keys, size_t count);
	void (*answer_host)(void *ctx, struct host *host, const char *answer);
	void (*known_hosts)(void *ctx, struct names *out); /* by name, to ssh */
	bool (*add_host)(void *ctx, const char *name, struct err *e);
	bool (*close_host)(void *ctx, struct host *host, struct err *e);
	void (*look)(void *ctx, struct host *host); /* or try to connect, when it is not up */
	void (*pause)(void *ctx, struct host *host, bool paused);
	bool (*frozen)(void *ctx);
	void (*sentence)(void *ctx, struct move *move, char *out, size_t size);
	void (*copy)(void *ctx, const char *text);
	void (*bell)(void *ctx);
	void (*mouse)(void *ctx, bool on);
	/* Show a shell job's session in this terminal until it is left. */
	bool (*attach)(void *ctx, const char *host, const char *session, struct err *e);
	void (*recover)(void *ctx); /* moves that were cut off */
};

/* A move as the screen knows it, copied once a turn. */
struct job {
	struct move *move;
	const struct move_info *info;
	bool quiet;	       /* a check made by the way: in no list */
	char label[LABEL_MAX]; /* of its process, as the tree called it when it began; "" when unknown */
	bool settled;	       /* it ended in doubt, and was finished or undone since */
	bool left;	       /* recovery saw it, and could not finish or undo it */
	bool offered;	       /* to settle it, since both of its hosts are up */
};

/* What a key calls for; a set. */
enum {
	FX_DRAW = 1,	/* something shown changed */
	FX_FLUSH = 2,	/* throw away what was typed and not handled yet */
	FX_REPAINT = 4, /* the terminal's picture may be wrong: send all of it */
	FX_SUSPEND = 8,
	FX_QUIT = 16, /* leave now */
	FX_STOP = 32, /* stop what can be stopped, leave when all has ended */
	FX_WAIT = 64  /* leave when all has ended */
};

/* A layer's functions; `state` is its own. */
struct layer_ops {
	const char *hints; /* "key word key word …" for the last line */
	bool bottom;	   /* at the bottom edge, over the status line; else over the columns */
	/* Lines it wants at the bottom edge, at `cols` columns. */
	int (*height)(struct ui *ui, void *state, int cols);
	void (*draw)(struct ui *ui, void *state, struct paint *p, int y, int h);
	unsigned (*key)(struct ui *ui, void *state, const struct key *key);
	void (*free)(void *state);
	/* More of the last line than the fixed hints, or NULL. */
	void (*hint_text)(struct ui *ui, void *state, char *out, size_t size);
};

struct layer {
	const struct layer_ops *ops;
	void *state;
};

#define LAYERS_MAX 12

/* Said wherever post-copy is chosen. */
#define POSTCOPY_WARNING "should a connection break while its memory follows, what it did at the other end is lost"

enum notice_level { NOTICE_INFO, NOTICE_GOOD, NOTICE_BAD };

/* Where things are, worked out for each frame from size and model (layout.h). */
struct layout {
	bool tiny;   /* one line for all */
	int strip_y; /* -1: not shown */
	int head_y, body_y, body_h;
	int shown;		  /* columns side by side */
	int details_x, details_w; /* 0 wide: not shown */
	int jobs_y, jobs_h;
	int status_y, status_h;
	int hint_y; /* -1: not shown */
	int tree_w; /* cells for the columns together */
	int each;   /* cells every column has at least: what fits is decided once for all */
};

struct ui {
	const struct action *actions; /* all that can be done (action.h) */
	const struct port *port;
	void *port_ctx;
	struct theme theme;

	struct column **columns;
	size_t ncolumns;
	size_t focus, first; /* column with the cursor; first one shown */
	struct job *jobs;    /* oldest first */
	size_t njobs;

	struct layer layers[LAYERS_MAX];
	size_t nlayers;
	bool asked; /* a question was opened: what was typed before it does not count */

	enum notice_level notice_level;
	char notice[1400];
	size_t ended, ended_well; /* moves that ended since the last key */

	char search[512];
	bool search_empty; /* nothing matches it */
	char filter[512];
	enum tree_sort sort;
	bool sort_reverse, kernel, flat, paused, mouse;
	bool full;	  /* command lines as they are */
	bool own;	  /* pferry's own shells are shown */
	unsigned fields;  /* at the right of the rows (fields.h) */
	bool details_off; /* the pane beside a single host was closed */
	bool leaving;	  /* quit was asked for; waiting for moves to end */

	enum move_mode mode;
	enum move_via via;
	bool with_files, whole;
	const char *hook, *direct_key;
	struct options options;
	char last_to[ERR_HOST_MAX]; /* where the last move went */
	struct {
		struct move *move; /* the check made by the way (peek.h), or NULL */
		char from[ERR_HOST_MAX], to[ERR_HOST_MAX];
		struct proc_key proc;
		int64_t when_ms;
	} peek;
	enum config_bell bell;
	bool title; /* moves show in the terminal's title */
	struct {
		size_t focus;
		struct proc_key proc; /* under the cursor */
		int64_t since_ms;
		unsigned checks; /* made for resting there */
	} rest;
	struct movable *movable; /* what is known of the field "movable" (movable.h), or NULL */
	struct keep *keep;  /* what is kept over restarts, or NULL */
	struct move *check; /* its findings are shown when it has ended */
	struct {
		bool valid;
		char source[ERR_HOST_MAX], destination[ERR_HOST_MAX], name[64];
		struct proc_key proc;
		pid_t new_pid;
	} last_moved; /* and could be moved back */

	struct {
		bool down, dragging;
		size_t column;
		int x, y;
	} drag;

	struct layout layout;
	int rows, cols;		/* of the screen */
	int64_t now_ms, key_ms; /* the last key's */
	struct page *pane;	/* the details beside the columns, as they were drawn; or NULL */
	time_t wall;
};

void ui_init(struct ui *ui, const struct action *actions, const struct port *port, void *port_ctx);
void ui_free(struct ui *ui);

/* ---- columns ---- */

/* The column with the cursor, its rows fresh; NULL without hosts. */
struct column *ui_focus(struct ui *ui);
/* The row under the cursor, or NULL. */
const struct row *ui_row(struct ui *ui);
void ui_set_focus(struct ui *ui, size_t column);
struct column *ui_add_column(struct ui *ui, const char *name);
void ui_remove_column(struct ui *ui, size_t at);
struct column *ui_find_column(struct ui *ui, const char *name, size_t *at);
/* Rows of all columns must be built again. */
void ui_stale(struct ui *ui);
/* Bring a column's rows up to date and say what that dropped. */
void ui_fresh(struct ui *ui, struct column *col);

/* Marks of all columns: how many, and what they sum up to. */
size_t ui_marks(struct ui *ui, struct tree_sum *sum);

/* ---- moves ---- */

/* Moves under way; checks move nothing and do not count. */
size_t ui_active_jobs(const struct ui *ui);
/* It ended in doubt, and nobody has finished or undone it since. */
bool ui_job_in_doubt(const struct job *job);
/* How many did; the newest of them in `newest`, where that is not NULL. */
size_t ui_jobs_in_doubt(const struct ui *ui, const struct job **newest);
/* The newest move that runs (or, failing that, waits); NULL when none. */
const struct job *ui_running_job(const struct ui *ui);
/* The move that has this process, or one above it, under way. */
const struct job *ui_job_of(const struct ui *ui, const struct column *col, const struct proc *proc);

/* What to call a move's process: "train.py(2210)". */
void ui_job_label(const struct ui *ui, const struct move_info *info, char *out, size_t size);

/* ---- what is said ---- */

/* Put a sentence on the status line and in the log. */
void ui_notice(struct ui *ui, enum notice_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void ui_clear_notice(struct ui *ui);

/* ---- layers ---- */

void ui_push(struct ui *ui, const struct layer_ops *ops, void *state);
/* Remove the layer with this state (any depth) and free it. */
void ui_pop(struct ui *ui, const void *state);
struct layer *ui_top(struct ui *ui);

#endif
