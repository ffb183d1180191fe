/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in with keys: from the agent and from files. */
#include "ssh/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/keyfile.h"
#include "ssh/packet.h"
#include "ssh/pubkey.h"

/* libssh2 1.10 knows neither RSA signatures by SHA-2 nor security keys. */
static bool old_library(void)
{
	return !libssh2_version(0x010b00);
}

static bool is_rsa(const struct ident *id)
{
	return strcmp(id->type, "ssh-rsa") == 0;
}

/* ---- PubkeyAcceptedAlgorithms ---- */

static bool allowed(const struct auth *a, const char *algorithm)
{
	const char *list = a->conn->cfg.pubkey_algorithms;

	return !list || ssh_list_has(list, algorithm);
}

/* The algorithm to sign with; NULL: nothing that is allowed. An RSA key has three names. */
static const char *algorithm_for(const struct auth *a, const struct ident *id)
{
	static const char *const rsa[] = { "rsa-sha2-512", "rsa-sha2-256", "ssh-rsa" };

	if (!is_rsa(id))
		return allowed(a, id->type) ? id->type : NULL;
	for (size_t i = 0; i < countof(rsa); i++) {
		if (allowed(a, rsa[i]))
			return rsa[i];
	}
	return NULL;
}

/* Whether ssh's configuration lets the key be used at all. */
static bool may_use(struct auth *a, const struct ident *id)
{
	const int least = a->conn->cfg.required_rsa_size;
	const char *whose = id->agent ? "agent " : "";
	struct pubkey key;
	unsigned bits;

	if (!id->type[0])
		return true;
	if (!algorithm_for(a, id)) {
		auth_tried(a, "%skey %s (not used: PubkeyAcceptedAlgorithms of ssh_config has none of its kind, %s)", whose, id->label, id->type);
		return false;
	}
	bits = pubkey_parse(&key, buf_data(&id->blob), id->blob.len) ? pubkey_rsa_bits(&key) : 0;
	if (is_rsa(id) && (int)bits < least) {
		auth_tried(a, "%skey %s (not used: it has fewer than %d bits, RequiredRSASize of ssh_config)", whose, id->label, least);
		return false;
	}
	return true;
}

/* ---- what there is to try ---- */

static void on_agent_keys(void *ctx, const char *reply, size_t len)
{
	struct auth *a = ctx;

	a->agent_told = true;
	if (!reply || !agent_parse_keys(&a->agent_keys, reply, len))
		auth_tried(a, "agent (does not answer)");
	else if (a->agent_keys.n == 0)
		auth_tried(a, "agent (no identities)");
	conn_kick(a->conn);
}

static void ask_agent(struct auth *a)
{
	char *path = ident_agent_path(&a->conn->cfg);

	a->agent_asked = true;
	if (path)
		a->agent = agent_open(a->conn->loop, path, NULL);
	if (a->agent) {
		agent_list(a->agent, on_agent_keys, a);
	} else {
		a->agent_told = true;
		auth_tried(a, path ? "agent (not running)" : "agent (none)");
	}
	free(path);
}

/* ---- signatures by the agent ---- */

static void on_signed(void *ctx, const char *reply, size_t len)
{
	struct auth *a = ctx;

	a->sign = reply && agent_parse_signature(&a->signature, reply, len) ? SIGN_READY : SIGN_REFUSED;
	conn_kick(a->conn);
}

/* libssh2 may choose another name for an RSA key than we would have. */
static bool signature_allowed(const struct auth *a, const unsigned char *data, size_t len)
{
	const char *name;
	size_t n;
	char *algorithm;
	bool ok;

	if (!agent_algorithm(data, len, &name, &n))
		return false;
	algorithm = mem_strndup(name, n);
	ok = allowed(a, algorithm);
	free(algorithm);
	return ok;
}

/* The reply to the binding is ignored: whether the agent signs afterwards decides. */
static void on_bound(void *ctx, const char *reply, size_t len)
{
	struct auth *a = ctx;

	(void)reply;
	(void)len;
	a->sign = SIGN_NONE;
	conn_kick(a->conn);
}

/*
 * A key that is constrained to some hosts (ssh-add -h) signs only where it is
 * proven which host the login is to.  What is signed begins with the session's id.
 * False: the agent is asked.
 */
