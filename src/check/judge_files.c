/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging files: those that a tree uses must be there, and be the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/findings.h"

static void add_bring(struct check_result *r, const char *path)
{
	r->bring = mem_grow(r->bring, r->nbring, sizeof *r->bring);
	r->bring[r->nbring++] = mem_strdup(path);
}

static bool is_kernels(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 || strncmp(path, "/sys/", 5) == 0;
}

/*
 * How the file there differs, NULL when it will do. Mode and owner must be equal
 * in any case. The same inode and no older is the same file on storage that both
 * see, which may grow while we look; else the size must be equal too, which CRIU
 * checks as it does the mode (criu/files-reg.c), and where the times are not, the content.
 */
static const char *difference(const struct judge *j, const struct survey_file *here, const struct survey_file *there)
{
	if ((here->mode & S_IFMT) != (there->mode & S_IFMT))
		return "kind";
	if (here->mode != there->mode && !S_ISCHR(here->mode) && !S_ISBLK(here->mode))
		return "mode";
	/* A socket is made anew by its owner, and devices and the kernel's files are what they are by their names. */
	if (here->has_node && there->has_node && (here->uid != there->uid || here->gid != there->gid) && here->use != USE_SOCKET &&
	    (S_ISREG(here->mode) || S_ISDIR(here->mode) || S_ISFIFO(here->mode)) && !is_kernels(here->path))
		return "owner";
	if (here->inode == there->inode && there->mtime >= here->mtime && S_ISREG(here->mode))
		return NULL;
	if (S_ISREG(here->mode) && here->size != there->size)
		return "size";
	if (S_ISREG(here->mode) && here->mtime != there->mtime && here->size > 0) {
		if (!verified_unsure(here, there))
			return "time";
		if (!j->sums[0] || !j->sums[1] || !digests_agree(j->sums[0], j->sums[1], here))
			return "content";
	}
	return NULL;
}

/* A lock on a file that both hosts see as the same: held here while the copy
 * there waits for it, for ever. */
static bool is_locked(const struct survey *s, const struct survey_file *file)
{
	for (size_t i = 0; i < s->nlocked; i++) {
		if (s->locked[i] == file->inode)
			return true;
	}
	return false;
}

static void say_different(struct check_result *r, const struct judge *j, const struct survey_file *here,
			  const struct survey_file *there, const char *how)
{
	const char *name = host_name(j->destination);
	char size_here[32], size_there[32];
	/* Replacing what a host runs, or a directory, is no choice of a move's. */
	bool choice = S_ISREG(here->mode) && S_ISREG(there->mode) && !(here->use & (USE_MAP | USE_EXE)) &&
		      findings_accepted(j, "file-missing");
	const char *code = choice ? "file-replace" : "file-differs";
	bool replace;

	if (strcmp(how, "size") == 0)
		replace = findings_add(r, j, code, name, "%s is %s on the source and %s on %s", here->path,
				       text_bytes(size_here, sizeof size_here, here->size, false),
				       text_bytes(size_there, sizeof size_there, there->size, false), name);
	else if (strcmp(how, "mode") == 0)
		replace = findings_add(r, j, code, name, "%s has mode %o on the source and %o on %s", here->path,
				       here->mode & 07777, there->mode & 07777, name);
	else if (strcmp(how, "owner") == 0)
		replace = findings_add(r, j, code, name, "%s belongs to %u:%u on the source and to %u:%u on %s", here->path, here->uid,
				       here->gid, there->uid, there->gid, name);
	else
		replace = findings_add(r, j, code, name, "%s differs in %s on %s", here->path, how, name);
	if (replace && choice) {
		add_bring(r, here->path);
		r->nreplace++;
	}
}

/*
 * The same at both ends now, but it may be written to before the freeze: then it
 * would differ. It goes along as one that is replaced, and is kept up to date.
 */
static bool may_change(const struct judge *j, const struct survey_file *here, const struct survey_file *there)
{
	return S_ISREG(here->mode) && (here->use & USE_WRITE) && !(here->use & (USE_MAP | USE_EXE)) && here->inode != there->inode &&
	       findings_accepted(j, "file-missing");
}

/* True for /proc entries of the tree's own processes, whatever happens to be open there just now: CRIU
 * opens it anew, when they are there. */
static bool is_own_proc(const struct survey *s, const char *path)
{
	if (strncmp(path, "/proc/", 6) != 0)
		return false;
	return survey_has_tid(s, (pid_t)strtol(path + 6, NULL, 10));
}

