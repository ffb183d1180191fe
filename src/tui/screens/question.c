/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/screens/question.h"

#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"

#define LINES_MAX 8 /* of its text */

struct question *question_open(struct ui *ui, const struct question *question)
{
	struct question *copy = mem_new(struct question);

	*copy = *question;
	ui_push(ui, &question_layer, copy);
	ui->asked = true;
	return copy;
}

static void question_free(void *state)
{
	struct question *question = state;

	if (question->free)
		question->free(question);
	free(question);
}

static unsigned answer(struct ui *ui, struct question *question, char letter)
{
	struct question *copy = mem_new(struct question);
	unsigned fx;

	/* The answer may open another layer, so it has to be off the stack before. */
	*copy = *question;
	question->free = NULL;
	ui_pop(ui, question);
	log_add(LOG_DETAIL, NULL, "Asked: %s Answered: %s", copy->text,
		letter == 'n'	? "no"
		: letter == 'y' ? "yes"
				: "other");
	fx = copy->answer(ui, copy, letter);
	question_free(copy);
	return fx | FX_DRAW;
}

static unsigned question_key(struct ui *ui, void *state, const struct key *key)
{
	struct question *question = state;

	if (key->code > 0x20 && key->code < 0x7f && strchr(question->letters, (int)key->code))
		return answer(ui, question, (char)key->code);
	switch (key->code) {
	case 'n':
	case 'N':
	case 'q':
	case K_ESC:
	case K_ENTER:
	case 'C' - '@':
		return answer(ui, question, 'n');
	case 'L' - '@':
		return FX_DRAW | FX_REPAINT;
	default:
		return 0;
	}
}

static int question_height(struct ui *ui, void *state, int cols)
{
	const struct question *question = state;
	int lines = paint_lines(question->text, cols - 2);

	return lines > LINES_MAX ? LINES_MAX : lines;
}

static void question_draw(struct ui *ui, void *state, struct paint *p, int y, int h)
{
	const struct question *question = state;
	const char *s = question->text;
	int used = 0;

	for (int i = 0; i < h; i++)
		paint_fill(p, y + i, 0, p->cols, ROLE_QUESTION);
	/* Of one too long for the screen the end: there it says what is asked. */
	for (int over = paint_lines(s, p->cols - 2) - h; over > 0; over--) {
		size_t skip;

		paint_line_break(s, p->cols - 2, &skip);
		s += skip;
	}
	paint_wrap(p, y, 1, p->cols - 2, h, ROLE_QUESTION, s);
	/* The caret stands behind the text, where the answer would be. */
	for (int line = 0; *s && line < h; line++) {
		size_t skip, len = paint_line_break(s, p->cols - 2, &skip);

		used = (int)len;
		s += skip;
		paint_cursor(p, y + line, 1 + used < p->cols - 1 ? 2 + used : p->cols - 1);
	}
}

static void question_hint(struct ui *ui, void *state, char *out, size_t size)
{
	const struct question *question = state;

	strncpy(out, question->hints ? question->hints : "y yes  n no  (Enter and Esc: no)", size - 1);
	out[size - 1] = '\0';
}

const struct layer_ops question_layer = {
	.bottom = true,
	.height = question_height,
	.draw = question_draw,
	.key = question_key,
	.free = question_free,
	.hint_text = question_hint,
};