static bool bind_agent(struct auth *a, const unsigned char *data, size_t len)
{
	struct ssh_conn *conn = a->conn;
	struct buf session;
	struct packet p;
	const char *id;
	size_t id_len;

	if (a->signer != a->agent || a->agent_bound || conn->proof.len == 0)
		return true;
	a->agent_bound = true;
	packet_open(&p, data, len);
	if (!packet_string(&p, &id, &id_len))
		return true;
	buf_init(&session, 0);
	buf_append(&session, id, id_len);
	a->sign = SIGN_WAIT;
	agent_bind(a->agent, &conn->host_key, &session, &conn->proof, on_bound, a);
	buf_free(&session);
	return false;
}

/* libssh2 asks for a signature; EAGAIN makes it come back with the same data. */
static int sign_by_agent(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_len,
			 const unsigned char *data, size_t len, void **abstract)
{
	struct auth *a = *abstract;

	(void)session;
	a->acceptable = true;
	switch (a->sign) {
	case SIGN_NONE:
		if (!signature_allowed(a, data, len)) {
			a->sign = SIGN_REFUSED;
			break;
		}
		if (!bind_agent(a, data, len))
			return LIBSSH2_ERROR_EAGAIN;
		a->sign = SIGN_WAIT;
		agent_sign(a->signer, &a->idents.v[a->next].blob, data, len, agent_flags_for(data, len),
			   on_signed, a);
		return LIBSSH2_ERROR_EAGAIN;
	case SIGN_WAIT:
		return LIBSSH2_ERROR_EAGAIN;
	case SIGN_READY:
		/* libssh2 frees it with what wire.c gave it: free(3). */
		*sig_len = a->signature.len;
		*sig = malloc(*sig_len);
		if (!*sig)
			return LIBSSH2_ERROR_ALLOC;
		memcpy(*sig, buf_data(&a->signature), *sig_len);
		return 0;
	case SIGN_REFUSED:
		break;
	}
	return -1;
}

/* Asked only whether the host would take the key: do not sign. */
static int sign_never(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_len,
		      const unsigned char *data, size_t len, void **abstract)
{
	struct auth *a = *abstract;

	(void)session;
	(void)sig;
	(void)sig_len;
	(void)data;
	(void)len;
	a->acceptable = true;
	return -1;
}

/* ---- one key ---- */

static const char *refusal(const struct auth *a)
{
	if (a->sign == SIGN_REFUSED)
		return "the agent did not sign";
	return a->sign == SIGN_READY ? "not enough, or the signature was refused" : "refused";
}

static enum auth_try after_try(struct auth *a, int rc)
{
	const struct ident *id = &a->idents.v[a->next];

	if (rc == LIBSSH2_ERROR_EAGAIN)
		return TRY_AGAIN;
	if (rc == 0) {
		buf_clear(&a->conn->login_key);
		buf_append(&a->conn->login_key, buf_data(&id->blob), id->blob.len);
		return TRY_OK;
	}
	if (auth_lost(a))
		return TRY_FAILED;
	auth_tried(a, "%skey %s (%s)", id->agent ? "agent " : "", id->label, refusal(a));
	/* Error that means: the host took the key, but the signature was not all it wants. */
	if (rc == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED && a->sign != SIGN_REFUSED)
		a->recheck = true;
	return TRY_NEXT;
}

/*
 * libssh2 1.10 takes the signature's algorithm from the front of the public
 * key, so for RSA always SHA-1.  It first copies that name, then allocates the
 * packet, then copies the key: showing it another name until the second
 * allocation makes it ask for, and announce, SHA-2.
 */
static struct {
	unsigned char *blob;
	unsigned char real[16];
	int allocations;
} disguise;

void auth_on_alloc(void)
{
	if (disguise.blob && ++disguise.allocations == 2)
		memcpy(disguise.blob, disguise.real, sizeof disguise.real);
}

