/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screens that lie over the columns; each is opened by one function. */
#ifndef TUI_SCREENS_SCREENS_H
#define TUI_SCREENS_SCREENS_H

#include "tui/model/ui.h"
#include "tui/screens/pager.h"

void help_open(struct ui *ui);
void log_open(struct ui *ui);
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

/* The options: command lines as they will be run, what is in use, profiles. */
void options_open(struct ui *ui);
/* Give CRIU this beside pferry's own options from now on, "none": nothing; NULL asks what. */
unsigned options_give(struct ui *ui, bool restore, const char *text);
/* Use a profile of options, "none": none; NULL asks which. */
unsigned profile_use(struct ui *ui, const char *name);
/* Keep the options in use as one: "NAME" or "NAME for WHAT"; NULL asks. */
unsigned profile_keep(struct ui *ui, const char *text);
/* Ask which profile to forget. */
void profile_forget(struct ui *ui);
/* The choice of fields, at the bottom edge. */
void field_choice_open(struct ui *ui);

#endif
