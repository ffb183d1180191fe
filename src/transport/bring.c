/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport/bring.h"

#include <stdlib.h>

#include "base/mem.h"
#include "transport/relay.h"

struct bring {
	struct relay *relay;
	struct bring_ops ops;
	void *ctx;
};

void bring_stop(struct bring **bring)
{
	struct bring *b = *bring;

	if (!b)
		return;
	*bring = NULL;
	relay_stop(&b->relay);
	free(b);
}

/* tar's status is not looked at: a file that changed or went while it was read is sent again, or not. */
static void on_over(void *ctx, const struct relay_result *result)
{
	struct bring *b = ctx;
	struct bring_ops ops = b->ops;
	const char *name = host_name(result->host);
	struct err why = { 0 };

	if (result->lost)
		err_set(&why, ERR_LOST, name, "the connection to %s was lost while files were sent", name);
	else if (result->why[0])
		err_set(&why, ERR_REMOTE, name, "%s: %s", name, result->why);
	else if (result->failed)
		relay_not_received(&why, name, result->said, "the files could not be received");
	ctx = b->ctx;
	bring_stop(&b);
	ops.done(ctx, why.code == ERR_NONE ? NULL : &why);
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct bring *b = ctx;

	b->ops.progress(b->ctx, bytes);
}

struct bring *bring_start(struct host *source, struct host *destination, const char *source_dir,
			  const char *destination_dir, const struct bring_ops *ops,
			  void *ctx)
{
	static const struct relay_ops relay_ops = { .progress = on_progress, .over = on_over };
	const char *from[] = { source_dir, "first", NULL }, *to[] = { destination_dir, "first", NULL };
	const struct relay_script sender = { source, "bring", from }, receiver = { destination, "accept", to };
	struct bring *b = mem_new(struct bring);

	b->ops = *ops;
	b->ctx = ctx;
	b->relay = relay_start(&sender, &receiver, &relay_ops, b);
	return b;
}
