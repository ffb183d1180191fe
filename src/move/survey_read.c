/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small parts of reading a survey, and looking things up in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "move/survey.h"

char *survey_word(char **line)
{
	char *word = *line, *space = strchr(word, ' ');

	if (space) {
		*space = '\0';
		*line = space + 1;
	} else {
		*line = word + strlen(word);
	}
	return word;
}

uint64_t survey_number(char **line)
{
	const char *word = survey_word(line);
	uint64_t n = 0;

	text_u64(word, word + strlen(word), &n);
	return n;
}

uint64_t survey_hex(char **line)
{
	return strtoull(survey_word(line), NULL, 16);
}

void survey_copy(char *to, size_t size, const char *from)
{
	char *clean = text_sanitize(from, strlen(from), size - 1);

	snprintf(to, size, "%s", clean);
	free(clean);
}

void survey_read_file(struct survey_file *f, char *line)
{
	char *device;

	f->mode = (uint32_t)survey_hex(&line);
	f->inode = survey_number(&line);
	f->size = survey_number(&line);
	f->mtime = (int64_t)survey_number(&line);
	device = survey_word(&line);
	f->major = (uint32_t)strtoul(device, &device, 16);
	f->minor = *device == ':' ? (uint32_t)strtoul(device + 1, NULL, 16) : 0;
	f->disk_kb = f->size / 1024 + 4;
	f->path = mem_strdup(line);
}

void survey_read_node(struct survey_file *f, char *line)
{
	f->has_node = true;
	f->device = survey_number(&line);
	f->uid = (uint32_t)survey_number(&line);
	f->gid = (uint32_t)survey_number(&line);
}

void survey_take_room(uint64_t *shm, uint64_t *lib, char *line)
{
	uint64_t kb = survey_number(&line);

	if (strcmp(line, "/dev/shm") == 0)
		*shm = kb;
	else
		*lib = kb;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct survey_file *)a)->path, ((const struct survey_file *)b)->path);
}

void survey_sort_files(struct survey_file *files, size_t count)
{
	if (count > 1)
		qsort(files, count, sizeof *files, by_path);
}

const struct survey_file *survey_file(const struct survey_file *files, size_t count, const char *path)
{
	char *key_path = mem_strdup(path);
	const struct survey_file key = { .path = key_path };
	const struct survey_file *found = count ? bsearch(&key, files, count, sizeof *files, by_path) : NULL;

	free(key_path);
	return found;
}

bool survey_each_line(const char *text, size_t len, const char *begin, void (*take)(void *ctx, char *line), void *ctx)
{
	const char *end = text + len;
	bool begun = false;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		char *line;

		if (!newline)
			return false;
		line = mem_strndup(text, (size_t)(newline - text));
		text = newline + 1;
		if (begun && strcmp(line, "end") == 0) {
			free(line);
			return true;
		}
		if (begun)
			take(ctx, line);
		else
			begun = strcmp(line, begin) == 0;
		free(line);
	}
	return false;
}

const struct survey_proc *survey_root(const struct survey *s)
{
	return s->nprocs && s->procs[0].start ? &s->procs[0] : NULL;
}

const struct survey_proc *survey_find(const struct survey *s, pid_t pid)
{
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].pid == pid)
			return &s->procs[i];
	}
	return NULL;
}

bool survey_holds(const struct survey *s, uint64_t inode)
{
	for (size_t i = 0; i < s->nsockets; i++) {
		if (s->sockets[i] == inode)
			return true;
	}
	return false;
}

/* A pseudo terminal's number is major 136 + N/256 and minor N, in the kernel's packing. */
bool survey_owns_tty(const struct survey *s, uint64_t tty)
{
	uint32_t major = (uint32_t)(tty >> 8) & 0xfff;
	uint32_t index = (uint32_t)(tty & 0xff) | (uint32_t)((tty >> 12) & 0xfff00);

	if (major < 136 || major > 143)
		return false;
	for (size_t i = 0; i < s->nptys; i++) {
		if ((s->ptys[i] & 0xff) == (index & 0xff))
			return true;
	}
	return false;
}

const char *survey_peer_path(const struct survey *s, uint64_t inode)
{
	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i].inode == inode)
			return s->peers[i].path;
	}
	return "";
}
