/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a command, gather what it prints, call once. */
#include "ssh/conn.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/patience.h"
#include "base/text.h"

struct ssh_run {
	struct ssh_chan *chan;
	char *host;
	struct buf out[2];
	ssh_run_take_fn *take; /* takes stdout as it comes, or NULL */
	size_t max, taken;
	struct loop_timer *limit;
	int limit_ms;
	bool truncated;
	bool over; /* inside its callback */
	ssh_run_fn *done;
	void *ctx;
};

static void run_free(struct ssh_run *run)
{
	ssh_chan_free(&run->chan);
	loop_timer_remove(&run->limit);
	buf_wipe(&run->out[0]);
	buf_wipe(&run->out[1]);
	free(run->host);
	free(run);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	struct ssh_run *run = ctx;

	if (run->truncated)
		return;
	if (stream == 0 && run->take) {
		size_t n = len < run->max - run->taken ? len : run->max - run->taken;

		run->taken += n;
		run->take(run->ctx, data, n);
		if (n == len)
			return;
	} else if (buf_fill(&run->out[stream], data, len)) {
		return;
	}
	/* A command that prints past the limit may never end. Stopped from the loop: this is the channel's
	 * own callback. */
	run->truncated = true;
	loop_timer_set(run->limit, 0);
}

static void end(struct ssh_run *run, const struct ssh_exit *how)
{
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

static void on_closed(void *ctx, const struct ssh_exit *how)
{
	end(ctx, how);
}

static void on_limit(void *ctx)
{
	struct ssh_run *run = ctx;
	struct ssh_exit how = { .status = -1 };
	char amount[32];

	if (run->truncated)
		snprintf(how.why, sizeof how.why, "%.80s prints without end: more than %s", run->host,
			 text_bytes(amount, sizeof amount, run->take ? run->taken : run->out[0].len, false));
	else
		snprintf(how.why, sizeof how.why, "%.80s gave no whole answer within %d s", run->host, (run->limit_ms + 999) / 1000);
	ssh_chan_free(&run->chan);
	end(run, &how);
}

struct ssh_run *ssh_run(struct ssh_conn *conn, const struct remote_line *line, const void *input, size_t input_len,
			size_t max, ssh_run_fn *done, void *ctx)
{
	static const struct ssh_chan_ops ops = {.data = on_data, .closed = on_closed};
	struct ssh_run *run = mem_new(struct ssh_run);

	buf_init(&run->out[0], max);
	buf_init(&run->out[1], max);
	run->max = max;
	run->done = done;
	run->ctx = ctx;
	run->host = mem_strdup(ssh_conn_name(conn));
	run->limit_ms = (int)patience_ms(SSH_RUN_LIMIT_MS);
	run->limit = loop_timer_add(conn->loop, run->limit_ms, on_limit, run);
	run->chan = ssh_exec(conn, line, &ops, run);
	if (input && input_len > 0)
		chan_queue(run->chan, input, input_len);
	ssh_chan_end_input(run->chan);
	return run;
}

void ssh_run_take(struct ssh_run *run, ssh_run_take_fn *take)
{
	run->take = take;
}

void ssh_run_limit(struct ssh_run *run, int ms)
{
	run->limit_ms = (int)patience_ms(ms);
	loop_timer_set(run->limit, run->limit_ms);
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
