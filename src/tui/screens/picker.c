/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screens/picker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/screens/prompt.h"

struct picker {
	size_t except;
	picker_fn *fn;
	void *data;
};

bool picker_find(const struct ui *ui, const char *text, size_t *column)
{
	const char *end = text + strlen(text);
	size_t starts = 0, contains = 0, start = 0, contain = 0;
	uint64_t place;

	if (!*text)
		return false;
	for (size_t i = 0; i < ui->ncolumns; i++) {
		const char *name = ui->columns[i]->name, *at = text_find(name, text, true);

		if (strcmp(name, text) == 0) {
			*column = i;
			return true;
		}
		if (!at)
			continue;
		contains++;
		contain = i;
		if (at == name) {
			starts++;
			start = i;
		}
	}
	if (text_u64(text, end, &place) && place >= 1 && place <= ui->ncolumns) {
		*column = (size_t)place - 1;
		return true;
	}
	if (starts == 1 || contains == 1) {
		*column = starts == 1 ? start : contain;
		return true;
	}
	return false;
}

/* Why a column cannot be chosen; "" when it can. */
static const char *refusal(const struct ui *ui, const struct picker *picker, size_t column)
{
	if (column == picker->except)
		return "it is there already";
	return ui->columns[column]->no_target;
}

static void changed(struct ui *ui, struct prompt *prompt)
{
	size_t column;

	prompt->warn = prompt->line.len > 0 && !picker_find(ui, prompt->line.text, &column);
}

/* Tab: the next column that can be chosen. */
static void complete(struct ui *ui, struct prompt *prompt, int by)
{
	struct picker *picker = prompt->data;
	size_t at;

	if (!picker_find(ui, prompt->line.text, &at))
		at = by > 0 ? ui->ncolumns - 1 : 0;
	for (size_t i = 0; i < ui->ncolumns; i++) {
		at = (at + (by > 0 ? 1 : ui->ncolumns - 1)) % ui->ncolumns;
		if (!*refusal(ui, picker, at)) {
			line_set(&prompt->line, ui->columns[at]->name);
			prompt->warn = false;
			prompt->proposed = true;
			return;
		}
	}
}

static unsigned accept(struct ui *ui, struct prompt *prompt)
{
	struct picker *picker = prompt->data;
	size_t column;

	if (!picker_find(ui, prompt->line.text, &column)) {
		ui_notice(ui, NOTICE_BAD,
			  prompt->line.len ? "\"%s\" names no host, or more than one. Nothing was moved."
					   : "No host was chosen. Nothing was moved.%s",
			  prompt->line.text);
		return FX_DRAW;
	}
	if (*refusal(ui, picker, column)) {
		ui_notice(ui, NOTICE_BAD, "%s cannot be chosen: %s.", ui->columns[column]->name,
			  refusal(ui, picker, column));
		return FX_DRAW;
	}
	return picker->fn(ui, column, picker->data);
}

static void hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	const struct picker *picker = prompt->data;
	size_t used = 0;

	for (size_t i = 0; i < ui->ncolumns && used + 2 < size; i++) {
		const char *why = refusal(ui, picker, i);
		int n;

		if (i == picker->except)
			continue;
		n = snprintf(out + used, size - used, "%s%zu %s%s%s%s", used ? "  " : "", i + 1,
			     ui->columns[i]->name, *why ? " (" : "", why, *why ? ")" : "");
		used += n > 0 ? (size_t)n : 0;
	}
}

static void free_picker(struct prompt *prompt)
{
	struct picker *picker = prompt->data;

	if (picker)
		free(picker->data);
	free(picker);
}

/* With one host to choose, its name stands there to be accepted. */
static void propose(struct ui *ui, struct prompt *prompt, struct picker *picker)
{
	size_t usable = 0, which = 0;

	for (size_t i = 0; i < ui->ncolumns; i++) {
		if (*refusal(ui, picker, i))
			continue;
		usable++;
		which = i;
	}
	if (usable == 1)
		line_set(&prompt->line, ui->columns[which]->name);
	prompt->proposed = usable == 1;
}

void picker_open(struct ui *ui, const char *label, size_t except, picker_fn *fn, void *data)
{
	static const struct prompt_ops ops = {.changed = changed,
					      .accept = accept,
					      .complete = complete,
					      .hint = hint,
					      .free = free_picker};
	struct picker *picker = mem_new(struct picker);
	struct prompt *prompt;

	*picker = (struct picker){.except = except, .fn = fn, .data = data};
	prompt = prompt_open(ui, &(struct prompt){.ops = &ops, .data = picker}, "");
	snprintf(prompt->label, sizeof prompt->label, "%s", label);
	propose(ui, prompt, picker);
}
