/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts that ssh's files name, for completion.  This is no parser of the
 * configuration (ssh -G is): it looks for the words after Host, follows
 * Include, and reads known_hosts files, those that are named too.
 */
#include <pferry/names.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/names_list.h"

#define FILE_MAX_BYTES (4u << 20)
#define KNOWN_MAX 20000
#define INCLUDES_DEEP 8
#define FILES_MAX 200

struct reader {
	struct names *names;
	const char *home;
	unsigned files; /* read so far, so that includes that circle end */
};

static bool plain_name(const char *name, size_t len)
{
	if (len == 0 || len > 255 || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-:@%+", name[i]))
			return false;
	}
	return true;
}

static void add(struct reader *r, const char *name, size_t len)
{
	char *copy;

	if (!plain_name(name, len) || r->names->n >= KNOWN_MAX)
		return;
	copy = mem_strndup(name, len);
	names_append(r->names, copy);
	free(copy);
}

/* The lines of a regular file; false when it cannot be read. */
static bool read_lines(struct reader *r, const char *path, void (*fn)(struct reader *r, char *line, void *ctx), void *ctx)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	struct buf got;
	ssize_t n = 1;
	char *text, *at, *line;

	if (fd < 0)
		return false;
	buf_init(&got, FILE_MAX_BYTES);
	while (n > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		char *space = buf_space(&got, 16384);

		n = space ? read(fd, space, 16384) : -1;
		if (n > 0)
			buf_grew(&got, (size_t)n);
	}
	close(fd);
	if (got.len == 0 || ++r->files > FILES_MAX) {
		buf_free(&got);
		return false;
	}
	text = at = buf_take(&got);
	while ((line = strsep(&at, "\n")))
		fn(r, line, ctx);
	free(text);
	return true;
}

/* ---- known_hosts ---- */

static bool is_address(const char *name, size_t len)
{
	char *copy = mem_strndup(name, len);
	struct in6_addr address;
	bool is = inet_pton(AF_INET, copy, &address) == 1 || inet_pton(AF_INET6, copy, &address) == 1;

	free(copy);
	return is;
}

/* "name,10.0.0.1 ssh-ed25519 ...": an address counts only where there is no name. */
static void known_line(struct reader *r, char *line, void *ctx)
{
	bool named = false;

	(void)ctx;
	/* Comments, @revoked and @cert-authority, hashed names. */
	if (strchr("#@|", *line))
		return;
	line[strcspn(line, " \t")] = '\0';
	for (int addresses = 0; addresses < 2; addresses++) {
		for (const char *p = line; *p;) {
			size_t len = strcspn(p, ",");

			if (is_address(p, len) == (addresses != 0) && !(addresses && named)) {
				add(r, p, len);
				named = true;
			}
			p += len + (p[len] == ',');
		}
	}
}

static void read_known(struct reader *r, const char *path)
{
	read_lines(r, path, known_line, NULL);
}

/* ---- the configuration ---- */

struct place {
	const char *dir; /* directory that relative file names start from */
	unsigned depth;
};

static void read_config(struct reader *r, const char *path, const char *dir, unsigned depth);

/* A word of a line, in quotes or not; moves *at on. NULL: no more. */
static char *next_word(char **at)
{
	char *p = *at + strspn(*at, " \t\r"), *end;

	if (*p == '\0' || *p == '#')
		return NULL;
	if (*p == '"') {
		p++;
		end = p + strcspn(p, "\"");
	} else {
		end = p + strcspn(p, " \t\r");
	}
	*at = *end ? end + 1 : end;
	*end = '\0';
	return p;
}

static char *in_dir(const struct reader *r, const char *dir, const char *name)
{
	if (name[0] == '~' && name[1] == '/')
		return mem_printf("%s%s", r->home, name + 1);
	return name[0] == '/' ? mem_strdup(name) : mem_printf("%s/%s", dir, name);
}

static void include(struct reader *r, const char *name, const struct place *place)
{
	char *pattern = in_dir(r, place->dir, name);
	glob_t found = { 0 };

	if (place->depth < INCLUDES_DEEP && glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_config(r, found.gl_pathv[i], place->dir, place->depth + 1);
	}
	globfree(&found);
	free(pattern);
}

static void config_line(struct reader *r, char *line, void *ctx)
{
	const struct place *place = ctx;
	char *keyword = line + strspn(line, " \t"), *at = keyword + strcspn(keyword, " \t="), *word;
	bool host, known;

	if (!*at)
		return;
	*at++ = '\0';
	at += strspn(at, " \t=");
	host = strcasecmp(keyword, "host") == 0;
	known = strcasecmp(keyword, "userknownhostsfile") == 0 || strcasecmp(keyword, "globalknownhostsfile") == 0;
	if (!host && !known && strcasecmp(keyword, "include") != 0)
		return;
	while ((word = next_word(&at))) {
		if (host) {
			add(r, word, strlen(word)); /* a pattern is no plain name */
		} else if (known) {
			char *path = in_dir(r, r->home, word);

			read_known(r, path);
			free(path);
		} else {
			include(r, word, place);
		}
	}
}

static void read_config(struct reader *r, const char *path, const char *dir, unsigned depth)
{
	struct place place = { .dir = dir, .depth = depth };

	read_lines(r, path, config_line, &place);
}

/* ---- all of it ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct names *names)
{
	size_t kept = 0;

	if (names->n == 0)
		return;
	qsort(names->v, names->n, sizeof *names->v, by_name);
	for (size_t i = 0; i < names->n; i++) {
		if (kept > 0 && strcmp(names->v[kept - 1], names->v[i]) == 0)
			free(names->v[i]);
		else
			names->v[kept++] = names->v[i];
	}
	names->n = kept;
	names->v[kept] = NULL;
}

void names_known(struct names *names, const char *ssh_config)
{
	const char *home = getenv("HOME");
	struct reader r = { .names = names, .home = home ? home : "" };
	char *ssh_dir = mem_printf("%s/.ssh", r.home), *user = mem_printf("%s/config", ssh_dir),
	     *known = mem_printf("%s/known_hosts", ssh_dir), *known2 = mem_printf("%s2", known);

	if (ssh_config) {
		read_config(&r, ssh_config, ssh_dir, 0);
	} else {
		read_config(&r, user, ssh_dir, 0);
		read_config(&r, "/etc/ssh/ssh_config", "/etc/ssh", 0);
	}
	read_known(&r, known);
	read_known(&r, known2);
	read_known(&r, "/etc/ssh/ssh_known_hosts");
	sort(names);
	free(ssh_dir);
	free(user);
	free(known);
	free(known2);
}
