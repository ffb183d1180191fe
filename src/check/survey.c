/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/survey_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define PROCS_MAX 4096
#define TIDS_MAX 65536
#define STAT_MAX 2048
/* A name has 15 bytes, a kernel thread's 63: so many newlines at the most. */
#define STAT_PIECES 64

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && strcmp(s + a - b, end) == 0;
}

/* ---- processes ---- */

struct survey_proc *survey_proc_of(struct survey *s, pid_t pid)
{
	size_t at = hash_get(&s->by_pid, (uint64_t)pid);

	if (at != HASH_NONE)
		return &s->procs[at];
	if (s->nprocs == PROCS_MAX || pid <= 0)
		return NULL;
	s->procs = mem_grow(s->procs, s->nprocs, sizeof *s->procs);
	s->procs[s->nprocs] = (struct survey_proc){ .pid = pid };
	hash_add(&s->by_pid, (uint64_t)pid, s->nprocs);
	return &s->procs[s->nprocs++];
}

char *survey_join_stat(char **stat, const char *line, struct survey_stat_name *name)
{
	char *all = mem_printf("%s%s", *stat ? *stat : "", line);

	free(*stat);
	*stat = all;
	name->open = strchr(all, '(');
	name->close = strrchr(all, ')');
	return name->open && name->close && name->close > name->open && name->close[1] == ' ' ? name->close + 2 : NULL;
}

void survey_copy_stat_name(const struct survey_stat_name *name, char *out, size_t size)
{
	*name->close = '\0';
	survey_copy(out, size, name->open + 1);
	if (!*out)
		snprintf(out, size, "?");
}

static void take_stat(struct survey *s, char *line)
{
	struct survey_proc *p = survey_proc_of(s, (pid_t)survey_number(&line));
	struct survey_stat_name name;
	char *rest;
	uint64_t field[20] = { 0 };

	if (!p || p->name[0] || p->pieces == STAT_PIECES || (p->stat ? strlen(p->stat) : 0) + strlen(line) > STAT_MAX)
		return;
	p->pieces++;
	rest = survey_join_stat(&p->stat, line, &name);
	if (!rest)
		return;
	p->state = *survey_word(&rest);
	for (size_t i = 0; i < countof(field); i++)
		field[i] = survey_number(&rest);
	if (field[18] == 0)
		return; /* not all of it yet */
	p->ppid = (pid_t)field[0];
	p->pgid = (pid_t)field[1];
	p->sid = (pid_t)field[2];
	p->tty = field[3];
	p->kthread = (field[5] & 0x200000) != 0; /* PF_KTHREAD */
	p->threads = (uint32_t)field[16];
	p->start = field[18];
	survey_copy_stat_name(&name, p->name, sizeof p->name);
}

/* Real, effective, saved and filesystem id. */
static void take_ids(struct survey_proc *p, uint32_t *id, char *line)
{
	*id = (uint32_t)survey_number(&line);
	p->other_user |= *id != 0;
	while (*line) {
		uint32_t another = (uint32_t)survey_number(&line);

		p->other_user |= another != 0;
		p->ids_differ |= another != *id;
	}
}

static void take_status(struct survey *s, char *line)
{
	struct survey_proc *p = survey_proc_of(s, (pid_t)survey_number(&line));
	const char *key = survey_word(&line);

	while (*line == ' ')
		line++;
	if (!p)
		return;
	if (strcmp(key, "Uid:") == 0 || strcmp(key, "Gid:") == 0) {
		take_ids(p, key[0] == 'U' ? &p->uid : &p->gid, line);
	} else if (strcmp(key, "CapBnd:") == 0) {
		p->bound = survey_hex(&line);
	} else if (strcmp(key, "Groups:") == 0) {
		survey_copy(p->groups, sizeof p->groups, line);
	} else if (strcmp(key, "TracerPid:") == 0) {
		s->traced |= survey_number(&line) != 0;
	} else if (strcmp(key, "Seccomp:") == 0) {
		s->seccomp |= survey_number(&line) != 0;
	} else if (strcmp(key, "NSpid:") == 0) {
		if (p == s->procs)
			s->nspid_init = strchr(line, ' ') && ends_with(line, " 1");
	} else if (strcmp(key, "NSsid:") == 0) {
		p->session_away = strcmp(line, "0") == 0 || ends_with(line, " 0");
	} else {
		survey_take_memory(s, key, line);
	}
}