static int login_by_agent(struct auth *a, const struct ident *id)
{
	static const char length[4] = {0, 0, 0, 12};
	const char *algorithm = algorithm_for(a, id);
	struct ssh_conn *conn = a->conn;
	void *abstract = a;
	unsigned char *blob = (unsigned char *)buf_data(&id->blob);
	int rc;

	if (old_library() && is_rsa(id) && algorithm && strlen(algorithm) == 12 && !a->disguised && id->blob.len > sizeof disguise.real) {
		a->disguised = true;
		memcpy(disguise.real, blob, sizeof disguise.real);
		memcpy(blob, length, sizeof length);
		memcpy(blob + sizeof length, algorithm, 12);
		disguise.allocations = 0;
		disguise.blob = blob;
	}
	rc = libssh2_userauth_publickey(conn->session, conn->cfg.user, blob, id->blob.len, sign_by_agent,
					&abstract);
	if (disguise.blob && disguise.allocations < 2)
		memcpy(blob, disguise.real, sizeof disguise.real);
	disguise.blob = NULL;
	return rc;
}

/* Kinds of keys that the library cannot log in with; the words are for the user. */
static bool cannot_sign(struct auth *a, const struct ident *id)
{
	const char *whose = id->agent ? "agent " : "";

	if (strstr(id->type, "-cert-v01@openssh.com"))
		auth_tried(a, "%skey %s (a certificate, which the SSH library in use cannot log in with: have the host accept the "
			   "key itself, in authorized_keys)", whose, id->label);
	else if (old_library() && strncmp(id->type, "sk-", 3) == 0)
		auth_tried(a, "%skey %s (a security key, which needs libssh2 1.11 or later: use another key)", whose, id->label);
	else
		return false;
	return true;
}

static enum auth_try try_agent(struct auth *a, const struct ident *id)
{
	if (!may_use(a, id) || cannot_sign(a, id))
		return TRY_NEXT;
	a->signer = a->agent;
	return after_try(a, login_by_agent(a, id));
}

/* The file itself signs. */
static int sign_in_with_file(struct auth *a, const struct ident *id)
{
	struct ssh_conn *conn = a->conn;

	return libssh2_userauth_publickey_fromfile_ex(
		conn->session, conn->cfg.user, (unsigned)strlen(conn->cfg.user), NULL, id->path, NULL);
}

/* Ask the host whether it would take this key, before a person is asked for a passphrase. */
static enum auth_try probe(struct auth *a, const struct ident *id)
{
	struct ssh_conn *conn = a->conn;
	void *abstract = a;
	int rc;

	if (a->probed)
		return TRY_OK;
	if (id->blob.len == 0) {
		a->probed = true;
		return TRY_OK;
	}
	rc = libssh2_userauth_publickey(conn->session, conn->cfg.user,
					(const unsigned char *)buf_data(&id->blob), id->blob.len, sign_never,
					&abstract);
	if (rc == LIBSSH2_ERROR_EAGAIN)
		return TRY_AGAIN;
	a->probed = true;
	if (rc != 0 && a->acceptable)
		return TRY_OK;
	return after_try(a, LIBSSH2_ERROR_AUTHENTICATION_FAILED);
}

/* ---- a file that our own agent reads ---- */

static void on_key(void *ctx)
{
	struct auth *a = ctx;

	conn_kick(a->conn);
}

static enum auth_try sign_by_keyring(struct auth *a, struct ident *id)
{
	const struct buf *blob = keyring_blob(a->member);

	if (!a->own_agent) {
		a->own_agent = agent_open(a->conn->loop, keyring_socket(), NULL);
		if (!a->own_agent) {
			auth_tried(a, "key %s (our ssh-agent does not answer)", id->label);
			return TRY_NEXT;
		}
	}
	if (id->blob.len == 0) {
		buf_append(&id->blob, buf_data(blob), blob->len);
		keyfile_type(buf_data(blob), blob->len, id->type, sizeof id->type);
	}
	if (!may_use(a, id) || cannot_sign(a, id))
		return TRY_NEXT;
	a->signer = a->own_agent;
	return after_try(a, login_by_agent(a, id));
}

