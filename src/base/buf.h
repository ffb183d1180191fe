/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing byte buffer with a bound.  Bytes are appended at the end and
 * consumed at the front; what is there is always contiguous.  A buffer that
 * holds what a host sent has a `max`, past which appending fails.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *mem;    /* allocation */
	size_t cap;   /* allocated bytes */
	size_t start; /* first byte in use */
	size_t len;   /* bytes in use */
	size_t max;   /* most bytes in use; 0 means no bound */
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);  /* leaves an empty buffer with the same bound */
void buf_wipe(struct buf *b);  /* as buf_free(), overwriting first */
void buf_clear(struct buf *b); /* keeps the allocation */

/* The bytes in use; valid until the next call that changes the buffer. */
static inline char *buf_data(const struct buf *b)
{
	return b->mem + b->start;
}

/* Bytes that may still be appended (SIZE_MAX without a bound). */
size_t buf_room(const struct buf *b);

/* Append; false, with nothing appended, when it would pass the bound. */
bool buf_append(struct buf *b, const void *data, size_t len);
bool buf_puts(struct buf *b, const char *s);
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Append what there is room for; false when that was not all. */
bool buf_fill(struct buf *b, const void *data, size_t len);

/* Room for `len` more bytes to be written in place, then buf_grew(). NULL past the bound. */
char *buf_space(struct buf *b, size_t len);
void buf_grew(struct buf *b, size_t len);

/* Drop `len` bytes from the front. */
void buf_consume(struct buf *b, size_t len);

/* The bytes as a string (a NUL is kept after the last byte, not counted). */
const char *buf_str(struct buf *b);
/* Give the bytes away as an allocated string; the buffer is empty afterwards. */
char *buf_take(struct buf *b);

#endif
