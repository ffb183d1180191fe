/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of ssh-agent in the poll loop: which keys it has, and signatures
 * by them.  One request at a time.
 */
#ifndef SSH_AGENT_H
#define SSH_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>
#include <pferry/loop.h>

#include "base/buf.h"

/* Flags of a signature by an RSA key. */
enum { AGENT_RSA_SHA2_256 = 2, AGENT_RSA_SHA2_512 = 4 };

struct agent;

/* The reply, type byte first; NULL when the agent is gone, silent or talks nonsense. */
typedef void agent_reply_fn(void *ctx, const char *reply, size_t len);

/* Connect to the socket; NULL with `e` filled when no agent listens there. */
struct agent *agent_open(struct loop *loop, const char *path, struct err *e);
void agent_close(struct agent **agent);

/* `fn` is called once, from the loop; it may close the agent. */
void agent_list(struct agent *agent, agent_reply_fn *fn, void *ctx);
void agent_sign(struct agent *agent, const struct buf *blob, const void *data, size_t len, unsigned flags,
		agent_reply_fn *fn, void *ctx);

/*
 * session-bind@openssh.com: this connection to the agent is for a login to the host
 * that has signed `session` so.  An agent that knows nothing of that says so.
 */
void agent_bind(struct agent *agent, const struct buf *host_key, const struct buf *session, const struct buf *signature,
		agent_reply_fn *fn, void *ctx);
/* A request as it is, type byte first. */
void agent_pass(struct agent *agent, const void *request, size_t len, int wait_ms, agent_reply_fn *fn, void *ctx);

/* ---- what replies say ---- */

struct agent_key {
	struct buf blob;
	char *comment; /* sanitised */
};

struct agent_keys {
	struct agent_key *v;
	size_t n;
};

bool agent_parse_keys(struct agent_keys *keys, const char *reply, size_t len);
void agent_keys_free(struct agent_keys *keys);
/*
 * The bytes libssh2 wants of a signature: without the name of its algorithm,
 * and without the length in front, except for security keys (sk-…), whose
 * flags and counter follow.
 */
bool agent_parse_signature(struct buf *sig, const char *reply, size_t len);
/* The algorithm that the data to be signed (RFC 4252, section 7) names; false: it is no such data. */
bool agent_algorithm(const void *data, size_t len, const char **name, size_t *name_len);
/* The flags that it asks for. */
unsigned agent_flags_for(const void *data, size_t len);

#endif
