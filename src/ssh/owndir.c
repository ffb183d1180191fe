/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/owndir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* So that the path of a socket in it is short enough. */
#define PARENT_MAX 60

static char *dir;

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

static char *make(const char *parent)
{
	char *path = mem_printf("%s/pferry-XXXXXX", parent);

	if (mkdtemp(path))
		return path;
	free(path);
	return NULL;
}

char *owndir_path(const char *name, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	/* Something may have tidied up. */
	if (dir && !is_ours(dir)) {
		free(dir);
		dir = NULL;
	}
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
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	if (dir)
		rmdir(dir);
	free(dir);
	dir = NULL;
}
