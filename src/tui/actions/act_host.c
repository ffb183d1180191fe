/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/names.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/actions/acts.h"
#include "tui/screens/prompt.h"
#include "tui/screens/question.h"

unsigned act_refresh(struct ui *ui, const char *arg)
{
	struct column *col = ui->columns[ui->focus];

	ui->port->look(ui->port_ctx, col->host);
	ui_clear_notice(ui);
	return FX_DRAW;
}

unsigned act_refresh_all(struct ui *ui, const char *arg)
{
	for (size_t i = 0; i < ui->ncolumns; i++)
		ui->port->look(ui->port_ctx, ui->columns[i]->host);
	ui_clear_notice(ui);
	return FX_DRAW;
}

unsigned act_pause(struct ui *ui, const char *arg)
{
	ui->paused = !ui->paused;
	for (size_t i = 0; i < ui->ncolumns; i++)
		ui->port->pause(ui->port_ctx, ui->columns[i]->host, ui->paused);
	ui_notice(ui, NOTICE_INFO,
		  ui->paused ? "The hosts are not looked at until Z is pressed again; r looks once."
			     : "The hosts are looked at again.");
	return FX_DRAW;
}

/* ---- add and close ---- */

/* A word that may stand for several, as on the command line. False, said so, when nothing was added. */
static bool add_hosts(struct ui *ui, const char *word)
{
	struct names names = {0};
	struct err e = {.code = ERR_NONE};
	size_t added = 0;

	if (names_expand(&names, ui->options.config, word, &e))
		for (size_t i = 0; i < names.n; i++)
			added += ui->port->add_host(ui->port_ctx, names.v[i], &e);
	names_free(&names);
	if (e.code == ERR_NONE)
		ui_clear_notice(ui);
	else
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return added > 0;
}

static unsigned add_accept(struct ui *ui, struct prompt *prompt)
{
	if (prompt->line.len)
		add_hosts(ui, prompt->line.text);
	return FX_DRAW;
}

static void free_known(struct prompt *prompt)
{
	struct names *known = prompt->data;

	if (known)
		names_free(known);
	free(known);
}

/* The hosts that ssh knows by name and that begin so; read once, when asked for first. */
static size_t known_like(struct ui *ui, struct prompt *prompt, const char *begins, const char **found,
			 size_t max)
{
	struct names *known = prompt->data;
	size_t n = 0;

	if (!known) {
		prompt->data = known = mem_new(struct names);
		ui->port->known_hosts(ui->port_ctx, known);
	}
	for (size_t i = 0; i < known->n && n < max; i++)
		if (strncmp(known->v[i], begins, strlen(begins)) == 0)
			found[n++] = known->v[i];
	return n;
}

/* Tab: as much as all that begin so have in common. */
static void add_complete(struct ui *ui, struct prompt *prompt, int by)
{
	const char *found[64];
	char text[LINE_MAX_BYTES];
	size_t n = known_like(ui, prompt, prompt->line.text, found, 64), same;

	if (n == 0)
		return;
	same = strlen(found[0]);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < same; k++)
			if (found[i][k] != found[0][k])
				same = k;
	snprintf(text, sizeof text, "%.*s", (int)same, found[0]);
	line_set(&prompt->line, text);
}

static void add_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	const char *found[12];
	size_t n = prompt->line.len ? known_like(ui, prompt, prompt->line.text, found, 12) : 0, used = 0;

	snprintf(out, size, "any name ssh would take, web{1..3}, @group  Tab completes  Esc back");
	for (size_t i = 0; i < n && used + 2 < size; i++) {
		int len = snprintf(out + used, size - used, "%s%s", used ? "  " : "", found[i]);

		used += len > 0 ? (size_t)len : 0;
	}
}

void prompt_host(struct ui *ui)
{
	static const struct prompt_ops ops = {.accept = add_accept,
					      .complete = add_complete,
					      .hint = add_hint,
					      .free = free_known,
					      .history = "host"};

	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Add host: "}, "");
}

