/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/mem.h"
#include "tui/actions/acts.h"
#include "tui/model/fields.h"
#include "tui/model/layout.h"
#include "tui/model/sorting.h"
#include "tui/screens/screens.h"

unsigned act_details(struct ui *ui, const char *arg)
{
	if (ui->layout.details_w > 0 || (ui->details_off && layout_has_room(ui)))
		ui->details_off = !ui->details_off;
	else
		details_open(ui);
	return FX_DRAW;
}

unsigned act_jobs(struct ui *ui, const char *arg)
{
	jobs_open(ui);
	return FX_DRAW;
}

/* ---- order and fields ---- */

static unsigned sort_all(struct ui *ui)
{
	for (size_t i = 0; i < ui->ncolumns; i++)
		view_set_sort(ui->columns[i]->view, ui->sort, ui->sort_reverse);
	ui_stale(ui);
	ui_notice(ui, NOTICE_INFO, "Rows are in the order of %s%s.", sorting_name(ui->sort),
		  ui->sort_reverse ? ", reversed" : "");
	return FX_DRAW;
}

unsigned act_sort(struct ui *ui, const char *arg)
{
	if (!arg)
		ui->sort = (enum tree_sort)(sorting_name((size_t)ui->sort + 1) ? ui->sort + 1 : 0);
	if (!arg || sorting_parse(arg, &ui->sort))
		return sort_all(ui);
	ui_notice(ui, NOTICE_BAD, "There is no order \"%s\": pid, name, cpu, rss, start, user, tty, threads.",
		  arg);
	return FX_DRAW;
}

unsigned act_reverse(struct ui *ui, const char *arg)
{
	ui->sort_reverse = !ui->sort_reverse;
	return sort_all(ui);
}

unsigned act_columns(struct ui *ui, const char *arg)
{
	char wrong[64];

	if (!arg)
		field_choice_open(ui);
	else if (!fields_parse(arg, &ui->fields, wrong, sizeof wrong))
		ui_notice(ui, NOTICE_BAD,
			  "There is no field \"%s\": pid, user, rss, cpu, tty, start, state, threads, "
			  "movable, auto, none.",
			  wrong);
	return FX_DRAW;
}

unsigned act_full(struct ui *ui, const char *arg)
{
	ui->full = !ui->full;
	ui_notice(ui, NOTICE_INFO,
		  ui->full ? "Command lines are shown as they are."
			   : "Command lines are shown without folders.");
	return FX_DRAW;
}

unsigned act_own(struct ui *ui, const char *arg)
{
	ui->own = !ui->own;
	for (size_t i = 0; i < ui->ncolumns; i++)
		view_set_own(ui->columns[i]->view, ui->own);
	ui_stale(ui);
	ui_notice(ui, NOTICE_INFO,
		  ui->own ? "The shells that pferry runs on the hosts are shown."
			  : "The shells that pferry runs on the hosts are hidden.");
	return FX_DRAW;
}

unsigned act_kernel(struct ui *ui, const char *arg)
{
	ui->kernel = !ui->kernel;
	for (size_t i = 0; i < ui->ncolumns; i++)
		view_set_kernel(ui->columns[i]->view, ui->kernel);
	ui_stale(ui);
	ui_notice(ui, NOTICE_INFO, ui->kernel ? "Kernel threads are shown." : "Kernel threads are hidden.");
	return FX_DRAW;
}

unsigned act_flat(struct ui *ui, const char *arg)
{
	ui->flat = !ui->flat;
	for (size_t i = 0; i < ui->ncolumns; i++)
		view_set_flat(ui->columns[i]->view, ui->flat);
	ui_stale(ui);
	ui_notice(ui, NOTICE_INFO,
		  ui->flat ? "A flat list of processes; t shows the tree again." : "The tree is shown.");
	return FX_DRAW;
}

unsigned act_mouse(struct ui *ui, const char *arg)
{
	ui->mouse = !ui->mouse;
	ui->port->mouse(ui->port_ctx, ui->mouse);
	ui_notice(ui, NOTICE_INFO,
		  ui->mouse ? "The mouse is taken: click, wheel, drag a row to a column. M gives it back."
			    : "The mouse is the terminal's own again.");
	return FX_DRAW;
}

/* Which of the names it is; SIZE_MAX when none. */
static size_t index_of(const char *(*name)(size_t), const char *word)
{
	for (size_t i = 0; name(i); i++)
		if (strcmp(name(i), word) == 0)
			return i;
	return SIZE_MAX;
}

unsigned act_theme(struct ui *ui, const char *arg)
{
	size_t kind = arg ? index_of(theme_name, arg) : ((size_t)ui->theme.kind + 1) % (THEME_MONO + 1);

	if (kind == SIZE_MAX) {
		ui_notice(ui, NOTICE_BAD, "There is no theme \"%s\": auto, dark, light, mono.", arg);
		return FX_DRAW;
	}
	theme_init(&ui->theme, (enum config_theme)kind, ui->theme.utf8);
	ui_notice(ui, NOTICE_INFO, "Colours: %s%s.", theme_name(kind),
		  kind != THEME_MONO && !ui->theme.color ? ", but this terminal has none" : "");
	return FX_DRAW | FX_REPAINT;
}

unsigned act_bell(struct ui *ui, const char *arg)
{
	static const char *const says[] = {"The terminal rings when a move fails.",
					   "The terminal rings when a move ends.",
					   "The terminal never rings."};
	size_t bell = arg ? index_of(bell_name, arg) : ((size_t)ui->bell + 1) % countof(says);

	if (bell == SIZE_MAX) {
		ui_notice(ui, NOTICE_BAD, "bell takes fail, all or never.");
		return FX_DRAW;
	}
	ui->bell = (enum config_bell)bell;
	ui_notice(ui, NOTICE_INFO, "%s", says[bell]);
	return FX_DRAW;
}

const char *bell_name(size_t bell)
{
	static const char *const names[] = {[BELL_FAIL] = "fail", [BELL_ALL] = "all", [BELL_NEVER] = "never"};

	return bell < countof(names) ? names[bell] : NULL;
}

unsigned act_title(struct ui *ui, const char *arg)
{
	if (arg && strcmp(arg, "on") != 0 && strcmp(arg, "off") != 0) {
		ui_notice(ui, NOTICE_BAD, "title takes on or off.");
		return FX_DRAW;
	}
	ui->title = arg ? strcmp(arg, "on") == 0 : !ui->title;
	ui_notice(ui, NOTICE_INFO,
		  ui->title ? "Moves show in the terminal's title." : "The terminal's title is its own.");
	return FX_DRAW;
}
