/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/action.h"
#include "tui/screens/screens.h"

static void signs(struct page *page)
{
	page_heading(page, "Signs beside a row");
	page_item(page, ROLE_NORMAL, ">", "the cursor");
	page_item(page, ROLE_MARKED, "*", "marked; moves with all processes below it");
	page_item(page, ROLE_MARKED, "+", "below a marked one, goes with it");
	page_item(page, ROLE_MOVING, "~", "being moved");
	page_item(page, ROLE_GONE, "x", "has just ended");
	page_item(page, ROLE_NORMAL, "[-] [+]",
		  "a cgroup, unfolded and folded; +3 behind a process: three below it are folded away");
}

static void questions(struct page *page)
{
	page_heading(page, "Questions");
	page_wrap(page, ROLE_NORMAL, 0,
		  "Where pferry asks, the answer is No unless y is pressed: Enter, Esc, n and q mean No, and "
		  "what was "
		  "typed before the question was on the screen does not count.");
}

static void fill(struct ui *ui, struct page *page, const void *data)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		page_heading(page, action_group_name((enum action_group)group));
		for (const struct action *action = ui->actions; action->name; action++) {
			if ((int)action->group != group)
				continue;
			if (page->width >= 60)
				page_add(page, ROLE_NORMAL, "%-12s :%-14s %s", action->keys, action->name,
					 action->help);
			else
				page_item(page, ROLE_NORMAL, action->keys, "%s", action->help);
		}
	}
	signs(page);
	questions(page);
}

void help_open(struct ui *ui)
{
	static const struct pager_ops ops = {.title = "Keys and actions", .typing = true, .fill = fill};

	pager_open(ui, &ops, NULL);
}
