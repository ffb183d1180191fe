/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys to try for a host, in ssh's order: keys of the agent that the
 * configuration names, the agent's other keys (not with IdentitiesOnly), then
 * key files the agent does not have.
 */
#ifndef SSH_IDENT_H
#define SSH_IDENT_H

#include "base/buf.h"
#include "ssh/agent.h"
#include "ssh/config.h"

struct ident {
	bool agent;       /* the agent signs; else the file does */
	char *path;       /* path of the file, NULL for a key only the agent has */
	char *label;      /* for messages: the path, or the agent's comment */
	char type[64];    /* "ssh-ed25519", "" when not known */
	bool encrypted;
	struct buf blob;  /* public key; may be empty for a file */
};

struct idents {
	struct ident *v;
	size_t n;
};

/* Build the list; `tried` gets words about files that cannot be used. */
void idents_build(struct idents *list, const struct ssh_config *cfg, const struct agent_keys *keys,
		  struct buf *tried);
void idents_free(struct idents *list);

/* Where the agent listens that the configuration or the environment names; allocated, NULL: none. */
char *ident_agent_path(const struct ssh_config *cfg);

#endif