static void take_tids(struct survey *s, char *line)
{
	survey_word(&line);
	while (*line && s->ntids < TIDS_MAX) {
		s->tids = mem_grow(s->tids, s->ntids, sizeof *s->tids);
		s->tids[s->ntids] = (pid_t)survey_number(&line);
		hash_add(&s->by_tid, (uint64_t)s->tids[s->ntids], s->ntids);
		s->ntids++;
	}
}

static void take_own_tid(struct survey *s, char *line)
{
	if (s->nown_tids == TIDS_MAX)
		return;
	s->own_tids = mem_grow(s->own_tids, s->nown_tids, sizeof *s->own_tids);
	s->own_tids[s->nown_tids++] = (pid_t)survey_number(&line);
}

/* The destination is asked about them: most trees are in one. */
static void add_freezable(struct survey *s, const char *list_and_path)
{
	for (size_t i = 0; i < s->nfreezable; i++) {
		if (strcmp(s->freezable[i], list_and_path) == 0)
			return;
	}
	if (s->nfreezable < countof(s->freezable))
		s->freezable[s->nfreezable++] = mem_strdup(list_and_path);
}

/* "PID N:LIST:PATH": remember the root's, and the path that tells who owns it. */
static void take_cgroup(struct survey *s, char *line)
{
	pid_t pid = (pid_t)survey_number(&line);
	char *list = strchr(line, ':'), *path = list ? strchr(list + 1, ':') : NULL;
	size_t len = strlen(s->hierarchies);

	if (!path || s->nprocs == 0)
		return;
	list++;
	if (*list == ':' || strncmp(list, "freezer:", 8) == 0)
		add_freezable(s, list);
	if (pid != s->procs[0].pid)
		return;
	*path++ = '\0';
	if (len + strlen(list) + 2 < sizeof s->hierarchies)
		snprintf(s->hierarchies + len, sizeof s->hierarchies - len, "%s;", list);
	/* Version 2's path, or systemd's; whichever says more. */
	if ((*list == '\0' || strcmp(list, "name=systemd") == 0) && strlen(path) > strlen(s->cgroup))
		survey_copy(s->cgroup, sizeof s->cgroup, path);
}

static void take_label(struct survey *s, char *line)
{
	survey_word(&line);
	if (!s->label[0] && *line && strcmp(line, "unconfined") != 0 && strcmp(line, "kernel") != 0)
		survey_copy(s->label, sizeof s->label, line);
}

/* ---- names and descriptors ---- */

/* A memfd's name is of no directory: "/memfd:NAME (deleted)". */
static bool is_memory(const char *path)
{
	static const char end[] = " (deleted)";
	size_t len = strlen(path);

	return survey_begins(path, "/memfd:") && len > sizeof end && strcmp(path + len - (sizeof end - 1), end) == 0;
}

void survey_add_name(struct survey *s, const char *path, unsigned use)
{
	uint64_t hash;
	size_t at;

	if (*path != '/')
		return;
	if (strchr(path, '\001')) {
		/* The newline in it is a line's end in all that is asked and answered about files. Memory has no file. */
		if (!s->odd_name[0] && !is_memory(path))
			survey_copy(s->odd_name, sizeof s->odd_name, path);
		return;
	}
	hash = hash_bytes(path, strlen(path));
	at = hash_get_text(&s->by_name, path, hash);
	if (at != HASH_NONE) {
		s->names[at].use |= use;
		return;
	}
	if (s->nnames >= 4 * SURVEY_FILES_MAX)
		return;
	s->names = mem_grow(s->names, s->nnames, sizeof *s->names);
	s->names[s->nnames] = (struct survey_file){ .path = mem_strdup(path), .use = use, .hash = hash };
	hash_add_text(&s->by_name, s->names[s->nnames].path, hash, s->nnames);
	s->nnames++;
}

/* Kinds of descriptors that CRIU 4.2 has no image for: whatever is anonymous
 * and not one of these, and names that are no files (criu/files.c). */
