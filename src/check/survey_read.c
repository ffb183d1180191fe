/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small parts of reading a survey, and looking things up in it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/survey.h"

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
	f->hash = hash_bytes(f->path, strlen(f->path));
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

int survey_by_path(const void *a, const void *b, void *ctx)
{
	(void)ctx;
	return by_path(a, b);
}

const struct survey_file *survey_like(const struct survey_file *files, const struct hash *index, const struct survey_file *like)
{
	size_t at = hash_get_text(index, like->path, like->hash);

	return at == HASH_NONE ? NULL : &files[at];
}

const struct survey_file *survey_file(const struct survey_file *files, size_t count, const char *path)
{
	char *key_path = mem_strdup(path);
	const struct survey_file key = { .path = key_path };
	const struct survey_file *found = count ? bsearch(&key, files, count, sizeof *files, by_path) : NULL;

	free(key_path);
	return found;
}

/* ---- answers ---- */

void answer_init(struct answer *a, const char *begin, void (*take)(void *ctx, char *line), void *ctx)
{
	*a = (struct answer){ .begin = begin, .end = "end", .take = take, .ctx = ctx };
	buf_init(&a->line, ANSWER_LINE_MAX);
}

void answer_free(struct answer *a)
{
	buf_free(&a->line);
}

static void end_line(struct answer *a)
{
	char *line;

	buf_str(&a->line);
	line = buf_data(&a->line);
	if (strncmp(line, "late ", 5) == 0) {
		a->was_late = true;
		survey_copy(a->late, sizeof a->late, line + 5);
	} else if (!a->begun)
		a->begun = strcmp(line, a->begin) == 0;
	else if (strcmp(line, a->end) == 0)
		a->ended = true;
	else if (*line)
		a->take(a->ctx, line);
	buf_clear(&a->line);
}

void answer_feed(struct answer *a, const char *bytes, size_t len)
{
	while (len > 0 && !a->ended) {
		const char *newline = memchr(bytes, '\n', len);
		size_t n = newline ? (size_t)(newline - bytes) : len, taken = n + (newline != NULL);

		buf_fill(&a->line, bytes, n);
		if (newline)
			end_line(a);
		bytes += taken;
		len -= taken;
	}
}

bool answer_whole(struct answer *a, const char *text, size_t len)
{
	bool whole;

	answer_feed(a, text, len);
	whole = a->ended;
	answer_free(a);
	return whole;
}

const struct survey_proc *survey_root(const struct survey *s)
{
	return s->nprocs && s->procs[0].start ? &s->procs[0] : NULL;
}

const struct survey_proc *survey_find(const struct survey *s, pid_t pid)
{
	size_t at = hash_get(&s->by_pid, (uint64_t)pid);

	return at == HASH_NONE ? NULL : &s->procs[at];
}

bool survey_has_tid(const struct survey *s, pid_t tid)
{
	return hash_get(&s->by_tid, (uint64_t)tid) != HASH_NONE;
}

bool survey_holds(const struct survey *s, uint64_t inode)
{
	return hash_get(&s->by_socket, inode) != HASH_NONE;
}

/* A pseudo terminal's number is major 136 + N/256 and minor N, in the kernel's packing. */
bool survey_owns_tty(const struct survey *s, uint64_t tty)
{
	uint32_t major = (uint32_t)(tty >> 8) & 0xfff;
	uint32_t index = (uint32_t)(tty & 0xff) | (uint32_t)((tty >> 12) & 0xfff00);

	return major >= 136 && major <= 143 && s->ptys[index & 0xff];
}

const char *survey_peer_path(const struct survey *s, uint64_t inode)
{
	size_t at = hash_get(&s->by_peer, inode);

	return at == HASH_NONE ? "" : s->peers[at].path;
}
