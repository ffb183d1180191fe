/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: every message the screen ever showed and what led to it, the last
 * LOG_KEEP lines in memory (for L) and, when a file is set, on disk (0600).
 * Lines are sanitised; secrets are never given to it.
 */
#ifndef PFERRY_LOG_H
#define PFERRY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define LOG_KEEP 2000

enum log_level { LOG_DETAIL, LOG_NOTE, LOG_WARN, LOG_FAIL };

struct log_line {
	struct timespec when;  /* wall clock */
	enum log_level level;
	char host[64];         /* "" when none */
	char *text;            /* owned by the log */
};

/* Append a line; `host` may be NULL. */
void log_add(enum log_level level, const char *host, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Lines kept, and line `i` (0 is the oldest kept); valid until the next log_add(). */
size_t log_count(void);
const struct log_line *log_line(size_t i);

/* Number of lines ever added: changes whenever a line is added. */
uint64_t log_serial(void);

/* Also append to `path` (created 0600, directories 0700); false when it cannot be opened. */
bool log_open_file(const char *path);

/* Free everything and close the file. */
void log_close(void);

#endif