static bool is_odd(const char *target)
{
	static const char *const fine[] = { "anon_inode:[eventfd]", "anon_inode:[eventpoll]", "anon_inode:inotify",
					    "anon_inode:[fanotify]", "anon_inode:[signalfd]", "anon_inode:[timerfd]",
					    "anon_inode:[pidfd]",    "anon_inode:bpf-map",    "anon_inode:[eventfd:" };
	static const char *const odd[] = { "/secretmem", "/dev/mqueue/", "/dmabuf:", "/dev/shm/mqueue/" };

	for (size_t i = 0; i < countof(odd); i++) {
		if (survey_begins(target, odd[i]))
			return true;
	}
	if (!survey_begins(target, "anon_inode:"))
		return false;
	for (size_t i = 0; i < countof(fine); i++) {
		if (survey_begins(target, fine[i]))
			return false;
	}
	return true;
}

static void note_odd(struct survey *s, const char *what, const char *fd, const char *pid)
{
	char *text;

	if (s->odd_fd[0])
		return;
	text = fd ? mem_printf("%s (descriptor %s of %s)", what, fd, pid) : mem_printf("%s, mapped by %s", what, pid);
	survey_copy(s->odd_fd, sizeof s->odd_fd, text);
	free(text);
}

static void count_descriptor(struct survey *s, const char *target)
{
	s->fds++;
	if (survey_begins(target, "/dev/pts/") || survey_begins(target, "/dev/tty"))
		s->fd_terminals++;
	else if (*target == '/')
		s->fd_files++;
	else if (survey_begins(target, "socket:"))
		s->fd_sockets++;
	else if (survey_begins(target, "anon_inode:"))
		s->fd_anonymous++;
	else if (survey_begins(target, "pipe:"))
		s->pipes++;
}

static void take_descriptor(struct survey *s, const char *pid, const char *fd, const char *target, bool writes)
{
	count_descriptor(s, target);
	if (survey_begins(target, "socket:[") && s->nsockets < SURVEY_SOCKETS_MAX) {
		s->sockets = mem_grow(s->sockets, s->nsockets, sizeof *s->sockets);
		s->sockets[s->nsockets] = strtoull(target + 8, NULL, 10);
		hash_add(&s->by_socket, s->sockets[s->nsockets], s->nsockets);
		s->nsockets++;
	} else if (is_odd(target)) {
		note_odd(s, target, fd, pid);
	} else if (*target == '/') {
		survey_add_name(s, target, writes ? USE_OPEN | USE_WRITE : USE_OPEN);
	}
}

static void take_namespace(struct survey *s, const char *name, const char *target)
{
	const struct {
		const char *name;
		char *self;
	} all[] = { { "net", s->self.net },   { "mnt", s->self.mnt },	{ "pid", s->self.pid },	      { "ipc", s->self.ipc },
		    { "uts", s->self.uts },   { "user", s->self.user }, { "cgroup", s->self.cgroup }, { "time", s->self.time } };

	/* A zombie's lead nowhere. */
	if (!*target)
		return;
	if (strcmp(name, "pid") == 0 && !s->pidns[0])
		survey_copy(s->pidns, sizeof s->pidns, target);
	/* Kept until the login's own are known: "self" lines follow. */
	for (size_t i = 0; i < countof(all); i++) {
		if (strcmp(name, all[i].name) != 0)
			continue;
		if (!all[i].self[0])
			survey_copy(all[i].self, 32, target);
		else if (strcmp(all[i].self, target) != 0 && !strchr(all[i].self, '!') && strlen(all[i].self) < 31)
			memcpy(all[i].self + strlen(all[i].self), "!", 2); /* not all of the tree share it */
		return;
	}
}

static void take_self(struct survey *s, char *line)
{
	const char *name = survey_word(&line);
	const struct {
		const char *name;
		char *self;
	} all[] = { { "net", s->self.net },   { "mnt", s->self.mnt },	{ "pid", s->self.pid },	      { "ipc", s->self.ipc },
		    { "uts", s->self.uts },   { "user", s->self.user }, { "cgroup", s->self.cgroup }, { "time", s->self.time } };
	size_t len = strlen(s->namespaces);

	for (size_t i = 0; i < countof(all); i++) {
		if (strcmp(name, all[i].name) == 0 && all[i].self[0] && strcmp(all[i].self, line) != 0)
			snprintf(s->namespaces + len, sizeof s->namespaces - len, "%s%s", len ? " " : "", name);
	}
}

static void take_exe(struct survey *s, char *pid, const char *target)
{
	struct survey_proc *p = survey_proc_of(s, (pid_t)survey_number(&pid));

	if (p)
		p->exe_seen |= *target != '\0';
	survey_add_name(s, target, USE_EXE);
}

