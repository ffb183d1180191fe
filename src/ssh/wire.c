/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes between the socket and libssh2, the handshake, keepalives. */
#include "ssh/conn.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/kexinit.h"

/*
 * libssh2 gives up a failed SCP opening in a loop that does not return before
 * the host has answered.  No other call asks this often in vain, and an error
 * ends the loop with nothing broken: the answer is for a channel that is gone.
 */
#define SPINS_MAX 1000

/* ---- what libssh2 calls ---- */

static void *on_alloc(size_t size, void **abstract)
{
	(void)abstract;
	auth_on_alloc();
	return malloc(size);
}

static void *on_realloc(void *p, size_t size, void **abstract)
{
	(void)abstract;
	return realloc(p, size);
}

static void on_free(void *p, void **abstract)
{
	const struct ssh_conn *conn = *abstract;

	/* Packets with passwords among them. */
	if (p && conn && conn->state == SSH_AUTH)
		mem_wipe(p, malloc_usable_size(p));
	free(p);
}

static ssize_t on_send(libssh2_socket_t fd, const void *data, size_t len, int flags, void **abstract)
{
	struct ssh_conn *conn = *abstract;
	ssize_t n = 0;

	(void)flags;
	if (conn->cut)
		return -EPIPE;
	/* A host that has closed its end may have sent the reason before: read on. */
	if (conn->deaf)
		return (ssize_t)len;
	if (conn->out.len == 0) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			conn->deaf = true;
			return (ssize_t)len;
		}
		if (n < 0)
			n = 0;
	}
	if ((size_t)n < len)
		buf_append(&conn->out, (const char *)data + n, len - (size_t)n);
	return (ssize_t)len;
}

static ssize_t on_recv(libssh2_socket_t fd, void *data, size_t len, int flags, void **abstract)
{
	struct ssh_conn *conn = *abstract;
	ssize_t n;

	(void)flags;
	if (conn->cut)
		return 0;
	if (conn->in.len > 0) {
		n = (ssize_t)(len < conn->in.len ? len : conn->in.len);
		memcpy(data, buf_data(&conn->in), (size_t)n);
		buf_consume(&conn->in, (size_t)n);
		return n;
	}
	if (conn->dry || conn->budget == 0)
		return conn->in_op && ++conn->spins > SPINS_MAX ? -EIO : -EAGAIN;
	n = recv(fd, data, len < conn->budget ? len : conn->budget, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		conn->dry = errno == EAGAIN;
		return -EAGAIN;
	}
	if (n <= 0) {
		conn->eof = true;
		return n < 0 ? -errno : 0;
	}
	if (!conn->shaken)
		wire_greeted(conn, data, (size_t)n);
	conn->budget = wire_turn_over(conn) ? 0 : conn->budget - (size_t)n;
	conn->heard = true;
	return n;
}

static void on_disconnect(LIBSSH2_SESSION *session, int reason, const char *message, int len,
			  const char *language, int language_len, void **abstract)
{
	struct ssh_conn *conn = *abstract;

	(void)session;
	(void)reason;
	(void)language;
	(void)language_len;
	if (conn->bye || len <= 0)
		return;
	conn->bye = text_sanitize(message, (size_t)len, 300);
}

/* libssh2 takes its callbacks as object pointers or as one kind of function pointer. */
#if LIBSSH2_VERSION_NUM >= 0x010b01
#define SET_CALLBACK(session, type, fn)                                                                      \
	libssh2_session_callback_set2((session), (type), (libssh2_cb_generic *)(fn))
#else
#define SET_CALLBACK(session, type, fn)                                                                      \
	libssh2_session_callback_set((session), (type), (void *)(uintptr_t)(fn))
#endif

/* ---- the socket in the loop ---- */

bool wire_turn_over(const struct ssh_conn *conn)
{
	/* Each connection's time is counted on its own, so that a host whose answer takes all of the turn
	 * leaves some to each other. */
	return loop_clock_us() - conn->pump_us > (conn->hurried || loop_turn_us(conn->loop) < LOOP_LONG_US ? TURN_US : TURN_LATE_US);
}

