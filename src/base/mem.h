/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that does not fail: without memory the program says so and ends
 * (a move in progress is then the source's lease's business).
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *mem_alloc(size_t size);                      /* zeroed */
void *mem_array(size_t count, size_t size);        /* zeroed; overflow ends the program */
void *mem_resize(void *p, size_t count, size_t size); /* realloc; new bytes are not zeroed */
/* Room for one more element in an array that grows by doubling: `count` are in use. */
void *mem_grow(void *p, size_t count, size_t size);
char *mem_strdup(const char *s);                   /* NULL gives NULL */
char *mem_strndup(const char *s, size_t max);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Overwrite with zeros in a way the compiler keeps, for secrets. */
void mem_wipe(void *p, size_t len);

#define mem_new(type) ((type *)mem_alloc(sizeof(type)))

#define countof(a) (sizeof(a) / sizeof((a)[0]))

#endif
