/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/lendrule.h"

#include <stdlib.h>
#include <string.h>

#include "ssh/agent.h"
#include "ssh/packet.h"
#include "ssh/pubkey.h"

/* Message numbers of the agent's protocol, RFC 9987, and of logging in, RFC 4252. */
enum { REQUEST_IDENTITIES = 11, IDENTITIES_ANSWER = 12, SIGN_REQUEST = 13, EXTENSION = 27, MSG_USERAUTH_REQUEST = 50 };

struct string {
	const char *s;
	size_t len;
};

static bool take(struct packet *p, struct string *out)
{
	return packet_string(p, &out->s, &out->len);
}

static bool is(struct string s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.s, word, s.len) == 0;
}

static bool same(struct string s, const struct buf *b)
{
	return b->len > 0 && s.len == b->len && memcmp(s.s, buf_data(b), s.len) == 0;
}

void lend_rule_free(struct lend_rule *rule)
{
	free(rule->user);
	rule->user = NULL;
	buf_free(&rule->key);
	buf_free(&rule->source);
	buf_free(&rule->destination);
}

/* ---- session-bind@openssh.com ---- */

struct binding {
	struct string host_key, session, signature;
	uint8_t forwarding;
};

static bool parse_binding(struct packet *p, struct binding *b)
{
	struct string name;

	return take(p, &name) && is(name, "session-bind@openssh.com") && take(p, &b->host_key) && take(p, &b->session) &&
	       take(p, &b->signature) && packet_u8(p, &b->forwarding) && packet_left(p) == 0 && b->session.len > 0 &&
	       b->session.len <= LEND_SESSION_MAX;
}

static enum lend_verdict judge_binding(const struct lend_rule *rule, const struct lend_state *state, struct packet *p, const char **why)
{
	struct binding b;

	if (!parse_binding(p, &b)) {
		*why = "an extension that is not lent";
		return LEND_REFUSE;
	}
	/* The first is from ssh here, which lends to the source; the second from ssh there, which logs in. */
	if (b.forwarding && same(b.host_key, &rule->source))
		return LEND_BIND_SOURCE;
	if (!b.forwarding && same(b.host_key, &rule->destination) && !state->bound)
		return LEND_BIND_DESTINATION;
	*why = b.forwarding ? "to be lent on to another host" : "a login to another host";
	return LEND_REFUSE;
}

void lend_bound(struct lend_state *state, const void *request, size_t len)
{
	struct packet p;
	struct binding b;
	uint8_t type;

	packet_open(&p, request, len);
	if (!packet_u8(&p, &type) || !parse_binding(&p, &b))
		return;
	state->bound = true;
	state->session_len = b.session.len;
	memcpy(state->session, b.session.s, b.session.len);
}

/* ---- signatures ---- */

/* The kind of signature fits the key; that of a certificate does not. */
static bool algorithm_fits(struct string algorithm, const struct buf *key)
{
	struct pubkey parsed;
	enum pubkey_kind kind;

	return pubkey_parse(&parsed, buf_data(key), key->len) && parsed.kind != PUBKEY_CERT &&
	       pubkey_kind(algorithm.s, algorithm.len, &kind) && kind == parsed.kind;
}

/* The only thing that may be signed. NULL: it is that; else what is wrong with it. */
static const char *wrong_login(const struct lend_rule *rule, const struct lend_state *state, struct string data)
{
	struct string session, user, service, method, algorithm, key, host_key;
	struct packet p;
	uint8_t type, has_signature;
	bool in_session;

	packet_open(&p, data.s, data.len);
	if (!take(&p, &session) || !packet_u8(&p, &type) || type != MSG_USERAUTH_REQUEST || !take(&p, &user) || !take(&p, &service) ||
	    !take(&p, &method) || !packet_u8(&p, &has_signature) || has_signature != 1 || !take(&p, &algorithm) || !take(&p, &key))
		return "a signature that is for no login";
	if (!same(key, &rule->key) || !algorithm_fits(algorithm, &rule->key))
		return "a login with another key";
	if (!is(user, rule->user))
		return "a login as another user";
	if (!is(service, "ssh-connection") || session.len == 0)
		return "a login for another service";
	in_session = state->bound && session.len == state->session_len && memcmp(session.s, state->session, session.len) == 0;
	if (is(method, "publickey-hostbound-v00@openssh.com")) {
		if (!take(&p, &host_key) || !same(host_key, &rule->destination) || (state->bound && !in_session))
			return "a login to another host";
	} else if (!is(method, "publickey")) {
		return "a login by another method";
	} else if (!in_session) {
		return "a login that is bound to no host (ssh of the source and sshd of the destination must be OpenSSH 8.9 or later)";
	}
	return packet_left(&p) == 0 ? NULL : "a signature that is for no login";
}

static enum lend_verdict judge_signature(const struct lend_rule *rule, const struct lend_state *state, struct packet *p, const char **why)
{
	struct string key, data;
	uint32_t flags;

	if (!take(p, &key) || !take(p, &data) || !packet_u32(p, &flags) || packet_left(p) > 0 ||
	    (flags & ~(uint32_t)(AGENT_RSA_SHA2_256 | AGENT_RSA_SHA2_512)) != 0)
		*why = "what is no request";
	else if (!same(key, &rule->key))
		*why = "a signature by another key";
	else
		*why = wrong_login(rule, state, data);
	return *why ? LEND_REFUSE : LEND_SIGN;
}

enum lend_verdict lend_judge(const struct lend_rule *rule, const struct lend_state *state, const void *request, size_t len,
			     const char **why)
{
	struct packet p;
	uint8_t type;

	*why = NULL;
	packet_open(&p, request, len);
	if (len > LEND_REQUEST_MAX || !packet_u8(&p, &type)) {
		*why = "what is no request";
		return LEND_REFUSE;
	}
	switch (type) {
	case REQUEST_IDENTITIES:
		if (packet_left(&p) == 0)
			return LEND_LIST;
		break;
	case SIGN_REQUEST:
		return judge_signature(rule, state, &p, why);
	case EXTENSION:
		return judge_binding(rule, state, &p, why);
	default:
		break;
	}
	*why = "to change what the agent holds";
	return LEND_REFUSE;
}

void lend_list(const struct lend_rule *rule, struct buf *out)
{
	static const char comment[] = "pferry";
	const char type = IDENTITIES_ANSWER;

	packet_put_u32(out, (uint32_t)(1 + 4 + 4 + rule->key.len + 4 + strlen(comment)));
	buf_append(out, &type, 1);
	packet_put_u32(out, 1);
	packet_put_string(out, buf_data(&rule->key), rule->key.len);
	packet_put_string(out, comment, strlen(comment));
}
