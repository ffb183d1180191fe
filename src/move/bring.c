/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/bring.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define COMPLAINT_MAX 4096

struct bring {
	struct host *source, *destination;
	struct ssh_chan *from, *to;
	struct ssh_splice *splice;
	struct buf complaint;
	struct bring_ops ops;
	void *ctx;
	bool from_over, to_over, failed;
	struct err why;
};

void bring_stop(struct bring **bring)
{
	struct bring *b = *bring;

	if (!b)
		return;
	*bring = NULL;
	ssh_splice_stop(&b->splice);
	ssh_chan_free(&b->from);
	ssh_chan_free(&b->to);
	buf_free(&b->complaint);
	free(b);
}

static void check_end(struct bring *b)
{
	const char *said = buf_str(&b->complaint), *fail = strstr(said, "fail ");
	struct bring_ops ops = b->ops;
	void *ctx = b->ctx;
	struct err why = b->why;

	if (b->failed && why.code == ERR_NONE)
		err_set(&why, ERR_REMOTE, host_name(b->destination), "%s: %.*s", host_name(b->destination),
			fail ? (int)strcspn(fail + 5, "\n") : 33, fail ? fail + 5 : "the files could not be received");
	if (!b->failed && !(b->from_over && b->to_over))
		return;
	bring_stop(&b);
	ops.done(ctx, why.code == ERR_NONE ? NULL : &why);
}

static void on_closed(struct bring *b, const struct host *host, const struct ssh_exit *how)
{
	if (how->lost)
		err_set(&b->why, ERR_LOST, host_name(host), "the connection to %s went while files were sent", host_name(host));
	else if (how->why[0])
		err_set(&b->why, ERR_REMOTE, host_name(host), "%s: %s", host_name(host), how->why);
	b->failed |= b->why.code != ERR_NONE;
	check_end(b);
}

static void on_from_closed(void *ctx, const struct ssh_exit *how)
{
	struct bring *b = ctx;

	/* The splice goes on with the last bytes. tar's status is not looked at:
	 * a file that changed or went while it was read is sent again, or not. */
	ssh_chan_free(&b->from);
	b->from_over = true;
	on_closed(b, b->source, how);
}

static void on_to_closed(void *ctx, const struct ssh_exit *how)
{
	struct bring *b = ctx;

	ssh_splice_stop(&b->splice);
	ssh_chan_free(&b->to);
	b->to_over = true;
	b->failed |= how->status != 0;
	on_closed(b, b->destination, how);
}

static void on_from_data(void *ctx, int stream, const char *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)data;
	(void)len;
}

static void on_to_data(void *ctx, int stream, const char *data, size_t len)
{
	struct bring *b = ctx;

	(void)stream;
	buf_fill(&b->complaint, data, len);
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct bring *b = ctx;

	b->ops.progress(b->ctx, bytes);
}

static void on_spliced(void *ctx, bool ok, uint64_t bytes)
{
	struct bring *b = ctx;

	(void)ok;
	b->splice = NULL;
	b->ops.progress(b->ctx, bytes);
}

struct bring *bring_start(struct host *source, struct host *destination, const char *source_dir,
			  const char *destination_dir, const struct bring_ops *ops,
			  void *ctx)
{
	static const struct ssh_chan_ops from_ops = { .data = on_from_data, .closed = on_from_closed };
	static const struct ssh_chan_ops to_ops = { .data = on_to_data, .closed = on_to_closed };
	static const struct ssh_splice_ops splice_ops = { .progress = on_progress, .done = on_spliced };
	const char *from[] = { source_dir, "first", NULL }, *to[] = { destination_dir, "first", NULL };
	struct bring *b = mem_new(struct bring);

	b->source = source;
	b->destination = destination;
	b->ops = *ops;
	b->ctx = ctx;
	buf_init(&b->complaint, COMPLAINT_MAX);
	b->from = host_exec(source, "bring", from, &from_ops, b);
	b->to = host_exec(destination, "accept", to, &to_ops, b);
	ssh_chan_end_input(b->from);
	b->splice = ssh_splice(b->from, b->to, &splice_ops, b);
	return b;
}
