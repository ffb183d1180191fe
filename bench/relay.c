/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay WAY SSH_CONFIG SOURCE DESTINATION MIB: so many MiB of zeros go from one host
 * to the other, by the engine's ways: "bulk", as a move of many bytes goes, or
 * "splice", of two channels.  Prints bytes, seconds from the first byte to the end of
 * what takes them, and seconds of processor in between, for "bulk" with its two logins.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "transport/bulk.h"
#include "ssh/ssh.h"

struct relay {
	struct loop *loop;
	struct ssh_conn *conn[2];
	struct ssh_chan *chan[2];
	struct ssh_splice *splice;
	struct bulk *bulk;
	bool by_bulk, begun;
	struct remote_line *line[2];
	uint64_t bytes;
	int64_t began_us, took_us;
	double began_cpu;
	bool failed;
};

/* RUSAGE_CHILDREN: of those that have ended. */
static double cpu_now(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void give_up(struct relay *r, const char *why)
{
	fprintf(stderr, "relay: %s\n", why);
	r->failed = true;
	loop_stop(r->loop);
}

static void on_progress(void *ctx, uint64_t bytes)
{
	struct relay *r = ctx;

	if (r->bytes == 0) {
		r->began_us = loop_clock_us();
		r->began_cpu = cpu_now(RUSAGE_SELF) + cpu_now(RUSAGE_CHILDREN);
	}
	r->bytes = bytes;
}

static void on_done(void *ctx, bool ok, uint64_t bytes)
{
	struct relay *r = ctx;

	r->splice = NULL;
	r->bytes = bytes;
	if (!ok)
		give_up(r, "the copy broke off");
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	if (stream == 1)
		fwrite(data, 1, len, stderr);
}

static void on_source_closed(void *ctx, const struct ssh_exit *how)
{
	struct relay *r = ctx;

	if (how->lost || how->status != 0)
		give_up(r, "the command at the source failed");
}

static void on_destination_closed(void *ctx, const struct ssh_exit *how)
{
	struct relay *r = ctx;

	if (how->lost || how->status != 0) {
		give_up(r, "the command at the destination failed");
		return;
	}
	r->took_us = loop_clock_us() - r->began_us;
	loop_stop(r->loop);
}

static void on_bulk_ready(void *ctx)
{
	(void)ctx;
}

static void on_bulk_done(void *ctx, enum bulk_end how, const char *words)
{
	struct relay *r = ctx;

	r->bulk = NULL;
	r->took_us = loop_clock_us() - r->began_us;
	if (how != BULK_DONE)
		give_up(r, *words ? words : "the two ssh broke off");
	loop_stop(r->loop);
}

static void begin_bulk(struct relay *r)
{
	static const struct bulk_ops ops = { .ready = on_bulk_ready, .progress = on_progress, .done = on_bulk_done };

	r->bulk = bulk_open(r->loop, r->conn[0], r->line[0], r->conn[1], r->line[1], UINT32_MAX, &ops, r);
}

static void on_state(void *ctx, struct ssh_conn *conn, enum ssh_state state)
{
	static const struct ssh_chan_ops source_ops = { .data = on_data, .closed = on_source_closed };
	static const struct ssh_chan_ops destination_ops = { .data = on_data, .closed = on_destination_closed };
	static const struct ssh_splice_ops splice_ops = { .progress = on_progress, .done = on_done };
	struct relay *r = ctx;

	if (state == SSH_DOWN) {
		give_up(r, ssh_conn_err(conn)->text);
		return;
	}
	if (ssh_conn_state(r->conn[0]) != SSH_UP || ssh_conn_state(r->conn[1]) != SSH_UP || r->begun)
		return;
	r->begun = true;
	if (r->by_bulk) {
		begin_bulk(r);
		return;
	}
	r->chan[0] = ssh_exec(r->conn[0], r->line[0], &source_ops, r);
	r->chan[1] = ssh_exec(r->conn[1], r->line[1], &destination_ops, r);
	ssh_chan_end_input(r->chan[0]);
	r->splice = ssh_splice(r->chan[0], r->chan[1], &splice_ops, r);
}

int main(int argc, char **argv)
{
	static const struct ssh_conn_ops ops = { .state = on_state };
	struct ssh_options options = { 0 };
	struct relay r = { 0 };
	struct err e = { 0 };

	if (argc != 6) {
		fprintf(stderr, "usage: relay bulk|splice SSH_CONFIG SOURCE DESTINATION MIB\n");
		return 2;
	}
	if (!ssh_global_init(&e)) {
		fprintf(stderr, "relay: %s\n", e.text);
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	r.by_bulk = strcmp(argv[1], "bulk") == 0;
	options.config_file = argv[2];
	r.line[0] = remote_line_bytes("zeros", strtoul(argv[5], NULL, 10) << 20, NULL);
	r.line[1] = remote_line_bytes("sink", 1, "ready");
	r.loop = loop_new();
	r.conn[0] = ssh_conn_open(r.loop, argv[3], &options, &ops, &r);
	r.conn[1] = ssh_conn_open(r.loop, argv[4], &options, &ops, &r);
	loop_run(r.loop);
	bulk_close(&r.bulk);
	if (!r.failed)
		printf("%llu %.6f %.6f\n", (unsigned long long)r.bytes, (double)r.took_us / 1e6,
		       cpu_now(RUSAGE_SELF) + cpu_now(RUSAGE_CHILDREN) - r.began_cpu);
	ssh_splice_stop(&r.splice);
	ssh_chan_free(&r.chan[0]);
	ssh_chan_free(&r.chan[1]);
	remote_line_free(&r.line[0]);
	remote_line_free(&r.line[1]);
	ssh_conn_close(&r.conn[0]);
	ssh_conn_close(&r.conn[1]);
	loop_free(r.loop);
	ssh_global_exit();
	return r.failed;
}
