/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "handover/protocol.h"

#define SAID_MAX 4096
/* How long a sender may take to end after its receiver has all. */
#define SENDER_ENDS_MS 5000

struct relay {
	const struct host *source, *destination;
	struct ssh_chan *from, *to;
	struct ssh_splice *splice;
	struct buf said;
	char why[160];
	struct loop_timer *late; /* the receiver is content, and the sender does not end */
	bool from_over, to_over, told;
	struct relay_result result;
	struct relay_ops ops;
	void *ctx;
};

bool relay_not_received(struct err *e, const char *host, const char *said, const char *otherwise)
{
	enum failure failure;
	const char *sentence = failure_in(said, &failure);

	if (!sentence)
		return err_set(e, ERR_REMOTE, host, "%s: %s", host, otherwise);
	return err_set(e, ERR_REMOTE, host, "%s: %.*s", host, (int)strcspn(sentence, "\n"), sentence);
}

static void stop_channels(struct relay *r)
{
	ssh_splice_stop(&r->splice);
	ssh_chan_free(&r->from);
	ssh_chan_free(&r->to);
}

void relay_stop(struct relay **relay)
{
	struct relay *r = *relay;

	if (!r)
		return;
	*relay = NULL;
	stop_channels(r);
	loop_timer_remove(&r->late);
	buf_free(&r->said);
	free(r);
}

void relay_hurry(struct relay *r)
{
	ssh_splice_hurry(r->splice);
}

/* Take the end of one side; the relay may be freed afterwards. */
static void take_end(struct relay *r, const struct host *host, const struct ssh_exit *how)
{
	struct relay_result *result = &r->result;

	/* The script would not run at all: then the other end need not wait. */
	if (how->why[0] && !r->why[0]) {
		snprintf(r->why, sizeof r->why, "%s", how->why);
		stop_channels(r);
	}
	if (r->told || !(how->lost || r->why[0] || result->failed || (r->from_over && r->to_over)))
		return;
	r->told = true;
	result->lost = how->lost;
	result->host = host;
	result->said = buf_str(&r->said);
	r->ops.over(r->ctx, result);
}

static void on_opened(void *ctx)
{
	struct relay *r = ctx;

	if (r->ops.opened)
		r->ops.opened(r->ctx);
}

static void on_from_data(void *ctx, int stream, const char *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)data;
	(void)len;
}

static void on_from_closed(void *ctx, const struct ssh_exit *how)
{
	struct relay *r = ctx;

	/* The splice goes on: it still holds the last bytes, and ends the
	 * receiver's input after them. */
	ssh_chan_free(&r->from);
	r->from_over = true;
	r->result.unsent = !how->lost && how->status != 0;
	take_end(r, r->source, how);
}

static void on_to_data(void *ctx, int stream, const char *data, size_t len)
{
	struct relay *r = ctx;

	(void)stream;
	buf_fill(&r->said, data, len);
}

static void on_to_closed(void *ctx, const struct ssh_exit *how)
{
	struct relay *r = ctx;

	ssh_splice_stop(&r->splice);
	ssh_chan_free(&r->to);
	r->to_over = true;
	r->result.failed = how->lost || how->status != 0;
	if (r->result.failed) {
		ssh_chan_free(&r->from);
	} else if (r->from) {
		/* The copy that has lost its target left the sender paused, and its end would never be seen. */
		ssh_chan_pause(r->from, false);
		loop_timer_set(r->late, SENDER_ENDS_MS);
	}
	take_end(r, r->destination, how);
}

/* All bytes have arrived; the sender's end no longer matters. */
static void on_late(void *ctx)
{
	static const struct ssh_exit unknown = { .status = 0 };
	struct relay *r = ctx;

	ssh_chan_free(&r->from);
	r->from_over = true;
	take_end(r, r->source, &unknown);
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct relay *r = ctx;

	r->ops.progress(r->ctx, bytes);
}

static void on_spliced(void *ctx, bool ok, uint64_t bytes)
{
	struct relay *r = ctx;

	(void)ok; /* how the two channels close says more */
	r->splice = NULL;
	r->ops.progress(r->ctx, bytes);
}

struct relay *relay_start(const struct relay_script *sender, const struct relay_script *receiver,
			  const struct relay_ops *ops, void *ctx)
{
	static const struct ssh_chan_ops from_ops = { .opened = on_opened, .data = on_from_data, .closed = on_from_closed };
	static const struct ssh_chan_ops to_ops = { .opened = on_opened, .data = on_to_data, .closed = on_to_closed };
	static const struct ssh_splice_ops splice_ops = { .progress = on_progress, .done = on_spliced };
	struct relay *r = mem_new(struct relay);

	r->source = sender->host;
	r->destination = receiver->host;
	r->result.why = r->why;
	r->ops = *ops;
	r->ctx = ctx;
	r->late = loop_timer_add(host_loop(sender->host), -1, on_late, r);
	buf_init(&r->said, SAID_MAX);
	r->from = host_exec(sender->host, sender->name, sender->args, &from_ops, r);
	r->to = host_exec(receiver->host, receiver->name, receiver->args, &to_ops, r);
	ssh_chan_end_input(r->from);
	r->splice = ssh_splice(r->from, r->to, &splice_ops, r);
	return r;
}
