/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/host_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/probe.h"
#include "remote/remote.h"

#define PROBE_MAX 65536
#define PROBE_LIMIT_MS 30000
#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MAX_MS 30000
/* How long one host keeps others from connecting. */
#define PASS_MS 2000
/* How often a host that closes the connection without a word is tried again where nothing else is. */
#define AWAY_TRIES 6
#define AWAY_MS 300
/* A tree that is so much older than it should be is called stale. */
#define STALE_REFRESHES 2
#define STALE_MS 4000

static void connect_now(struct host *host);

void host_tell(struct host *host, enum host_change change)
{
	host->setup.changed(host->setup.ctx, host, change);
}

static void set_state(struct host *host, enum host_state state, const char *text)
{
	host->state = state;
	snprintf(host->state_text, sizeof host->state_text, "%s", text);
	host_tell(host, HOST_CHANGE_STATE);
}

/* ---- connection ---- */

static void drop_connection(struct host *host)
{
	ssh_run_cancel(&host->probe);
	root_stop(host->root);
	host->wants_root = false;
	host->root_asks = false;
	host->root_said[0] = '\0';
	tree_drop(host);
	loop_timer_set(host->refresh, -1);
	if (host->conn)
		ssh_conn_close(&host->conn);
	gate_leave(&host->pass);
	if (host->asks) {
		host->asks = false;
		host_tell(host, HOST_CHANGE_QUESTION);
	}
}

static int jitter(int most)
{
	unsigned random = 0;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (unsigned)loop_clock_us();
	return (int)(random % ((unsigned)most + 1));
}

void host_lost(struct host *host, const struct err *why)
{
	bool away = host->conn && ssh_conn_turned_away(host->conn) && ++host->turned_away <= AWAY_TRIES;
	bool person = why->code == ERR_AUTH || why->code == ERR_HOSTKEY || why->code == ERR_USAGE ||
		      (host->setup.once && !away);
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
	wait = away ? AWAY_MS + jitter(AWAY_MS * 2) : host->backoff_ms + jitter(host->backoff_ms / 2);
	if (!away)
		host->backoff_ms = host->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : host->backoff_ms * 2;
	host->retry_at_ms = loop_now_ms(host->loop) + wait;
	loop_timer_set(host->retry, wait);
	/* Many at once were too many: not lost, only not yet there. */
	if (away && host->setup.once)
		set_state(host, HOST_CONNECTING, "waiting to be let in");
	else
		set_state(host, HOST_LOST, "lost");
}

static void on_probe(void *ctx, const struct ssh_output *output)
{
	struct host *host = ctx;
	struct err e = { 0 };

	host->probe = NULL;
	if (output->how.lost)
		return; /* the connection's state callback says why */
	if (output->how.why[0]) {
		err_set(&e, ERR_TIMEOUT, host->name, "logging in works, but %s", output->how.why);
		host_lost(host, &e);
		return;
	}
	if (!probe_parse(output->out, output->out_len, &host->facts, &e)) {
		snprintf(e.host, sizeof e.host, "%s", host->name);
		host_lost(host, &e);
		return;
	}
	/* A password given before is good for this connection too, if sudo agrees. */
	if (host->facts.root_way == ROOT_PASSWORD && root_has_password(host->root))
		root_try(host->root, host->conn, NULL);
	else
		host_come_up(host);
}

void host_come_up(struct host *host)
{
	host->backoff_ms = BACKOFF_FIRST_MS;
	host->turned_away = 0;
	gate_leave(&host->pass);
	host->generation++;
	err_clear(&host->err);
	host->state = HOST_UP;
	host_say_up(host);
	if (host_own_only(host))
		log_add(LOG_NOTE, host->name, "CRIU moves processes of %s there without root", host->facts.user);
	else if (!host->facts.root && !host->setup.look_only)
		log_add(LOG_NOTE, host->name, "%s", host_root_why(host));
	host_tell(host, HOST_CHANGE_STATE);
	if (host->setup.refresh_ms >= 0)
		tree_look(host);
}