/* Files that a finding names all of. */
struct list {
	const struct survey_file **at;
	size_t count;
};

static void list_add(struct list *list, const struct survey_file *file)
{
	list->at = mem_grow(list->at, list->count, sizeof *list->at);
	list->at[list->count++] = file;
}

/* To the finding that was added last. */
static void list_tell(struct check_result *r, struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		findings_add_file(r, list->at[i]->path);
	free(list->at);
	*list = (struct list){ 0 };
}

static void judge_missing(struct check_result *r, const struct judge *j, size_t missing, const char *first)
{
	const char *name = host_name(j->destination);

	if (j->options && j->options->saved)
		findings_add(r, j, "file-absent", name, "%s lacks %zu file%s it needs, %s%s", name, missing, missing == 1 ? "" : "s", first,
			     missing > 1 ? " first" : "");
	else if (findings_accepted(j, "file-missing"))
		findings_add(r, j, "bring-files", name, "%zu file%s that %s lacks %s brought along, %s%s", missing,
			     missing == 1 ? "" : "s", name, missing == 1 ? "is" : "are", first, missing > 1 ? " first" : "");
	else
		findings_add(r, j, "file-missing", name, "%s lacks %zu file%s it needs, %s%s", name, missing,
			     missing == 1 ? "" : "s", first, missing > 1 ? " first" : "");
}

static void judge_names(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;
	const char *name = host_name(j->destination), *first = NULL, *how;
	size_t missing = 0, places = 0, fresh = 0;
	bool regular = false; /* `first` is */
	struct list list = { 0 };

	/* Files below that file system cannot be judged. */
	if (v->deaf[0]) {
		findings_add(r, j, "deaf", name, "%s does not answer on %s, where it would use that", v->deaf, name);
		return;
	}
	if (s->odd_name[0])
		findings_add(r, j, "odd-name", name, "the name of %s has a newline: whether %s has it cannot be seen, and it is not brought along",
			     s->odd_name, name);
	/* Missing files first, so that what replaces comes last in the list. */
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *here = &s->files[i];

		/* Terminals are made anew. */
		if (survey_like(v->files, &v->by_path, here) || strncmp(here->path, "/dev/pts/", 9) == 0 || is_own_proc(s, here->path))
			continue;
		/* The file existed for a moment only. */
		if (j->still && !survey_like(j->still->files, &j->still->by_path, here))
			continue;
		if (here->use == USE_SOCKET && !(j->options && j->options->saved)) {
			/* An empty place for a socket does no harm. */
			add_bring(r, here->path);
			list_add(&list, here);
			places++;
			continue;
		}
		list_add(&list, here);
		if (missing++ == 0 || !regular) {
			first = here->path;
			regular = S_ISREG(here->mode);
		}
		if (S_ISREG(here->mode) || S_ISDIR(here->mode) || S_ISFIFO(here->mode))
			add_bring(r, here->path);
	}
	if (missing)
		judge_missing(r, j, missing, first);
	else if (places)
		findings_add(r, j, "bring-files", name, "%s is made on %s for its socket", r->bring[0], name);
	list_tell(r, &list);
	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *here = &s->files[i], *there = survey_like(v->files, &v->by_path, here);

		if (!there || S_ISCHR(here->mode) || is_own_proc(s, here->path))
			continue;
		how = difference(j, here, there);
		if (how)
			say_different(r, j, here, there, how);
		else if (S_ISREG(here->mode) && here->inode == there->inode && is_locked(s, here))
			findings_add(r, j, "lock-shared", name, "it holds a lock on %s, which is the same file on %s", here->path,
				     name);
		else if (may_change(j, here, there)) {
			add_bring(r, here->path);
			list_add(&list, here);
			r->nreplace++;
			if (fresh++ == 0)
				first = here->path;
		}
	}
	if (fresh)
		findings_add(r, j, "bring-files", name, "%zu file%s that it writes to, and %s has too, %s brought along anew, %s%s", fresh,
			     fresh == 1 ? "" : "s", name, fresh == 1 ? "is" : "are", first, fresh > 1 ? " first" : "");
	list_tell(r, &list);
}

/*
 * Names with a symbolic link on the way there.  At the source the kernel gave them, and they have none: the copy would
 * have another name, if CRIU opened what it should at all.
 */
