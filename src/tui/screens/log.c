/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "tui/screens/screens.h"

static enum role level_role(enum log_level level)
{
	switch (level) {
	case LOG_DETAIL:
		return ROLE_DIM;
	case LOG_WARN:
		return ROLE_WARN;
	case LOG_FAIL:
		return ROLE_FAIL;
	case LOG_NOTE:
		break;
	}
	return ROLE_NORMAL;
}

static void fill(struct ui *ui, struct page *page, const void *data)
{
	static const char *const words[] = {"", "", "warning: ", "failed: "};

	for (size_t i = 0; i < log_count(); i++) {
		const struct log_line *line = log_line(i);
		char clock[16];
		struct tm tm;
		char *text;

		localtime_r(&line->when.tv_sec, &tm);
		strftime(clock, sizeof clock, "%H:%M:%S", &tm);
		text = mem_printf("%s  %s%s%s%s", clock, line->host, *line->host ? ": " : "",
				  words[line->level], line->text);
		page_wrap(page, level_role(line->level), 10, text);
		free(text);
	}
	if (page->count == 0)
		page_add(page, ROLE_DIM, "Nothing was said yet.");
}

void log_open(struct ui *ui)
{
	static const struct pager_ops ops = {.title = "Log", .follow = true, .fill = fill};

	pager_open(ui, &ops, NULL);
}