static void on_conn_state(void *ctx, struct ssh_conn *conn, enum ssh_state state)
{
	static const char *const look[] = { "look", NULL };
	struct host *host = ctx;
	struct err why;
	struct remote_line *line;

	switch (state) {
	case SSH_DOWN:
		why = *ssh_conn_err(conn);
		host_lost(host, &why);
		break;
	case SSH_UP:
		set_state(host, HOST_PROBING, "probing");
		line = remote_line(REMOTE_PLAIN, "probe", host->setup.look_only ? look : NULL);
		host->probe = ssh_run(conn, line, NULL, 0, PROBE_MAX, on_probe, host);
		ssh_run_limit(host->probe, PROBE_LIMIT_MS);
		remote_line_free(&line);
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
	/* A person may take their time; others need not wait for it. */
	gate_leave(&host->pass);
	host_ask(host, mem_printf("%s: %s", host->name, question->text), question->echo, question->yes_no);
}

static void on_pass_over(void *ctx)
{
	struct host *host = ctx;

	gate_leave(&host->pass);
}

static void on_turn(void *ctx)
{
	static const struct ssh_conn_ops ops = { .state = on_conn_state, .question = on_question };
	struct host *host = ctx;
	struct ssh_options options = { .config_file = host->ssh_config };

	snprintf(host->state_text, sizeof host->state_text, "connecting");
	loop_timer_set(host->pass_over, PASS_MS);
	host->conn = ssh_conn_open(host->loop, host->name, &options, &ops, host);
}

static void connect_now(struct host *host)
{
	host->retry_at_ms = 0;
	loop_timer_set(host->retry, -1);
	host->state = HOST_CONNECTING;
	snprintf(host->state_text, sizeof host->state_text, "waiting its turn");
	host->pass = gate_enter(host->setup.gate, on_turn, host);
}

static void on_retry(void *ctx)
{
	connect_now(ctx);
}

void host_ask(struct host *host, char *text, bool echo, bool yes_no)
{
	free(host->question_text);
	host->question_text = text;
	host->question = (struct host_question){ .text = text, .echo = echo, .yes_no = yes_no };
	host->asks = true;
	host_tell(host, HOST_CHANGE_QUESTION);
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
	host->root = root_new(host_on_root, host);
	host->pass_over = loop_timer_add(loop, -1, on_pass_over, host);
	host->retry = loop_timer_add(loop, -1, on_retry, host);
	host->refresh = loop_timer_add(loop, -1, host_on_refresh, host);
	host->snap_limit = loop_timer_add(loop, -1, host_on_snapshot_limit, host);
	host->building = loop_timer_add(loop, -1, host_on_building, host);
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
	loop_timer_remove(&host->pass_over);
	loop_timer_remove(&host->refresh);
	loop_timer_remove(&host->snap_limit);
	loop_timer_remove(&host->building);
	tree_free(host->tree);
	root_free(host->root);
	free(host->question_text);
	free(host->ssh_config);
	free(host->name);
	free(host);
}

struct loop *host_loop(const struct host *host)
{
	return host->loop;
}

const char *host_ssh_config(const struct host *host)
{
	return host->ssh_config;
}

struct ssh_conn *host_conn(const struct host *host)
{
	return host->state == HOST_UP ? host->conn : NULL;
}

unsigned host_generation(const struct host *host)
{
	return host->generation;
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
	static char text[128];
	int64_t age = host->tree_ms ? host_tree_age_ms(host) : -1, wait = host_retry_ms(host);

	if (host->state == HOST_LOST && wait >= 0)
		snprintf(text, sizeof text, "lost: retry in %" PRId64 " s", (wait + 999) / 1000);
	else if (host->state == HOST_UP && host->snap_fails && !host->tree_ms)
		snprintf(text, sizeof text, "up, its processes do not come");
	else if (host->state == HOST_UP && !host->paused && host->setup.refresh_ms >= 0 &&
		 age > STALE_REFRESHES * (int64_t)host->setup.refresh_ms + STALE_MS)
		snprintf(text, sizeof text, "stale for %" PRId64 " s", age / 1000);
	else
		return host->state_text;
	return text;
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

void host_retry(struct host *host)
{
	if (host->state != HOST_LOST && host->state != HOST_REFUSED)
		return;
	host->backoff_ms = BACKOFF_FIRST_MS;
	connect_now(host);
	host_tell(host, HOST_CHANGE_STATE);
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
	if (host->root_asks)
		host_root_answer(host, answer);
	else if (host->conn)
		ssh_conn_answer(host->conn, answer);
	host_tell(host, HOST_CHANGE_QUESTION);
}
