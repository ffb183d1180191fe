/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of actions for those outside: the manual's test. */
#include "tui/tui.h"

#include "tui/actions/actions.h"

bool tui_action_doc(size_t i, struct tui_action_doc *out)
{
	const struct action *action = action_table;

	while (action->name && i > 0) {
		action++;
		i--;
	}
	if (!action->name)
		return false;
	*out = (struct tui_action_doc){
		.name = action->name,
		.keys = action->keys,
		.args = action_args_name(action->args),
		.group = action_group_name(action->group),
		.help = action->help,
	};
	return true;
}
