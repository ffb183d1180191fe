/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define PROCS_MAX 4096
#define TIDS_MAX 65536
#define FILES_MAX 20000

/* Take one word off the front of a line: "" at its end. */
static char *next_word(char **line)
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

static uint64_t next_number(char **line)
{
	const char *word = next_word(line);
	uint64_t n = 0;

	text_u64(word, word + strlen(word), &n);
	return n;
}

static void copy_clean(char *to, size_t size, const char *from)
{
	char *clean = text_sanitize(from, strlen(from), size - 1);

	snprintf(to, size, "%s", clean);
	free(clean);
}

static void take_proc(struct survey *s, char *line)
{
	struct survey_proc *p;

	if (s->nprocs == PROCS_MAX)
		return;
	s->procs = mem_resize(s->procs, s->nprocs + 1, sizeof *s->procs);
	p = &s->procs[s->nprocs++];
	*p = (struct survey_proc){ 0 };
	p->pid = (pid_t)next_number(&line);
	p->ppid = (pid_t)next_number(&line);
	p->start = next_number(&line);
	p->state = *next_word(&line);
	p->pgid = (pid_t)next_number(&line);
	p->sid = (pid_t)next_number(&line);
	p->tty = next_number(&line);
	p->threads = (uint32_t)next_number(&line);
	p->kthread = next_number(&line) == 1;
	copy_clean(p->name, sizeof p->name, line);
}

static void take_tids(struct survey *s, char *line)
{
	next_word(&line);
	while (*line && s->ntids < TIDS_MAX) {
		s->tids = mem_resize(s->tids, s->ntids + 1, sizeof *s->tids);
		s->tids[s->ntids++] = (pid_t)next_number(&line);
	}
}

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && strcmp(s + a - b, end) == 0;
}

/* Kinds of anonymous inodes that CRIU 4.2 has no image for (criu/files.c, criu/files-ext.c). */
static bool is_odd(const char *target)
{
	static const char *const odd[] = { "anon_inode:[perf_event]", "anon_inode:[io_uring]", "anon_inode:bpf",
					   "anon_inode:kvm", "anon_inode:[userfaultfd]", "anon_inode:[fanotify]",
					   "anon_inode:[seccomp" };

	for (size_t i = 0; i < countof(odd); i++) {
		if (strncmp(target, odd[i], strlen(odd[i])) == 0)
			return true;
	}
	return false;
}

static void take_fd(struct survey *s, char *line)
{
	const char *pid = next_word(&line), *fd = next_word(&line);

	s->fds++;
	if (ends_with(line, " (deleted)"))
		s->deleted++;
	if (strncmp(line, "/dev/pts/", 9) == 0 || strncmp(line, "/dev/tty", 8) == 0)
		s->fd_terminals++;
	else if (line[0] == '/')
		s->fd_files++;
	else if (strncmp(line, "socket:", 7) == 0)
		s->fd_sockets++;
	else if (strncmp(line, "anon_inode:", 11) == 0)
		s->fd_anonymous++;
	if (strncmp(line, "pipe:", 5) == 0)
		s->pipes++;
	if (strcmp(line, "/dev/ptmx") == 0 || strcmp(line, "/dev/pts/ptmx") == 0)
		s->ptmx = true;
	if (is_odd(line) && !s->odd_fd[0]) {
		char *text = mem_printf("%s (descriptor %s of %s)", line, fd, pid);

		copy_clean(s->odd_fd, sizeof s->odd_fd, text);
		free(text);
	}
}

static struct survey_file *add_file(struct survey_file **files, size_t *count)
{
	struct survey_file *f;

	*files = mem_resize(*files, *count + 1, sizeof **files);
	f = &(*files)[(*count)++];
	*f = (struct survey_file){ 0 };
	return f;
}

/* "TYPE INODE SIZE MTIME LINKS PATH" */
static void read_file(struct survey_file *f, char *line)
{
	f->type = *next_word(&line);
	f->inode = next_number(&line);
	f->size = next_number(&line);
	f->mtime = (int64_t)next_number(&line);
	next_number(&line);
	f->path = mem_strdup(line);
}

static void take_file(struct survey *s, char *line)
{
	struct survey_file *f;

	if (s->nfiles == FILES_MAX)
		return;
	f = add_file(&s->files, &s->nfiles);
	read_file(f, line);
	if (f->type == 'c' || f->type == 'b')
		s->devices++;
}

static void take_lost(struct survey *s, const char *path)
{
	if (s->nfiles < FILES_MAX)
		add_file(&s->files, &s->nfiles)->path = mem_strdup(path);
}

static void take_socket(struct survey *s, const char *kind)
{
	if (strcmp(kind, "unix") == 0)
		s->unix_sockets++;
	else
		s->other_sockets++;
}

static void take_room(uint64_t *shm, uint64_t *lib, char *line)
{
	uint64_t kb = next_number(&line);

	if (strcmp(line, "/dev/shm") == 0)
		*shm = kb;
	else
		*lib = kb;
}

static void take_namespace(struct survey *s, char *line)
{
	const char *name;
	size_t len = strlen(s->namespaces);

	next_word(&line);
	name = next_word(&line);
	if (strlen(name) < 8 && !strstr(s->namespaces, name))
		snprintf(s->namespaces + len, sizeof s->namespaces - len, "%s%.8s", len ? " " : "", name);
}

