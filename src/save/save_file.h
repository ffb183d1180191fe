/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that `pferry save` makes, on this machine's disk: see save_format.h
 * for what is in it and save_end.c for when each of these is done.
 *
 * While it is saved it lies beside its later name, as NAME.ID.part, and gets
 * the name when it has been marked "saved".  Whoever works on it has a lock.
 */
#ifndef SAVE_SAVE_FILE_H
#define SAVE_SAVE_FILE_H

#include <stdbool.h>
#include <pferry/err.h>

#include "save/save_format.h"

struct save_file {
	char *path;         /* absolute */
	char *part;         /* where it lies while it is saved, or NULL */
	int fd;             /* -1: not open */
	bool at_part;       /* it lies there now */
	bool replace;       /* what has its name may be replaced */
	struct save_header header;
};

enum save_opened {
	SAVE_OPEN,
	SAVE_MISSING,   /* there is none, in a directory that is there */
	SAVE_BUSY,      /* another pferry is at it */
	SAVE_NOT        /* it cannot be opened, or is none of ours */
};

/* Closed, with no name. */
void save_file_init(struct save_file *file);
/* Close it and forget its names; it stays as it is. */
void save_file_close(struct save_file *file);

/* An absolute name for a file to be made (its directory must be there), or of
 * one that is there; allocated, NULL with a sentence. */
char *save_path(const char *path, bool exists, struct err *e);
/* Whether a save may have that name: nothing is there, or `replace` and a plain file. */
bool save_path_free(const char *path, bool replace, struct err *e);
/* Its name while the save `id` is under way; allocated. */
char *save_part(const char *path, const char *id);

/* Make file->part, empty, 0600; path and part are set by the caller (taken). */
bool save_file_create(struct save_file *file, struct err *e);
/* Open what is at `path` and read its header; the length of one that is whole is checked. */
enum save_opened save_file_open(struct save_file *file, const char *path, struct err *e);
/* Write its header anew, before it is whole. */
bool save_file_write_header(struct save_file *file, struct err *e);
/* Change its state, on the disk when this returns; the header follows. */
bool save_file_mark(struct save_file *file, enum save_state state, const char *owner, const char *host, struct err *e);
/* Give it its name. False when it keeps that of its part, which is said. */
bool save_file_publish(struct save_file *file, struct err *e);
/* Remove the part. */
void save_file_drop(struct save_file *file);

/* What tells this machine from others, with its name in front ("host.0123456789abcdef"); allocated. */
char *save_machine(void);

#endif