unsigned act_add(struct ui *ui, const char *arg)
{
	if (arg)
		add_hosts(ui, arg);
	else
		prompt_host(ui);
	return FX_DRAW;
}

unsigned act_save(struct ui *ui, const char *arg)
{
	const char **hosts = mem_array(ui->ncolumns + 1, sizeof *hosts);
	struct err e;

	for (size_t i = 0; i < ui->ncolumns; i++)
		hosts[i] = ui->columns[i]->name;
	if (!ui->options.config)
		ui_notice(ui, NOTICE_BAD, "There is no configuration file to keep them in.");
	else if (config_save_hosts(ui->options.config, hosts, &e))
		ui_notice(ui, NOTICE_GOOD, "pferry without a host's name opens these %zu from now on.",
			  ui->ncolumns);
	else
		ui_notice(ui, NOTICE_BAD, "%s.", e.text);
	free(hosts);
	return FX_DRAW;
}

/* Another name for a host: the new one first, so that the old one stays should it be wrong. */
static unsigned rename_host(struct ui *ui, struct host *host, const char *name)
{
	struct err e = {.code = ERR_NONE};
	size_t at = 0;

	while (at < ui->ncolumns && ui->columns[at]->host != host)
		at++;
	if (at == ui->ncolumns || !*name)
		return FX_DRAW;
	if (strcmp(name, ui->columns[at]->name) == 0)
		ui->port->look(ui->port_ctx, host);
	else if (add_hosts(ui, name) && !ui->port->close_host(ui->port_ctx, host, &e))
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}

static void edit_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size, "another name for it; the same one connects again  Esc back");
}

static unsigned edit_accept(struct ui *ui, struct prompt *prompt)
{
	return rename_host(ui, prompt->data, prompt->line.text);
}

unsigned act_edit(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {.accept = edit_accept, .hint = edit_hint, .history = "host"};
	struct column *col = ui->columns[ui->focus];

	if (arg)
		return rename_host(ui, col->host, arg);
	ui_clear_notice(ui);
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Host: ", .data = col->host}, col->name);
	return FX_DRAW;
}

/* ---- a moved shell job ---- */

static bool has_session(const struct job *job)
{
	return job->info->outcome == MOVE_MOVED && job->info->session[0];
}

/* The move that brought the process under the cursor, or one it is below, here. */
static const struct job *job_here(struct ui *ui)
{
	const struct row *row = ui_row(ui);

	for (const struct proc *p = row ? row->proc : NULL; p; p = p->parent) {
		for (size_t i = ui->njobs; i > 0; i--) {
			const struct move_info *info = ui->jobs[i - 1].info;

			if (has_session(&ui->jobs[i - 1]) && info->new_pid == p->key.pid &&
			    strcmp(info->destination, ui->columns[ui->focus]->name) == 0)
				return &ui->jobs[i - 1];
		}
	}
	return NULL;
}

unsigned act_attach(struct ui *ui, const char *arg)
{
	const struct job *job = arg ? NULL : job_here(ui);
	struct err e = {.code = ERR_NONE};
	uint64_t number = 0;

	if (arg) {
		arg += *arg == '#';
		text_u64(arg, arg + strlen(arg), &number);
	}
	for (size_t i = ui->njobs; i > 0 && !job; i--)
		if (has_session(&ui->jobs[i - 1]) && (!arg || ui->jobs[i - 1].info->number == number))
			job = &ui->jobs[i - 1];
	if (!job)
		ui_notice(ui, NOTICE_BAD,
			  arg ? "#%s is no shell job that was moved." : "No shell job was moved%s.",
			  arg ? arg : "; one that is gets a terminal that A shows");
	else if (!ui->port->attach(ui->port_ctx, job->info->destination, job->info->session, &e))
		ui_notice(ui, NOTICE_BAD, "The session cannot be shown: %s.", e.text);
	return FX_DRAW;
}

