/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in: which method next, and what to say when none is left. */
#include "ssh/auth.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const char default_order[] = "publickey,keyboard-interactive,password";

void auth_tried(struct auth *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	buf_printf(&a->tried, "%s%s", a->tried.len > 0 ? ", " : "", text);
	free(text);
}

bool auth_lost(struct auth *a)
{
	struct ssh_conn *conn = a->conn;

	if (!conn->eof)
		return false;
	if (a->tried.len > 0)
		conn_fail(conn, ERR_AUTH, "%s closed the connection while logging in as %s%s%s; tried %s",
			  conn->name, conn->cfg.user, conn->bye ? ": " : "", conn->bye ? conn->bye : "",
			  buf_str(&a->tried));
	else
		wire_fail(conn, LIBSSH2_ERROR_SOCKET_DISCONNECT, "logging in");
	return true;
}

static void refused(struct auth *a)
{
	const struct ssh_conn *conn = a->conn;

	conn_fail(a->conn, ERR_AUTH, "%s: the host refused to log in as %s: it offers %s; tried %s",
		  conn->name, conn->cfg.user, a->methods,
		  a->tried.len > 0 ? buf_str(&a->tried) : "nothing, for want of a key or an answer");
}

/* True: logged in without anything; false: the list is there, or not yet, or failed. */
static enum auth_try get_list(struct auth *a)
{
	struct ssh_conn *conn = a->conn;
	char *list = libssh2_userauth_list(conn->session, conn->cfg.user, (unsigned)strlen(conn->cfg.user));
	int rc;

	if (list) {
		free(a->methods);
		a->methods = text_sanitize(list, strlen(list), 200);
		return TRY_NEXT;
	}
	if (libssh2_userauth_authenticated(conn->session))
		return TRY_OK;
	rc = libssh2_session_last_errno(conn->session);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return TRY_AGAIN;
	if (!auth_lost(a))
		wire_fail(conn, rc, "logging in");
	return TRY_FAILED;
}

/* Whether a method is next: offered, allowed here, not yet done. */
static bool usable(const struct auth *a, const char *method, size_t len)
{
	const struct ssh_config *cfg = &a->conn->cfg;
	char *name = mem_strndup(method, len);
	bool offered = ssh_list_has(a->methods, name), wanted = false;

	if (strcmp(name, "publickey") == 0)
		wanted = cfg->pubkey_auth && !a->keys_done;
	else if (strcmp(name, "keyboard-interactive") == 0)
		wanted = cfg->kbdint_auth && !a->kbdint_done;
	else if (strcmp(name, "password") == 0)
		wanted = cfg->password_auth && !a->password_done;
	free(name);
	return offered && wanted;
}

static bool choose(struct auth *a)
{
	const char *order = a->conn->cfg.preferred_auth ? a->conn->cfg.preferred_auth : default_order;

	while (*order) {
		size_t len = strcspn(order, ",");

		if (usable(a, order, len)) {
			a->step = order[0] == 'p' && order[1] == 'u' ? AUTH_KEYS
				  : order[0] == 'k'		     ? AUTH_KBDINT
								     : AUTH_PASSWORD;
			if (a->step != a->last)
				a->prompts = 0;
			a->last = a->step;
			a->person |= a->step != AUTH_KEYS;
			return true;
		}
		order += len;
		order += *order == ',';
	}
	return false;
}

/* A method came to its end without success. */
static void method_over(struct auth *a)
{
	bool *done = a->step == AUTH_KEYS     ? &a->keys_done
		     : a->step == AUTH_KBDINT ? &a->kbdint_done
					      : &a->password_done;

	/* A host that wants two proofs refuses the first too, and offers what is left. */
	if (a->recheck) {
		a->recheck = false;
		a->step = AUTH_LIST;
		return;
	}
	*done = true;
	a->step = AUTH_CHOOSE;
}

static enum auth_try one_step(struct auth *a)
{
	enum auth_try result = TRY_NEXT;

	switch (a->step) {
	case AUTH_LIST:
		result = get_list(a);
		if (result == TRY_NEXT)
			a->step = AUTH_CHOOSE;
		return result;
	case AUTH_CHOOSE:
		if (choose(a))
			return TRY_NEXT;
		refused(a);
		return TRY_FAILED;
	case AUTH_KEYS:
		result = auth_keys(a);
		break;
	case AUTH_KBDINT:
		result = auth_kbdint(a);
		break;
	case AUTH_PASSWORD:
		result = auth_password(a);
		break;
	}
	if (result == TRY_NEXT)
		method_over(a);
	return result;
}

bool auth_step(struct ssh_conn *conn)
{
	enum auth_try result = TRY_NEXT;

	if (!conn->auth) {
		conn->auth = mem_new(struct auth);
		conn->auth->conn = conn;
		buf_init(&conn->auth->tried, 700);
	}
	while (result == TRY_NEXT && !conn_over(conn))
		result = one_step(conn->auth);
	if (result == TRY_OK) {
		conn->by_key = !conn->auth->person;
		conn->by_keyring = conn->auth->own_agent && conn->auth->signer == conn->auth->own_agent;
	}
	return result == TRY_OK;
}

void auth_stop(struct ssh_conn *conn)
{
	struct auth *a = conn->auth;

	if (!a)
		return;
	auth_kbdint_stop(a);
	auth_keys_stop(a);
	conn->auth = NULL;
	buf_free(&a->tried);
	free(a->methods);
	free(a);
}
