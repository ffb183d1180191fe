/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All of a save's file is read once before a restore, a piece in each turn of
 * the loop: its archive is checked and its sum compared before anything is done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "save/save.h"

#define READ_PER_TURN (2u << 20)

struct save_verify {
	struct save *save;
	struct loop_timer *turn;
	struct sha256 sum;
	struct save_tar tar;
	uint64_t at;
	char *piece;
};

void save_verify_stop(struct save *save)
{
	struct save_verify *v = save->verify;

	if (!v)
		return;
	save->verify = NULL;
	loop_timer_remove(&v->turn);
	free(v->piece);
	free(v);
}

bool save_read_sections(struct save *save, struct err *e)
{
	const struct save_header *h = &save->file.header;
	uint64_t at = SAVE_BLOCK;

	for (size_t i = 0; i < SAVE_SECTIONS; i++) {
		struct check_said *said = &save->said[i];
		size_t len = (size_t)h->lengths[i];

		free(said->text);
		said->text = mem_alloc(len + 1);
		said->len = len;
		if (pread(save->file.fd, said->text, len, (off_t)at) != (ssize_t)len)
			return err_set(e, ERR_SYSTEM, NULL, "%s cannot be read", save->file.path);
		at += len;
	}
	return true;
}

static bool verify_some(struct save_verify *v, struct err *e)
{
	const struct save_header *h = &v->save->file.header;
	uint64_t left = h->images - v->at;
	ssize_t n = pread(v->save->file.fd, v->piece, left < READ_PER_TURN ? (size_t)left : READ_PER_TURN,
			  (off_t)(save_images_at(h) + v->at));

	if (n <= 0 && left > 0)
		return err_errno(e, n < 0 ? errno : EIO, "it cannot be read");
	sha256_add(&v->sum, v->piece, (size_t)n);
	v->at += (uint64_t)n;
	return save_tar_feed(&v->tar, v->piece, (size_t)n, e);
}

static bool verify_end(struct save_verify *v, struct err *e)
{
	char sum[SHA256_HEX];

	sha256_end(&v->sum, sum);
	if (strcmp(sum, v->save->file.header.sum) != 0)
		return err_set(e, ERR_REFUSED, NULL, "it is damaged: its sum is not the one it was saved with");
	if (!save_tar_whole(&v->tar))
		return err_set(e, ERR_REFUSED, NULL, "its archive of images is not whole");
	return true;
}

static void on_verify(void *ctx)
{
	struct save_verify *v = ctx;
	struct save *save = v->save;
	struct move *move = save->move;
	bool last, good;
	struct err e = { 0 };

	if (move->finishing)
		return;
	good = verify_some(v, &e);
	last = v->at == save->file.header.images;
	/* A sum that is wrong says more than what follows from it. */
	if (good && !last) {
		loop_timer_set(v->turn, 0);
		return;
	}
	if (good)
		good = verify_end(v, &e);
	save_verify_stop(save);
	move_set_status(move, "");
	if (good) {
		save->verified = true;
		move_check(move);
		return;
	}
	err_prefix(&e, "%s cannot be restored: ", save->file.path);
	move_fail(move, &e);
}

void save_verify_begin(struct move *move)
{
	struct save *save = save_of(move);
	struct save_verify *v = save->verify = mem_new(struct save_verify);

	v->save = save;
	v->piece = mem_alloc(READ_PER_TURN);
	sha256_begin(&v->sum);
	for (size_t i = 0; i < SAVE_SECTIONS; i++)
		sha256_add(&v->sum, save->said[i].text, save->said[i].len);
	v->turn = loop_timer_add(move->loop, 0, on_verify, v);
	move_set_status(move, "reading the file");
}
