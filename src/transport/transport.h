/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How images get from the held source to the destination.  A transport is
 * opened before the freeze and waits for it; whoever arrives last at the
 * destination starts the restore there, without a word from us in between.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/loop.h>
#include <pferry/move.h>

#include "host/host.h"

struct transport;

struct transport_ops {
	/* The transport's channels are open: the freeze may begin (may come from transport_open()). */
	void (*ready)(void *ctx);
	void (*progress)(void *ctx, uint64_t bytes); /* all together so far */
	/* All sent, or not: `e` says why; `lost` when a connection went. */
	void (*done)(void *ctx, const struct err *e, bool lost);
	/* scp: everything is there, the destination must be notified. */
	void (*arrived)(void *ctx);
};

struct transport_setup {
	struct host *source, *destination;
	const char *source_dir, *destination_dir;          /* D at each end */
	const char *source_images, *destination_images;    /* directory I at either end */
	const char *key;                                   /* for direct.h, or NULL */
	enum move_via via;
	bool bring;                                        /* files come along too */
	bool follow;                                       /* memory is sent while the dump writes it */
	bool pack;                                         /* images are compressed on the way, by zstd */
	uint64_t bytes;                                    /* about so many, 0: few */
	double link;                                       /* bytes a second of the way, 0: not known */
	unsigned round;                                    /* > 0: only the images of that round of a pre-copy */
};

/* Strings of the setup are copied. */
struct transport *transport_open(struct loop *loop, const struct transport_setup *setup,
				 const struct transport_ops *ops, void *ctx);
void transport_close(struct transport **t);

/* The sentence for a receiver that was not content: `said` is the output of its script. Returns false. */
bool transport_not_received(struct err *e, const char *host, const char *said);

/* scp only: one of the held source's images ("SIZE NAME"), NULL after the last. */
void transport_image(struct transport *t, const char *image);

#endif