/* Linux TCP states: 1 established, 10 (0A) listening; net/tcp_states.h. */
static void take_tcp(struct survey *s, char *line)
{
	const char *state = next_word(&line);

	if (strcmp(state, "0A") == 0)
		s->tcp_listen++;
	else
		s->tcp_established++;
}

static void take_lock(struct survey *s, char *line)
{
	next_word(&line);
	if (s->locks < SURVEY_LOCKS)
		s->locked[s->locks] = next_number(&line);
	s->locks++;
}

static void take_line(struct survey *s, char *line)
{
	const char *kind = next_word(&line);

	if (strcmp(kind, "proc") == 0)
		take_proc(s, line);
	else if (strcmp(kind, "tid") == 0)
		take_tids(s, line);
	else if (strcmp(kind, "fd") == 0)
		take_fd(s, line);
	else if (strcmp(kind, "file") == 0)
		take_file(s, line);
	else if (strcmp(kind, "lost") == 0)
		take_lost(s, line);
	else if (strcmp(kind, "ns") == 0)
		take_namespace(s, line);
	else if (strcmp(kind, "lock") == 0)
		take_lock(s, line);
	else if (strcmp(kind, "tcp") == 0)
		take_tcp(s, line);
	else if (strcmp(kind, "sock") == 0)
		take_socket(s, next_word(&line));
	else if (strcmp(kind, "trace") == 0)
		s->traced = true;
	else if (strcmp(kind, "seccomp") == 0)
		s->seccomp = true;
	else if (strcmp(kind, "anon") == 0)
		s->anon_kb = next_number(&line);
	else if (strcmp(kind, "mem") == 0)
		s->mem_kb = next_number(&line);
	else if (strcmp(kind, "room") == 0)
		take_room(&s->shm_room_kb, &s->lib_room_kb, line);
	else if (strcmp(kind, "gone") == 0)
		s->gone = true;
}

/* Call `take` for each line between `begin` and "end"; false without both. */
static bool each_line(const char *text, size_t len, const char *begin, void (*take)(void *ctx, char *line), void *ctx)
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

static void take_survey_line(void *ctx, char *line)
{
	take_line(ctx, line);
}

bool survey_parse(const char *text, size_t len, struct survey *survey, struct err *e)
{
	*survey = (struct survey){ 0 };
	if (each_line(text, len, "pferry-inspect 1", take_survey_line, survey))
		return true;
	survey_free(survey);
	return err_set(e, ERR_PROTOCOL, NULL, "what the process is made of could not be read there");
}

void survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->nfiles; i++)
		free(s->files[i].path);
	free(s->files);
	free(s->procs);
	free(s->tids);
	*s = (struct survey){ 0 };
}

const struct survey_proc *survey_root(const struct survey *s)
{
	return s->nprocs ? &s->procs[0] : NULL;
}

const struct survey_proc *survey_find(const struct survey *s, pid_t pid)
{
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].pid == pid)
			return &s->procs[i];
	}
	return NULL;
}

char *survey_questions(const struct survey *s)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < s->ntids; i++)
		buf_printf(&out, "pid %d\n", (int)s->tids[i]);
	for (size_t i = 0; i < s->nfiles; i++) {
		if (s->files[i].type)
			buf_printf(&out, "file %s\n", s->files[i].path);
	}
	buf_puts(&out, "end\n");
	return buf_take(&out);
}

struct verify_ctx {
	const struct survey *survey;
	struct verified *verified;
};

static void take_verified_line(void *ctx, char *line)
{
	struct verify_ctx *v = ctx;
	struct verified *out = v->verified;
	const char *kind = next_word(&line);

	if (strcmp(kind, "taken") == 0) {
		pid_t pid = (pid_t)next_number(&line);

		if (out->taken_count++ == 0) {
			out->taken_pid = pid;
			copy_clean(out->taken_name, sizeof out->taken_name, line);
		}
	} else if (strcmp(kind, "file") == 0 && out->nfiles < FILES_MAX) {
		read_file(add_file(&out->files, &out->nfiles), line);
	} else if (strcmp(kind, "missing") == 0 && out->nfiles < FILES_MAX) {
		add_file(&out->files, &out->nfiles)->path = mem_strdup(line);
	} else if (strcmp(kind, "room") == 0) {
		take_room(&out->shm_room_kb, &out->lib_room_kb, line);
	} else if (strcmp(kind, "mem") == 0) {
		out->mem_kb = next_number(&line);
	}
}

bool verified_parse(const char *text, size_t len, const struct survey *survey, struct verified *verified,
		    struct err *e)
{
	struct verify_ctx ctx = { survey, verified };

	*verified = (struct verified){ 0 };
	if (each_line(text, len, "pferry-verify 1", take_verified_line, &ctx))
		return true;
	verified_free(verified);
	return err_set(e, ERR_PROTOCOL, NULL, "whether the process fits there could not be read");
}

void verified_free(struct verified *v)
{
	for (size_t i = 0; i < v->nfiles; i++)
		free(v->files[i].path);
	free(v->files);
	*v = (struct verified){ 0 };
}
