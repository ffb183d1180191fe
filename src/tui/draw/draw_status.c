/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status line (or what is asked in its place) and the line of hints. */
#include <string.h>

#include "base/text.h"
#include "tui/draw/draw.h"
#include "tui/model/action.h"
#include "tui/model/status.h"

void draw_status(struct ui *ui, struct paint *p)
{
	struct layer *top = status_asked(ui);
	char text[1500];
	enum role role;

	if (top) {
		top->ops->draw(ui, top->state, p, ui->layout.status_y, ui->layout.status_h);
		return;
	}
	role = status_text(ui, text, sizeof text);
	if (ui->layout.status_h == 1)
		paint_text(p, ui->layout.status_y, 1, p->cols - 2, role, text);
	else
		paint_wrap(p, ui->layout.status_y, 1, p->cols - 2, ui->layout.status_h, role, text);
}

/* One "key word"; false when it does not fit. */
static bool draw_hint(struct paint *p, int y, int *x, const char *key, const char *word)
{
	int cells = (int)(text_width(key) + text_width(word)) + 3;

	if (*x + cells - 2 > p->cols)
		return false;
	*x += paint_text(p, y, *x, p->cols - *x, ROLE_KEY, key) + (strcmp(key, "?") != 0);
	*x += paint_text(p, y, *x, p->cols - *x, ROLE_DIM, word) + (p->cols >= 100 ? 2 : 1);
	return true;
}

static void draw_action_hints(const struct ui *ui, struct paint *p, int y)
{
	int x = 1;
	bool more = true;

	for (int rank = 1; more && rank < 20; rank++) {
		for (const struct action *action = ui->actions; action->name; action++) {
			char key[16];

			if (action->rank != rank)
				continue;
			action_key_name(action, key, sizeof key);
			more = draw_hint(p, y, &x, strcmp(key, "Space") == 0 && p->cols < 100 ? "Spc" : key,
					 action->hint);
			break;
		}
	}
}

void draw_hints(struct ui *ui, struct paint *p)
{
	int y = ui->layout.hint_y;
	struct layer *top = ui_top(ui);
	char text[1024] = "";

	if (y < 0)
		return;
	if (!top) {
		draw_action_hints(ui, p, y);
		return;
	}
	if (top->ops->hint_text)
		top->ops->hint_text(ui, top->state, text, sizeof text);
	paint_text(p, y, 1, p->cols - 2, ROLE_DIM, *text ? text : top->ops->hints ? top->ops->hints : "");
}
