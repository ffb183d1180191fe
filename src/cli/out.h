/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Output that never keeps the loop: a terminal stopped by ^S, or a pipe whose
 * reader sleeps, must not delay a move while its process is frozen.  What the
 * other side does not take yet waits in memory, in order; what it will never
 * take (it is gone) is dropped.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/loop.h>

struct out;

/* Write to `fd`, which stays the caller's and keeps its flags. */
struct out *out_new(struct loop *loop, int fd);
/* Frees; what still waits is lost (out_idle() tells). */
void out_free(struct out *out);

void out_write(struct out *out, const char *bytes, size_t len);
void out_printf(struct out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Whether all has left, or never will. */
bool out_idle(const struct out *out);
/* The error that ended it; 0 when all could be written, or the reader is gone. */
int out_error(const struct out *out);

#endif
