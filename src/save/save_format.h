/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that `pferry save` makes: its header, and what may be in it.  It
 * comes from outside when it is restored, so all of it is checked.
 *
 *     pferry-save 1            the first block, 4096 bytes of text
 *     state saved              one of the states below, padded with blanks
 *     sum SHA-256              of the next line
 *     {JSON}                   what the process is and was; then newlines
 *     ...                      what inspect.sh, able.sh and digest.sh said at
 *                              the source, as long as the JSON says
 *     tar                      the images, as send.sh sends them
 *
 * The JSON has a SHA-256 of all that follows the first block.  The state is
 * the only part that changes once the file is whole, by one write within one
 * sector.
 */
#ifndef SAVE_SAVE_FORMAT_H
#define SAVE_SAVE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/host.h>
#include <pferry/tree.h>

#include "base/sha256.h"

#define SAVE_BLOCK 4096
#define SAVE_STATE_AT 14  /* where the line of the state begins */
#define SAVE_STATE_LEN 192 /* and its length, newline included */
#define SAVE_ACCEPTED 8
#define SAVE_SECTIONS 3

enum save_state {
	SAVE_SAVING,   /* not whole */
	SAVE_WHOLE,    /* whole; whether the source let go is not known */
	SAVE_SAVED,    /* the source's tree was seen gone: this is the process now */
	SAVE_CLAIMED,  /* the restore `owner` was about to start it, or has */
	SAVE_RECLAIMED, /* the same of one that was restored before, or not known to be saved */
	SAVE_RESTORED  /* and has: it was seen running */
};

enum save_section { SAVE_INSPECT, SAVE_ABLE, SAVE_SUMS };

struct save_header {
	enum save_state state;
	char owner[40];          /* from CLAIMED on: id of that restore, else "" */
	char host[128];          /* and the host that it went to */
	char id[40];             /* of the save */
	char source[128];        /* host it ran on */
	char name[64];
	char when[32];           /* UTC, for a person */
	struct proc_key proc;
	uint64_t memory_bytes;
	uint64_t lengths[SAVE_SECTIONS]; /* of what the source's scripts said */
	uint64_t images;         /* length of the tar archive */
	char sum[SHA256_HEX];    /* of all that follows the first block */
	struct host_facts facts; /* of the source, those that a restore is judged by */
	char accept[SAVE_ACCEPTED][32]; /* choices that were made */
	size_t naccept;
	char options[512];       /* that CRIU's restore needs, for a person; "" */
};

/* Read the first block; false with a sentence ("it is ...") when it is none of ours. */
bool save_header_parse(const char block[SAVE_BLOCK], struct save_header *header, struct err *e);
/* Write it; false when it does not fit. */
bool save_header_print(const struct save_header *header, char block[SAVE_BLOCK], struct err *e);
/* Whether a state has an owner and a host. */
bool save_state_owned(enum save_state state);
/* The line of a state, SAVE_STATE_LEN bytes. */
void save_state_print(enum save_state state, const char *owner, const char *host, char line[SAVE_STATE_LEN]);
/* Length of the whole file. */
uint64_t save_length(const struct save_header *header);
/* Where its images begin. */
uint64_t save_images_at(const struct save_header *header);
/* The most that a section may be long. */
uint64_t save_section_max(enum save_section section);

/*
 * A tar archive on its way: plain files only, with names as CRIU gives its
 * images, ".complete" the last of them, and nothing after its end.
 */
struct save_tar {
	uint64_t left;      /* bytes of a file, padding included, still to come */
	char block[512];
	size_t have;        /* bytes of it */
	unsigned zeros;     /* empty blocks in a row */
	bool complete;
	char name[100];     /* of the file that comes just now */
};

/* The next bytes; false with a sentence when something is not as it should be. */
bool save_tar_feed(struct save_tar *tar, const char *data, size_t len, struct err *e);
/* It ended where it should. */
bool save_tar_whole(const struct save_tar *tar);

#endif
