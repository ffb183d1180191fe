/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screens/asked.h"

#include <stdio.h>
#include <string.h>

#include "tui/screens/prompt.h"
#include "tui/screens/question.h"

static unsigned move_answered(struct ui *ui, struct question *question, char letter)
{
	ui->port->answer_move(ui->port_ctx, question->move, letter);
	return FX_DRAW;
}

static unsigned host_answered(struct ui *ui, struct question *question, char letter)
{
	ui->port->answer_host(ui->port_ctx, question->host, letter == 'y' ? "yes" : NULL);
	return FX_DRAW;
}

static unsigned typed_answer(struct ui *ui, struct prompt *prompt)
{
	ui->port->answer_host(ui->port_ctx, prompt->data, prompt->line.text);
	return FX_DRAW;
}

static void typed_refused(struct ui *ui, struct prompt *prompt)
{
	ui->port->answer_host(ui->port_ctx, prompt->data, NULL);
}

static const struct prompt_ops login_ops = {.accept = typed_answer, .cancel = typed_refused};

static const struct job *job_of(const struct ui *ui, const struct move *move)
{
	for (size_t i = 0; i < ui->njobs; i++)
		if (ui->jobs[i].move == move)
			return &ui->jobs[i];
	return NULL;
}

/* Whether the host or move that a question layer stands for still asks it. */
static bool still_asked(const struct ui *ui, const struct question *question)
{
	const struct host_question *host_asks;
	const struct job *job;

	if (question->move) {
		job = job_of(ui, question->move);
		return job && job->info->question &&
		       strncmp(job->info->question, question->source_text,
			       sizeof question->source_text - 1) == 0;
	}
	if (question->host) {
		for (size_t i = 0; i < ui->ncolumns; i++) {
			if (ui->columns[i]->host != question->host)
				continue;
			host_asks = host_question(question->host);
			return host_asks && host_asks->yes_no;
		}
		return false;
	}
	return true;
}

static bool login_still_asked(const struct ui *ui, const struct prompt *prompt)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		const struct host_question *asks;

		if (ui->columns[i]->host != prompt->data)
			continue;
		asks = host_question(prompt->data);
		return asks && !asks->yes_no;
	}
	return false;
}

static void close_answered(struct ui *ui)
{
	for (size_t i = ui->nlayers; i > 0; i--) {
		const struct layer *layer = &ui->layers[i - 1];

		if (layer->ops == &question_layer && !still_asked(ui, layer->state))
			ui_pop(ui, layer->state);
		else if (layer->ops == &prompt_layer && ((struct prompt *)layer->state)->ops == &login_ops &&
			 !login_still_asked(ui, layer->state))
			ui_pop(ui, layer->state);
	}
}

/* One of the engine's questions is on the screen. */
static bool asking(const struct ui *ui)
{
	for (size_t i = 0; i < ui->nlayers; i++) {
		const struct layer *layer = &ui->layers[i];

		if (layer->ops == &question_layer) {
			const struct question *question = layer->state;

			if (question->host || question->move)
				return true;
		} else if (layer->ops == &prompt_layer &&
			   ((struct prompt *)layer->state)->ops == &login_ops) {
			return true;
		}
	}
	return false;
}

static void ask_for_move(struct ui *ui, const struct job *job)
{
	struct question question = {.letters = "y", .answer = move_answered, .move = job->move};
	char label[LABEL_MAX];

	snprintf(question.source_text, sizeof question.source_text, "%s", job->info->question);
	ui_job_label(ui, job->info, label, sizeof label);
	if (job->info->may_wait) {
		question.letters = "yw";
		question.hints = "y yes  w wait  n no  (Enter and Esc: no)";
	}
	snprintf(question.text, sizeof question.text, "#%u %s: %s [%s]", job->info->number, label,
		 job->info->question, job->info->may_wait ? "y/w/N" : "y/N");
	question_open(ui, &question);
}

static void ask_for_host(struct ui *ui, struct column *col, const struct host_question *asks)
{
	struct question question = {.letters = "y", .answer = host_answered, .host = col->host};
	struct prompt prompt = {.ops = &login_ops, .secret = !asks->echo, .data = col->host};

	if (asks->yes_no) {
		snprintf(question.text, sizeof question.text, "%s [y/N]", asks->text);
		question_open(ui, &question);
		return;
	}
	snprintf(prompt.label, sizeof prompt.label, "%s ", asks->text);
	prompt_open(ui, &prompt, "");
	ui->asked = true;
}

void asked_sync(struct ui *ui)
{
	close_answered(ui);
	if (asking(ui))
		return;
	for (size_t i = 0; i < ui->njobs; i++) {
		if (!ui->jobs[i].info->ended && ui->jobs[i].info->question) {
			ask_for_move(ui, &ui->jobs[i]);
			return;
		}
	}
	for (size_t i = 0; i < ui->ncolumns; i++) {
		const struct host_question *asks = host_question(ui->columns[i]->host);

		if (asks) {
			ask_for_host(ui, ui->columns[i], asks);
			return;
		}
	}
}
