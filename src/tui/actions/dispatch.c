/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/actions/dispatch.h"

#include "tui/actions/mouse.h"
#include "tui/model/action.h"

static unsigned browse_key(struct ui *ui, const struct key *key)
{
	const struct action *action;
	char name[16];

	if (key->code == K_MOUSE)
		return mouse_event(ui, key);
	if (key->code >= '1' && key->code <= '9') {
		size_t at = key->code - '1';

		if (at < ui->ncolumns)
			ui_set_focus(ui, at);
		else
			ui_notice(ui, NOTICE_BAD, "There is no host %zu; a adds one.", at + 1);
		return FX_DRAW;
	}
	action = action_of_key(ui->actions, key->code);
	if (action)
		return action_run(ui, action, NULL);
	if (key->code == K_PASTE_BEGIN || key->code == K_PASTE_END)
		return 0;
	key_label(key->code, name, sizeof name);
	ui_notice(ui, NOTICE_BAD, "Nothing is bound to %s; ? lists the keys.", name);
	return FX_DRAW;
}

unsigned dispatch_key(struct ui *ui, const struct key *key)
{
	struct layer *top = ui_top(ui);
	unsigned fx;

	ui->asked = false;
	ui->ended = ui->ended_well = 0;
	fx = top ? top->ops->key(ui, top->state, key) : browse_key(ui, key);
	return ui->asked ? fx | FX_FLUSH | FX_DRAW : fx;
}
