/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a command, gather what it prints, call once. */
#include "ssh/conn.h"

#include <stdlib.h>

#include "base/mem.h"

struct ssh_run {
	struct ssh_chan *chan;
	struct buf out[2];
	ssh_run_take_fn *take; /* of what comes on the first, or NULL */
	size_t max, taken;
	bool truncated;
	bool over; /* inside its callback */
	ssh_run_fn *done;
	void *ctx;
};

static void run_free(struct ssh_run *run)
{
	ssh_chan_free(&run->chan);
	buf_wipe(&run->out[0]);
	buf_wipe(&run->out[1]);
	free(run);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	struct ssh_run *run = ctx;

	if (stream == 0 && run->take) {
		size_t n = len < run->max - run->taken ? len : run->max - run->taken;

		run->taken += n;
		run->truncated |= n < len;
		run->take(run->ctx, data, n);
		return;
	}
	run->truncated |= !buf_fill(&run->out[stream], data, len);
}

static void on_closed(void *ctx, const struct ssh_exit *how)
{
	struct ssh_run *run = ctx;
	struct ssh_output output = {
		.how = *how,
		.out = buf_str(&run->out[0]),
		.out_len = run->out[0].len,
		.errout = buf_str(&run->out[1]),
		.errout_len = run->out[1].len,
		.truncated = run->truncated,
	};

	run->over = true;
	if (run->done)
		run->done(run->ctx, &output);
	run_free(run);
}

struct ssh_run *ssh_run(struct ssh_conn *conn, const char *command, const void *input, size_t input_len,
			size_t max, ssh_run_fn *done, void *ctx)
{
	static const struct ssh_chan_ops ops = {.data = on_data, .closed = on_closed};
	struct ssh_run *run = mem_new(struct ssh_run);

	buf_init(&run->out[0], max);
	buf_init(&run->out[1], max);
	run->max = max;
	run->done = done;
	run->ctx = ctx;
	run->chan = ssh_exec(conn, command, &ops, run);
	if (input && input_len > 0)
		chan_queue(run->chan, input, input_len);
	ssh_chan_end_input(run->chan);
	return run;
}

void ssh_run_take(struct ssh_run *run, ssh_run_take_fn *take)
{
	run->take = take;
}

void ssh_run_cancel(struct ssh_run **run)
{
	struct ssh_run *old = *run;

	if (!old)
		return;
	*run = NULL;
	if (!old->over)
		run_free(old);
}
