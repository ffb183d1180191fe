/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "tui/actions/acts.h"
#include "tui/screens/question.h"
#include "tui/screens/screens.h"

unsigned act_log(struct ui *ui, const char *arg)
{
	log_open(ui);
	return FX_DRAW;
}

unsigned act_help(struct ui *ui, const char *arg)
{
	help_open(ui);
	return FX_DRAW;
}

unsigned act_redraw(struct ui *ui, const char *arg)
{
	return FX_DRAW | FX_REPAINT;
}

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
