/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A move one end of which is a file on this machine: `pferry save` and
 * `pferry restore`.  The engine makes it one by save_begin(); from then on
 * src/move has it by its table (move/endpoint.h).
 *
 * save.c        that table: what differs from a move between hosts, phase by phase
 * save_end.c    the file as an end of the handover: facts and orders
 * save_way.c    bytes from the source into the file, from the file to the destination
 * save_verify.c whether a file is as it was saved, before a restore
 * save_look.c   whether a process still runs at its source
 * save_words.c  how it ended
 * save_file.c   the file on the disk, save_format.c what is in it
 */
#ifndef SAVE_SAVE_H
#define SAVE_SAVE_H

#include <sys/types.h>

#include "move/move_priv.h"
#include "save/save_file.h"

struct save_way;

struct save {
	struct move *move;
	bool restores;            /* the file is the source, else the destination */
	bool force;
	struct save_file file;
	struct host *host;        /* restore: the source as it was recorded */
	struct check_said said[CHECK_SAID]; /* restore: what its scripts said */
	struct end *end;          /* the file's, once there is one; the move's to free */
	unsigned orders;          /* given, and not carried out yet: one bit each */
	struct loop_timer *turn;  /* carries them out */
	struct save_header before; /* restore: as it was before it was claimed */
	struct save_look *look;
	bool looked;
	check_done_fn *checked; /* to be told what the check found */
	struct save_verify *verify;
	bool verified;
	struct save_way *way;
	char *machine;            /* recovery: where the file lies, as recorded */
};

/* ---- save.c ---- */
/* Of a move that save_begin() or save_recover() has made one of a file. */
static inline struct save *save_of(const struct move *move)
{
	return move->endpoint_own;
}

/* For a request that names a file; false with a sentence when it cannot be. */
bool save_begin(struct move *move, struct err *e);
/* The same for one that another pferry was at. */
void save_recover(struct move *move, const struct move_recovery *recovery);
/* The move is over; then all of it. */
void save_stop(struct move *move);
void save_free(struct move *move);

/* ---- save_words.c ---- */
/* endpoint.sentence */
bool save_sentence(const struct move *move, const char *name, char *out, size_t size);

/* ---- save_look.c: before a part is restored that was not committed ---- */
void save_look_begin(struct move *move);
void save_look_stop(struct save *save);

/* ---- save_verify.c: read all of a file before anything is done with it ---- */
void save_verify_begin(struct move *move);
void save_verify_stop(struct save *save);
/* Its sum begins with these: false when they cannot be read. */
bool save_read_sections(struct save *save, struct err *e);

/* ---- save_end.c ---- */
struct end *save_end(struct move *move, const struct end_ops *ops);
/* Make the file, or begin with one that was opened. */
void save_stage(struct move *move);
/* The end of a file that another pferry was at. */
struct end *save_end_attach(struct move *move, const struct end_ops *ops);
/* It is whole and on the disk. */
void save_end_whole(struct save *save);
/* It counts as not there. */
void save_end_forget(struct save *save);

/* ---- save_way.c ---- */
/* endpoint.open */
void save_way_open(struct move *move, const struct transport_setup *setup, const struct transport_ops *ops);
void save_way_close(struct save *save);
/* The source is held: the images may go. */
void save_way_go(struct save *save);

#endif
