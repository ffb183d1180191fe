/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/conn.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "ssh/keyring.h"
#include "ssh/owndir.h"
#include "base/text.h"

#define CONNECT_TIMEOUT_MS 30000

static const char *const state_names[] = {
	[SSH_CONFIG] = "reading its ssh configuration",
	[SSH_RESOLVING] = "looking up its address",
	[SSH_CONNECTING] = "connecting",
	[SSH_HANDSHAKE] = "exchanging keys",
	[SSH_AUTH] = "logging in",
	[SSH_UP] = "up",
	[SSH_DOWN] = "down",
};

const char *ssh_state_name(enum ssh_state state)
{
	return (size_t)state < countof(state_names) ? state_names[state] : "?";
}

/* ---- entering and leaving ---- */

bool conn_over(const struct ssh_conn *conn)
{
	return conn->failing || conn->closing || conn->state == SSH_DOWN;
}

void conn_enter(struct ssh_conn *conn)
{
	conn->depth++;
}

/* Stop everything that moves; channels and callbacks are not touched. */
static void stop_all(struct ssh_conn *conn)
{
	open_stop(conn);
	hostkey_stop(conn);
	auth_stop(conn);
	wire_stop(conn);
	methods_forget(conn);
	loop_timer_set(conn->deadline, -1);
	conn->asking = false;
	conn->answered = false;
	buf_wipe(&conn->answer);
}

static void destroy(struct ssh_conn *conn)
{
	chan_forget_all(conn);
	stop_all(conn);
	loop_timer_remove(&conn->deadline);
	loop_timer_remove(&conn->kick);
	loop_timer_remove(&conn->keepalive);
	loop_timer_remove(&conn->hold);
	if (conn->have_cfg)
		ssh_config_free(&conn->cfg);
	buf_free(&conn->login_key);
	buf_free(&conn->proof);
	buf_free(&conn->host_key);
	free(conn->proxy_words);
	free(conn->bye);
	free(conn->config_file);
	free(conn->name);
	free(conn);
}

void conn_leave(struct ssh_conn *conn)
{
	if (conn->depth == 1 && conn->failing && !conn->closing && conn->state != SSH_DOWN) {
		log_add(LOG_WARN, conn->name, "%s", conn->err.text);
		conn->cut = true;
		chan_lose_all(conn);
		if (!conn->closing) {
			stop_all(conn);
			conn_set_state(conn, SSH_DOWN);
		}
	}
	if (--conn->depth == 0 && conn->closing)
		destroy(conn);
}

void conn_set_state(struct ssh_conn *conn, enum ssh_state state)
{
	if (conn->state == state || conn->closing)
		return;
	conn->state = state;
	if (state != SSH_DOWN)
		log_add(LOG_DETAIL, conn->name, "%s", ssh_state_name(state));
	if (conn->ops->state)
		conn->ops->state(conn->ctx, conn, state);
}

void conn_fail_err(struct ssh_conn *conn, const struct err *e)
{
	if (conn_over(conn))
		return;
	conn->err = *e;
	snprintf(conn->err.host, sizeof conn->err.host, "%s", conn->name);
	conn->failing = true;
}

void conn_fail(struct ssh_conn *conn, enum err_code code, const char *fmt, ...)
{
	struct err e = {0};
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	err_set(&e, code, conn->name, "%s", text);
	free(text);
	conn_fail_err(conn, &e);
}

/* ---- timers ---- */

void conn_kick(struct ssh_conn *conn)
{
	if (!loop_timer_armed(conn->kick))
		loop_timer_set(conn->kick, 0);
}

static void on_kick(void *ctx)
{
	conn_pump(ctx);
}

static void on_deadline(void *ctx)
{
	struct ssh_conn *conn = ctx;

	conn_enter(conn);
	if (conn->broken)
		wire_proxy_ended(conn);
	else if (conn->state != SSH_UP)
		conn_fail(conn, ERR_TIMEOUT,
			  "no connection to %s within %d s (it was still %s): check address, network and "
			  "firewall",
			  conn->name, (conn->timeout_ms + 999) / 1000, ssh_state_name(conn->state));
	conn_leave(conn);
}

/* ---- questions ---- */

void conn_hold(struct ssh_conn *conn, bool hold)
{
	if (hold == conn->held)
		return;
	conn->held = hold;
	if (hold) {
		conn->deadline_ms -= loop_clock_us() / 1000;
		loop_timer_set(conn->deadline, -1);
		return;
	}
	conn->deadline_ms = conn->deadline_ms < 5000 ? 5000 : conn->deadline_ms;
	loop_timer_set(conn->deadline, conn->deadline_ms);
	conn->deadline_ms += loop_clock_us() / 1000;
}

