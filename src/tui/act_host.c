/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/acts.h"
#include "tui/prompt.h"
#include "tui/question.h"

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

static unsigned add_host(struct ui *ui, const char *name)
{
	struct err e = {.code = ERR_NONE};

	if (ui->port->add_host(ui->port_ctx, name, &e)) {
		ui_clear_notice(ui);
		return FX_DRAW;
	}
	ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}

static unsigned add_accept(struct ui *ui, struct prompt *prompt)
{
	return prompt->line.len ? add_host(ui, prompt->line.text) : FX_DRAW;
}

static void add_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size, "any name ssh would take: host, user@host, an alias of ssh_config  Esc back");
}

void prompt_host(struct ui *ui)
{
	static const struct prompt_ops ops = {.accept = add_accept, .hint = add_hint, .history = "host"};

	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Add host: "}, "");
}

unsigned act_add(struct ui *ui, const char *arg)
{
	if (arg)
		return add_host(ui, arg);
	prompt_host(ui);
	return FX_DRAW;
}

static unsigned edit_accept(struct ui *ui, struct prompt *prompt)
{
	struct host *host = prompt->data;
	struct err e = {.code = ERR_NONE};
	size_t at = 0;

	while (at < ui->ncolumns && ui->columns[at]->host != host)
		at++;
	if (at == ui->ncolumns || prompt->line.len == 0)
		return FX_DRAW;
	if (strcmp(prompt->line.text, ui->columns[at]->name) == 0) {
		ui->port->look(ui->port_ctx, host);
		return FX_DRAW;
	}
	/* The new one first: should its name be wrong, the old one stays. */
	if (add_host(ui, prompt->line.text), ui->notice[0])
		return FX_DRAW;
	if (!ui->port->close_host(ui->port_ctx, host, &e))
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}

unsigned act_edit(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {.accept = edit_accept, .hint = add_hint, .history = "host"};
	struct prompt prompt = {.ops = &ops, .label = "Host: ", .data = ui->columns[ui->focus]->host};

	ui_clear_notice(ui);
	if (arg) {
		line_set(&prompt.line, arg);
		return edit_accept(ui, &prompt);
	}
	prompt_open(ui, &prompt, ui->columns[ui->focus]->name);
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
		ui_notice(ui, NOTICE_BAD, arg ? "#%s is no shell job that was moved." : "No shell job was moved%s.",
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
			  "Not now: %s is frozen while it is moved, and stopping pferry would stop that.", label);
		return FX_DRAW;
	}
	return FX_DRAW | FX_SUSPEND;
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
	size_t active = ui_active_jobs(ui);
	struct question question = {
		.letters = "yw",
		.hints = "y stop and leave  w wait, then leave  n stay  (Enter and Esc: stay)",
		.answer = leave,
	};

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
