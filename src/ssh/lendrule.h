/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules for a lent agent: name one key, and sign once with it, one login of one user to one host.  Requests
 * come from a host that need not be honest.  The host that a login is for is either in what is to be signed
 * (publickey-hostbound-v00@openssh.com), or the connection was bound to it before (session-bind@openssh.com),
 * which the agent itself has verified; both are OpenSSH's since 8.9 (PROTOCOL, PROTOCOL.agent).
 */
#ifndef SSH_LENDRULE_H
#define SSH_LENDRULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The longest request that is looked at, and the longest session id. */
#define LEND_REQUEST_MAX 16384
#define LEND_SESSION_MAX 128

struct lend_rule {
	char *user;                    /* user of the login */
	struct buf key;                /* public keys: of the user, */
	struct buf source, destination; /* and of the host that borrows and the one logged in to */
};

/* State of one connection to the lent agent. */
struct lend_state {
	bool bound; /* the agent has verified that this session is one with the destination */
	size_t session_len;
	char session[LEND_SESSION_MAX];
};

enum lend_verdict {
	LEND_REFUSE,
	LEND_LIST,             /* answer with lend_list() */
	LEND_BIND_SOURCE,      /* pass it on */
	LEND_BIND_DESTINATION, /* pass it on; when the agent agrees, lend_bound() */
	LEND_SIGN              /* pass it on */
};

void lend_rule_free(struct lend_rule *rule);

/* A request, type byte first, without the length in front. `why` is set when it is refused: words about it. */
enum lend_verdict lend_judge(const struct lend_rule *rule, const struct lend_state *state, const void *request, size_t len,
			     const char **why);
/* The agent has taken this LEND_BIND_DESTINATION. */
void lend_bound(struct lend_state *state, const void *request, size_t len);
/* Append the answer to LEND_LIST, with its length in front: the one key. */
void lend_list(const struct lend_rule *rule, struct buf *out);

#endif
