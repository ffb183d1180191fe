/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/actions/acts.h"
#include "tui/actions/moves.h"
#include "tui/model/batch.h"
#include "tui/screens/picker.h"
#include "tui/screens/prompt.h"
#include "tui/screens/question.h"

static unsigned answered(struct ui *ui, struct question *question, char letter)
{
	if (letter == 'y')
		return batch_start(ui, question->data);
	ui_notice(ui, NOTICE_INFO, "Nothing was moved.");
	return FX_DRAW;
}

static void free_batch(struct question *question)
{
	free(question->data);
}

struct question moves_question(struct batch *batch)
{
	return (struct question){ .letters = "y", .answer = answered, .free = free_batch, .data = batch };
}

/* Start it, asking first when it is more than one process, by post-copy, or `sure` is not given. Takes the batch. */
static unsigned go(struct ui *ui, struct batch *batch, size_t column, bool sure)
{
	struct column *to = ui->columns[column];
	struct batch *rest = batch_to(batch, to->name);
	struct question question = moves_question(rest);
	char what[512], pause[64];
	unsigned fx;

	free(batch);
	if (rest->count == 0 || *to->no_target) {
		if (rest->count == 0)
			ui_notice(ui, NOTICE_BAD, "It runs on %s already.", to->name);
		else
			ui_notice(ui, NOTICE_BAD, "Nothing can be moved to %s: %s.", to->name, to->no_target);
		free(rest);
		return FX_DRAW;
	}
	if (rest->check || (batch_processes(rest) == 1 && sure && ui->mode != MODE_POSTCOPY)) {
		fx = batch_start(ui, rest);
		free(rest);
		return fx;
	}
	batch_text(rest, what, sizeof what);
	batch_pause(ui, rest, pause, sizeof pause);
	snprintf(question.text, sizeof question.text, "%sMove %s to %s, pause %s? [y/N]",
		 ui->mode == MODE_POSTCOPY ? "Post-copy: " POSTCOPY_WARNING ". " : "", what, to->name, pause);
	question_open(ui, &question);
	return FX_DRAW;
}

unsigned moves_ask(struct ui *ui, size_t column)
{
	struct batch *batch = batch_gather(ui, false);

	return batch ? go(ui, batch, column, false) : FX_DRAW;
}

static unsigned picked(struct ui *ui, size_t column, void *data)
{
	/* The picker frees its own. */
	return go(ui, batch_to(data, ""), column, true);
}

/* The column all of it is on, SIZE_MAX when it is on several. */
static size_t only_source(struct ui *ui, const struct batch *batch)
{
	size_t at = SIZE_MAX;

	for (size_t i = 1; i < batch->count; i++)
		if (strcmp(batch->targets[i].host, batch->targets[0].host) != 0)
			return SIZE_MAX;
	ui_find_column(ui, batch->targets[0].host, &at);
	return at;
}

static unsigned move_or_check(struct ui *ui, const char *arg, bool check)
{
	struct batch *batch;
	char what[512], label[600];
	size_t column;

	if (arg && !picker_find(ui, arg, &column)) {
		ui_notice(ui, NOTICE_BAD, "\"%s\" names no host, or more than one.", arg);
		return FX_DRAW;
	}
	batch = batch_gather(ui, check);
	if (!batch)
		return FX_DRAW;
	if (arg)
		return go(ui, batch, column, true);
	column = only_source(ui, batch);
	if (check && column != SIZE_MAX && ui->ncolumns == 2)
		return go(ui, batch, 1 - column, true);
	batch_text(batch, what, sizeof what);
	snprintf(label, sizeof label, "%s %s %sto: ", check ? "Check" : "Move", what,
		 ui->mode == MODE_POSTCOPY ? "by post-copy " : "");
	picker_open(ui, label, column, picked, batch);
	return FX_DRAW;
}

unsigned act_move(struct ui *ui, const char *arg)
{
	return move_or_check(ui, arg, false);
}

unsigned act_check(struct ui *ui, const char *arg)
{
	return move_or_check(ui, arg, true);
}

unsigned act_put(struct ui *ui, const char *arg)
{
	struct batch *batch = batch_gather(ui, false);

	return batch ? go(ui, batch, ui->focus, true) : FX_DRAW;
}

/* Move a process back to `to_name`, from where it was moved; asks. */
static unsigned move_back(struct ui *ui, const char *from_name, const char *to_name, pid_t pid,
			  const char *name)
{
	struct column *from = ui_find_column(ui, from_name, NULL), *to = ui_find_column(ui, to_name, NULL);
	const struct proc *proc = NULL;
	size_t column = 0;

	if (!from || !to) {
		ui_notice(ui, NOTICE_BAD, "%s was closed; add it again to move %s back.",
			  from ? to_name : from_name, name);
		return FX_DRAW;
	}
	/* Its pid there, and its name: a pid alone may be another's by now. */
	if (from->tree)
		proc = tree_find_pid(from->tree, pid);
	if (!proc || strcmp(proc->name, name) != 0) {
		ui_notice(ui, NOTICE_BAD, "%s is not seen on %s; r looks again.", name, from->name);
		return FX_DRAW;
	}
	ui_find_column(ui, to->name, &column);
	return go(ui, batch_one(from, proc), column, false);
}

