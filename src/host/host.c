/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/probe.h"
#include "remote/remote.h"

#define PROBE_MAX 65536
#define SNAPSHOT_LIMIT_MS 30000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 30000

struct host {
	struct loop *loop;
	char *name;
	char *ssh_config;
	struct host_setup setup;
	enum host_state state;
	char state_text[96];
	struct err err;
	struct ssh_conn *conn;
	unsigned generation;
	struct host_facts facts;
	struct ssh_run *probe;
	struct loop_timer *retry;
	int64_t retry_at_ms;
	int backoff_ms;
	/* snapshots */
	struct tree *tree;
	int64_t tree_ms; /* when the last came, 0: never */
	struct snapshot *snap;
	struct ssh_chan *snap_chan;
	struct loop_timer *refresh;
	struct loop_timer *snap_limit;
	bool snap_bad;
	bool paused;
	/* question */
	bool asks;
	char *question_text;
	struct host_question question;
};

static void connect_now(struct host *host);

static void tell(struct host *host, enum host_change change)
{
	host->setup.changed(host->setup.ctx, host, change);
}

static void set_state(struct host *host, enum host_state state, const char *text)
{
	host->state = state;
	snprintf(host->state_text, sizeof host->state_text, "%s", text);
	tell(host, HOST_CHANGE_STATE);
}

/* ---- snapshots ---- */

static void snapshot_drop(struct host *host)
{
	ssh_chan_free(&host->snap_chan);
	snapshot_free(host->snap);
	host->snap = NULL;
	loop_timer_set(host->snap_limit, -1);
}

static void schedule_refresh(struct host *host)
{
	if (host->setup.refresh_ms >= 0 && !host->paused)
		loop_timer_set(host->refresh, host->setup.refresh_ms);
}

static void on_snapshot_data(void *ctx, int stream, const char *data, size_t len)
{
	struct host *host = ctx;
	struct err e = { 0 };

	if (stream != 0 || host->snap_bad)
		return;
	if (snapshot_feed(host->snap, data, len, &e))
		return;
	/* A host that sends nonsense costs its own column only. */
	host->snap_bad = true;
	err_prefix(&e, "its list of processes cannot be read: ");
	e.code = ERR_PROTOCOL;
	snprintf(e.host, sizeof e.host, "%s", host->name);
	host->err = e;
	tell(host, HOST_CHANGE_STATE);
}

static void on_snapshot_closed(void *ctx, const struct ssh_exit *how)
{
	struct host *host = ctx;
	bool fresh = !how->lost && !host->snap_bad && snapshot_complete(host->snap);

	if (fresh) {
		tree_update(host->tree, host->snap, loop_now_ms(host->loop));
		host->snap = NULL;
		host->tree_ms = loop_now_ms(host->loop);
	}
	snapshot_drop(host);
	schedule_refresh(host);
	if (fresh)
		tell(host, HOST_CHANGE_TREE);
}

static void snapshot_start(struct host *host)
{
	static const struct ssh_chan_ops ops = { .data = on_snapshot_data, .closed = on_snapshot_closed };
	char *command;

	if (host->snap_chan || host->state != HOST_UP)
		return;
	host->snap_bad = false;
	host->snap = snapshot_new();
	command = host_command(host, "snapshot", NULL);
	host->snap_chan = ssh_exec(host->conn, command, &ops, host);
	ssh_chan_end_input(host->snap_chan);
	free(command);
	loop_timer_set(host->snap_limit, SNAPSHOT_LIMIT_MS);
}

static void on_refresh(void *ctx)
{
	snapshot_start(ctx);
}

/* A snapshot that does not end is given up; the next one may fare better. */
static void on_snapshot_limit(void *ctx)
{
	struct host *host = ctx;

	snapshot_drop(host);
	schedule_refresh(host);
}

/* ---- connection ---- */

static void drop_connection(struct host *host)
{
	ssh_run_cancel(&host->probe);
	snapshot_drop(host);
	loop_timer_set(host->refresh, -1);
	if (host->conn)
		ssh_conn_close(&host->conn);
	if (host->asks) {
		host->asks = false;
		tell(host, HOST_CHANGE_QUESTION);
	}
}

static void lost(struct host *host, const struct err *why)
{
	bool person = why->code == ERR_AUTH || why->code == ERR_HOSTKEY || why->code == ERR_USAGE ||
		      host->setup.once;
	int wait;

	host->err = *why;
	if (host->err.host[0] == '\0')
		snprintf(host->err.host, sizeof host->err.host, "%s", host->name);
	drop_connection(host);
	if (person) {
		host->retry_at_ms = 0;
		set_state(host, HOST_REFUSED, "refused");
		return;
	}
	/* Jitter, so that a hundred hosts behind one broken link do not all
	 * come back in the same moment. */
	wait = host->backoff_ms + (int)(random() % (host->backoff_ms / 2 + 1));
	host->backoff_ms = host->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : host->backoff_ms * 2;
	host->retry_at_ms = loop_now_ms(host->loop) + wait;
	loop_timer_set(host->retry, wait);
	set_state(host, HOST_LOST, "lost");
}

static void on_probe(void *ctx, const struct ssh_output *output)
{
	struct host *host = ctx;
	struct err e = { 0 };

	host->probe = NULL;
	if (output->how.lost)
		return; /* the connection's state callback says why */
	if (!probe_parse(output->out, output->out_len, &host->facts, &e)) {
		snprintf(e.host, sizeof e.host, "%s", host->name);
		lost(host, &e);
		return;
	}
	host->backoff_ms = BACKOFF_FIRST_MS;
	host->generation++;
	err_clear(&host->err);
	set_state(host, HOST_UP, "up");
	if (host->setup.refresh_ms >= 0)
		snapshot_start(host);
}