/* "/proc/PID/WHAT[/NAME] MODE TARGET" */
static void take_link(struct survey *s, char *line)
{
	char *path = survey_word(&line), *mode = survey_word(&line), *pid, *what, *name;

	if (!survey_begins(path, "/proc/"))
		return;
	pid = path + 6;
	what = strchr(pid, '/');
	if (!what)
		return;
	*what++ = '\0';
	name = strchr(what, '/');
	if (name)
		*name++ = '\0';
	if (strcmp(what, "fd") == 0 && name)
		take_descriptor(s, pid, name, line, *mode == '3' || *mode == '7');
	else if (strcmp(what, "ns") == 0 && name)
		take_namespace(s, name, line);
	else if (strcmp(what, "exe") == 0)
		take_exe(s, pid, line);
	else if (strcmp(what, "cwd") == 0 || strcmp(what, "root") == 0)
		survey_add_name(s, line, USE_DIR);
}

/* "PID RANGE PERMISSIONS PATH" */
static void take_map(struct survey *s, char *line)
{
	const char *pid = survey_word(&line);

	survey_word(&line);
	survey_word(&line);
	if (survey_begins(line, "/SYSV"))
		s->sysv_shm = true;
	else if (is_odd(line) || strcmp(line, "[uprobes]") == 0)
		note_odd(s, line, NULL, pid);
	else if (*line == '/')
		survey_add_name(s, line, USE_MAP);
}

/* "PID FD KEY VALUE" */
static void take_fdinfo(struct survey *s, char *line)
{
	const char *pid = survey_word(&line), *fd = survey_word(&line), *key = survey_word(&line);
	char *colon;

	if (strcmp(key, "tty-index") == 0) {
		s->ptys[survey_number(&line) & 0xff] = true;
	} else if (strcmp(key, "inotify") == 0 || strcmp(key, "fanotify") == 0) {
		s->watches++;
	} else if (strcmp(key, "lock") == 0) {
		/* "1: FLOCK ADVISORY WRITE 881 08:02:131 0 EOF" */
		colon = strrchr(line, ':');
		if (s->nlocked < SURVEY_LOCKS && colon && strstr(line, " WRITE "))
			s->locked[s->nlocked++] = strtoull(colon + 1, NULL, 10);
		s->locks++;
	} else if (strcmp(key, "mount") == 0 && !s->far_mount[0]) {
		char *text = mem_printf("%s (descriptor %s of %s)", line, fd, pid);

		survey_copy(s->far_mount, sizeof s->far_mount, text);
		free(text);
	}
}

void survey_strip_prefix(const struct survey *s, char *path)
{
	size_t prefix = strlen(s->prefix);

	if (prefix && survey_begins(path, s->prefix) && path[prefix])
		memmove(path, path + prefix, strlen(path + prefix) + 1);
}

static void take_file(struct survey *s, char *line)
{
	struct survey_file *f;

	if (s->nfiles == SURVEY_FILES_MAX)
		return;
	s->files = mem_grow(s->files, s->nfiles, sizeof *s->files);
	f = &s->files[s->nfiles++];
	*f = (struct survey_file){ 0 };
	survey_read_file(f, line);
	s->devices += S_ISCHR(f->mode) || S_ISBLK(f->mode);
	survey_strip_prefix(s, f->path);
	f->hash = hash_bytes(f->path, strlen(f->path));
}

/* "BLOCKS UNIT PATH" */
static void take_disk(struct survey *s, char *line)
{
	uint64_t blocks = survey_number(&line), unit = survey_number(&line);
	struct survey_file *f;

	if (s->ndisks == SURVEY_FILES_MAX || unit > 1u << 20)
		return;
	s->disks = mem_grow(s->disks, s->ndisks, sizeof *s->disks);
	f = &s->disks[s->ndisks];
	*f = (struct survey_file){ .path = mem_strdup(line), .disk_kb = blocks / 1024 * unit + blocks % 1024 * unit / 1024 };
	survey_strip_prefix(s, f->path);
	f->hash = hash_bytes(f->path, strlen(f->path));
	hash_add_text(&s->by_disk, f->path, f->hash, s->ndisks++);
}

/* A line about the file that came last. */
static void take_node(struct survey *s, char *line)
{
	if (s->nfiles)
		survey_read_node(&s->files[s->nfiles - 1], line);
}

