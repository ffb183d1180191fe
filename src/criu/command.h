/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CRIU command lines of a move, worked out from its check. */
#ifndef CRIU_COMMAND_H
#define CRIU_COMMAND_H

#include <stdbool.h>
#include <pferry/err.h>
#include <pferry/host.h>

#include "check/check.h"

struct command_setup {
	const struct check_result *check;
	const struct host *host;     /* on which it runs */
	const char *dir;             /* D of src/remote/end.sh */
	const char *const *extra;    /* the operator's options, NULL-terminated, or NULL */
	bool keep_stopped;           /* dump: leave the tree stopped */
	bool precopy;                /* dump: memory of earlier rounds stays out */
	bool lazy;                   /* post-copy: memory follows later */
	bool fills;                  /* restore: memory is loaded later, if D/fills allows it then */
};

/*
 * A line of shell for D/dump and D/restore: every word quoted but those that the
 * supervisor sets, "$ACT" among them. Allocated.
 */
char *command_dump(const struct command_setup *setup);
char *command_restore(const struct command_setup *setup);
/* For D/predump: a round of a pre-copy, numbered by $ROUND; the supervisor sets
 * $PREV to the options that name the round before. */
char *command_predump(const struct command_setup *setup);

/* For D/pages: the daemon that takes memory in at the destination; lazy.sh sets $PORT. */
char *command_pages(const struct command_setup *setup);

/* Whether the operator may add these options: not those that pferry owns. */
bool command_options_ok(const char *const *options, struct err *e);

/* The same for a person to read: CRIU and its words, without the supervisor's own in front of it; NULL for NULL. */
const char *command_shown(const char *command);

#endif
