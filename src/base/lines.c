/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/lines.h"

#include <string.h>

#include "base/text.h"

void lines_init(struct lines *l, size_t max)
{
	buf_init(&l->begun, max);
}

void lines_free(struct lines *l)
{
	buf_free(&l->begun);
}

void lines_clear(struct lines *l)
{
	buf_clear(&l->begun);
}

char *lines_next(struct lines *l, const char **data, size_t *len)
{
	const char *newline = *len ? memchr(*data, '\n', *len) : NULL;
	size_t n = newline ? (size_t)(newline - *data) : *len, taken = n + (newline != NULL);
	char *line;

	buf_fill(&l->begun, *data, n);
	*data += taken;
	*len -= taken;
	if (!newline)
		return NULL;
	line = text_sanitize(buf_str(&l->begun), l->begun.len, 0);
	buf_clear(&l->begun);
	return line;
}

char *lines_last(const char *text, size_t len, size_t max)
{
	size_t start;

	while (len && strchr("\r\n ", text[len - 1]))
		len--;
	for (start = len; start > 0 && text[start - 1] != '\n'; start--)
		;
	return text_sanitize(text + start, len - start, max);
}
