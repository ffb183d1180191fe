/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell scripts that run on hosts.  Each is a readable POSIX sh file in
 * this directory, built into the binary and sent over SSH each time it is
 * needed: `sh -c 'SCRIPT' NAME ARG...`, so its standard input stays free for
 * data.  `pferry --show-scripts` prints them as they are.
 *
 * Nothing else runs there: what runs a command on a host (ssh/ssh.h, ssh/ssh_child.h)
 * takes a struct remote_line, and only this module makes those.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct remote_script {
	const char *name; /* file name without .sh */
	const char *text;
};

/* Ends with a NULL name. */
extern const struct remote_script remote_scripts[];

/* The text of a script that must exist (a wrong name ends the program). */
const char *remote_script(const char *name);

/* The same without comments, blank lines and indentation; to be freed. */
char *remote_script_bare(const char *name);

/* Who starts a script. */
enum remote_frame {
	REMOTE_PLAIN,    /* the login's shell */
	REMOTE_SUDO,     /* sudo that asks for no password */
	REMOTE_DOAS,     /* the same of doas */
	REMOTE_PASSWORD, /* sudo that reads one from the input */
	REMOTE_SUDO_TTY, /* sudo that may ask on a terminal */
	REMOTE_DOAS_TTY
};

/* A command line for a host's shell that runs one of the scripts. */
struct remote_line;

/*
 * The line that runs `script` with `args` (NULL-terminated, may be NULL): quoted,
 * comments stripped, common.sh in front where the script wants it.
 */
struct remote_line *remote_line(enum remote_frame frame, const char *script, const char *const args[]);
/* By the login's shell, with a number and, unless NULL, a word behind it. */
struct remote_line *remote_line_bytes(const char *script, size_t bytes, const char *word);
/* remote_line() behind sudo that may find the password unread: input.sh takes that from the input first. */
struct remote_line *remote_line_password(const char *script, const char *const args[]);
/* await.sh with `line`. */
struct remote_line *remote_line_await(const struct remote_line *line);
/* direct.sh: `args` as far as USER and KEY, then SENDER and RECEIVER, and "both". */
struct remote_line *remote_line_direct(const char *const args[5], const struct remote_line *sender,
				       const struct remote_line *receiver, bool both);
/* long.sh; `line` itself goes to `input`. */
struct remote_line *remote_line_by_input(const struct remote_line *line, struct buf *input);
/* Free, set NULL. */
void remote_line_free(struct remote_line **line);
size_t remote_line_length(const struct remote_line *line);

/* All that is not the scripts' own text, for --show-scripts: how they are started, and what the SSH library runs by
 * itself; to be freed. */
char *remote_overview(void);

#endif