unsigned act_close(struct ui *ui, const char *arg)
{
	struct column *col = ui->columns[ui->focus];
	struct err e = {.code = ERR_NONE};
	char name[sizeof col->name];

	memcpy(name, col->name, sizeof name);
	if (ui->port->close_host(ui->port_ctx, col->host, &e))
		ui_notice(ui, NOTICE_INFO, "%s is closed.", name);
	else
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}

/* ---- the program ---- */

unsigned act_copy(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);
	const struct row *row = column_row(col);
	char text[4096];

	if (row->kind == ROW_PROC)
		snprintf(text, sizeof text, "%s %d %s", col->name, (int)row->proc->key.pid, row->proc->args);
	else
		snprintf(text, sizeof text, "%s %s", col->name, row->cgroup->path);
	ui->port->copy(ui->port_ctx, text);
	ui_notice(ui, NOTICE_INFO, "Sent to the terminal's clipboard (OSC 52), if it takes that.");
	return FX_DRAW;
}

unsigned act_command(struct ui *ui, const char *arg)
{
	prompt_command(ui);
	return FX_DRAW;
}

unsigned act_suspend(struct ui *ui, const char *arg)
{
	const struct job *job = ui_running_job(ui);

	char label[LABEL_MAX] = "a process";

	if (job)
		ui_job_label(ui, job->info, label, sizeof label);
	if (ui->port->frozen(ui->port_ctx)) {
		ui_notice(ui, NOTICE_BAD,
			  "Not now: %s is frozen while it is moved, and stopping pferry would stop that.",
			  label);
		return FX_DRAW;
	}
	return FX_DRAW | FX_SUSPEND;
}

static unsigned leave_doubt(struct ui *ui, struct question *question, char letter)
{
	return letter == 'y' ? FX_QUIT : FX_DRAW;
}

/* A process that runs nowhere would be forgotten. */
static unsigned quit_in_doubt(struct ui *ui, size_t count)
{
	struct question question = {
		.letters = "y",
		.hints = "y leave  n stay  (Enter and Esc: stay)",
		.answer = leave_doubt,
	};

	snprintf(question.text, sizeof question.text,
		 "%zu move%s in doubt: until \":recover\" the process may run nowhere. Leave all the same? [y/N]", count,
		 count == 1 ? " is" : "s are");
	question_open(ui, &question);
	return FX_DRAW;
}

static unsigned leave(struct ui *ui, struct question *question, char letter)
{
	if (letter == 'y')
		return FX_STOP;
	if (letter == 'w')
		return FX_WAIT;
	return FX_DRAW;
}

unsigned act_quit(struct ui *ui, const char *arg)
{
	size_t active = ui_active_jobs(ui), doubt = ui_jobs_in_doubt(ui, NULL);
	struct question question = {
		.letters = "yw",
		.hints = "y stop and leave  w wait, then leave  n stay  (Enter and Esc: stay)",
		.answer = leave,
	};

	if (active == 0 && doubt > 0)
		return quit_in_doubt(ui, doubt);
	if (active == 0)
		return FX_QUIT;
	snprintf(question.text, sizeof question.text,
		 "%zu move%s under way. Stop %s, put all back, and leave? (w: wait for %s first) [y/w/N]",
		 active, active == 1 ? " is" : "s are", active == 1 ? "it" : "them",
		 active == 1 ? "it" : "them");
	question_open(ui, &question);
	return FX_DRAW;
}

unsigned act_escape(struct ui *ui, const char *arg)
{
	struct column *col = ui_focus(ui);

	if (col && col->range) {
		col->range = false;
		ui_clear_notice(ui);
	} else if (ui->notice[0]) {
		ui_clear_notice(ui);
	} else if (ui->search[0]) {
		ui->search[0] = '\0';
	} else if (ui->filter[0]) {
		ui->filter[0] = '\0';
		for (size_t i = 0; i < ui->ncolumns; i++)
			view_set_filter(ui->columns[i]->view, "");
		ui_stale(ui);
	}
	return FX_DRAW;
}
