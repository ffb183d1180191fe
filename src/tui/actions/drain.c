/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draining: the marked, or what is under the cursor, spread over several hosts
 * by the memory that is free there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/actions/acts.h"
#include "tui/actions/moves.h"
#include "tui/model/batch.h"
#include "tui/screens/picker.h"
#include "tui/screens/prompt.h"
#include "tui/screens/question.h"

/* The columns that `text` names, separated by blanks or commas; "all": every
 * one that can take something. False with the word that names none. */
static bool parse(const struct ui *ui, const char *text, size_t *columns, size_t *count, char *wrong,
		  size_t size)
{
	*count = 0;
	while (*text) {
		size_t len = strcspn(text, " ,"), at;
		char word[ERR_HOST_MAX];

		snprintf(word, sizeof word, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ,");
		if (!word[0])
			continue;
		for (at = 0; strcmp(word, "all") == 0 && at < ui->ncolumns && *count < ui->ncolumns; at++)
			if (!*ui->columns[at]->no_target)
				columns[(*count)++] = at;
		if (strcmp(word, "all") == 0)
			continue;
		if (!picker_find(ui, word, &at) || *count == ui->ncolumns) {
			snprintf(wrong, size, "%s", word);
			return false;
		}
		for (size_t i = 0; i < *count; i++)
			if (columns[i] == at)
				at = ui->ncolumns;
		if (at < ui->ncolumns)
			columns[(*count)++] = at;
	}
	return true;
}

/* ---- the question ---- */

/* Ask; takes the batch. */
static void ask(struct ui *ui, struct batch *spread, size_t left)
{
	struct question question = moves_question(spread);
	char what[512], goals[256], pause[64], rest[96] = "";

	batch_text(spread, what, sizeof what);
	batch_goals(spread, goals, sizeof goals);
	batch_pause(ui, spread, pause, sizeof pause);
	if (left > 0)
		snprintf(rest, sizeof rest, " %zu stay%s: there is no other host for %s.", left,
			 left == 1 ? "s" : "", left == 1 ? "it" : "them");
	snprintf(question.text, sizeof question.text, "%sMove %s: %s, pause %s each?%s [y/N]",
		 ui->mode == MODE_POSTCOPY ? "Post-copy: " POSTCOPY_WARNING ". " : "", what, goals,
		 pause, rest);
	question_open(ui, &question);
}

static unsigned drain(struct ui *ui, const struct batch *batch, const char *text)
{
	size_t *columns = mem_array(ui->ncolumns, sizeof *columns), count, left;
	struct batch *spread = NULL;
	char wrong[ERR_HOST_MAX];

	if (!parse(ui, text, columns, &count, wrong, sizeof wrong)) {
		ui_notice(ui, NOTICE_BAD, "\"%s\" names no host, or more than one. Nothing was moved.",
			  wrong);
	} else {
		for (size_t i = 0; i < count; i++) {
			const struct column *col = ui->columns[columns[i]];

			if (!*col->no_target)
				continue;
			ui_notice(ui, NOTICE_BAD, "Nothing can be moved to %s: %s.", col->name,
				  col->no_target);
			free(columns);
			return FX_DRAW;
		}
		spread = batch_spread(ui, batch, columns, count, &left);
		if (spread->count > 0) {
			ask(ui, spread, left);
			spread = NULL;
		} else {
			ui_notice(ui, NOTICE_BAD, "No other host was chosen. Nothing was moved.");
		}
	}
	free(spread);
	free(columns);
	return FX_DRAW;
}

/* ---- the prompt ---- */

static unsigned accept(struct ui *ui, struct prompt *prompt)
{
	return drain(ui, prompt->data, prompt->line.text);
}

static void changed(struct ui *ui, struct prompt *prompt)
{
	size_t *columns = mem_array(ui->ncolumns ? ui->ncolumns : 1, sizeof *columns), count;
	char wrong[ERR_HOST_MAX];

	prompt->warn = !parse(ui, prompt->line.text, columns, &count, wrong, sizeof wrong);
	free(columns);
}

static void hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "names or numbers, or all:");

	for (size_t i = 0; i < ui->ncolumns && used + 2 < size; i++) {
		const char *why = ui->columns[i]->no_target;
		int n = snprintf(out + used, size - used, "  %zu %s%s%s%s", i + 1, ui->columns[i]->name,
				 *why ? " (" : "", why, *why ? ")" : "");

		used += n > 0 ? (size_t)n : 0;
	}
}

static void free_prompt(struct prompt *prompt)
{
	free(prompt->data);
}

/* Proposed: all hosts that can take something and that nothing of it is on. */
static void propose(const struct ui *ui, const struct batch *batch, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ui->ncolumns && used < size; i++) {
		const struct column *col = ui->columns[i];
		bool source = false;
		int n;

		for (size_t k = 0; k < batch->count; k++)
			source |= strcmp(batch->targets[k].host, col->name) == 0;
		if (source || *col->no_target)
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? " " : "", col->name);
		used += n > 0 ? (size_t)n : 0;
	}
	if (used >= size)
		snprintf(out, size, "all");
}

unsigned act_drain(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {
		.changed = changed, .accept = accept, .hint = hint, .free = free_prompt, .history = "drain"};
	struct batch *batch = batch_gather(ui, false);
	struct prompt prompt = {.ops = &ops, .proposed = true, .data = batch};
	char what[512], hosts[LINE_MAX_BYTES];

	if (!batch)
		return FX_DRAW;
	if (arg) {
		unsigned fx = drain(ui, batch, arg);

		free(batch);
		return fx;
	}
	batch_text(batch, what, sizeof what);
	snprintf(prompt.label, sizeof prompt.label, "Spread %s over: ", what);
	propose(ui, batch, hosts, sizeof hosts);
	prompt_open(ui, &prompt, hosts);
	return FX_DRAW;
}