bool wire_may_send(const struct ssh_conn *conn)
{
	return conn->out.len == 0 && !wire_turn_over(conn);
}

static void flush_out(struct ssh_conn *conn)
{
	while (conn->out.len > 0) {
		ssize_t n = send(conn->fd, buf_data(&conn->out), conn->out.len, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			conn->deaf = true;
			buf_clear(&conn->out);
			return;
		}
		buf_consume(&conn->out, (size_t)n);
	}
}

static void on_socket(void *ctx, int fd, unsigned events)
{
	struct ssh_conn *conn = ctx;

	(void)fd;
	if (events & (LOOP_READ | LOOP_HUP))
		conn->dry = false;
	conn_pump(conn);
}

void wire_start(struct ssh_conn *conn, int fd)
{
	conn->fd = fd;
	conn->session = libssh2_session_init_ex(on_alloc, on_free, on_realloc, conn);
	if (!conn->session) {
		conn_fail(conn, ERR_SYSTEM, "the SSH library cannot start a session");
		return;
	}
	SET_CALLBACK(conn->session, LIBSSH2_CALLBACK_SEND, on_send);
	SET_CALLBACK(conn->session, LIBSSH2_CALLBACK_RECV, on_recv);
	SET_CALLBACK(conn->session, LIBSSH2_CALLBACK_DISCONNECT, on_disconnect);
	libssh2_session_set_blocking(conn->session, 0);
	libssh2_session_flag(conn->session, LIBSSH2_FLAG_COMPRESS, conn->cfg.compression);
	if (!methods_offer(conn))
		return;
	conn->src = loop_fd_add(conn->loop, fd, LOOP_READ, on_socket, conn);
	conn_set_state(conn, SSH_HANDSHAKE);
	conn_kick(conn);
}

void wire_stop(struct ssh_conn *conn)
{
	loop_fd_remove(&conn->src);
	loop_timer_set(conn->kick, -1);
	if (conn->keepalive)
		loop_timer_set(conn->keepalive, -1);
	if (conn->session) {
		if (!conn->cut && conn->shaken) {
			conn->budget = 0;
			libssh2_session_disconnect(conn->session, "bye");
		}
		/* From here nothing is sent or awaited, so this ends at once. */
		conn->cut = true;
		for (int i = 0; i < 1000 && libssh2_session_free(conn->session) == LIBSSH2_ERROR_EAGAIN; i++)
			;
		conn->session = NULL;
	}
	if (conn->fd >= 0)
		close(conn->fd);
	conn->fd = -1;
	buf_wipe(&conn->out);
	buf_wipe(&conn->in);
	buf_free(&conn->greeting);
}

/* ---- keepalive ---- */

/*
 * libssh2's keepalive leaves its answers in a list that is searched at every
 * read; so without a channel, one is opened and closed instead.
 */
static void ask_for_a_sign(struct ssh_conn *conn)
{
	if (conn->ops_first || conn->out.len > 0)
		return; /* an answer is due anyway */
	if (conn->chans)
		libssh2_keepalive_send(conn->session, NULL);
	else
		chan_probe(conn);
}

/*
 * A period without a byte from the host makes us ask; when enough periods in a
 * row stay silent, it is gone.  Periods are counted, not clock time: a program
 * that was stopped for a while must not blame its hosts.
 */
static void on_keepalive(void *ctx)
{
	struct ssh_conn *conn = ctx;

	conn_enter(conn);
	if (conn->state == SSH_UP && !conn_over(conn)) {
		conn->silent = conn->heard ? 0 : conn->silent + 1;
		conn->heard = false;
		if (conn->silent >= 2 && conn->silent >= conn->keepalive_max)
			conn_fail(conn, ERR_LOST, "lost the connection to %s: no answer for %d s", conn->name,
				  (int)((int64_t)conn->silent * conn->keepalive_ms / 1000));
		else if (conn->silent > 0)
			ask_for_a_sign(conn);
		loop_timer_set(conn->keepalive, conn->keepalive_ms);
	}
	conn_leave(conn);
}

