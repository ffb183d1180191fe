/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/history.h"

#include <stdio.h>
#include <string.h>

#include "tui/term/line.h"

#define HISTORY_KEEP 200

/* Texts that were accepted before, newest last, of all lists together. */
static struct {
	char list[16];
	char text[LINE_MAX_BYTES];
} history[HISTORY_KEEP];
static size_t history_count;

void history_add(const char *list, const char *text)
{
	size_t at = 0;

	if (!list || !*text)
		return;
	/* Once each, so that Up finds something else at every press. */
	while (at < history_count &&
	       (strcmp(history[at].list, list) != 0 || strcmp(history[at].text, text) != 0))
		at++;
	if (at < history_count || history_count == HISTORY_KEEP) {
		at = at < history_count ? at : 0;
		memmove(history + at, history + at + 1, (history_count - at - 1) * sizeof history[0]);
		history_count--;
	}
	snprintf(history[history_count].list, sizeof history[0].list, "%s", list);
	snprintf(history[history_count++].text, LINE_MAX_BYTES, "%s", text);
}

bool history_at(size_t i, const char **list, const char **text)
{
	if (i >= history_count)
		return false;
	*list = history[i].list;
	*text = history[i].text;
	return true;
}

const char *history_recall(const char *list, size_t n)
{
	for (size_t i = history_count; list && i > 0; i--)
		if (strcmp(history[i - 1].list, list) == 0 && --n == 0)
			return history[i - 1].text;
	return NULL;
}
