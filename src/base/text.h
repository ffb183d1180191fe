/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text: the one way to quote for a shell, the one way to make bytes from a
 * host safe to show, and small helpers for UTF-8 and human units.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Make `len` bytes safe for a terminal, a log or JSON: the result is valid
 * UTF-8 without C0, DEL, C1, bidirectional controls (U+202A-202E, U+2066-2069,
 * U+200E/F, U+061C), line and paragraph separators, or noncharacters.  A byte
 * or character that may not stay becomes '?'; NUL, newline and tab become a
 * space; at most four combining marks stay on one character.  At most `max`
 * bytes of result (0: no bound), cut at a character.  The result is allocated.
 */
char *text_sanitize(const char *bytes, size_t len, size_t max);

/* The same into a buffer. */
void text_sanitize_to(struct buf *out, const char *bytes, size_t len, size_t max);

/* Decode one UTF-8 character: its length in bytes, or 0 when invalid or cut. */
size_t text_decode(const char *s, size_t len, uint32_t *out);

/* Terminal cells of one character: 0 (combining), 1 or 2. */
int text_char_width(uint32_t c);
/* Terminal cells of a valid UTF-8 string. */
size_t text_width(const char *s);
/* Bytes of `s` that fit in `cells` cells; *used (may be NULL) gets the cells they take. */
size_t text_fit(const char *s, size_t cells, size_t *used);

/* Append `arg` quoted for a POSIX shell, so that it is exactly one word. */
void text_shell_quote(struct buf *out, const char *arg);
/* A command line of `argv` (NULL-terminated), each word quoted; allocated. */
char *text_shell_join(const char *const argv[]);

/* "3.2 MiB", "184M" (short), "0.62 s", "12 ms": into `out`, which is returned. */
char *text_bytes(char *out, size_t size, uint64_t bytes, bool brief);
char *text_duration(char *out, size_t size, int64_t ms);

/* Parse a decimal that must fill `s` up to `end`; false when it does not or overflows. */
bool text_u64(const char *s, const char *end, uint64_t *out);

/* Case-insensitive (ASCII) or exact search; `needle` may be empty (matches). */
const char *text_find(const char *hay, const char *needle, bool ignore_case);

#endif
