/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The choice of fields, at the bottom edge. */
#include "tui/model/fields.h"
#include "tui/screens/screens.h"

static int choice_height(struct ui *ui, void *state, int cols)
{
	return 1;
}

static void choice_draw(struct ui *ui, void *state, struct paint *p, int y, int h)
{
	const char *name;
	unsigned bit;
	int x = 1;
	char key;

	x += paint_text(p, y, x, p->cols - x, ROLE_PROMPT, p->cols >= 100 ? "Fields: " : "");
	for (size_t i = 0; field_at(i, &name, &key, &bit); i++) {
		bool on = ui->fields & bit;

		x += paint_textf(p, y, x, p->cols - x, on ? ROLE_TITLE : ROLE_DIM, "%c%c:%s", on ? '*' : ' ', key,
				 name);
	}
	paint_text(p, y, x, p->cols - x, ui->fields == FIELDS_AUTO ? ROLE_TITLE : ROLE_DIM,
		   ui->fields == FIELDS_AUTO ? " *a:auto" : "  a:auto");
	paint_cursor(p, y, 0);
}

static unsigned choice_key(struct ui *ui, void *state, const struct key *key)
{
	const char *name;
	unsigned bit;
	char letter;

	if (key->code == K_ESC || key->code == K_ENTER || key->code == 'q' || key->code == 'C' ||
	    key->code == 'C' - '@') {
		ui_pop(ui, state);
		return FX_DRAW;
	}
	if (key->code == 'L' - '@')
		return FX_DRAW | FX_REPAINT;
	if (key->code == 'a')
		ui->fields = FIELDS_AUTO;
	else if (key->code == 'n')
		ui->fields = FIELDS_NONE;
	for (size_t i = 0; field_at(i, &name, &letter, &bit); i++)
		if (key->code == (uint32_t)letter)
			fields_toggle(ui, bit);
	return FX_DRAW;
}

static const struct layer_ops choice_layer = {
	.hints = "letters turn fields on and off  a as the width allows  n none  Enter done",
	.bottom = true,
	.height = choice_height,
	.draw = choice_draw,
	.key = choice_key,
};

void field_choice_open(struct ui *ui)
{
	static char state;

	ui_push(ui, &choice_layer, &state);
}
