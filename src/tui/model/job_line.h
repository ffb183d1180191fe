/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A move in one line: process, hosts, phase, how far, how long frozen. */
#ifndef TUI_MODEL_JOB_LINE_H
#define TUI_MODEL_JOB_LINE_H

#include "tui/model/ui.h"

/* "12/184M 48M/s ETA 2s" and the like, for a line of `cells` cells about a move. */
void job_line(const struct ui *ui, const struct move_info *info, int cells, char *out, size_t size);

#endif