static void start_keepalive(struct ssh_conn *conn)
{
	/* libssh2 sends only when its own interval has passed by the wall clock. We know better when:
	 * an interval far in the past makes it send each time. */
	libssh2_keepalive_config(conn->session, 1, (unsigned)INT_MIN);
	conn->heard = true;
	conn->keepalive = loop_timer_add(conn->loop, conn->keepalive_ms, on_keepalive, conn);
}

/* ---- the pump ---- */

static bool handshake_step(struct ssh_conn *conn)
{
	int rc;

	if (conn->shaken)
		return true;
	rc = libssh2_session_handshake(conn->session, conn->fd);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return false;
	if (rc != 0) {
		wire_fail(conn, rc, "the key exchange");
		return false;
	}
	conn->shaken = true;
	snprintf(conn->cipher, sizeof conn->cipher, "%s",
		 libssh2_session_methods(conn->session, LIBSSH2_METHOD_CRYPT_SC));
	return true;
}

/* Bytes that the host sent until now are of no further use, except for the proof. */
static void keep_proof(struct ssh_conn *conn)
{
	const char *signature;
	size_t len;

	buf_clear(&conn->proof);
	if (conn->greeting.len > 0 && kexinit_signature(buf_data(&conn->greeting), conn->greeting.len, buf_data(&conn->host_key),
							conn->host_key.len, &signature, &len))
		buf_append(&conn->proof, signature, len);
	buf_free(&conn->greeting);
}

static void log_in(struct ssh_conn *conn)
{
	if (conn->state == SSH_HANDSHAKE) {
		if (!handshake_step(conn) || !hostkey_step(conn) || conn_over(conn))
			return;
		keep_proof(conn);
		conn_set_state(conn, SSH_AUTH);
	}
	if (conn_over(conn) || !auth_step(conn) || conn_over(conn))
		return;
	auth_stop(conn);
	loop_timer_set(conn->deadline, -1);
	start_keepalive(conn);
	conn_set_state(conn, SSH_UP);
}

/* The socket has data that libssh2 was not asked to read: a person is asked, or no channel is open. */
static void read_ahead(struct ssh_conn *conn)
{
	char *at;
	ssize_t n;

	if (conn_over(conn) || conn->dry || conn->budget < TURN_BYTES)
		return;
	if (conn->state == SSH_UP && chan_stir(conn))
		return;
	at = buf_space(&conn->in, 4096);
	if (!at)
		return;
	n = recv(conn->fd, at, 4096, 0);
	conn->dry = n < 0 && errno == EAGAIN;
	if (n > 0) {
		conn->heard = true;
		buf_grew(&conn->in, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		conn->eof = true;
		wire_fail(conn, LIBSSH2_ERROR_SOCKET_DISCONNECT, "waiting");
	}
}

static unsigned wanted(const struct ssh_conn *conn)
{
	return (buf_room(&conn->in) > 4096 ? LOOP_READ : 0) | (conn->out.len > 0 ? LOOP_WRITE : 0);
}

void conn_pump(struct ssh_conn *conn)
{
	conn_enter(conn);
	conn->budget = TURN_BYTES;
	conn->pump_us = loop_clock_us();
	conn->hurried = chan_hurried(conn);
	if (conn->state == SSH_CONFIG && !conn->child && !conn->have_cfg && !conn->failing)
		open_start(conn);
	if (conn->askpass && !conn_over(conn))
		askpass_step(conn->askpass);
	if (conn->session && !conn->broken) {
		flush_out(conn);
		if (conn->state == SSH_HANDSHAKE || conn->state == SSH_AUTH)
			log_in(conn);
		if (conn->state == SSH_UP && !conn_over(conn))
			chan_pump_all(conn);
		read_ahead(conn);
		if (conn->src)
			loop_fd_want(conn->src, wanted(conn));
	} else if (conn->state == SSH_DOWN) {
		chan_lose_all(conn);
	}
	conn_leave(conn);
}