/* "SIZE LINKS INODE PATH" */
/* "INODE NAME": more than one link may lead to it. */
static void take_gone_dir(struct survey *s, char *line)
{
	uint64_t inode = survey_number(&line);

	for (size_t i = 0; i < s->ngone_dirs; i++) {
		if (s->gone_dirs[i].inode == inode && strcmp(s->gone_dirs[i].name, line) == 0)
			return;
	}
	if (s->ngone_dirs < countof(s->gone_dirs))
		s->gone_dirs[s->ngone_dirs++] = (struct survey_gone){ inode, mem_strdup(line) };
}

static void take_ghost(struct survey *s, char *line)
{
	uint64_t kb = survey_number(&line) / 1024 + 1, links = survey_number(&line);

	s->deleted++;
	s->linked += links > 0;
	s->ghost_kb += kb;
	if (kb > s->ghost_max_kb)
		s->ghost_max_kb = kb;
}

/* ---- all of it ---- */

static void take_gone(struct survey *s, char *line)
{
	(void)line;
	s->gone = true;
}

static void take_prefix(struct survey *s, char *line)
{
	survey_copy(s->prefix, sizeof s->prefix, line);
}

static void take_forged(struct survey *s, char *line)
{
	(void)line;
	s->forged++;
}

static void take_code(struct survey *s, char *line)
{
	struct survey_proc *p = survey_proc_of(s, (pid_t)survey_number(&line));

	if (p)
		p->code_shared = true;
}

static void take_ended(struct survey *s, char *line)
{
	struct survey_proc *p = survey_proc_of(s, (pid_t)survey_number(&line));

	if (p)
		p->ended = true;
}

static void take_line(void *ctx, char *line)
{
	static const struct {
		const char *kind;
		void (*take)(struct survey *s, char *line);
	} kinds[] = {
		{ "stat", take_stat },                  { "status", take_status },              { "cgroup", take_cgroup },
		{ "label", take_label },                { "nspid", take_own_tid },              { "tid", take_tids },
		{ "link", take_link },                  { "self", take_self },                  { "fdinfo", take_fdinfo },
		{ "map", take_map },                    { "code", take_code }, { "ended", take_ended },                  { "shared", survey_take_shared },
		{ "file", take_file },                  { "node", take_node },
		{ "gone-dir", take_gone_dir },          { "ghost", take_ghost },                { "tcp", survey_take_tcp },
		{ "udp", survey_take_udp },             { "sock", survey_take_socket },         { "unix", survey_take_unix },
		{ "peer", survey_take_peer },           { "outside", survey_take_outside },     { "prefix", take_prefix },
		{ "frozen", survey_take_frozen },       { "stuck", survey_take_stuck },         { "deaf", survey_take_deaf },
		{ "room", survey_take_free },           { "mem", survey_take_available },       { "gone", take_gone },
		{ "forged", take_forged },
		{ "disk", take_disk },
		{ "owner", survey_take_owned },         { "user", survey_take_user },           { "group", survey_take_group },
		{ "user-name", survey_take_user_name }, { "group-name", survey_take_group_name }, { "people-more", survey_take_people_more },
		{ "parent", survey_take_parent },       { "parent-pid", survey_take_parent_pid },
		{ "parent-args", survey_take_parent_args },                                     { "respawn", survey_take_respawn },
		{ "unit", survey_take_owner_unit },     { "unit-is", survey_take_unit_is },     { "unit-silent", survey_take_unit_silent },
		{ "unit-other", survey_take_unit_other }, { "root", survey_take_root },         { "own-root", survey_take_own_root },
		{ "container", survey_take_container },
	};
	struct survey *s = ctx;
	const char *kind = survey_word(&line);

	for (size_t i = 0; i < countof(kinds); i++) {
		if (strcmp(kind, kinds[i].kind) == 0) {
			kinds[i].take(s, line);
			return;
		}
	}
}

void survey_begin(struct answer *answer, struct survey *survey)
{
	*survey = (struct survey){ 0 };
	answer_init(answer, "pferry-inspect 2", take_line, survey);
}

bool survey_failed(struct err *e)
{
	return err_set(e, ERR_PROTOCOL, NULL, "what the process is made of could not be read there");
}

bool survey_parse(const char *text, size_t len, struct survey *survey, struct err *e)
{
	struct answer answer;
	size_t budget = SIZE_MAX;

	survey_begin(&answer, survey);
	if (!answer_whole(&answer, text, len)) {
		survey_free(survey);
		return survey_failed(e);
	}
	return survey_step(survey, &budget);
}
