/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "host/recorded.h"

#define IMAGES_LIMIT_MS 300000 /* the disk may be slow to have them all */

/* Choices that were made at the save and that the restore must make too. */
static void accept_again(struct move *move)
{
	static const char *const codes[] = { "tcp-close", "pipe-outside", "criu-sockets" };
	const struct save_header *h = &save_of(move)->file.header;
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
	struct save *save = save_of(move);
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
	struct save *save = save_of(move);
	struct save_file *file = &save->file;

	file->path = save_path(move->request.file, false, e);
	if (!file->path || !save_path_free(file->path, save->force, e))
		return false;
	file->part = save_part(file->path, move->info.id);
	file->replace = save->force;
	return true;
}

static const struct endpoint endpoint_file;

static struct save *new_save(struct move *move)
{
	struct save *save = mem_new(struct save);

	move->endpoint = &endpoint_file;
	move->endpoint_own = save;
	save->move = move;
	save_file_init(&save->file);
	return save;
}

bool save_begin(struct move *move, struct err *e)
{
	struct save *save = new_save(move);

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
	struct save *save = save_of(move);

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
	struct save *save = save_of(move);

	if (!save)
		return;
	save_stop(move);
	save_file_close(&save->file);
	host_recorded_free(&save->host);
	for (size_t i = 0; i < CHECK_SAID; i++)
		free(save->said[i].text);
	free(save->machine);
	free(save);
	move->endpoint_own = NULL;
}

/* ---- what differs from a move between hosts ---- */

static void on_checked(void *ctx, struct check_result *result, const struct err *e)
{
	struct move *move = ctx;
	struct save *save = save_of(move);

	if (result && save->restores)
		result->shm_source = false; /* its images are in the file */
	save->checked(move, result, e);
}

/* A file to be restored is read first, and its source may be asked. */
static struct check *save_check(struct move *move, check_done_fn *done)
{
	struct save *save = save_of(move);

	save->checked = done;
	move->check_options.with_files = false;
	if (!save->restores) {
		move->check_options.save = true;
		return check_start(move->request.source, NULL, move->request.proc, &move->check_options, on_checked, move);
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
	return check_start(save->host, move->request.destination, move->request.proc, &move->check_options, on_checked, move);
}

static void make(struct move *move, const struct end_ops *ops)
{
	struct end *file = save_end(move, ops);

	if (save_of(move)->restores) {
		move->source.end = file;
		move->destination.end = endpoint_host(move, &move->destination, move->request.destination, ops);
	} else {
		move->source.end = endpoint_host(move, &move->source, move->request.source, ops);
		move->destination.end = file;
	}
}

/* The file first: what is wrong with that, no host need know of. */
static void stage(struct move *move)
{
	bool restores = save_of(move)->restores;

	save_stage(move);
	if (move->intent == INTENT_MOVE)
		stage_end(move, restores ? &move->destination : &move->source, restores ? "dest" : "source");
}

static void attach(struct move *move, bool source_absent, bool destination_absent, const struct end_ops *ops)
{
	if (save_of(move)->restores) {
		move->source.end = save_end_attach(move, ops);
		move->destination.end = endpoint_host_attach(move, &move->destination, move->request.destination, destination_absent, ops);
	} else {
		move->source.end = endpoint_host_attach(move, &move->source, move->request.source, source_absent, ops);
		move->destination.end = save_end_attach(move, ops);
	}
}

static char *record(const struct move *move)
{
	char *machine = save_machine(), *lines = mem_printf("\nfile %s\nmachine %s", save_of(move)->file.path, machine);

	free(machine);
	return lines;
}

/* The fingerprint is one of the images. */
static const char *fingerprint(bool source, bool unseen)
{
	(void)unseen;
	return source ? "print" : "unprinted";
}

static bool tried(struct move *move)
{
	(void)move;
	return true;
}

static void learn(const struct move *move)
{
	(void)move;
}

static const char *recover_hosts(const struct move *move, char *out, size_t size)
{
	snprintf(out, size, "%s", save_of(move)->restores ? move->info.destination : move->info.source);
	return out;
}

/* A part that cannot be read here, of a save that was undone, is no copy: the source need not remember it. */
static bool forget(struct move *move)
{
	struct save *save = save_of(move);

	if (save->restores || end_facts(save->end)->known)
		return false;
	move_warn(move, "What there may be of it on %.*s, %.150s.*.part, is of no use any more.",
		 (int)strcspn(save->machine, "."), save->machine, save->file.path);
	save_end_forget(save);
	return true;
}

/* Where the file can be read is known, if it is the file that could not be seen. */
static void away(const struct move *move, char *out, size_t size)
{
	const struct save *save = save_of(move);

	if (end_facts(save->end)->known) {
		endpoint_hosts.away(move, out, size);
		return;
	}
	snprintf(out, size, "%.150s could not be read here: run pferry recover %.60s on %.*s, where it lies", save->file.path,
		 save->restores ? move->info.destination : move->info.source, save->machine ? (int)strcspn(save->machine, ".") : 0,
		 save->machine ? save->machine : "");
}

static const struct endpoint endpoint_file = {
	.check = save_check,
	.make = make,
	.stage = stage,
	.attach = attach,
	.record = record,
	.fingerprint = fingerprint,
	.tried = tried,
	.open = save_way_open,
	.images_limit_ms = IMAGES_LIMIT_MS,
	.learn = learn,
	.recover_hosts = recover_hosts,
	.forget = forget,
	.away = away,
	.sentence = save_sentence,
	.stop = save_stop,
	.free = save_free,
};
