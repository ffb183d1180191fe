/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/verified.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

#define SOCKETS_MAX 1024
#define LINKS_MAX 64
/* Bigger ones are told apart by size and time alone: a sum would take too long. */
#define SUM_MAX (512ull << 20)

/* ---- what CRIU can do ---- */

static void take_check(struct able *a, char *line, bool basic)
{
	int status = (int)survey_number(&line);

	a->checked = true;
	if (status == 0 || basic) {
		a->check_status = status;
		survey_copy(a->check_text, sizeof a->check_text, line);
	} else {
		/* Something is missing; whether it matters is what "basic" says next. */
		survey_copy(a->missing, sizeof a->missing, line);
	}
}

static void add_word(char *list, size_t size, const char *word, const char *end)
{
	size_t len = strlen(list);

	if (len + strlen(word) + strlen(end) < size)
		snprintf(list + len, size - len, "%s%s", word, end);
}

static void take_able(void *ctx, char *line)
{
	struct able *a = ctx;
	const char *kind = survey_word(&line);

	if (strcmp(kind, "cap") == 0) {
		a->capabilities = survey_hex(&line);
	} else if (strcmp(kind, "lsm") == 0) {
		a->apparmor |= strcmp(line, "apparmor") == 0;
		a->selinux |= strcmp(line, "selinux") == 0;
	} else if (strcmp(kind, "hierarchy") == 0) {
		add_word(a->hierarchies, sizeof a->hierarchies, line, ";");
	} else if (strcmp(kind, "controllers") == 0) {
		survey_copy(a->controllers, sizeof a->controllers, line);
	} else if (strcmp(kind, "address") == 0 && a->naddresses < ABLE_ADDRESSES) {
		unsigned part[4];
		char *to;

		a->addresses = mem_resize(a->addresses, a->naddresses + 1, sizeof *a->addresses);
		to = a->addresses[a->naddresses++];
		/* As a little-endian host's /proc/net/tcp has it. */
		if (sscanf(line, "%3u.%3u.%3u.%3u", &part[0], &part[1], &part[2], &part[3]) == 4)
			snprintf(to, 33, "%02X%02X%02X%02X", part[3] & 255, part[2] & 255, part[1] & 255, part[0] & 255);
		else
			survey_copy(to, 33, line);
	} else if (strcmp(kind, "pid-max") == 0) {
		a->pid_max = survey_number(&line);
	} else if (strcmp(kind, "timens") == 0) {
		a->timens = (unsigned)survey_number(&line);
	} else if (strcmp(kind, "criu-cap") == 0) {
		a->criu_capabilities = survey_hex(&line);
	} else if (strcmp(kind, "cap-last") == 0) {
		a->cap_last = (unsigned)survey_number(&line) & 63;
	} else if (strcmp(kind, "ends") == 0) {
		a->ends = true;
	} else if (strcmp(kind, "hugefree") == 0) {
		a->huge_free_kb = survey_number(&line);
	} else if (strcmp(kind, "check") == 0 || strcmp(kind, "basic") == 0) {
		take_check(a, line, *kind == 'b');
	} else if (strcmp(kind, "cpu") == 0 && !a->cpu && strlen(line) < 65536 && strspn(line, "01234567 ") == strlen(line)) {
		a->cpu = mem_strdup(line);
	}
}

bool able_parse(const char *text, size_t len, struct able *able, struct err *e)
{
	*able = (struct able){ 0 };
	if (survey_each_line(text, len, "pferry-able 1", take_able, able))
		return true;
	able_free(able);
	return err_set(e, ERR_PROTOCOL, NULL, "what CRIU can do could not be read there");
}

void able_free(struct able *able)
{
	free(able->cpu);
	free(able->addresses);
	*able = (struct able){ 0 };
}

bool able_has(const struct able *able, unsigned capability)
{
	return (able->capabilities >> capability) & 1;
}

/* IPv6's are words in host order in one file and bytes in the other. */
static bool same_address(const char *tcp, const char *ours)
{
	char turned[33];

	if (strlen(tcp) != 32 || strlen(ours) != 32)
		return strcmp(tcp, ours) == 0;
	for (size_t i = 0; i < 32; i += 2) {
		size_t from = (i / 8) * 8 + (6 - i % 8);

		turned[i] = ours[from];
		turned[i + 1] = ours[from + 1];
	}
	turned[32] = '\0';
	return strcasecmp(tcp, turned) == 0;
}

bool able_has_address(const struct able *able, const char *address)
{
	/* An IPv4 address in IPv6's clothes. */
	if (strncmp(address, "0000000000000000FFFF0000", 24) == 0 && strlen(address) == 32)
		address += 24;
	for (size_t i = 0; i < able->naddresses; i++) {
		if (same_address(address, able->addresses[i]))
			return true;
	}
	return false;
}

