/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_free(struct buf *b)
{
	free(b->mem);
	*b = (struct buf){ .max = b->max };
}

void buf_wipe(struct buf *b)
{
	if (b->mem)
		mem_wipe(b->mem, b->cap);
	buf_free(b);
}

void buf_clear(struct buf *b)
{
	b->start = 0;
	b->len = 0;
}

size_t buf_room(const struct buf *b)
{
	return b->max ? b->max - b->len : SIZE_MAX - b->len;
}

char *buf_space(struct buf *b, size_t len)
{
	size_t cap;

	if (len > buf_room(b))
		return NULL;
	if (b->start + b->len + len > b->cap) {
		if (b->start) {
			memmove(b->mem, b->mem + b->start, b->len);
			b->start = 0;
		}
		if (b->len + len > b->cap) {
			cap = b->cap ? b->cap : 256;
			while (cap < b->len + len)
				cap *= 2;
			b->mem = mem_resize(b->mem, cap, 1);
			b->cap = cap;
		}
	}
	return b->mem + b->start + b->len;
}

void buf_grew(struct buf *b, size_t len)
{
	b->len += len;
}

bool buf_append(struct buf *b, const void *data, size_t len)
{
	char *to;

	if (len == 0)
		return true;
	to = buf_space(b, len);
	if (!to)
		return false;
	memcpy(to, data, len);
	b->len += len;
	return true;
}

bool buf_fill(struct buf *b, const void *data, size_t len)
{
	size_t room = buf_room(b);

	buf_append(b, data, len < room ? len : room);
	return len <= room;
}

bool buf_puts(struct buf *b, const char *s)
{
	return buf_append(b, s, strlen(s));
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *text;
	bool ok;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	ok = buf_puts(b, text);
	free(text);
	return ok;
}

void buf_consume(struct buf *b, size_t len)
{
	if (len >= b->len) {
		buf_clear(b);
		return;
	}
	b->start += len;
	b->len -= len;
}

const char *buf_str(struct buf *b)
{
	size_t max = b->max;
	char *end;

	b->max = 0; /* the terminator is not part of the bound */
	end = buf_space(b, 1);
	b->max = max;
	*end = '\0';
	return buf_data(b);
}

char *buf_take(struct buf *b)
{
	char *text = mem_alloc(b->len + 1);

	if (b->len)
		memcpy(text, buf_data(b), b->len);
	buf_free(b);
	return text;
}
