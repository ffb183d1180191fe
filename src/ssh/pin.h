/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ssh(1) of ours to a host that we are connected to.  It reads the same
 * configuration under the same name, so that jump hosts, keys and the agent are
 * the same.  The one host key it takes is that which our connection has verified;
 * it shares no connection, forwards nothing it is not asked to, and runs
 * nothing on this machine that pferry did not start.
 */
#ifndef SSH_PIN_H
#define SSH_PIN_H

#include "ssh/config.h"
#include "ssh/ssh.h"

struct remote_line;

struct pin_how {
	bool terminal;         /* a person sits at it; else it asks nothing and has no terminal */
	const char *agent;     /* the socket to be forwarded as the agent's, or NULL */
	const char *stand_in;  /* with it, an agent for where the configuration has none: ssh forwards nothing without one of its own */
	bool fast;             /* prefer fast ciphers among those allowed */
	int connect_timeout_s; /* 0: as configured */
};

/* The command line of an ssh that runs `line` on the host; to be freed. False with `e` filled when there is
 * no key to pin it to. */
bool ssh_pin(struct ssh_conn *conn, const struct pin_how *how, const struct remote_line *line, struct ssh_words *words, struct err *e);

/* The words as an argument vector that ends in NULL; the vector is to be freed, its strings are those of `words`. */
const char **ssh_words_argv(const struct ssh_words *words);

#endif
