/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "criu/keeplog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define LOGS_MAX 40

/* $XDG_STATE_HOME/pferry/criu, made where it is missing; NULL when there is no home. */
static char *log_dir(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *dir;

	if (state && *state == '/')
		dir = mem_printf("%s/pferry/criu", state);
	else if (home && *home == '/')
		dir = mem_printf("%s/.local/state/pferry/criu", home);
	else
		return NULL;
	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(dir, 0700);
		*slash = '/';
	}
	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return dir;
	free(dir);
	return NULL;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_log(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 4 && strcmp(d->d_name + len - 4, ".log") == 0;
}

/* Names begin with the time of the move: the first are the oldest. */
static void forget_old(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_log, by_name);

	for (int i = 0; i < n; i++) {
		if (i < n - LOGS_MAX) {
			char *path = mem_printf("%s/%s", dir, names[i]->d_name);

			unlink(path);
			free(path);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

char *keeplog(const char *id, const char *host, const char *log)
{
	char *dir = *log ? log_dir() : NULL, *path, *name = mem_strdup(host);
	size_t len = strlen(log);
	int fd;
	bool ok;

	for (char *c = name; *c; c++) {
		if (*c == '/')
			*c = '_';
	}
	path = dir ? mem_printf("%s/%s-%s.log", dir, id, name) : NULL;
	free(name);
	fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	ok = fd >= 0 && write(fd, log, len) == (ssize_t)len;
	if (fd >= 0)
		close(fd);
	if (dir)
		forget_old(dir);
	free(dir);
	if (ok)
		return path;
	free(path);
	return NULL;
}
