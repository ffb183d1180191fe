/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An action: one thing that the operator can do in the columns.  All of them
 * are one table, which lies above (actions/actions.h) and is handed in; keys,
 * help and hints are found in it here.
 */
#ifndef TUI_MODEL_ACTION_H
#define TUI_MODEL_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/model/ui.h"

enum action_id {
	ACT_DOWN,
	ACT_UP,
	ACT_PAGE_DOWN,
	ACT_PAGE_UP,
	ACT_HALF_DOWN,
	ACT_HALF_UP,
	ACT_TOP,
	ACT_BOTTOM,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_UNFOLD_ALL,
	ACT_FOLD_ALL,
	ACT_HOST_NEXT,
	ACT_HOST_PREV,
	ACT_HOST,
	ACT_DETAILS,
	ACT_MARK,
	ACT_RANGE,
	ACT_UNMARK,
	ACT_MOVE,
	ACT_PUT,
	ACT_BACK_MOVE,
	ACT_CHECK,
	ACT_CANCEL,
	ACT_FREEZE,
	ACT_DRAIN,
	ACT_ATTACH,
	ACT_JOBS,
	ACT_MODE,
	ACT_VIA,
	ACT_FILES,
	ACT_OPTIONS,
	ACT_DUMP_OPTIONS,
	ACT_RESTORE_OPTIONS,
	ACT_PROFILE,
	ACT_KEEP_PROFILE,
	ACT_SEARCH,
	ACT_NEXT,
	ACT_PREV,
	ACT_FILTER,
	ACT_SORT,
	ACT_REVERSE,
	ACT_COLUMNS,
	ACT_FULL,
	ACT_KERNEL,
	ACT_OWN,
	ACT_FLAT,
	ACT_REFRESH,
	ACT_REFRESH_ALL,
	ACT_PAUSE,
	ACT_ADD,
	ACT_SAVE,
	ACT_EDIT,
	ACT_CLOSE,
	ACT_RECOVER,
	ACT_LOG,
	ACT_COPY,
	ACT_MOUSE,
	ACT_COMMAND,
	ACT_HELP,
	ACT_THEME,
	ACT_BELL,
	ACT_TITLE,
	ACT_REDRAW,
	ACT_SUSPEND,
	ACT_QUIT,
	ACT_ESCAPE
};

/* The conditions for an action to apply; a set. */
enum {
	WHEN_HOST = 1, /* at least one host */
	WHEN_ROW = 2,  /* something under the cursor */
	WHEN_MARKS = 4,
	WHEN_TWO = 8,	  /* at least two hosts */
	WHEN_ACTIVE = 16, /* a move under way */
	WHEN_STAYING = 64 /* not while leaving */
};

enum action_group {
	GROUP_AROUND,
	GROUP_MARKS,
	GROUP_MOVES,
	GROUP_FIND,
	GROUP_VIEW,
	GROUP_HOSTS,
	GROUP_PROGRAM,
	GROUP_COUNT
};

/* The kind of word that may follow an action's name at the prompt. */
enum action_args {
	ARGS_NONE,
	ARGS_TEXT,
	ARGS_HOST,
	ARGS_SORT,
	ARGS_MODE,
	ARGS_VIA,
	ARGS_JOB,
	ARGS_SWITCH,
	ARGS_FIELDS,
	ARGS_HOSTS,
	ARGS_PROFILE,
	ARGS_OPTIONS,
	ARGS_THEME,
	ARGS_BELL
};

struct action {
	enum action_id id;
	const char *name; /* at the prompt */
	const char *keys; /* names of its keys, separated by spaces; "" */
	enum action_args args;
	enum action_group group;
	const char *help; /* one line, no full stop */
	const char *hint; /* its word on the last line, or NULL */
	int rank;	  /* place on the last line, 1 first */
	unsigned when;
	unsigned (*run)(struct ui *ui, const char *arg); /* arg NULL when it came by a key */
};

/* The action of a table, which one without a name ends, that a key is bound to; NULL when none is. */
const struct action *action_of_key(const struct action *table, uint32_t code);
/* The name of its first key into `out`; "" when it has none. */
void action_key_name(const struct action *action, char *out, size_t size);
/* Run it if it applies, or say why it does not. */
unsigned action_run(struct ui *ui, const struct action *action, const char *arg);

const char *action_group_name(enum action_group group);

#endif
