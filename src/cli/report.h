/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves and hosts as JSON objects, in the words that scripts rely on.  Never
 * NULL: what is no valid UTF-8 is made so.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>
#include <pferry/host.h>
#include <pferry/move.h>

/* The last line of a move. */
json_t *report_result(const struct move_info *info);
/* The same for one that could not even begin. */
json_t *report_no_move(const char *source, const char *destination, pid_t pid, const struct err *e);
/* The last line of a check: whether the process can move, and else why not. */
json_t *report_check(const struct move_info *info);
json_t *report_no_check(const char *source, const char *destination, pid_t pid, const struct err *e);
json_t *report_phase(const struct move_info *info, enum move_phase phase);
json_t *report_waiting(const struct move_info *info);
json_t *report_progress(const struct move_info *info);
/* The i-th round of a pre-copy. */
json_t *report_round(const struct move_info *info, size_t i);
json_t *report_finding(const char *id, const struct finding *finding);

/* A host with its tree, or with what is wrong. */
json_t *report_host(const struct host *host);
json_t *report_no_host(const char *name, const char *error);

/* A string from any bytes. */
json_t *report_text(const char *text);

#endif
