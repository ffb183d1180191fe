/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/actions/actions.h"

#include <string.h>

#include "base/mem.h"
#include "tui/actions/acts.h"
#include "tui/model/fields.h"
#include "tui/model/sorting.h"

#define FREE WHEN_STAYING

const struct action action_table[] = {
	{ACT_DOWN, "down", "j Down ^N", ARGS_NONE, GROUP_AROUND, "next row", NULL, 0, 0, act_down},
	{ACT_UP, "up", "k Up ^P", ARGS_NONE, GROUP_AROUND, "previous row", NULL, 0, 0, act_up},
	{ACT_PAGE_DOWN, "page-down", "PgDn ^F", ARGS_NONE, GROUP_AROUND, "a screen down", NULL, 0, 0,
	 act_page_down},
	{ACT_PAGE_UP, "page-up", "PgUp ^B", ARGS_NONE, GROUP_AROUND, "a screen up", NULL, 0, 0, act_page_up},
	{ACT_HALF_DOWN, "half-down", "^D", ARGS_NONE, GROUP_AROUND, "half a screen down", NULL, 0, 0,
	 act_half_down},
	{ACT_HALF_UP, "half-up", "^U", ARGS_NONE, GROUP_AROUND, "half a screen up", NULL, 0, 0, act_half_up},
	{ACT_TOP, "top", "g Home", ARGS_NONE, GROUP_AROUND, "first row", NULL, 0, 0, act_top},
	{ACT_BOTTOM, "bottom", "G End", ARGS_NONE, GROUP_AROUND, "last row", NULL, 0, 0, act_bottom},
	{ACT_LEFT, "fold", "h Left -", ARGS_NONE, GROUP_AROUND, "fold, or go to the parent", NULL, 0, 0,
	 act_left},
	{ACT_RIGHT, "unfold", "l Right +", ARGS_NONE, GROUP_AROUND, "unfold, or go to the first child", NULL,
	 0, 0, act_right},
	{ACT_UNFOLD_ALL, "unfold-all", "*", ARGS_NONE, GROUP_AROUND, "unfold everything in this column", NULL,
	 0, WHEN_HOST, act_unfold_all},
	{ACT_FOLD_ALL, "fold-all", "_", ARGS_NONE, GROUP_AROUND, "fold everything in this column", NULL, 0,
	 WHEN_HOST, act_fold_all},
	{ACT_HOST_NEXT, "next-host", "Tab ]", ARGS_NONE, GROUP_AROUND, "go to the next column", "host", 6,
	 WHEN_HOST, act_host_next},
	{ACT_HOST_PREV, "previous-host", "S-Tab [", ARGS_NONE, GROUP_AROUND, "go to the previous column",
	 NULL, 0, WHEN_HOST, act_host_prev},
	{ACT_HOST, "host", "", ARGS_HOST, GROUP_AROUND, "go to a host's column; 1 to 9 do so by place", NULL,
	 0, WHEN_HOST, act_host},

	{ACT_MARK, "mark", "Space", ARGS_NONE, GROUP_MARKS,
	 "mark a process with its tree, or all in a cgroup; go down", "mark", 2, WHEN_ROW, act_mark},
	{ACT_RANGE, "range", "v", ARGS_NONE, GROUP_MARKS, "begin a range, then mark from there to here", NULL,
	 0, WHEN_ROW, act_range},
	{ACT_UNMARK, "unmark-all", "U", ARGS_NONE, GROUP_MARKS, "unmark everything on all hosts", NULL, 0, 0,
	 act_unmark},

	{ACT_MOVE, "move", "m", ARGS_HOST, GROUP_MOVES,
	 "move the marked, or what is under the cursor, to a host", "move", 3, WHEN_TWO | FREE, act_move},
	{ACT_PUT, "put", "p", ARGS_NONE, GROUP_MOVES, "move the marked here, to the column with the cursor",
	 "put here", 11, WHEN_MARKS | FREE, act_put},
	{ACT_BACK_MOVE, "move-back", "u", ARGS_JOB, GROUP_MOVES,
	 "move the last one, or the one numbered, back (asks)", NULL, 0, FREE, act_back},
	{ACT_CHECK, "check", "c", ARGS_HOST, GROUP_MOVES,
	 "only check whether it would move, and show what was found", "check", 13, WHEN_TWO | FREE,
	 act_check},
	{ACT_CANCEL, "cancel", "X", ARGS_JOB, GROUP_MOVES, "stop a move and put all back", "cancel", 12,
	 WHEN_ACTIVE, act_cancel},
	{ACT_FREEZE, "freeze", "F", ARGS_NONE, GROUP_MOVES,
	 "stop copying memory ahead, freeze as soon as may be", NULL, 0, WHEN_ACTIVE, act_freeze},
	{ACT_DRAIN, "drain", "D", ARGS_HOSTS, GROUP_MOVES,
	 "spread the marked, or what is under the cursor, over several hosts", "drain", 16, WHEN_TWO | FREE,
	 act_drain},
	{ACT_ATTACH, "attach", "A", ARGS_JOB, GROUP_MOVES,
	 "show the terminal of a shell job that was moved; tmux's detach key comes back", NULL, 0, 0,
	 act_attach},
	{ACT_JOBS, "jobs", "J", ARGS_NONE, GROUP_MOVES,
	 "list the moves; Enter there shows one with its times and logs", "jobs", 8, 0, act_jobs},
	{ACT_RECOVER, "recover", "", ARGS_NONE, GROUP_MOVES, "finish or undo moves that were cut off", NULL,
	 0, WHEN_HOST | FREE, act_recover},
	{ACT_MODE, "mode", "", ARGS_MODE, GROUP_MOVES, "how the next moves copy memory", NULL, 0, 0,
	 act_mode},
	{ACT_VIA, "via", "", ARGS_VIA, GROUP_MOVES, "which way the next moves take", NULL, 0, 0, act_via},
	{ACT_FILES, "files", "", ARGS_SWITCH, GROUP_MOVES,
	 "bring files along that are missing at the other end", NULL, 0, 0, act_files},

	{ACT_OPTIONS, "options", "o", ARGS_NONE, GROUP_MOVES,
	 "CRIU's command lines as they will be run, what is added to them, profiles", "options", 17, 0,
	 act_options},
	{ACT_DUMP_OPTIONS, "dump-options", "", ARGS_OPTIONS, GROUP_MOVES,
	 "what the next moves give criu dump beside pferry's own options; none", NULL, 0, 0,
	 act_dump_options},
	{ACT_RESTORE_OPTIONS, "restore-options", "", ARGS_OPTIONS, GROUP_MOVES, "the same for criu restore",
	 NULL, 0, 0, act_restore_options},
	{ACT_PROFILE, "profile", "", ARGS_PROFILE, GROUP_MOVES, "use the options kept under a name; none",
	 NULL, 0, 0, act_profile},
	{ACT_KEEP_PROFILE, "keep-profile", "", ARGS_TEXT, GROUP_MOVES,
	 "keep the options in use: NAME, or NAME for WHAT they shall go with", NULL, 0, 0, act_keep_profile},

	{ACT_SEARCH, "search", "/", ARGS_TEXT, GROUP_FIND, "find in all columns as you type", "find", 4,
	 WHEN_HOST, act_search},
	{ACT_NEXT, "next", "n", ARGS_NONE, GROUP_FIND, "next that matches", NULL, 0, WHEN_HOST, act_next},
	{ACT_PREV, "previous", "N", ARGS_NONE, GROUP_FIND, "previous that matches", NULL, 0, WHEN_HOST,
	 act_prev},
	{ACT_FILTER, "filter", "f", ARGS_TEXT, GROUP_FIND,
	 "show only what matches (name, pid:N user:NAME cg:TEXT mark: !not)", "filter", 5, WHEN_HOST,
	 act_filter},

	{ACT_DETAILS, "details", "Enter", ARGS_NONE, GROUP_VIEW,
	 "show or hide details of what is under the cursor", NULL, 0, 0, act_details},
	{ACT_SORT, "sort", "s", ARGS_SORT, GROUP_VIEW, "order of rows: the next one, or the one named", NULL,
	 0, 0, act_sort},
	{ACT_REVERSE, "reverse", "S", ARGS_NONE, GROUP_VIEW, "turn the order round", NULL, 0, 0, act_reverse},
	{ACT_COLUMNS, "columns", "C", ARGS_FIELDS, GROUP_VIEW, "choose the fields at the right of the rows",
	 NULL, 0, 0, act_columns},
	{ACT_FULL, "full", "T", ARGS_NONE, GROUP_VIEW, "command lines as they are, or without folders", NULL,
	 0, 0, act_full},
	{ACT_KERNEL, "kernel", "K", ARGS_NONE, GROUP_VIEW, "show or hide kernel threads", NULL, 0, 0,
	 act_kernel},
	{ACT_OWN, "own", "", ARGS_NONE, GROUP_VIEW, "show or hide the shells that pferry runs on the hosts",
	 NULL, 0, 0, act_own},
	{ACT_FLAT, "flat", "t", ARGS_NONE, GROUP_VIEW, "tree, or a flat list of processes", NULL, 0, 0,
	 act_flat},
	{ACT_REFRESH, "refresh", "r", ARGS_NONE, GROUP_VIEW, "look at this host again, or try to connect now",
	 "refresh", 14, WHEN_HOST, act_refresh},
	{ACT_REFRESH_ALL, "refresh-all", "R", ARGS_NONE, GROUP_VIEW, "the same for all hosts", NULL, 0,
	 WHEN_HOST, act_refresh_all},
	{ACT_PAUSE, "pause", "Z", ARGS_NONE, GROUP_VIEW, "stop or go on looking at the hosts", NULL, 0, 0,
	 act_pause},
	{ACT_MOUSE, "mouse", "M", ARGS_NONE, GROUP_VIEW,
	 "take or give back the mouse: click, wheel, drag a row to a column to move it", NULL, 0, 0,
	 act_mouse},
	{ACT_THEME, "theme", "", ARGS_THEME, GROUP_VIEW, "colours: the next choice, or the one named", NULL,
	 0, 0, act_theme},
	{ACT_BELL, "bell", "", ARGS_BELL, GROUP_VIEW, "ring when a move fails, when any ends, or never", NULL,
	 0, 0, act_bell},
	{ACT_TITLE, "title", "", ARGS_SWITCH, GROUP_VIEW, "show moves in the terminal's title", NULL, 0, 0,
	 act_title},
	{ACT_REDRAW, "redraw", "^L", ARGS_NONE, GROUP_VIEW, "draw the whole screen again", NULL, 0, 0,
	 act_redraw},

	{ACT_ADD, "add", "a", ARGS_TEXT, GROUP_HOSTS, "add a host by any name ssh would take", "add", 7, FREE,
	 act_add},
	{ACT_SAVE, "save", "", ARGS_NONE, GROUP_HOSTS, "open these hosts when pferry is started without any",
	 NULL, 0, WHEN_HOST, act_save},
	{ACT_EDIT, "edit", "e", ARGS_TEXT, GROUP_HOSTS, "change this host's name and connect again", NULL, 0,
	 WHEN_HOST | FREE, act_edit},
	{ACT_CLOSE, "close", "d", ARGS_NONE, GROUP_HOSTS, "close this host (refused while a move uses it)",
	 NULL, 0, WHEN_HOST, act_close},

	{ACT_LOG, "log", "L", ARGS_NONE, GROUP_PROGRAM, "everything that was said and done", "log", 9, 0,
	 act_log},
	{ACT_COPY, "copy", "y", ARGS_NONE, GROUP_PROGRAM,
	 "copy host, pid and command line by the terminal (OSC 52)", NULL, 0, WHEN_ROW, act_copy},
	{ACT_COMMAND, "command", ":", ARGS_NONE, GROUP_PROGRAM, "type an action by its name; Tab completes",
	 "command", 15, 0, act_command},
	{ACT_HELP, "help", "? F1", ARGS_NONE, GROUP_PROGRAM, "this list; type to search it", "help", 1, 0,
	 act_help},
	{ACT_SUSPEND, "suspend", "^Z", ARGS_NONE, GROUP_PROGRAM,
	 "stop pferry (not while a process is frozen); fg goes on", NULL, 0, 0, act_suspend},
	{ACT_QUIT, "quit", "q ^C", ARGS_NONE, GROUP_PROGRAM, "leave; asks while a move runs", "quit", 10, 0,
	 act_quit},
	{ACT_ESCAPE, "back", "Esc", ARGS_NONE, GROUP_PROGRAM,
	 "back: out of a screen, a range, a filter; never leaves", NULL, 0, 0, act_escape},

	{.name = NULL},
};

