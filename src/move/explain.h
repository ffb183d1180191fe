/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's log -> a sentence.  The log is searched for the first error that
 * tells something; a table of patterns turns it into a cause and a remedy.  An
 * error the table does not know is shown as it stands.
 */
#ifndef MOVE_EXPLAIN_H
#define MOVE_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * `log` is the (sanitised) text of CRIU's log, `exit_status` CRIU's as a shell
 * sees it.  Writes one sentence without a final period, such as "pid 881 is
 * taken there: ...".
 */
void explain_log(const char *log, int exit_status, char *out, size_t size);

struct explain_entry {
	const char *pattern; /* found in the line, as a plain substring */
	const char *cause;
	const char *remedy;
};

/* The table, ending with a NULL pattern. */
extern const struct explain_entry explain_entries[];

#endif
