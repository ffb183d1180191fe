/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The hosts go on by themselves: what was not decided is undone when the lease is over. In doubt is what that is for us. */
static _Noreturn void no_memory(void)
{
	static const char text[] = "pferry: out of memory; should a move have been under way, run: pferry recover\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(3);
	exit(3);
}

void *mem_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

void *mem_array(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
	void *q;

	if (size && count > SIZE_MAX / size)
		no_memory();
	q = realloc(p, count && size ? count * size : 1);
	if (!q)
		no_memory();
	return q;
}

void *mem_grow(void *p, size_t count, size_t size)
{
	return count & (count - 1) ? p : mem_resize(p, count ? count * 2 : 1, size);
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	char *copy = mem_alloc(len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *mem_vprintf(const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		no_memory();
	return text;
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	return text;
}

void mem_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}