static const struct job *job_numbered(const struct ui *ui, const char *text)
{
	uint64_t number = 0;

	text += *text == '#';
	text_u64(text, text + strlen(text), &number);
	for (size_t i = 0; i < ui->njobs; i++)
		if (ui->jobs[i].info->number == number)
			return &ui->jobs[i];
	return NULL;
}

unsigned act_back(struct ui *ui, const char *arg)
{
	const struct job *job = arg ? job_numbered(ui, arg) : NULL;

	if (arg && (!job || job->info->outcome != MOVE_MOVED)) {
		ui_notice(ui, NOTICE_BAD, "#%s was not moved.", arg + (*arg == '#'));
		return FX_DRAW;
	}
	if (job)
		return move_back(ui, job->info->destination, job->info->source,
				 job->info->new_pid ? job->info->new_pid : job->info->proc.pid,
				 job->info->name);
	if (!ui->last_moved.valid) {
		ui_notice(ui, NOTICE_BAD, "Nothing was moved that could be moved back.");
		return FX_DRAW;
	}
	return move_back(ui, ui->last_moved.destination, ui->last_moved.source,
			 ui->last_moved.new_pid ? ui->last_moved.new_pid : ui->last_moved.proc.pid,
			 ui->last_moved.name);
}

/* ---- cancel ---- */

static unsigned cancel(struct ui *ui, const struct job *job)
{
	struct err e = {.code = ERR_NONE};
	char label[LABEL_MAX];

	ui_job_label(ui, job->info, label, sizeof label);
	if (job->info->ended)
		ui_notice(ui, NOTICE_BAD, "#%u has ended.", job->info->number);
	else if (ui->port->cancel_move(ui->port_ctx, job->move, &e))
		ui_notice(ui, NOTICE_INFO, "Stopping #%u: %s goes on running on %s.", job->info->number,
			  label, job->info->source);
	else
		ui_notice(ui, NOTICE_BAD, "#%u cannot be stopped: %s", job->info->number, e.text);
	return FX_DRAW;
}

static unsigned cancel_numbered(struct ui *ui, const char *text)
{
	const struct job *job = job_numbered(ui, text);

	if (job)
		return cancel(ui, job);
	ui_notice(ui, NOTICE_BAD, "There is no move %s.", text);
	return FX_DRAW;
}

static unsigned cancel_accept(struct ui *ui, struct prompt *prompt)
{
	return prompt->line.len ? cancel_numbered(ui, prompt->line.text) : FX_DRAW;
}

static void cancel_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	size_t used = 0;
	char label[LABEL_MAX];

	for (size_t i = ui->njobs; i > 0 && used < size; i--) {
		const struct move_info *info = ui->jobs[i - 1].info;
		int n;

		if (info->ended || ui->jobs[i - 1].quiet)
			continue;
		ui_job_label(ui, info, label, sizeof label);
		n = snprintf(out + used, size - used, "%s%u %s", used ? "  " : "", info->number, label);
		used += n > 0 ? (size_t)n : 0;
	}
}

unsigned act_cancel(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {.accept = cancel_accept, .hint = cancel_hint};
	const struct job *job = ui_running_job(ui);
	char number[16];

	if (arg)
		return cancel_numbered(ui, arg);
	if (ui_active_jobs(ui) == 1)
		return cancel(ui, job);
	snprintf(number, sizeof number, "%u", job->info->number);
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Stop which move? #", .proposed = true},
		    number);
	return FX_DRAW;
}

unsigned act_freeze(struct ui *ui, const char *arg)
{
	char label[LABEL_MAX];

	(void)arg;
	for (size_t i = 0; i < ui->njobs; i++) {
		const struct move_info *info = ui->jobs[i].info;

		if (info->ended || !ui->port->freeze_now(ui->port_ctx, ui->jobs[i].move))
			continue;
		ui_job_label(ui, info, label, sizeof label);
		ui_notice(ui, NOTICE_INFO, "#%u %s is frozen as soon as this round is over.", info->number, label);
		return FX_DRAW;
	}
	ui_notice(ui, NOTICE_INFO, "No move copies memory ahead just now.");
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

/* ---- moves that were cut off ---- */

unsigned act_recover(struct ui *ui, const char *arg)
{
	ui->port->recover(ui->port_ctx);
	return FX_DRAW;
}
