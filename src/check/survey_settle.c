/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting a survey in order once its last line is read, in as many calls as the loop needs; and freeing it. */
#include "check/survey_priv.h"

#include <stdlib.h>

#include "base/mem.h"

/* A descriptor on a terminal whose other side is nowhere in the tree. */
static void find_terminal(struct survey *s, const struct survey_file *name)
{
	char *end;
	unsigned long index;

	if (!survey_begins(name->path, "/dev/pts/") || !(name->use & USE_OPEN))
		return;
	index = strtoul(name->path + 9, &end, 10);
	if (end != name->path + 9 && !survey_owns_tty(s, (136u << 8) | (uint32_t)(index & 0xff)))
		s->tty_outside++;
}

/* Give a file the uses of its name, and its size on the disk. */
static void join_uses(struct survey *s, size_t at)
{
	struct survey_file *f = &s->files[at];
	size_t name = hash_get_text(&s->by_name, f->path, f->hash), disk = hash_get_text(&s->by_disk, f->path, f->hash);

	if (name != HASH_NONE)
		f->use |= s->names[name].use;
	/* A file system that compresses needs more elsewhere, but never more than the size. */
	if (disk != HASH_NONE && s->disks[disk].disk_kb < f->disk_kb)
		f->disk_kb = s->disks[disk].disk_kb;
	hash_add_text(&s->by_path, f->path, f->hash, at);
}

enum { STAGE_BEGIN, STAGE_TERMINALS, STAGE_SORT, STAGE_USES, STAGE_OWNED, STAGE_DONE };

/* Look at the next of `count`; false when the budget or they are used up. */
static bool next(struct survey *s, size_t count, size_t *budget, size_t *at)
{
	if (s->at == count || *budget == 0)
		return false;
	--*budget;
	*at = s->at++;
	return true;
}

bool survey_step(struct survey *s, size_t *budget)
{
	size_t i;

	if (s->stage == STAGE_BEGIN) {
		survey_count_shared_once(s);
		s->stage++;
	}
	if (s->stage == STAGE_TERMINALS) {
		while (next(s, s->nnames, budget, &i))
			find_terminal(s, &s->names[i]);
		if (s->at < s->nnames)
			return false;
		s->at = 0;
		sort_begin(&s->sort, s->files, s->nfiles, sizeof *s->files, survey_by_path, NULL);
		s->stage++;
	}
	if (s->stage == STAGE_SORT) {
		if (!sort_step(&s->sort, budget))
			return false;
		sort_end(&s->sort);
		s->stage++;
	}
	if (s->stage == STAGE_USES) {
		while (next(s, s->nfiles, budget, &i))
			join_uses(s, i);
		if (s->at < s->nfiles)
			return false;
		sort_begin(&s->sort, s->owned, s->nowned, sizeof *s->owned, survey_owned_by_path, NULL);
		s->stage++;
	}
	if (s->stage == STAGE_OWNED) {
		if (!sort_step(&s->sort, budget))
			return false;
		sort_end(&s->sort);
		s->stage++;
	}
	return true;
}

static void free_files(struct survey_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(files[i].path);
	free(files);
}

void survey_free(struct survey *s)
{
	free_files(s->files, s->nfiles);
	free_files(s->names, s->nnames);
	free_files(s->disks, s->ndisks);
	for (size_t i = 0; i < s->nprocs; i++)
		free(s->procs[i].stat);
	for (size_t i = 0; i < s->nunixes; i++)
		free(s->unixes[i].path);
	for (size_t i = 0; i < s->npeers; i++)
		free(s->peers[i].path);
	survey_people_free(&s->people);
	survey_owned_free(s);
	survey_owner_free(&s->owner);
	free(s->procs);
	free(s->tids);
	free(s->own_tids);
	for (size_t i = 0; i < s->ngone_dirs; i++)
		free(s->gone_dirs[i].name);
	for (size_t i = 0; i < s->nfreezable; i++)
		free(s->freezable[i]);
	free(s->tcp);
	free(s->unixes);
	free(s->peers);
	free(s->sockets);
	hash_free(&s->by_pid);
	hash_free(&s->by_tid);
	hash_free(&s->by_name);
	hash_free(&s->by_path);
	hash_free(&s->by_socket);
	hash_free(&s->by_peer);
	hash_free(&s->by_disk);
	sort_end(&s->sort);
	*s = (struct survey){ 0 };
}
