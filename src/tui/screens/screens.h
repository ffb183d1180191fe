/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens that lie over the columns; each is opened by one function. */
#ifndef TUI_SCREENS_SCREENS_H
#define TUI_SCREENS_SCREENS_H

#include "tui/screens/pager.h"
#include "tui/model/ui.h"

void help_open(struct ui *ui);
void log_screen_open(struct ui *ui);
/* The list of moves. */
void jobs_open(struct ui *ui);
/* One move, by its number: times, findings, command lines, CRIU's logs. */
void job_open(struct ui *ui, uint32_t number);
void job_fill(struct ui *ui, struct page *page, uint32_t number);
/* Ask for a file and write all of a move to it. */
void job_write(struct ui *ui, uint32_t number);
void details_open(struct ui *ui);
/* What the details say about the row under the cursor, into `page`. */
void details_fill(struct ui *ui, struct page *page);

/* "12/184M 48M/s ETA 2s" and the like, for a line of `cells` cells about a move. */
void job_line(const struct ui *ui, const struct move_info *info, int cells, char *out, size_t size);

#endif
