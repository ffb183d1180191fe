/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "tui/actions/acts.h"
#include "tui/model/search.h"
#include "tui/screens/prompt.h"

/* ---- search ---- */

static void search_changed(struct ui *ui, struct prompt *prompt)
{
	prompt->warn = !search_typed(ui, prompt->line.text);
}

static unsigned search_accept(struct ui *ui, struct prompt *prompt)
{
	if (prompt->line.len == 0 && !search_again(ui))
		prompt->warn = true;
	if (prompt->warn)
		ui_notice(ui, NOTICE_BAD, "Nothing matches \"%s\" on any host.", ui->search);
	else
		ui_clear_notice(ui);
	return FX_DRAW;
}

static void search_cancel(struct ui *ui, struct prompt *prompt)
{
	search_give_up(ui);
}

static void search_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size,
		 prompt->warn ? "nothing matches  Esc back to where you were"
			      : "Enter stay here  Esc back  then n N next, previous");
}

static void prompt_search(struct ui *ui)
{
	static const struct prompt_ops ops = {.changed = search_changed,
					      .accept = search_accept,
					      .cancel = search_cancel,
					      .hint = search_hint,
					      .history = "search"};

	search_begin(ui);
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Find: "}, "");
}

unsigned act_search(struct ui *ui, const char *arg)
{
	if (!arg) {
		prompt_search(ui);
		return FX_DRAW;
	}
	snprintf(ui->search, sizeof ui->search, "%s", arg);
	if (!search_go(ui, 1, true))
		ui_notice(ui, NOTICE_BAD, "Nothing matches \"%s\" on any host.", ui->search);
	return FX_DRAW;
}

static unsigned go_on(struct ui *ui, int by)
{
	if (!ui->search[0])
		ui_notice(ui, NOTICE_BAD, "Nothing is searched for; / does.");
	else if (!search_go(ui, by, false))
		ui_notice(ui, NOTICE_BAD, "Nothing matches \"%s\" on any host.", ui->search);
	return FX_DRAW;
}

unsigned act_next(struct ui *ui, const char *arg)
{
	return go_on(ui, 1);
}

unsigned act_prev(struct ui *ui, const char *arg)
{
	return go_on(ui, -1);
}

/* ---- filter ---- */

static void set_filter(struct ui *ui, const char *text)
{
	snprintf(ui->filter, sizeof ui->filter, "%s", text);
	for (size_t i = 0; i < ui->ncolumns; i++)
		view_set_filter(ui->columns[i]->view, ui->filter);
	ui_stale(ui);
}

static void filter_changed(struct ui *ui, struct prompt *prompt)
{
	size_t matches = 0;

	set_filter(ui, prompt->line.text);
	for (size_t i = 0; i < ui->ncolumns; i++) {
		ui_fresh(ui, ui->columns[i]);
		matches += view_matches(ui->columns[i]->view);
	}
	prompt->warn = ui->filter[0] && matches == 0;
}

static unsigned filter_accept(struct ui *ui, struct prompt *prompt)
{
	return FX_DRAW;
}

static void filter_cancel(struct ui *ui, struct prompt *prompt)
{
	set_filter(ui, "");
}

static void filter_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size,
		 prompt->warn ? "nothing matches  Esc show all"
			      : "Enter keep  Esc show all  pid:N user:NAME cg:TEXT mark: !not");
}

static void prompt_filter(struct ui *ui)
{
	static const struct prompt_ops ops = {.changed = filter_changed,
					      .accept = filter_accept,
					      .cancel = filter_cancel,
					      .hint = filter_hint,
					      .history = "filter"};
	char before[sizeof ui->filter];

	memcpy(before, ui->filter, sizeof before);
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Filter: "}, before);
}

unsigned act_filter(struct ui *ui, const char *arg)
{
	if (arg)
		set_filter(ui, arg);
	else
		prompt_filter(ui);
	return FX_DRAW;
}
