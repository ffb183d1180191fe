/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/owndir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* Longest parent directory that leaves the path of a socket short enough. */
#define PARENT_MAX 60

#define PREFIX "pferry-"
/* How old one must be to have been left behind. */
#define STALE_S 60

static char *dir;
static int lock = -1; /* locked descriptor of the directory while pferry lives */

/* A path without a character that ssh expands or splits at. */
static bool plain(const char *path)
{
	return path && path[0] == '/' && strlen(path) <= PARENT_MAX &&
	       !path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")];
}

static bool is_ours(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static bool is_known(const char *name)
{
	return strncmp(name, "pin-", 4) == 0 || strncmp(name, "lent-", 5) == 0 || strcmp(name, "agent") == 0;
}

/* Remove pferry's files in a directory, by a descriptor of it, which is closed. */
static void empty(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *entry;

	if (!d)
		close(fd);
	while (d && (entry = readdir(d))) {
		if (is_known(entry->d_name))
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
}

/* Remove a directory whose pferry was killed: no process has it locked, and it was not just made. */
static void remove_stale(const char *path)
{
	struct stat st;
	int fd = is_ours(path) ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && st.st_mtime < time(NULL) - STALE_S && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		empty(fd);
		rmdir(path);
	} else {
		close(fd);
	}
}

static void sweep(const char *parent)
{
	DIR *d = opendir(parent);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char *path = strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 && strlen(entry->d_name) == strlen(PREFIX) + 6
				     ? mem_printf("%s/%s", parent, entry->d_name)
				     : NULL;

		if (path)
			remove_stale(path);
		free(path);
	}
	if (d)
		closedir(d);
}

static char *make(const char *parent)
{
	char *path = mem_printf("%s/" PREFIX "XXXXXX", parent);

	sweep(parent);
	if (mkdtemp(path)) {
		lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (lock >= 0)
			flock(lock, LOCK_EX | LOCK_NB);
		return path;
	}
	free(path);
	return NULL;
}

static void forget(void)
{
	free(dir);
	dir = NULL;
	if (lock >= 0)
		close(lock);
	lock = -1;
}

char *owndir_path(const char *name, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	/* A tidy-up job may have removed the directory. */
	if (dir && !is_ours(dir))
		forget();
	if (!dir && plain(runtime))
		dir = make(runtime);
	if (!dir)
		dir = make("/tmp");
	if (dir)
		return mem_printf("%s/%s", dir, name);
	err_errno(e, errno, "no directory can be made in /tmp");
	return NULL;
}

void owndir_remove(void)
{
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (fd >= 0)
		empty(fd);
	if (dir)
		rmdir(dir);
	forget();
}
