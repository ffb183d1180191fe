/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/action.h"

#include <stdio.h>
#include <string.h>

/* The next name in "j Down ^N": its length, or 0 at the end. */
static size_t next_key(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

const struct action *action_of_key(const struct action *table, uint32_t code)
{
	for (const struct action *action = table; action->name; action++) {
		const char *at = action->keys;
		size_t len;

		for (; (len = next_key(&at)) > 0; at += len)
			if (key_parse(at, len) == code)
				return action;
	}
	return NULL;
}

void action_key_name(const struct action *action, char *out, size_t size)
{
	const char *at = action->keys;
	size_t len = next_key(&at);

	snprintf(out, size, "%.*s", (int)len, at);
}

/* The reason why it does not apply now, or NULL. */
static const char *missing(struct ui *ui, const struct action *action)
{
	if ((action->when & (WHEN_HOST | WHEN_ROW)) && ui->ncolumns == 0)
		return "There is no host yet; a adds one.";
	if ((action->when & WHEN_ROW) && !ui_row(ui))
		return "Nothing is under the cursor.";
	if ((action->when & WHEN_STAYING) && ui->leaving)
		return "pferry is about to leave and starts nothing new.";
	if ((action->when & WHEN_TWO) && ui->ncolumns < 2)
		return "There is no other host to move to; a adds one.";
	if ((action->when & WHEN_MARKS) && ui_marks(ui, NULL) == 0)
		return "Nothing is marked; Space marks.";
	if ((action->when & WHEN_ACTIVE) && ui_active_jobs(ui) == 0)
		return "No move is under way.";
	return NULL;
}

unsigned action_run(struct ui *ui, const struct action *action, const char *arg)
{
	const char *why = missing(ui, action);

	if (why) {
		ui_notice(ui, NOTICE_BAD, "%s", why);
		return FX_DRAW;
	}
	return action->run(ui, arg);
}

const char *action_group_name(enum action_group group)
{
	static const char *const names[GROUP_COUNT] = {"Around", "Marks", "Moves",  "Find and filter",
						       "View",	 "Hosts", "Program"};

	return names[group];
}