static void on_conn_state(void *ctx, struct ssh_conn *conn, enum ssh_state state)
{
	struct host *host = ctx;
	struct err why;
	char *command;

	switch (state) {
	case SSH_DOWN:
		why = *ssh_conn_err(conn);
		lost(host, &why);
		break;
	case SSH_UP:
		set_state(host, HOST_PROBING, "probing");
		command = remote_command("probe", "common", NULL);
		host->probe = ssh_run(conn, command, NULL, 0, PROBE_MAX, on_probe, host);
		free(command);
		break;
	case SSH_CONFIG:
	case SSH_RESOLVING:
	case SSH_CONNECTING:
	case SSH_HANDSHAKE:
	case SSH_AUTH:
		set_state(host, HOST_CONNECTING, ssh_state_name(state));
		break;
	}
}

static void on_question(void *ctx, struct ssh_conn *conn, const struct ssh_question *question)
{
	struct host *host = ctx;

	(void)conn;
	free(host->question_text);
	host->question_text = mem_printf("%s: %s", host->name, question->text);
	host->question = (struct host_question){ .text = host->question_text,
						 .echo = question->echo,
						 .yes_no = question->yes_no };
	host->asks = true;
	tell(host, HOST_CHANGE_QUESTION);
}

static void connect_now(struct host *host)
{
	static const struct ssh_conn_ops ops = { .state = on_conn_state, .question = on_question };
	struct ssh_options options = { .config_file = host->ssh_config };

	host->retry_at_ms = 0;
	loop_timer_set(host->retry, -1);
	host->state = HOST_CONNECTING;
	snprintf(host->state_text, sizeof host->state_text, "connecting");
	host->conn = ssh_conn_open(host->loop, host->name, &options, &ops, host);
}

static void on_retry(void *ctx)
{
	connect_now(ctx);
}

/* ---- the host ---- */

struct host *host_new(struct loop *loop, const char *name, const struct host_setup *setup)
{
	struct host *host = mem_new(struct host);

	host->loop = loop;
	host->name = mem_strdup(name);
	host->setup = *setup;
	host->ssh_config = mem_strdup(setup->ssh_config);
	host->setup.ssh_config = host->ssh_config;
	host->backoff_ms = BACKOFF_FIRST_MS;
	host->tree = tree_new();
	host->retry = loop_timer_add(loop, -1, on_retry, host);
	host->refresh = loop_timer_add(loop, -1, on_refresh, host);
	host->snap_limit = loop_timer_add(loop, -1, on_snapshot_limit, host);
	connect_now(host);
	return host;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	host->asks = false;
	drop_connection(host);
	loop_timer_remove(&host->retry);
	loop_timer_remove(&host->refresh);
	loop_timer_remove(&host->snap_limit);
	tree_free(host->tree);
	free(host->question_text);
	free(host->ssh_config);
	free(host->name);
	free(host);
}

struct ssh_conn *host_conn(const struct host *host)
{
	return host->state == HOST_UP ? host->conn : NULL;
}

unsigned host_generation(const struct host *host)
{
	return host->generation;
}

char *host_command(const struct host *host, const char *script, const char *const args[])
{
	(void)host;
	return remote_command(script, "common", args);
}

const char *host_command_input(const struct host *host)
{
	(void)host;
	return NULL;
}

const char *host_name(const struct host *host)
{
	return host->name;
}

enum host_state host_state(const struct host *host)
{
	return host->state;
}

const char *host_state_text(const struct host *host)
{
	return host->state_text;
}

const struct err *host_err(const struct host *host)
{
	return &host->err;
}

int64_t host_retry_ms(const struct host *host)
{
	int64_t left;

	if (host->retry_at_ms == 0)
		return -1;
	left = host->retry_at_ms - loop_clock_us() / 1000;
	return left < 0 ? 0 : left;
}

const struct host_facts *host_facts(const struct host *host)
{
	return &host->facts;
}

const struct tree *host_tree(const struct host *host)
{
	return host->tree;
}

int64_t host_tree_age_ms(const struct host *host)
{
	return host->tree_ms ? loop_clock_us() / 1000 - host->tree_ms : -1;
}

void host_refresh(struct host *host)
{
	if (host->state == HOST_UP)
		loop_timer_set(host->refresh, 0);
}

void host_retry(struct host *host)
{
	if (host->state != HOST_LOST && host->state != HOST_REFUSED)
		return;
	host->backoff_ms = BACKOFF_FIRST_MS;
	connect_now(host);
	tell(host, HOST_CHANGE_STATE);
}

void host_pause(struct host *host, bool paused)
{
	host->paused = paused;
	if (paused)
		loop_timer_set(host->refresh, -1);
	else if (host->state == HOST_UP && !host->snap_chan)
		loop_timer_set(host->refresh, 0);
}

const struct host_question *host_question(const struct host *host)
{
	return host->asks ? &host->question : NULL;
}

void host_answer(struct host *host, const char *answer)
{
	if (!host->asks)
		return;
	host->asks = false;
	if (host->conn)
		ssh_conn_answer(host->conn, answer);
	tell(host, HOST_CHANGE_QUESTION);
}
