/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check can find, as a table: a code, how bad it is, what CRIU is told
 * for it, and what a person can do.  The man page's FINDINGS section lists the
 * same codes.
 */
#ifndef MOVE_FINDINGS_H
#define MOVE_FINDINGS_H

#include <stddef.h>
#include <pferry/move.h>

#include "host/host.h"
#include "move/check.h"
#include "move/survey.h"

struct finding_kind {
	const char *code;
	enum finding_level level;
	const char *dump_option, *restore_option; /* or NULL */
	const char *remedy;
};

/* Ends with a NULL code. */
extern const struct finding_kind finding_kinds[];

/* Judge what was found; fills findings, options, rooms and files of `result`.
 * `destination` and `verified` may both be NULL. */
void findings_judge(struct check_result *result, const struct host *source, const struct host *destination,
		    const struct verified *verified, bool with_files);

/* Judge what is known of the hosts before anything is asked of them; true when they will do. */
bool findings_hosts(struct check_result *result, const struct host *source, const struct host *destination);

#endif