/* Ask for the passphrase ourselves; a key without one is only read. */
static void ask_passphrase(struct auth *a, const struct ident *id, bool wrong)
{
	struct ssh_conn *conn = a->conn;

	if (!id->encrypted) {
		keyring_give(a->member, wrong ? NULL : "");
		return;
	}
	if (wrong && !a->answer_wrong) {
		a->answer_wrong = true;
		if (++a->prompts >= conn->cfg.password_prompts) {
			keyring_give(a->member, NULL);
			return;
		}
		free(a->question);
		a->question = NULL;
	}
	if (!a->question)
		a->question = mem_printf("%sPassphrase for the key %s", wrong ? "Wrong passphrase. " : "", id->label);
	if (!conn_ask(conn, a->question, false, false))
		return;
	a->answer_wrong = false;
	keyring_give(a->member, conn->refused || conn->answer.len == 0 ? NULL : buf_str(&conn->answer));
	conn_answer_used(conn);
}

static enum auth_try try_keyring(struct auth *a, struct ident *id)
{
	if (!a->member)
		a->member = keyring_join(a->conn->loop, id->path, on_key, a);
	for (;;) {
		enum keyring_state state = keyring_state(a->member);

		/* Waiting for what someone types to another host is no fault of this one. */
		conn_hold(a->conn, state == KEYRING_WAIT);
		switch (state) {
		case KEYRING_LOCKED:
			keyring_claim(a->member);
			continue;
		case KEYRING_MINE:
		case KEYRING_WRONG:
			ask_passphrase(a, id, state == KEYRING_WRONG);
			if (keyring_state(a->member) == state)
				return TRY_AGAIN;
			continue;
		case KEYRING_WAIT:
			return TRY_AGAIN;
		case KEYRING_LOADED:
			return sign_by_keyring(a, id);
		case KEYRING_REFUSED:
			auth_tried(a, "key %s (%s)", id->label, a->prompts > 0 ? "wrong passphrase" : "no passphrase given");
			return TRY_NEXT;
		case KEYRING_FAILED:
			auth_tried(a, "key %s (%s)", id->label, keyring_why(a->member));
			return TRY_NEXT;
		}
	}
}

static enum auth_try try_encrypted(struct auth *a, struct ident *id)
{
	enum auth_try result = a->member ? TRY_OK : probe(a, id);

	return result == TRY_OK ? try_keyring(a, id) : result;
}

static enum auth_try try_file(struct auth *a, struct ident *id)
{
	int rc;

	if (!may_use(a, id) || cannot_sign(a, id))
		return TRY_NEXT;
	if (id->encrypted)
		return try_encrypted(a, id);
	/* Keys for the keyring: libssh2 cannot read them, or would sign in a way that hosts refuse or ssh's
	 * configuration does not allow. */
	if (a->member || !id->type[0] || is_rsa(id) || strncmp(id->type, "sk-", 3) == 0)
		return try_keyring(a, id);
	rc = sign_in_with_file(a, id);
	return rc == LIBSSH2_ERROR_FILE ? try_keyring(a, id) : after_try(a, rc);
}

static void key_over(struct auth *a)
{
	a->next++;
	a->acceptable = false;
	a->probed = false;
	a->disguised = false;
	a->prompts = 0;
	a->answer_wrong = false;
	keyring_leave(&a->member);
	a->sign = SIGN_NONE;
	buf_clear(&a->signature);
	free(a->question);
	a->question = NULL;
}

enum auth_try auth_keys(struct auth *a)
{
	if (!a->agent_asked)
		ask_agent(a);
	if (!a->agent_told)
		return TRY_AGAIN;
	if (!a->gathered) {
		a->gathered = true;
		idents_build(&a->idents, &a->conn->cfg, &a->agent_keys, &a->tried);
		if (a->idents.n == 0)
			auth_tried(a, "no key (no usable key file)");
	}
	while (a->next < a->idents.n) {
		struct ident *id = &a->idents.v[a->next];
		enum auth_try result = id->agent ? try_agent(a, id) : try_file(a, id);

		if (result != TRY_NEXT)
			return result;
		key_over(a);
		if (a->recheck)
			break;
	}
	return TRY_NEXT;
}

void auth_keys_stop(struct auth *a)
{
	keyring_leave(&a->member);
	agent_close(&a->own_agent);
	agent_close(&a->agent);
	agent_keys_free(&a->agent_keys);
	idents_free(&a->idents);
	buf_wipe(&a->signature);
	free(a->question);
}
