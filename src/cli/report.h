/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A move as JSON objects, in the words that scripts rely on. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>
#include <pferry/move.h>

/* The last line of a move. */
json_t *report_result(const struct move_info *info);
/* The same for one that could not even begin. */
json_t *report_no_move(const char *source, const char *destination, pid_t pid, const char *reason);
json_t *report_phase(const struct move_info *info);
json_t *report_progress(const struct move_info *info);
json_t *report_finding(const struct finding *finding);
const char *report_level(enum finding_level level);

#endif
