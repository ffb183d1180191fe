/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "criu/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static bool has(const char *line, size_t len, const char *word)
{
	return memmem(line, len, word, strlen(word)) != NULL;
}

/* Lines that every log has, and those that only say that something was wrong
 * before: they mean nothing by themselves. */
static bool is_harmless(const char *line, size_t len)
{
	static const char *const noise[] = {
		"RLIMIT_NOFILE", "One of more action scripts", "One or more action scripts", "Dumping FAILED", "Restoring FAILED",
		"Could not process rule", "delete table inet CRIU", "Script /", "Post dump script", "Unable to detach from",
		"exited, status=1", "Killing processes because of failure", "Can't catch all tasks", "The Network was unlocked",
		"Failed to mount autofs", "Can't open /proc/sys/", "Dirty tracking is OFF",
	};
	/* "Dump files (pid: 1) failed with -1" and the like. */
	static const char *const follow[] = { "failed with -1", "Unable to open fd=" };

	for (size_t i = 0; i < countof(noise); i++) {
		if (has(line, len, noise[i]))
			return true;
	}
	for (size_t i = 0; i < countof(follow); i++) {
		if (has(line, len, follow[i]))
			return true;
	}
	return false;
}

static bool matches(const struct explain_entry *x, const char *line, size_t len)
{
	const char *at = memmem(line, len, x->pattern, strlen(x->pattern));

	return at && (!x->also || has(at, len - (size_t)(at - line), x->also));
}

/* An error; one of them CRIU takes for a warning. */
static bool is_error(const char *line, size_t len)
{
	return has(line, len, "Error (") || has(line, len, "Unable to interrupt task");
}

/* The next line that is an error with something in it, from `log` on; NULL at the end. */
static const char *telling_line(const char *log, size_t *len)
{
	while (*log) {
		size_t n = strcspn(log, "\n");

		if (is_error(log, n) && !is_harmless(log, n)) {
			*len = n;
			return log;
		}
		log += n + (log[n] == '\n');
	}
	return NULL;
}

const struct explain_entry *explain_find(const char *log, const char **line, size_t *len)
{
	size_t n = 0;

	for (int weak = 0; weak <= 1; weak++) {
		for (const char *at = telling_line(log, &n); at; at = telling_line(at + n, &n)) {
			for (const struct explain_entry *x = explain_entries; x->pattern; x++) {
				if (x->weak == (weak == 1) && matches(x, at, n)) {
					*line = at;
					*len = n;
					return x;
				}
			}
		}
	}
	*line = telling_line(log, len);
	return NULL;
}

/* The message after "(00.012345) Error (criu/files.c:123): ". */
static const char *message(const char *line, size_t *len)
{
	const char *at = memmem(line, *len, "): ", 3);

	if (!at)
		return line;
	*len -= (size_t)(at + 3 - line);
	return at + 3;
}

bool explain_log(const char *log, int exit_status, char *out, size_t size)
{
	size_t len = 0;
	const char *line;
	const struct explain_entry *x = explain_find(log ? log : "", &line, &len);

	if (!line) {
		if (exit_status == 255 || exit_status < 126)
			snprintf(out, size, "CRIU exited with status %d and logged no usable message", exit_status);
		else if (exit_status > 128)
			snprintf(out, size, "CRIU was killed by signal %d", exit_status - 128);
		else
			snprintf(out, size, "CRIU could not be run");
		return exit_status >= 126 && exit_status != 255;
	}
	line = message(line, &len);
	if (x)
		snprintf(out, size, "%s (%.*s)%s%s", x->cause, len > 160 ? 160 : (int)len, line, *x->remedy ? ": " : "", x->remedy);
	else
		snprintf(out, size, "CRIU says: %.*s", len > 200 ? 200 : (int)len, line);
	return x != NULL;
}
