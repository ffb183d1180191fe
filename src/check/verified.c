/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/verified.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

#define SOCKETS_MAX 1024
#define LINKS_MAX 64
#define PLACES_MAX 256 /* sockets with relative names */
/* Bigger ones are compared by size and time alone: a sum would take too long. */
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
		/* A feature is missing; whether it matters is what "basic" says next. */
		survey_copy(a->missing, sizeof a->missing, line);
	}
}

static void add_word(char *list, size_t size, const char *word, const char *end)
{
	size_t len = strlen(list);

	if (len + strlen(word) + strlen(end) < size)
		snprintf(list + len, size - len, "%s%s", word, end);
}

/* As a little-endian host's /proc/net/tcp has it.  IPv6's are words in host order there, and bytes here. */
static void take_address(struct able *a, const char *line)
{
	unsigned part[4];
	char *to, text[33];

	if (!a->addresses)
		a->addresses = mem_array(ABLE_ADDRESSES, sizeof *a->addresses);
	to = a->addresses[a->naddresses];
	if (sscanf(line, "%3u.%3u.%3u.%3u", &part[0], &part[1], &part[2], &part[3]) == 4) {
		snprintf(to, 33, "%02X%02X%02X%02X", part[3] & 255, part[2] & 255, part[1] & 255, part[0] & 255);
	} else {
		survey_copy(text, sizeof text, line);
		memcpy(to, text, sizeof text);
		for (size_t i = 0; strlen(text) == 32 && i < 32; i += 2)
			memcpy(to + i, text + (i / 8) * 8 + (6 - i % 8), 2);
		for (size_t i = 0; to[i]; i++)
			to[i] = (char)toupper((unsigned char)to[i]);
	}
	hash_add_text(&a->by_address, to, hash_bytes(to, strlen(to)), a->naddresses);
	a->naddresses++;
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
		take_address(a, line);
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

void able_begin(struct answer *answer, struct able *able)
{
	*able = (struct able){ 0 };
	answer_init(answer, "pferry-able 1", take_able, able);
}

bool able_failed(struct err *e)
{
	return err_set(e, ERR_PROTOCOL, NULL, "what CRIU can do could not be read there");
}

bool able_parse(const char *text, size_t len, struct able *able, struct err *e)
{
	struct answer answer;

	able_begin(&answer, able);
	if (answer_whole(&answer, text, len))
		return true;
	able_free(able);
	return able_failed(e);
}

void able_free(struct able *able)
{
	free(able->cpu);
	free(able->addresses);
	hash_free(&able->by_address);
	*able = (struct able){ 0 };
}

bool able_has(const struct able *able, unsigned capability)
{
	return (able->capabilities >> capability) & 1;
}

bool able_has_address(const struct able *able, const char *address)
{
	/* An IPv4 address in IPv6's clothes. */
	if (strncmp(address, "0000000000000000FFFF0000", 24) == 0 && strlen(address) == 32)
		address += 24;
	return hash_get_text(&able->by_address, address, hash_bytes(address, strlen(address))) != HASH_NONE;
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

/* Where its sockets have names; a relative one was bound in some working directory of the tree. */
static void ask_places(struct buf *out, const struct survey *s)
{
	for (size_t i = 0; i < s->nunixes; i++) {
		const char *path = s->unixes[i].path;

		if (path[0] == '/')
			buf_printf(out, "place %s\n", path);
		for (size_t k = 0; path[0] && path[0] != '/' && path[0] != '@' && k < s->nfiles && i < PLACES_MAX; k++) {
			if (s->files[k].use & USE_DIR)
				buf_printf(out, "place %s/%s\n", s->files[k].path[1] ? s->files[k].path : "", path);
		}
	}
}

char *survey_questions(const struct survey *s, const char *cpu)
{
	struct buf out;

	buf_init(&out, 0);
	ask_pids(&out, s);
	for (size_t i = 0; i < s->nfiles; i++)
		buf_printf(&out, "file %s\n", s->files[i].path);
	for (size_t i = 0; i < s->ngone_dirs; i++)
		buf_printf(&out, "file %s\n", s->gone_dirs[i].name);
	for (size_t i = 0; i < s->npeers; i++) {
		if (s->peers[i].path[0] == '/')
			buf_printf(&out, "unix %s\n", s->peers[i].path);
	}
	ask_places(&out, s);
	for (size_t i = 0; i < s->ntcp; i++) {
		if (s->tcp[i].state == 10)
			buf_printf(&out, "port %04X\n", s->tcp[i].local_port);
	}
	for (size_t i = 0; i < s->nfreezable; i++)
		buf_printf(&out, "cgroup 0:%s\n", s->freezable[i]);
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
	v->spaces = mem_grow(v->spaces, v->nspaces, sizeof *v->spaces);
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
		v->files = mem_grow(v->files, v->nfiles, sizeof *v->files);
		v->files[v->nfiles] = (struct survey_file){ 0 };
		survey_read_file(&v->files[v->nfiles++], line);
	} else if (strcmp(kind, "node") == 0 && v->nfiles) {
		survey_read_node(&v->files[v->nfiles - 1], line);
	} else if (strcmp(kind, "open") == 0 && !v->open_dir[0]) {
		v->open_uid = (uint32_t)survey_number(&line);
		survey_copy(v->open_dir, sizeof v->open_dir, line);
	} else if (strcmp(kind, "sticky") == 0 && !v->sticky_dir[0]) {
		survey_copy(v->sticky_dir, sizeof v->sticky_dir, line);
	} else if (strcmp(kind, "symlink") == 0 && v->nlinks < LINKS_MAX) {
		v->links = mem_resize(v->links, v->nlinks + 1, sizeof *v->links);
		v->links[v->nlinks++] = mem_strdup(line);
	} else if (strcmp(kind, "cpu") == 0) {
		v->cpu_asked = true;
		v->cpu_status = (int)survey_number(&line);
		survey_copy(v->cpu_text, sizeof v->cpu_text, line);
	} else if (strcmp(kind, "socket") == 0 && v->nsockets < SOCKETS_MAX) {
		v->sockets = mem_grow(v->sockets, v->nsockets, sizeof *v->sockets);
		v->sockets[v->nsockets] = mem_strdup(line);
		hash_add_text(&v->by_socket, v->sockets[v->nsockets], hash_bytes(line, strlen(line)), v->nsockets);
		v->nsockets++;
	} else if (strcmp(kind, "listens") == 0 && v->nports < sizeof v->ports / sizeof v->ports[0]) {
		v->ports[v->nports].port = (unsigned)survey_hex(&line) & 0xffff;
		survey_copy(v->ports[v->nports++].address, sizeof v->ports[0].address, line);
	} else if (strcmp(kind, "room") == 0 && strncmp(line, "space ", 6) == 0) {
		take_space(v, line + 6);
	} else if (strcmp(kind, "frozen") == 0 && !v->frozen[0]) {
		survey_copy(v->frozen, sizeof v->frozen, *line ? line : "/");
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

static int by_dir(const void *a, const void *b, void *ctx)
{
	(void)ctx;
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

void verified_begin(struct answer *answer, struct verified *verified)
{
	*verified = (struct verified){ 0 };
	answer_init(answer, "pferry-verify 2", take_verified, verified);
}

bool verified_step(struct verified *v, size_t *budget)
{
	if (v->stage == 0) {
		sort_begin(&v->sort, v->files, v->nfiles, sizeof *v->files, survey_by_path, NULL);
		v->stage++;
	}
	if (v->stage == 1) {
		if (!sort_step(&v->sort, budget))
			return false;
		sort_end(&v->sort);
		sort_begin(&v->sort, v->spaces, v->nspaces, sizeof *v->spaces, by_dir, NULL);
		v->stage++;
	}
	if (v->stage == 2) {
		if (!sort_step(&v->sort, budget))
			return false;
		sort_end(&v->sort);
		v->stage++;
	}
	for (; v->at < v->nfiles; v->at++) {
		if (*budget == 0)
			return false;
		--*budget;
		hash_add_text(&v->by_path, v->files[v->at].path, v->files[v->at].hash, v->at);
	}
	return true;
}

bool verified_failed(struct err *e)
{
	return err_set(e, ERR_PROTOCOL, NULL, "whether the process fits there could not be read");
}

bool verified_parse(const char *text, size_t len, struct verified *verified, struct err *e)
{
	struct answer answer;
	size_t budget = SIZE_MAX;

	verified_begin(&answer, verified);
	if (answer_whole(&answer, text, len))
		return verified_step(verified, &budget);
	verified_free(verified);
	return verified_failed(e);
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
	hash_free(&v->by_path);
	hash_free(&v->by_socket);
	sort_end(&v->sort);
	*v = (struct verified){ 0 };
}

bool verified_has_socket(const struct verified *v, const char *path)
{
	return hash_get_text(&v->by_socket, path, hash_bytes(path, strlen(path))) != HASH_NONE;
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
		if (!survey_like(v->files, &v->by_path, &s->files[i]))
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
		const struct survey_file *there = survey_like(v->files, &v->by_path, &s->files[i]);

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
		const struct survey_file *there = survey_like(v->files, &v->by_path, &s->files[i]);

		if (there && S_ISREG(s->files[i].mode) && S_ISREG(there->mode) && s->files[i].use & USE_WRITE) {
			s->files[i].size = there->size;
			s->files[i].mtime = there->mtime;
		}
	}
}

/* "SUM PATH" */
static void take_digest(void *ctx, char *line)
{
	struct digests *d = ctx;
	size_t at = strcspn(line, " ");
	char *copy;

	if (!line[at] || d->count >= SURVEY_FILES_MAX)
		return;
	copy = mem_strdup(line);
	copy[at] = '\0';
	d->all = mem_grow(d->all, d->count, sizeof *d->all);
	d->all[d->count] = (struct digest){ copy, copy + at + 1 };
	hash_add_text(&d->by_path, copy + at + 1, hash_bytes(copy + at + 1, strlen(copy + at + 1)), d->count);
	d->count++;
}

void digests_begin(struct answer *answer, struct digests *digests)
{
	*digests = (struct digests){ 0 };
	answer_init(answer, "pferry-digest 1", take_digest, digests);
}

void digests_free(struct digests *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->all[i].sum);
	free(d->all);
	hash_free(&d->by_path);
	*d = (struct digests){ 0 };
}

bool digests_agree(const struct digests *a, const struct digests *b, const struct survey_file *file)
{
	size_t in_a = hash_get_text(&a->by_path, file->path, file->hash), in_b = hash_get_text(&b->by_path, file->path, file->hash);

	return in_a != HASH_NONE && in_b != HASH_NONE && strcmp(a->all[in_a].sum, b->all[in_b].sum) == 0;
}

/* A name as one word: what AWK_NAMES of words.sh makes of it. */
static void put_name(struct buf *out, const char *name)
{
	for (const unsigned char *c = (const unsigned char *)name; *c; c++) {
		if (*c > 32 && *c < 127 && *c != '\\')
			buf_append(out, c, 1);
		else
			buf_printf(out, "\\%03o", *c);
	}
}

char *verified_nodes(const struct verified *v)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < v->nfiles; i++) {
		if (!v->files[i].has_node)
			continue;
		buf_printf(&out, "%" PRIu64 ":%" PRIu64 " ", v->files[i].device, v->files[i].inode);
		put_name(&out, v->files[i].path);
		buf_puts(&out, "\n");
	}
	buf_puts(&out, "end\n");
	return buf_take(&out);
}
