/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/sorting.h"

#include <string.h>

#include "base/mem.h"

static const char *const names[] = {
	[TREE_SORT_PID] = "pid", [TREE_SORT_NAME] = "name",	  [TREE_SORT_CPU] = "cpu",
	[TREE_SORT_RSS] = "rss", [TREE_SORT_START] = "start",	  [TREE_SORT_USER] = "user",
	[TREE_SORT_TTY] = "tty", [TREE_SORT_THREADS] = "threads",
};

const char *sorting_name(size_t order)
{
	return order < countof(names) ? names[order] : NULL;
}

bool sorting_parse(const char *name, enum tree_sort *order)
{
	for (size_t i = 0; i < countof(names); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*order = (enum tree_sort)i;
		return true;
	}
	return false;
}
