/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One end of a move: the control channel to src/remote/end.sh on a host, the
 * facts it reports, and the orders it is given.  When the connection goes, the
 * end attaches again as soon as the host is back; its facts say `known` only
 * after it has told everything anew.
 */
#ifndef HANDOVER_END_H
#define HANDOVER_END_H

#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/loop.h>

#include "host/host.h"
#include "handover/handover.h"

struct end;

struct end_ops {
	/* Facts changed; `notice` is what the line reported, `rest` what followed its word. */
	void (*facts)(void *ctx, struct end *end, enum notice notice, const char *rest);
	/* It cannot do what it was asked to; a sentence without the host's name. */
	void (*failed)(void *ctx, struct end *end, enum failure failure, const char *sentence);
	/* The connection went, or came back. */
	void (*reach)(void *ctx, struct end *end, bool reachable);
	/* One line of a list or a log asked for; NULL ends it. */
	void (*listed)(void *ctx, struct end *end, const char *line);
	void (*logged)(void *ctx, struct end *end, const char *line);
	/* Bytes of images there, asked for by "size". */
	void (*sized)(void *ctx, struct end *end, uint64_t bytes);
};

/* `dir` is the migration's directory on the host (D in end.sh). */
struct end *end_new(struct loop *loop, struct host *host, const char *dir, const struct end_ops *ops, void *ctx);
/* An end that is no host but a file of this machine: its orders go to `order`, which may only take note of
 * them; whoever carries them out edits the facts and tells. */
typedef void end_order_fn(void *ctx, enum order order);
struct end *end_new_file(const char *name, const struct end_ops *ops, void *ctx, end_order_fn *order, void *order_ctx);
void end_tell(struct end *end, enum notice notice);
void end_tell_failed(struct end *end, const char *sentence);
/* The host's name, or the file's. */
const char *end_name(const struct end *end);
void end_free(struct end *end);

/* Make the directory, and `images` for those; and serve: `pairs` are NAME=VALUE for end.sh, NULL-terminated; they go to
 * its input, since a command line can be read by every user of the host. */
void end_stage(struct end *end, const char *images, const char *const pairs[]);
/* Where they are, once it is staged. Valid until the end's next callback. */
const char *end_images(const struct end *end);
/* Serve a directory that another pferry made. */
void end_attach(struct end *end);

const struct end_facts *end_facts(const struct end *end);
struct end_facts *end_facts_edit(struct end *end);
struct host *end_host(const struct end *end);
bool end_reachable(const struct end *end);

/* Give an order; the same order is not given twice to the same channel. */
void end_order(struct end *end, enum order order);
/* The same, even if it was given to this channel before. */
void end_order_anew(struct end *end, enum order order);
/* Send a command that is no order; `args` may be NULL. */
void end_say(struct end *end, enum command command, const char *args);
/* The lease begins anew. */
void end_renew(struct end *end);

#endif
