/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/recorded.h"

/* Choices that were made at the save and that the restore must make too. */
static void accept_again(struct move *move)
{
	static const char *const codes[] = { "tcp-close", "pipe-outside", "criu-sockets" };
	const struct save_header *h = &move->save->file.header;
	size_t n = 0;

	for (size_t i = 0; i < h->naccept; i++) {
		for (size_t k = 0; k < countof(codes); k++) {
			if (strcmp(h->accept[i], codes[k]) != 0)
				continue;
			while (move->accept[n])
				n++;
			move->accept = mem_resize(move->accept, n + 2, sizeof *move->accept);
			move->accept[n] = mem_strdup(codes[k]);
			move->accept[n + 1] = NULL;
		}
	}
}

/* Whether its state lets it be restored. */
static bool state_ok(const struct save *save, struct err *e)
{
	const struct save_header *h = &save->file.header;
	const char *path = save->file.path;

	switch (h->state) {
	case SAVE_SAVED:
		return true;
	case SAVE_SAVING:
		return err_set(e, ERR_REFUSED, NULL, "%s cannot be restored: it was cut off while it was saved, and %s(%d) went on on %s",
			       path, h->name, (int)h->proc.pid, h->source);
	case SAVE_WHOLE:
		return save->force || err_set(e, ERR_REFUSED, NULL,
			"%s cannot be restored: it was cut off before it was known that %s(%d) has ended on %s. "
			"Run here: pferry recover %s; that finishes it, or removes it where it was undone. "
			"If that host is lost for good, --force restores it (where it answers, it is asked first)",
			path, h->name, (int)h->proc.pid, h->source, h->source);
	case SAVE_CLAIMED:
	case SAVE_RECLAIMED:
		return save->force || err_set(e, ERR_REFUSED, NULL,
			"%s cannot be restored: a restore of it was cut off, and %s(%d) may run on %s. Run: pferry recover %s. "
			"--force restores it all the same, as what may be a second copy",
			path, h->name, (int)h->proc.pid, h->host, h->host);
	case SAVE_RESTORED:
		break;
	}
	return save->force || err_set(e, ERR_REFUSED, NULL,
				      "%s cannot be restored: it was restored on %s already; --force restores it once more, as a second copy",
				      path, h->host);
}

static bool begin_restore(struct move *move, struct err *e)
{
	struct save *save = move->save;
	struct move_info *info = &move->info;
	const struct save_header *h = &save->file.header;

	save->file.path = save_path(move->request.file, true, e);
	if (!save->file.path || save_file_open(&save->file, save->file.path, e) != SAVE_OPEN || !state_ok(save, e) ||
	    !save_read_sections(save, e))
		return false;
	save->host = host_recorded(h->source, &h->facts);
	move->request.proc = info->proc = h->proc;
	snprintf(info->name, sizeof info->name, "%s", h->name);
	accept_again(move);
	return true;
}

static bool begin_save(struct move *move, struct err *e)
{
	struct save_file *file = &move->save->file;

	file->path = save_path(move->request.file, false, e);
	if (!file->path || !save_path_free(file->path, move->save->force, e))
		return false;
	file->part = save_part(file->path, move->info.id);
	file->replace = move->save->force;
	return true;
}

static struct save *new_save(struct move *move)
{
	struct save *save = move->save = mem_new(struct save);

	save->move = move;
	save_file_init(&save->file);
	return save;
}

bool save_begin(struct move *move, struct err *e)
{
	struct save *save;

	if (!move->request.file)
		return true;
	save = new_save(move);
	save->force = move->request.force;
	save->restores = move->request.destination != NULL;
	return save->restores ? begin_restore(move, e) : begin_save(move, e);
}

void save_recover(struct move *move, const struct move_recovery *recovery)
{
	struct save *save = new_save(move);

	/* The record lies at the end that is a host. */
	save->restores = recovery->destination != NULL;
	save->file.path = mem_strdup(recovery->file);
	save->file.part = save->restores ? NULL : save_part(recovery->file, recovery->id);
	save->machine = mem_strdup(recovery->machine);
}

void save_stop(struct move *move)
{
	struct save *save = move->save;

	if (!save)
		return;
	save_look_stop(save);
	save_verify_stop(save);
	save_way_close(save);
	loop_timer_remove(&save->turn);
	save->end = NULL;
}

void save_free(struct move *move)
{
	struct save *save = move->save;

	if (!save)
		return;
	save_stop(move);
	save_file_close(&save->file);
	host_recorded_free(&save->host);
	for (size_t i = 0; i < CHECK_SAID; i++)
		free(save->said[i].text);
	free(save->machine);
	free(save);
	move->save = NULL;
}

struct check *save_check(struct move *move, check_done_fn *done)
{
	struct save *save = move->save;

	move->check_options.with_files = false;
	if (!save->restores) {
		move->check_options.save = true;
		return check_start(move->request.source, NULL, move->request.proc, &move->check_options, done, move);
	}
	if (save->file.header.state == SAVE_WHOLE && !save->looked) {
		save_look_begin(move);
		return NULL;
	}
	if (!save->verified) {
		save_verify_begin(move);
		return NULL;
	}
	move->check_options.saved = save->said;
	return check_start(save->host, move->request.destination, move->request.proc, &move->check_options, done, move);
}

char *save_record(const struct move *move)
{
	char *machine, *record;

	if (!move->save)
		return mem_strdup("");
	machine = save_machine();
	record = mem_printf("\nfile %s\nmachine %s", move->save->file.path, machine);
	free(machine);
	return record;
}

const char *save_recover_hosts(const struct move *move, char *out, size_t size)
{
	const struct move_info *info = &move->info;

	if (move->save)
		snprintf(out, size, "%s", move->save->restores ? info->destination : info->source);
	else
		snprintf(out, size, "%s %s", info->source, info->destination);
	return out;
}

void save_forget(struct move *move)
{
	struct save *save = move->save;

	move_warn(move, "What there may be of it on %.*s, %.150s.*.part, is of no use any more.",
		 (int)strcspn(save->machine, "."), save->machine, save->file.path);
	save_end_forget(save);
}

bool save_away(const struct move *move, char *out, size_t size)
{
	const struct save *save = move->save;

	if (!save || !save->end || end_facts(save->end)->known)
		return false;
	snprintf(out, size, "%.150s could not be read here: run pferry recover %.60s on %.*s, where it lies", save->file.path,
		 save->restores ? move->info.destination : move->info.source, save->machine ? (int)strcspn(save->machine, ".") : 0,
		 save->machine ? save->machine : "");
	return true;
}
