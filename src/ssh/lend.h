/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operator's agent, lent to one host so that it can log in to one other: a
 * socket on this machine, for an ssh of ours to forward.  What comes in is judged
 * (lendrule.h), and only what may be goes on to the agent, over a connection of
 * its own, so that the agent's own constraints (ssh-add -h) hold too.  It signs
 * once.  When the login is done, or is not to be, close it: nothing is reachable
 * from then on.
 */
#ifndef SSH_LEND_H
#define SSH_LEND_H

#include <pferry/err.h>
#include <pferry/loop.h>

#include "ssh/ssh.h"

struct lend;

struct lend_ops {
	/* The agent can be lent: `socket` is the path for ForwardAgent. */
	void (*ready)(void *ctx, const char *socket);
	/* The agent cannot be lent, `e` has the reason. Close it then or later. */
	void (*failed)(void *ctx, const struct err *e);
};

/*
 * `key` (NULL: none) is a file of this machine: then that key is lent, by an agent
 * of ours, and else the one that pferry itself has logged in to the destination
 * with, if the operator's agent holds it.  Both connections must be up; they may
 * be closed in the meantime.  One of the two callbacks comes from the loop.
 */
struct lend *lend_open(struct loop *loop, struct ssh_conn *source, struct ssh_conn *destination, const char *key,
		       const struct lend_ops *ops, void *ctx);
/* The agent behind it, once it is ready. */
const char *lend_agent(const struct lend *lend);
/* Whether a login came as far as to be told which key there is. */
bool lend_listed(const struct lend *lend);
/* Whether it has signed a login, and what was asked of it that it did not do: words, or NULL. */
bool lend_signed(const struct lend *lend);
const char *lend_refused(const struct lend *lend);
/* Take the lent agent away and set *lend NULL. */
void lend_close(struct lend **lend);

#endif
