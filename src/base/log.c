/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/log.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define LINE_MAX_BYTES 4096

/* The one state of the program that is not handed around: a log that had to
 * be passed to every function would be left out of the ones that need it. */
static struct {
	struct log_line lines[LOG_KEEP];
	uint64_t serial;
	int fd;
	bool has_file;
} the_log;

static void write_line(const struct log_line *line)
{
	static const char marks[] = { [LOG_DETAIL] = ' ', [LOG_NOTE] = '-', [LOG_WARN] = '!', [LOG_FAIL] = 'X' };
	char stamp[32], *text;
	struct tm tm;

	gmtime_r(&line->when.tv_sec, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
	text = mem_printf("%s.%03ldZ %c %s%s%s\n", stamp, line->when.tv_nsec / 1000000, marks[line->level],
			  line->host, line->host[0] ? ": " : "", line->text);
	if (write(the_log.fd, text, strlen(text)) < 0)
		the_log.has_file = false; /* a full disk must not stop a move */
	free(text);
}

void log_add(enum log_level level, const char *host, const char *fmt, ...)
{
	struct log_line *line = &the_log.lines[the_log.serial % LOG_KEEP];
	va_list ap;
	char *raw;

	va_start(ap, fmt);
	raw = mem_vprintf(fmt, ap);
	va_end(ap);
	free(line->text);
	line->text = text_sanitize(raw, strlen(raw), LINE_MAX_BYTES);
	free(raw);
	clock_gettime(CLOCK_REALTIME, &line->when);
	line->level = level;
	snprintf(line->host, sizeof line->host, "%s", host ? host : "");
	the_log.serial++;
	if (the_log.has_file)
		write_line(line);
}

size_t log_count(void)
{
	return the_log.serial < LOG_KEEP ? (size_t)the_log.serial : LOG_KEEP;
}

const struct log_line *log_line(size_t i)
{
	uint64_t first = the_log.serial - log_count();

	return &the_log.lines[(first + i) % LOG_KEEP];
}

uint64_t log_serial(void)
{
	return the_log.serial;
}

bool log_open_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return false;
	if (the_log.has_file)
		close(the_log.fd);
	the_log.fd = fd;
	the_log.has_file = true;
	return true;
}

void log_close(void)
{
	for (size_t i = 0; i < LOG_KEEP; i++) {
		free(the_log.lines[i].text);
		the_log.lines[i].text = NULL;
	}
	if (the_log.has_file)
		close(the_log.fd);
	the_log.has_file = false;
	the_log.serial = 0;
}
