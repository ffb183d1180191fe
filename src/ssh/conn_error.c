/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wire broke: a sentence that says why, from what is known. */
#include "ssh/conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* With a proxy, how long it may take to say why it ended. */
#define LAST_WORDS_MS 1000

/* Bytes kept of a host's output before the handshake (lines, and its first packet), and how much of it is
 * repeated. */
#define GREETING_MAX 40000
#define GREETING_SHOWN 80

/* Output before the first line of SSH: a server of another kind names itself there. */
void wire_greeted(struct ssh_conn *conn, const char *data, size_t len)
{
	if (conn->greeting.len < GREETING_MAX)
		buf_append(&conn->greeting, data, len < GREETING_MAX - conn->greeting.len ? len : GREETING_MAX - conn->greeting.len);
}

static bool is_socket_error(int rc)
{
	return rc == LIBSSH2_ERROR_SOCKET_DISCONNECT || rc == LIBSSH2_ERROR_SOCKET_RECV ||
	       rc == LIBSSH2_ERROR_SOCKET_SEND || rc == LIBSSH2_ERROR_SOCKET_NONE ||
	       rc == LIBSSH2_ERROR_BANNER_RECV;
}

/* Whether a line of what it sent first is SSH's. */
static bool said_ssh(struct ssh_conn *conn)
{
	const char *said = buf_str(&conn->greeting);

	return strncmp(said, "SSH-", 4) == 0 || strstr(said, "\nSSH-");
}

/* The host's output, when that was not SSH; NULL when it was, or nothing came. To be freed. */
static char *words_of_greeting(struct ssh_conn *conn)
{
	const char *said = buf_str(&conn->greeting);
	size_t len = strcspn(said, "\r\n");
	char *line, *sentence;

	if (len == 0 || said_ssh(conn))
		return NULL;
	line = text_sanitize(said, len, GREETING_SHOWN);
	sentence = mem_printf("it said \"%s\"", line);
	free(line);
	return sentence;
}

static void fail_closed(struct ssh_conn *conn)
{
	bool mute = conn->state == SSH_HANDSHAKE && !said_ssh(conn);
	char *greeting = mute ? words_of_greeting(conn) : NULL;
	const char *why = conn->bye ? conn->bye : greeting ? greeting : mute ? "it may have too many logins at once" : "";
	const char *between = *why ? ": " : "";
	/* What a person can do about a jump host: its ssh ends alike, whatever it failed at. */
	const char *hint = *why && conn->cfg.proxy_jump ? "; see what `ssh` to it says, and whether ssh-agent has its key (ssh-add -l)" : "";

	/* What OpenSSH's sshd sends instead of "SSH-" when it has too many logins, or a penalty for this address. */
	conn->turned_away = mute && !conn->proxy_words &&
			    (conn->greeting.len == 0 || strncmp(buf_str(&conn->greeting), "Exceeded MaxStartups", 20) == 0 ||
			     strncmp(buf_str(&conn->greeting), "Not allowed at this time", 24) == 0);
	if (conn->state == SSH_UP)
		conn_fail(conn, ERR_LOST, "lost the connection to %s%s%s", conn->name, between, why);
	else if (conn->proxy_words && conn->state == SSH_HANDSHAKE)
		conn_fail(conn, ERR_CONNECT, "%s did not reach %s%s%s%s", conn->proxy_words, conn->name,
			  between, why, hint);
	else
		conn_fail(conn, ERR_CONNECT, "%s (%s port %d) closed the connection while %s%s%s", conn->name,
			  conn->address, conn->cfg.port, ssh_state_name(conn->state), between, why);
	free(greeting);
}

void wire_proxy_ended(struct ssh_conn *conn)
{
	fail_closed(conn);
}

void wire_fail(struct ssh_conn *conn, int rc, const char *doing)
{
	char *message = NULL;
	int len = 0;

	if (conn_over(conn) || conn->broken)
		return;
	if (is_socket_error(rc)) {
		if (conn->proxy && !conn->proxy_ended) {
			conn->broken = true;
			loop_fd_remove(&conn->src);
			loop_timer_set(conn->deadline, LAST_WORDS_MS);
			return;
		}
		fail_closed(conn);
		return;
	}
	if (conn->session)
		libssh2_session_last_error(conn->session, &message, &len, 0);
	if (rc == LIBSSH2_ERROR_OUT_OF_BOUNDARY && conn->state == SSH_AUTH)
		conn_fail(conn, ERR_PROTOCOL,
			  "%s sent more in one packet than the SSH library in use takes (40,000 bytes): its login banner may "
			  "be that long: shorten it, or set `Match User %s` with `Banner none` in its sshd_config", conn->name, conn->cfg.user);
	else if ((rc == LIBSSH2_ERROR_KEX_FAILURE || rc == LIBSSH2_ERROR_METHOD_NONE || rc == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE) &&
		 !methods_explain(conn))
		conn_fail(conn, ERR_PROTOCOL,
			  "%s and this program agree on no way to encrypt (%s): see Ciphers, KexAlgorithms "
			  "and HostKeyAlgorithms of both",
			  conn->name, message ? message : "no algorithm in common");
	else
		conn_fail(conn, conn->state == SSH_UP ? ERR_LOST : ERR_PROTOCOL,
			  "%s: %s failed: %s (libssh2 error %d)", conn->name, doing,
			  message && *message ? message : "no reason given", rc);
}
