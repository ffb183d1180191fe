/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name to a connected socket: ssh -G, then getent and TCP, or a proxy. */
#include "ssh/conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/lines.h"
#include "base/mem.h"

#define KEEPALIVE_MS 5000
#define KEEPALIVE_MAX 3
/* Bytes the kernel may hold before it sends them. */
#define UNSENT_BYTES (128 << 10)

/* ---- proxies ---- */

static void on_proxy_done(void *ctx, const struct child_result *result)
{
	struct ssh_conn *conn = ctx;
	char *words = lines_last(result->errout, result->errout_len, 300);

	conn_enter(conn);
	conn->proxy = NULL;
	conn->proxy_ended = true;
	if (*words) {
		free(conn->bye);
		conn->bye = mem_strdup(words);
	} else if (!conn->bye && result->status != 0) {
		conn->bye = mem_printf("it ended with status %d", result->status);
	}
	free(words);
	if (conn->broken)
		wire_proxy_ended(conn);
	conn_leave(conn);
}

/* Start the proxy command; questions of an ssh in it come to us. */
static void start_proxy(struct ssh_conn *conn, const char *const argv[])
{
	const char *const *set = conn->askpass ? askpass_environment(conn->askpass) : NULL;
	const char *words[64] = {"env"};
	struct err e = {0};
	size_t n = 1;
	int fd;

	while (set && *set)
		words[n++] = *set++;
	while (*argv && n < countof(words) - 1)
		words[n++] = *argv++;
	conn->proxy = child_start_socket(conn->loop, words, &fd, on_proxy_done, conn, &e);
	if (!conn->proxy) {
		conn_fail_err(conn, &e);
		return;
	}
	wire_start(conn, fd);
}

static void start_command(struct ssh_conn *conn)
{
	struct err e = {0};
	char *command = ssh_config_expand(&conn->cfg, conn->cfg.proxy_command, false, &e), *line;
	const char *argv[] = {"/bin/sh", "-c", NULL, NULL};

	if (!command) {
		conn_fail_err(conn, &e);
		return;
	}
	line = mem_printf("exec %s", command);
	argv[2] = line;
	conn->proxy_words = mem_strdup("the ProxyCommand");
	conn->askpass = askpass_open(conn);
	start_proxy(conn, argv);
	free(line);
	free(command);
}

/*
 * ssh itself goes through the jump hosts: what a user has set up for them holds,
 * their host keys too.  It only carries what is encrypted for the host behind
 * them, whose key is looked at here; so of what a user's own ssh may do beside
 * that, it does nothing.
 */
static void start_jump(struct ssh_conn *conn)
{
	static const char *const only[] = {
		"-oControlPath=none", "-oControlMaster=no",  "-oClearAllForwardings=yes", "-oPermitLocalCommand=no", "-oRemoteCommand=none",
		"-oForwardAgent=no",  "-oForwardX11=no",     "-oTunnel=no",		  "-oEscapeChar=none",
	};
	const char *last = strrchr(conn->cfg.proxy_jump, ','), *hop = last ? last + 1 : conn->cfg.proxy_jump;
	char *before = last ? mem_strndup(conn->cfg.proxy_jump, (size_t)(last - conn->cfg.proxy_jump)) : NULL;
	char *target = strchr(conn->cfg.hostname, ':')
			       ? mem_printf("[%s]:%d", conn->cfg.hostname, conn->cfg.port)
			       : mem_printf("%s:%d", conn->cfg.hostname, conn->cfg.port);
	char *uri = strncmp(hop, "ssh://", 6) == 0 ? mem_strdup(hop) : mem_printf("ssh://%s", hop);
	const char *argv[32];
	size_t n = 0;

	conn->askpass = askpass_open(conn);
	argv[n++] = "ssh";
	if (conn->config_file) {
		argv[n++] = "-F";
		argv[n++] = conn->config_file;
	}
	if (!conn->askpass)
		argv[n++] = "-oBatchMode=yes";
	for (size_t i = 0; i < countof(only); i++)
		argv[n++] = only[i];
	if (before) {
		argv[n++] = "-J";
		argv[n++] = before;
	}
	argv[n++] = "-W";
	argv[n++] = target;
	argv[n++] = "--";
	argv[n++] = uri;
	argv[n] = NULL;
	conn->proxy_words = mem_printf("the jump host %s", hop);
	start_proxy(conn, argv);
	free(before);
	free(target);
	free(uri);
}

/* ---- addresses ---- */

static void tune_socket(const struct ssh_conn *conn, int fd)
{
	int on = 1, ahead = UNSENT_BYTES;
	unsigned give_up = (unsigned)(conn->keepalive_ms * conn->keepalive_max);

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	/* A control message waits for the bytes written before it: seconds, where the kernel takes all it can. */
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &ahead, sizeof ahead);
	/* The kernel notices unanswered data by the same measure as we do silence. */
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &give_up, sizeof give_up);
}