/* ---- what the destination has ---- */

static void ask_pids(struct buf *out, const struct survey *s)
{
	for (size_t i = 0; i < s->ntids && !s->nown_tids; i++)
		buf_printf(out, "pid %d\n", (int)s->tids[i]);
	for (size_t i = 0; i < s->nown_tids; i++)
		buf_printf(out, "pid %d\n", (int)s->own_tids[i]);
}

char *survey_pid_questions(const struct survey *s)
{
	struct buf out;

	buf_init(&out, 0);
	ask_pids(&out, s);
	buf_puts(&out, "end\n");
	return buf_take(&out);
}

char *survey_questions(const struct survey *s, const char *cpu)
{
	struct buf out;

	buf_init(&out, 0);
	ask_pids(&out, s);
	for (size_t i = 0; i < s->nfiles; i++)
		buf_printf(&out, "file %s\n", s->files[i].path);
	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i].path[0] == '/')
			buf_printf(&out, "unix %s\n", s->peers[i].path);
	}
	for (size_t i = 0; i < s->ntcp; i++) {
		if (s->tcp[i].state == 10)
			buf_printf(&out, "port %04X\n", s->tcp[i].local_port);
	}
	for (size_t i = 0; i < s->people.count; i++)
		buf_printf(&out, "%s %u\n", s->people.list[i].group ? "group" : "user", (unsigned)s->people.list[i].id);
	if (cpu)
		buf_printf(&out, "cpu %s\n", cpu);
	buf_puts(&out, "end\n");
	return buf_take(&out);
}

/* "DEVICE BLOCKS UNIT DIRECTORY" */
static void take_space(struct verified *v, char *line)
{
	uint64_t device = survey_number(&line), blocks = survey_number(&line), unit = survey_number(&line);

	if (v->nspaces == SURVEY_FILES_MAX || unit > 1u << 30)
		return;
	v->spaces = mem_resize(v->spaces, v->nspaces + 1, sizeof *v->spaces);
	v->spaces[v->nspaces++] = (struct verified_space){ mem_strdup(line), blocks / 1024 * unit + blocks % 1024 * unit / 1024, device };
}

static void take_verified(void *ctx, char *line)
{
	struct verified *v = ctx;
	const char *kind = survey_word(&line);

	if (strcmp(kind, "taken") == 0) {
		pid_t pid = (pid_t)survey_number(&line);

		if (v->taken_count++ == 0) {
			v->taken_pid = pid;
			survey_copy(v->taken_name, sizeof v->taken_name, line);
		}
	} else if (strcmp(kind, "file") == 0 && v->nfiles < SURVEY_FILES_MAX) {
		v->files = mem_resize(v->files, v->nfiles + 1, sizeof *v->files);
		v->files[v->nfiles] = (struct survey_file){ 0 };
		survey_read_file(&v->files[v->nfiles++], line);
	} else if (strcmp(kind, "node") == 0 && v->nfiles) {
		survey_read_node(&v->files[v->nfiles - 1], line);
	} else if (strcmp(kind, "symlink") == 0 && v->nlinks < LINKS_MAX) {
		v->links = mem_resize(v->links, v->nlinks + 1, sizeof *v->links);
		v->links[v->nlinks++] = mem_strdup(line);
	} else if (strcmp(kind, "cpu") == 0) {
		v->cpu_asked = true;
		v->cpu_status = (int)survey_number(&line);
		survey_copy(v->cpu_text, sizeof v->cpu_text, line);
	} else if (strcmp(kind, "socket") == 0 && v->nsockets < SOCKETS_MAX) {
		v->sockets = mem_resize(v->sockets, v->nsockets + 1, sizeof *v->sockets);
		v->sockets[v->nsockets++] = mem_strdup(line);
	} else if (strcmp(kind, "listens") == 0 && v->nports < sizeof v->ports / sizeof v->ports[0]) {
		v->ports[v->nports].port = (unsigned)survey_hex(&line) & 0xffff;
		survey_copy(v->ports[v->nports++].address, sizeof v->ports[0].address, line);
	} else if (strcmp(kind, "room") == 0 && strncmp(line, "space ", 6) == 0) {
		take_space(v, line + 6);
	} else if (strcmp(kind, "lib") == 0) {
		survey_copy(v->lib_dir, sizeof v->lib_dir, line);
	} else if (strcmp(kind, "user-name") == 0 || strcmp(kind, "group-name") == 0) {
		survey_people_name(&v->people, *kind == 'g', line);
	} else if (strcmp(kind, "room") == 0) {
		survey_take_room(&v->shm_room_kb, &v->lib_room_kb, line);
	} else if (strcmp(kind, "deaf") == 0) {
		survey_copy_deaf(v->deaf, sizeof v->deaf, line);
	} else if (strcmp(kind, "mem") == 0) {
		v->mem_kb = survey_number(&line);
	}
}