static void judge_links(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;
	const char *name = host_name(j->destination);

	for (size_t i = 0; i < v->nlinks && !s->prefix[0]; i++) {
		size_t len = strlen(v->links[i]);

		for (size_t k = 0; k < s->nfiles; k++) {
			const char *path = s->files[k].path;

			/* A socket has the name that the process gave it, with its links. */
			if (s->files[k].use == USE_SOCKET || strncmp(path, v->links[i], len) != 0 || (path[len] != '/' && path[len] != '\0'))
				continue;
			findings_add(r, j, "file-elsewhere", name, "it uses %s, and %s is a symbolic link on %s", path, v->links[i], name);
			break;
		}
	}
}

/* Character devices that CRIU knows: memory's (null, zero, random...),
 * terminals, and tun (criu/files.c). */
static bool device_known(const struct survey_file *f)
{
	return S_ISCHR(f->mode) && (f->major == 1 || f->major == 4 || f->major == 5 || (f->major >= 136 && f->major <= 143) ||
				    (f->major == 10 && f->minor == 200));
}

static const char *device_kind(const struct survey_file *f)
{
	if (S_ISBLK(f->mode))
		return "a disk";
	if (f->major == 10 && f->minor == 229)
		return "a FUSE server's connection";
	if (f->major == 195 || f->major == 226 || strcmp(f->path, "/dev/kfd") == 0)
		return "a GPU";
	if (f->major == 116)
		return "a sound card";
	if (strcmp(f->path, "/dev/kvm") == 0)
		return "the virtual machine monitor";
	return "a device";
}

/* Whether `path` is `dir`, or below it. */
static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/*
 * CRIU makes a deleted directory anew under its name, and removes it when the tree is to
 * run: a failure then comes after the source has let go, at either end.
 */
static void judge_gone_dirs(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(j->source);

	for (size_t i = 0; i < s->ngone_dirs; i++) {
		const char *dir = s->gone_dirs[i].name;

		for (size_t k = 0; k < s->ngone_dirs; k++) {
			if (k != i && is_below(dir, s->gone_dirs[k].name)) {
				findings_add(r, j, "removed-dir", name, "it uses two removed directories, %s and %s", s->gone_dirs[k].name, dir);
				return;
			}
		}
		if (j->verified && hash_get_text(&j->verified->by_path, dir, hash_bytes(dir, strlen(dir))) != HASH_NONE) {
			findings_add(r, j, "removed-dir", host_name(j->destination), "it uses %s, which was removed on %s, and %s has that name", dir,
				     name, host_name(j->destination));
			return;
		}
	}
	if (s->ngone_dirs == countof(s->gone_dirs))
		findings_add(r, j, "removed-dir", name, "it uses too many removed directories");
}

static void judge_kinds(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(j->source);

	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *f = &s->files[i];

		if ((S_ISCHR(f->mode) || S_ISBLK(f->mode)) && !device_known(f)) {
			findings_add(r, j, "device", name, "it has %s open, %s", f->path, device_kind(f));
			break;
		}
	}
	if (s->odd_fd[0])
		findings_add(r, j, "odd-descriptor", name, "%s(%d) has %s open%s", r->name, (int)r->proc.pid, s->odd_fd,
			     strstr(s->odd_fd, "io_uring") ? " (kernel.io_uring_disabled=2, or a unit with SystemCallFilter=~io_uring_setup, keeps programs from using it)" : "");
	if (s->far_mount[0] && !judge_sandbox(r, j))
		findings_add(r, j, "far-mount", name, "%s is on a mount that is not its own", s->far_mount);
	if (s->deleted) {
		r->deleted = true;
		r->ghost_max_kb = s->ghost_max_kb;
		findings_add(r, j, "deleted-files", name, "%u deleted file%s %s in use, and carried over", s->deleted,
			     s->deleted == 1 ? "" : "s", s->deleted == 1 ? "is" : "are");
	}
	judge_gone_dirs(r, j);
	if (s->locks) {
		r->locks = true;
		findings_add(r, j, "file-locks", name, "it holds %u file lock%s", s->locks, s->locks == 1 ? "" : "s");
	}
	if (s->watches) {
		r->watches = true;
		findings_add(r, j, "watches", name, "it watches files (inotify); these are found again by name");
	}
}

void judge_files(struct check_result *r, const struct judge *j)
{
	judge_kinds(r, j);
	if (j->verified) {
		judge_links(r, j);
		judge_names(r, j);
	}
}