const struct action *action_named(const char *name, size_t len)
{
	const struct action *found = NULL;

	if (len == 0)
		return NULL;
	for (const struct action *action = action_table; action->name; action++) {
		if (strncmp(action->name, name, len) != 0)
			continue;
		if (action->name[len] == '\0')
			return action;
		if (found)
			return NULL;
		found = action;
	}
	return found;
}

const char *action_word(const struct ui *ui, const struct action *action, size_t i)
{
	static const char *const switches[] = {"on", "off"};
	const struct config_profile *profile;
	const char *name;
	unsigned bit;
	char key;

	switch (action->args) {
	case ARGS_HOST:
	case ARGS_HOSTS:
		return i < ui->ncolumns ? ui->columns[i]->name : NULL;
	case ARGS_SORT:
		return sorting_name(i);
	case ARGS_MODE:
		return i <= MODE_POSTCOPY ? move_mode_name((enum move_mode)i) : NULL;
	case ARGS_VIA:
		return i <= VIA_SCP ? move_via_name((enum move_via)i) : NULL;
	case ARGS_SWITCH:
		return i < countof(switches) ? switches[i] : NULL;
	case ARGS_FIELDS:
		if (i < 2)
			return i == 0 ? "auto" : "none";
		return field_at(i - 2, &name, &key, &bit) ? name : NULL;
	case ARGS_THEME:
		return theme_name(i);
	case ARGS_BELL:
		return bell_name(i);
	case ARGS_PROFILE:
		if (i == 0)
			return "none";
		profile = options_profile_at(&ui->options, i - 1);
		return profile ? profile->name : NULL;
	case ARGS_OPTIONS:
	case ARGS_NONE:
	case ARGS_TEXT:
	case ARGS_JOB:
		break;
	}
	return NULL;
}

const char *action_args_name(enum action_args args)
{
	static const char *const names[] = {"",	    "TEXT",    "HOST",	  "KEY",    "MODE",
					    "WAY",  "NUMBER",  "on|off",  "FIELDS", "HOST ...",
					    "NAME", "OPTIONS", "COLOURS", "WHEN"};

	return names[args];
}