static int by_dir(const void *a, const void *b)
{
	return strcmp(((const struct verified_space *)a)->dir, ((const struct verified_space *)b)->dir);
}

const struct verified_space *verified_space(const struct verified *v, const char *dir)
{
	size_t low = 0, high = v->nspaces;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(dir, v->spaces[middle].dir);

		if (order == 0)
			return &v->spaces[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool verified_parse(const char *text, size_t len, struct verified *verified, struct err *e)
{
	*verified = (struct verified){ 0 };
	if (survey_each_line(text, len, "pferry-verify 2", take_verified, verified)) {
		survey_sort_files(verified->files, verified->nfiles);
		if (verified->nspaces > 1)
			qsort(verified->spaces, verified->nspaces, sizeof *verified->spaces, by_dir);
		return true;
	}
	verified_free(verified);
	return err_set(e, ERR_PROTOCOL, NULL, "whether the process fits there could not be read");
}

void verified_free(struct verified *v)
{
	for (size_t i = 0; i < v->nfiles; i++)
		free(v->files[i].path);
	for (size_t i = 0; i < v->nsockets; i++)
		free(v->sockets[i]);
	for (size_t i = 0; i < v->nspaces; i++)
		free(v->spaces[i].dir);
	for (size_t i = 0; i < v->nlinks; i++)
		free(v->links[i]);
	free(v->links);
	survey_people_free(&v->people);
	free(v->files);
	free(v->spaces);
	free(v->sockets);
	*v = (struct verified){ 0 };
}

bool verified_has_socket(const struct verified *v, const char *path)
{
	for (size_t i = 0; i < v->nsockets; i++) {
		if (strcmp(v->sockets[i], path) == 0)
			return true;
	}
	return false;
}

/* ---- sums ---- */

bool verified_unsure(const struct survey_file *here, const struct survey_file *there)
{
	return S_ISREG(here->mode) && S_ISREG(there->mode) && here->size == there->size && here->size > 0 &&
	       here->mtime != there->mtime && here->size <= SUM_MAX;
}

char *survey_missing(const struct survey *s, const struct verified *v)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < s->nfiles; i++) {
		if (!survey_file(v->files, v->nfiles, s->files[i].path))
			buf_printf(&out, "file %s\n", s->files[i].path);
	}
	if (out.len) {
		buf_puts(&out, "end\n");
		return buf_take(&out);
	}
	buf_free(&out);
	return NULL;
}

char *survey_unsure(const struct survey *s, const struct verified *v)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *there = survey_file(v->files, v->nfiles, s->files[i].path);

		if (there && verified_unsure(&s->files[i], there))
			buf_printf(&out, "%s\n", s->files[i].path);
	}
	if (out.len)
		return buf_take(&out);
	buf_free(&out);
	return NULL;
}

#define SUMS_MAX (1ull << 30)

char *survey_plain(const struct survey *s)
{
	uint64_t bytes = 0;
	struct buf out;

	buf_init(&out, 1u << 20);
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *f = &s->files[i];

		if (!S_ISREG(f->mode) || f->use & USE_WRITE || f->size > SUM_MAX || bytes + f->size > SUMS_MAX)
			continue;
		bytes += f->size;
		buf_printf(&out, "%s\n", f->path);
	}
	if (out.len)
		return buf_take(&out);
	buf_free(&out);
	return NULL;
}

void verified_allow_written(struct survey *s, const struct verified *v)
{
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *there = survey_file(v->files, v->nfiles, s->files[i].path);

		if (there && S_ISREG(s->files[i].mode) && S_ISREG(there->mode) && s->files[i].use & USE_WRITE) {
			s->files[i].size = there->size;
			s->files[i].mtime = there->mtime;
		}
	}
}

/* The sum before "PATH" at the end of a line; NULL when there is none. */
static const char *sum_of(const char *text, const char *path, size_t *len)
{
	size_t path_len = strlen(path);

	while (*text) {
		size_t n = strcspn(text, "\n"), word = strcspn(text, " \n");

		if (n > path_len + 1 && word == n - path_len - 1 && memcmp(text + word + 1, path, path_len) == 0) {
			*len = word;
			return text;
		}
		text += n + (text[n] == '\n');
	}
	return NULL;
}

bool digests_agree(const char *a, const char *b, const char *path)
{
	size_t a_len = 0, b_len = 0;
	const char *in_a = sum_of(a, path, &a_len), *in_b = sum_of(b, path, &b_len);

	return in_a && in_b && a_len == b_len && memcmp(in_a, in_b, a_len) == 0;
}