bool conn_ask(struct ssh_conn *conn, const char *text, bool echo, bool yes_no)
{
	struct ssh_question question = {.host = conn->name, .text = text, .echo = echo, .yes_no = yes_no};

	if (conn->answered)
		return true;
	if (conn->asking)
		return false;
	conn->refused = !conn->ops->question || conn->cfg.batch;
	if (conn->refused) {
		conn->answered = true;
		return true;
	}
	/* A person may take their time. */
	conn->asking = true;
	conn_hold(conn, true);
	conn->ops->question(conn->ctx, conn, &question);
	return false;
}

void ssh_conn_answer(struct ssh_conn *conn, const char *answer)
{
	if (!conn->asking)
		return;
	conn->asking = false;
	conn->answered = true;
	conn->refused = !answer;
	buf_wipe(&conn->answer);
	if (answer)
		buf_puts(&conn->answer, answer);
	conn_hold(conn, false);
	conn_kick(conn);
}

void conn_answer_used(struct ssh_conn *conn)
{
	conn->answered = false;
	conn->refused = false;
	buf_wipe(&conn->answer);
}

/* ---- what ssh.h says ---- */

struct ssh_conn *ssh_conn_open(struct loop *loop, const char *name, const struct ssh_options *options,
			       const struct ssh_conn_ops *ops, void *ctx)
{
	struct ssh_conn *conn = mem_new(struct ssh_conn);

	conn->loop = loop;
	conn->name = mem_strdup(name);
	if (options)
		conn->options = *options;
	conn->config_file = mem_strdup(conn->options.config_file);
	conn->options.config_file = conn->config_file;
	conn->ops = ops;
	conn->ctx = ctx;
	conn->state = SSH_CONFIG;
	conn->fd = -1;
	conn->ops_last = &conn->ops_first;
	buf_init(&conn->out, 0);
	buf_init(&conn->in, 256u << 10);
	buf_init(&conn->answer, 4096);
	buf_init(&conn->greeting, 0);
	buf_init(&conn->login_key, 0);
	buf_init(&conn->proof, 0);
	buf_init(&conn->host_key, 0);
	conn->kick = loop_timer_add(loop, 0, on_kick, conn);
	conn->timeout_ms =
		conn->options.connect_timeout_ms > 0 ? conn->options.connect_timeout_ms : CONNECT_TIMEOUT_MS;
	conn->deadline = loop_timer_add(loop, conn->timeout_ms, on_deadline, conn);
	conn->deadline_ms = loop_clock_us() / 1000 + conn->timeout_ms;
	return conn;
}

void ssh_conn_close(struct ssh_conn **conn)
{
	struct ssh_conn *old = *conn;

	if (!old)
		return;
	*conn = NULL;
	old->closing = true;
	conn_enter(old);
	conn_leave(old);
}

enum ssh_state ssh_conn_state(const struct ssh_conn *conn)
{
	return conn->state;
}

const char *ssh_conn_name(const struct ssh_conn *conn)
{
	return conn->name;
}

const struct err *ssh_conn_err(const struct ssh_conn *conn)
{
	return &conn->err;
}

const char *ssh_conn_server(const struct ssh_conn *conn)
{
	const char *banner = conn->session ? libssh2_session_banner_get(conn->session) : NULL;

	return banner ? banner : "";
}

bool ssh_conn_turned_away(const struct ssh_conn *conn)
{
	return conn->turned_away;
}

const char *ssh_conn_user(const struct ssh_conn *conn)
{
	return conn->have_cfg ? conn->cfg.user : "";
}

const char *ssh_conn_address(const struct ssh_conn *conn)
{
	return conn->address;
}

int ssh_conn_port(const struct ssh_conn *conn)
{
	return conn->have_cfg ? conn->cfg.port : 0;
}

const char *ssh_conn_cipher(const struct ssh_conn *conn)
{
	return conn->cipher;
}

bool ssh_conn_idle(const struct ssh_conn *conn)
{
	for (const struct ssh_chan *chan = conn->chans; chan; chan = chan->next) {
		if (chan->owned)
			return false;
	}
	return true;
}

uint64_t ssh_conn_bytes_in(const struct ssh_conn *conn)
{
	return conn->bytes_in;
}

uint64_t ssh_conn_bytes_out(const struct ssh_conn *conn)
{
	return conn->bytes_out;
}

bool ssh_global_init(struct err *e)
{
	int rc = libssh2_init(0);

	if (rc != 0)
		return err_set(e, ERR_SYSTEM, NULL, "the SSH library does not start (error %d)", rc);
	return true;
}

void ssh_global_exit(void)
{
	keyring_close();
	owndir_remove();
	askpass_forget();
	libssh2_exit();
}
