/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines out of bytes that come in pieces, from a channel or a child.  Any bytes
 * may come: a line is given out sanitised, and cut at a bound.  What has no end
 * yet is kept, up to the bound, until more comes.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/buf.h"

struct lines {
	struct buf begun; /* the line that has no end yet */
};

void lines_init(struct lines *l, size_t max); /* bytes of a line that are kept */
void lines_free(struct lines *l);
void lines_clear(struct lines *l); /* forget what has no end: something else is read now */

/*
 * The next line, without its newline, off the front of *data, which is moved
 * past it; to be freed.  NULL when all was taken.  Between two calls the caller
 * may do as it likes, and free `l` if it does not call again.
 */
char *lines_next(struct lines *l, const char **data, size_t *len);

/* The last line of the text that is not empty, likewise sanitised and cut at `max`; "" without one. */
char *lines_last(const char *text, size_t len, size_t max);

#endif
