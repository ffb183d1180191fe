/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of the table's actions (actions.h), by file: act_nav.c moves
 * around and marks, act_move.c moves processes, act_options.c says what moves
 * go with, act_find.c searches and filters, act_view.c changes what is shown,
 * act_host.c is about hosts, act_program.c about the program itself.  `arg` is
 * what was typed after the action's name, NULL when it came by a key.
 */
#ifndef TUI_ACTIONS_ACTS_H
#define TUI_ACTIONS_ACTS_H

#include "tui/model/ui.h"

unsigned act_down(struct ui *ui, const char *arg);
unsigned act_up(struct ui *ui, const char *arg);
unsigned act_page_down(struct ui *ui, const char *arg);
unsigned act_page_up(struct ui *ui, const char *arg);
unsigned act_half_down(struct ui *ui, const char *arg);
unsigned act_half_up(struct ui *ui, const char *arg);
unsigned act_top(struct ui *ui, const char *arg);
unsigned act_bottom(struct ui *ui, const char *arg);
unsigned act_left(struct ui *ui, const char *arg);
unsigned act_right(struct ui *ui, const char *arg);
unsigned act_unfold_all(struct ui *ui, const char *arg);
unsigned act_fold_all(struct ui *ui, const char *arg);
unsigned act_host_next(struct ui *ui, const char *arg);
unsigned act_host_prev(struct ui *ui, const char *arg);
unsigned act_host(struct ui *ui, const char *arg);
unsigned act_mark(struct ui *ui, const char *arg);
unsigned act_range(struct ui *ui, const char *arg);
unsigned act_unmark(struct ui *ui, const char *arg);

unsigned act_move(struct ui *ui, const char *arg);
unsigned act_put(struct ui *ui, const char *arg);
unsigned act_back(struct ui *ui, const char *arg);
unsigned act_recover(struct ui *ui, const char *arg);
unsigned act_check(struct ui *ui, const char *arg);
unsigned act_drain(struct ui *ui, const char *arg);
unsigned act_attach(struct ui *ui, const char *arg);
unsigned act_options(struct ui *ui, const char *arg);
unsigned act_dump_options(struct ui *ui, const char *arg);
unsigned act_restore_options(struct ui *ui, const char *arg);
unsigned act_profile(struct ui *ui, const char *arg);
unsigned act_keep_profile(struct ui *ui, const char *arg);
unsigned act_cancel(struct ui *ui, const char *arg);
unsigned act_freeze(struct ui *ui, const char *arg);
unsigned act_mode(struct ui *ui, const char *arg);
unsigned act_via(struct ui *ui, const char *arg);
unsigned act_files(struct ui *ui, const char *arg);

unsigned act_details(struct ui *ui, const char *arg);
unsigned act_jobs(struct ui *ui, const char *arg);
unsigned act_log(struct ui *ui, const char *arg);
unsigned act_help(struct ui *ui, const char *arg);
unsigned act_search(struct ui *ui, const char *arg);
unsigned act_next(struct ui *ui, const char *arg);
unsigned act_prev(struct ui *ui, const char *arg);
unsigned act_filter(struct ui *ui, const char *arg);
unsigned act_sort(struct ui *ui, const char *arg);
unsigned act_reverse(struct ui *ui, const char *arg);
unsigned act_columns(struct ui *ui, const char *arg);
unsigned act_full(struct ui *ui, const char *arg);
unsigned act_own(struct ui *ui, const char *arg);
unsigned act_kernel(struct ui *ui, const char *arg);
unsigned act_flat(struct ui *ui, const char *arg);
unsigned act_mouse(struct ui *ui, const char *arg);
unsigned act_theme(struct ui *ui, const char *arg);
unsigned act_bell(struct ui *ui, const char *arg);
unsigned act_title(struct ui *ui, const char *arg);
unsigned act_redraw(struct ui *ui, const char *arg);

unsigned act_refresh(struct ui *ui, const char *arg);
unsigned act_refresh_all(struct ui *ui, const char *arg);
unsigned act_pause(struct ui *ui, const char *arg);
unsigned act_add(struct ui *ui, const char *arg);
unsigned act_save(struct ui *ui, const char *arg);
unsigned act_edit(struct ui *ui, const char *arg);
unsigned act_close(struct ui *ui, const char *arg);
unsigned act_copy(struct ui *ui, const char *arg);
unsigned act_command(struct ui *ui, const char *arg);
unsigned act_suspend(struct ui *ui, const char *arg);
unsigned act_quit(struct ui *ui, const char *arg);
unsigned act_escape(struct ui *ui, const char *arg);

/* "fail", "all", "never", by enum config_bell; NULL past the last. */
const char *bell_name(size_t bell);

#endif
