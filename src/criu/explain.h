/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's log -> a sentence.  The log is searched for the first error that
 * tells something; a table of patterns (explain_table.c) turns it into a cause
 * and a remedy.  An error the table does not know is shown as it stands.
 */
#ifndef CRIU_EXPLAIN_H
#define CRIU_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct explain_entry {
	const char *pattern; /* found in the line, as a plain substring */
	const char *also;    /* and this after it, or NULL */
	const char *cause;
	const char *remedy;  /* "" when there is none */
	const char *code;    /* code of a finding (findings.c) of the same cause, or a word of its own */
	bool weak;           /* only if no line matches a strong one */
};

/* The table, ending with a NULL pattern. */
extern const struct explain_entry explain_entries[];

/*
 * `log` is the (sanitised) text of CRIU's log, `exit_status` CRIU's as a shell
 * sees it.  Writes one sentence without a final period, such as "a pid that it
 * needs is taken there (Can't fork for 881: File exists): end ...". True when
 * the table knew it; else the line itself is the sentence.
 */
bool explain_log(const char *log, int exit_status, char *out, size_t size);

/* The entry that explains the log; NULL when none does. `line` (may be NULL)
 * gets the line that it goes by, or the first that tells something, or NULL. */
const struct explain_entry *explain_find(const char *log, const char **line, size_t *len);

#endif
