/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's snapshots: when they are taken, and what becomes of them. */
#include "host/host_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/patience.h"
#include "remote/remote.h"

#define SNAPSHOT_LIMIT_MS 30000
/* Steps of work on a received snapshot in one turn of the loop: some milliseconds. */
#define STEPS_A_TURN 25000
/* After so many in a row that did not end, it is connected to anew. */
#define FAILS_MAX 3

void tree_drop(struct host *host)
{
	ssh_chan_free(&host->snap_chan);
	snapshot_free(host->snap);
	host->snap = NULL;
	tree_build_free(host->build);
	host->build = NULL;
	loop_timer_set(host->snap_limit, -1);
	loop_timer_set(host->building, -1);
}

static void schedule_refresh(struct host *host)
{
	if (host->setup.refresh_ms >= 0 && !host->paused)
		loop_timer_set(host->refresh, host->setup.refresh_ms);
}

/* A host that sends nonsense costs its own column only. */
static void say_bad(struct host *host, const struct err *why)
{
	struct err e = *why;

	host->snap_bad = true;
	err_prefix(&e, "its list of processes cannot be read: ");
	e.code = ERR_PROTOCOL;
	snprintf(e.host, sizeof e.host, "%s", host->name);
	host->err = e;
	host_tell(host, HOST_CHANGE_STATE);
}

static void on_snapshot_data(void *ctx, int stream, const char *data, size_t len)
{
	struct host *host = ctx;
	struct err e = { 0 };

	if (stream != 0 || host->snap_bad)
		return;
	if (!snapshot_feed(host->snap, data, len, &e))
		say_bad(host, &e);
}

/* The next one goes around what this one hung at; a connection on which none comes is given up, unless it carries more. */
static void host_snapshot_failed(struct host *host)
{
	struct err e = { 0 };

	tree_drop(host);
	host->snap_fails++;
	err_set(&e, ERR_TIMEOUT, host->name, "its list of processes did not come within %d s: does a file system or a device there not answer?",
		SNAPSHOT_LIMIT_MS / 1000);
	if (host->snap_fails >= FAILS_MAX && ssh_conn_idle(host->conn)) {
		host->snap_fails = 0;
		host_lost(host, &e);
		return;
	}
	/* A command that looks only once waits for the second snapshot. */
	if (!host->setup.once || host->snap_fails > 1) {
		host->err = e;
		host_tell(host, HOST_CHANGE_STATE);
	}
	if (host->setup.once && host->snap_fails == 1)
		loop_timer_set(host->refresh, 0);
	else
		schedule_refresh(host);
}

static void on_snapshot_closed(void *ctx, const struct ssh_exit *how)
{
	struct host *host = ctx;
	struct snapshot *snap = host->snap;

	if (!how->lost && !host->snap_bad && !snapshot_ended(snap)) {
		/* The script's own time was over, or its output was cut short. */
		host_snapshot_failed(host);
		return;
	}
	if (how->lost || host->snap_bad) {
		tree_drop(host);
		schedule_refresh(host);
		return;
	}
	host->snap = NULL;
	tree_drop(host);
	host->build = tree_build_new(host->tree, snap, loop_now_ms(host->loop));
	host_on_building(host);
}

/* A tree of many processes is made in turns; of few, at once. */
void host_on_building(void *ctx)
{
	struct host *host = ctx;
	size_t budget = STEPS_A_TURN;
	bool fresh;

	if (loop_turn_us(host->loop) > LOOP_LONG_US || !tree_build_step(host->build, &budget)) {
		loop_timer_set(host->building, 0);
		return;
	}
	fresh = !tree_build_err(host->build);
	if (fresh) {
		host->tree_ms = loop_now_ms(host->loop);
		host->snap_fails = 0;
		if (host->err.code == ERR_TIMEOUT)
			err_clear(&host->err);
	} else {
		say_bad(host, tree_build_err(host->build));
	}
	tree_drop(host);
	schedule_refresh(host);
	if (fresh)
		host_tell(host, HOST_CHANGE_TREE);
}

void tree_look(struct host *host)
{
	static const struct ssh_chan_ops ops = { .data = on_snapshot_data, .closed = on_snapshot_closed };
	static const char *const careful[] = { "careful", NULL };
	struct remote_line *line;

	if (host->snap_chan || host->build || host->state != HOST_UP)
		return;
	host->snap_bad = false;
	host->snap = snapshot_new();
	snapshot_in_turns(host->snap);
	line = remote_line(REMOTE_PLAIN, "snapshot", host->snap_careful || host->snap_fails ? careful : NULL);
	host->snap_careful |= host->snap_fails > 0;
	host->snap_chan = ssh_exec(host->conn, line, &ops, host);
	ssh_chan_end_input(host->snap_chan);
	remote_line_free(&line);
	loop_timer_set(host->snap_limit, patience_ms(SNAPSHOT_LIMIT_MS));
}

void host_on_refresh(void *ctx)
{
	tree_look(ctx);
}

void host_on_snapshot_limit(void *ctx)
{
	host_snapshot_failed(ctx);
}

void host_refresh(struct host *host)
{
	if (host->state == HOST_UP)
		loop_timer_set(host->refresh, 0);
}

void host_pause(struct host *host, bool paused)
{
	host->paused = paused;
	if (paused)
		loop_timer_set(host->refresh, -1);
	else if (host->state == HOST_UP && !host->snap_chan && !host->build)
		loop_timer_set(host->refresh, 0);
}
