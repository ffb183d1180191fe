/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of hosts: several from one word, and those that a person may mean.
 */
#ifndef PFERRY_NAMES_H
#define PFERRY_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/config.h>
#include <pferry/err.h>

/* Most names that words may stand for together. */
#define NAMES_MAX 1000

/* A list of names; `v` ends with NULL, and is NULL in an empty struct. */
struct names {
	char **v;
	size_t n;
};

/*
 * Append what `word` stands for, each name once:
 *
 *   web{01..40}    web01 to web40, with the zeros as written; {a..f} too
 *   {db,web}.lan   db.lan and web.lan; both may be nested
 *   @web           the group of that name in the configuration (may be NULL)
 *
 * False with `e` filled, and the list as it was, for braces that do not close,
 * a group that is not there or contains itself, and more than NAMES_MAX names.
 */
bool names_expand(struct names *names, const struct config *config, const char *word, struct err *e);
void names_free(struct names *names);

/*
 * The hosts that ssh's configuration names (with what it includes) and those
 * in its known_hosts files that are not hashed: for completion, sorted.
 * `ssh_config` as for ssh -F, NULL: ssh's own.  Reads these files, asks no host.
 */
void names_known(struct names *names, const char *ssh_config);

#endif
