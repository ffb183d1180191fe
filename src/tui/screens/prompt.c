/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screens/prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/history.h"

struct prompt *prompt_open(struct ui *ui, const struct prompt *prompt, const char *text)
{
	struct prompt *copy = mem_new(struct prompt);

	*copy = *prompt;
	line_set(&copy->line, text);
	ui_push(ui, &prompt_layer, copy);
	return copy;
}

static void prompt_free(void *state)
{
	struct prompt *prompt = state;

	if (prompt->ops->free)
		prompt->ops->free(prompt);
	line_wipe(&prompt->line);
	free(prompt);
}

static unsigned accept(struct ui *ui, struct prompt *prompt)
{
	struct prompt *copy = mem_new(struct prompt);
	unsigned fx;

	/* It may open another layer, so it has to be off the stack before. */
	*copy = *prompt;
	prompt->data = NULL;
	ui_pop(ui, prompt);
	if (!copy->secret)
		history_add(copy->ops->history, copy->line.text);
	fx = copy->ops->accept(ui, copy);
	prompt_free(copy);
	return fx | FX_DRAW;
}

static void step_history(struct ui *ui, struct prompt *prompt, int by)
{
	const char *text;

	if (by < 0 && prompt->recall <= 1) {
		prompt->recall = 0;
		text = "";
	} else {
		text = history_recall(prompt->ops->history, prompt->recall + (size_t)by);
		if (!text)
			return;
		prompt->recall += (size_t)by;
	}
	line_set(&prompt->line, text);
	if (prompt->ops->changed)
		prompt->ops->changed(ui, prompt);
}

static unsigned prompt_key(struct ui *ui, void *state, const struct key *key)
{
	struct prompt *prompt = state;

	if (prompt->proposed && key->code > 0x20 && key->code < K_FIRST && key->code != K_BACKSPACE)
		line_set(&prompt->line, "");
	if (key->code != K_ENTER && key->code != K_TAB && key->code != K_BTAB)
		prompt->proposed = false;
	switch (line_key(&prompt->line, key)) {
	case LINE_CHANGED:
		prompt->recall = 0;
		if (prompt->ops->changed)
			prompt->ops->changed(ui, prompt);
		break;
	case LINE_ACCEPT:
		return accept(ui, prompt);
	case LINE_CANCEL:
		if (prompt->ops->cancel)
			prompt->ops->cancel(ui, prompt);
		ui_pop(ui, prompt);
		break;
	case LINE_OTHER:
		if ((key->code == K_TAB || key->code == K_BTAB) && prompt->ops->complete)
			prompt->ops->complete(ui, prompt, key->code == K_TAB ? 1 : -1);
		else if (key->code == K_UP || key->code == K_DOWN)
			step_history(ui, prompt, key->code == K_UP ? 1 : -1);
		else if (key->code == 'L' - '@')
			return FX_DRAW | FX_REPAINT;
		break;
	case LINE_NOTHING:
		break;
	}
	return FX_DRAW;
}

/* Cells that the label may take so that at least a few are left to type in. */
static int label_cells(const struct prompt *prompt, int cols)
{
	int cells = (int)text_width(prompt->label);

	return cells > cols - 12 && cols > 24 ? cols - 12 : cells;
}

static int prompt_height(struct ui *ui, void *state, int cols)
{
	const struct prompt *prompt = state;

	/* A long question of a host's login stands above the line it is answered in. */
	return (int)text_width(prompt->label) > cols - 20 ? 1 + paint_lines(prompt->label, cols - 2) : 1;
}

static void prompt_draw(struct ui *ui, void *state, struct paint *p, int y, int h)
{
	struct prompt *prompt = state;
	int x = 1, room, caret;
	const char *from = prompt->line.text;

	for (int i = 0; i < h; i++)
		paint_fill(p, y + i, 0, p->cols, ROLE_NORMAL);
	if (h > 1) {
		paint_wrap(p, y, 1, p->cols - 2, h - 1, ROLE_PROMPT, prompt->label);
		y += h - 1;
	} else {
		x += paint_text(p, y, x, label_cells(prompt, p->cols - 1), ROLE_PROMPT, prompt->label);
	}
	room = p->cols - x - 1;
	if (prompt->secret) {
		paint_cursor(p, y, x);
		return;
	}
	caret = 0;
	for (;;) {
		size_t used;
		char head[LINE_MAX_BYTES];
		size_t len = (size_t)(prompt->line.text + prompt->line.at - from);

		memcpy(head, from, len);
		head[len] = '\0';
		used = text_width(head);
		caret = (int)used;
		if (caret < room || room < 2 || *from == '\0')
			break;
		from++;
		while (((unsigned char)*from & 0xc0) == 0x80)
			from++;
	}
	paint_text(p, y, x, room, prompt->warn ? ROLE_FAIL : ROLE_NORMAL, from);
	paint_cursor(p, y, x + caret);
}

static void prompt_hint(struct ui *ui, void *state, char *out, size_t size)
{
	struct prompt *prompt = state;

	if (prompt->ops->hint)
		prompt->ops->hint(ui, prompt, out, size);
}

const struct layer_ops prompt_layer = {
	.hints = "Enter accept Esc back",
	.bottom = true,
	.height = prompt_height,
	.draw = prompt_draw,
	.key = prompt_key,
	.free = prompt_free,
	.hint_text = prompt_hint,
};
