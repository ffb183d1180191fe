/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shell scripts that run on hosts.  Each is a readable POSIX sh file in
 * this directory, built into the binary and sent over SSH each time it is
 * needed: `sh -c 'SCRIPT' NAME ARG...`, so its standard input stays free for
 * data.  `pferry --show-scripts` prints them as they are.
 */
#ifndef REMOTE_REMOTE_H
#define REMOTE_REMOTE_H

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

/*
 * The command line that runs `name` with `args` (NULL-terminated, may be NULL)
 * on a host: quoted, comments stripped, to be freed by the caller.  `prelude`
 * (may be NULL) names a second script put in front, with shared functions.
 */
char *remote_command(const char *name, const char *prelude, const char *const args[]);

#endif