static void on_dialed(void *ctx, int fd, const char *address, const struct err *e)
{
	struct ssh_conn *conn = ctx;

	conn_enter(conn);
	conn->dial = NULL;
	if (fd < 0) {
		conn_fail_err(conn, e);
	} else {
		snprintf(conn->address, sizeof conn->address, "%s", address);
		tune_socket(conn, fd);
		wire_start(conn, fd);
	}
	conn_leave(conn);
}

static void on_resolved(void *ctx, const struct ssh_addrs *addrs, const struct err *e)
{
	struct ssh_conn *conn = ctx;

	conn_enter(conn);
	conn->resolve = NULL;
	if (e) {
		conn_fail_err(conn, e);
	} else {
		conn_set_state(conn, SSH_CONNECTING);
		if (!conn_over(conn))
			conn->dial = dial_start(conn->loop, conn->name, addrs, conn->cfg.port,
						conn->cfg.bind_address, on_dialed, conn);
	}
	conn_leave(conn);
}

/* ---- configuration ---- */

static void take_config(struct ssh_conn *conn)
{
	const struct ssh_config *cfg = &conn->cfg;
	const struct ssh_options *o = &conn->options;

	conn->keepalive_ms = o->keepalive_ms > 0	 ? o->keepalive_ms
			     : cfg->alive_interval_s > 0 ? cfg->alive_interval_s * 1000
							 : KEEPALIVE_MS;
	conn->keepalive_max = o->keepalive_max > 0				      ? o->keepalive_max
			      : cfg->alive_interval_s > 0 && cfg->alive_count_max > 0 ? cfg->alive_count_max
										      : KEEPALIVE_MAX;
	if (o->connect_timeout_ms <= 0 && cfg->connect_timeout_s > 0) {
		conn->timeout_ms = cfg->connect_timeout_s * 1000;
		conn->deadline_ms = loop_clock_us() / 1000 + conn->timeout_ms;
		loop_timer_set(conn->deadline, conn->timeout_ms);
	}
	snprintf(conn->address, sizeof conn->address, "%s", cfg->hostname);
}

static void find_way(struct ssh_conn *conn)
{
	if (conn->cfg.proxy_command || conn->cfg.proxy_jump) {
		conn_set_state(conn, SSH_CONNECTING);
		if (conn_over(conn))
			return;
		if (conn->cfg.proxy_command)
			start_command(conn);
		else
			start_jump(conn);
		return;
	}
	conn_set_state(conn, SSH_RESOLVING);
	if (!conn_over(conn))
		conn->resolve = resolve_start(conn->loop, conn->cfg.hostname, conn->cfg.port,
					      conn->cfg.address_family, on_resolved, conn);
}

/* The known types of key decide what is offered, so a KnownHostsCommand is asked for that before there is a
 * connection. */
static void ask_order(struct ssh_conn *conn)
{
	char *name = ssh_config_key_name(&conn->cfg);
	const struct ssh_tokens tokens = { name, "ORDER", "NONE", "NONE", "NONE" };

	if (!hostfiles_want_order(conn) || hostfiles_ask(conn, &conn->said_order, &tokens, find_way))
		find_way(conn);
	free(name);
}

static void on_config(void *ctx, const struct child_result *result)
{
	struct ssh_conn *conn = ctx;
	struct err e = {0};

	conn_enter(conn);
	conn->child = NULL;
	if (result->status != 0) {
		char *words = lines_last(result->errout, result->errout_len, 300);

		conn_fail(conn, ERR_USAGE, "ssh does not accept the configuration for %s: %s", conn->name,
			  *words ? words : "it does not say why");
		free(words);
	} else if (!ssh_config_parse(&conn->cfg, conn->name, result->out, result->out_len, &e)) {
		conn_fail_err(conn, &e);
	} else {
		conn->have_cfg = true;
		take_config(conn);
		ask_order(conn);
	}
	conn_leave(conn);
}

void open_start(struct ssh_conn *conn)
{
	const char *argv[8];
	struct err e = {0};
	size_t n = 0;

	if (conn->name[0] == '\0' || conn->name[0] == '-') {
		conn_fail(conn, ERR_USAGE, "'%s' cannot be the name of a host", conn->name);
		return;
	}
	argv[n++] = "ssh";
	if (conn->config_file) {
		argv[n++] = "-F";
		argv[n++] = conn->config_file;
	}
	argv[n++] = "-G";
	argv[n++] = "--";
	argv[n++] = conn->name;
	argv[n] = NULL;
	conn->child = child_run(conn->loop, argv, 256 << 10, on_config, conn, &e);
	if (!conn->child)
		conn_fail_err(conn, &e);
}

void open_stop(struct ssh_conn *conn)
{
	child_kill(&conn->child);
	hostfiles_forget(&conn->said_order);
	resolve_stop(&conn->resolve);
	dial_stop(&conn->dial);
	child_kill(&conn->proxy);
	askpass_close(&conn->askpass);
}
