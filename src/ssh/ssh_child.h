/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An ssh(1) beside a connection: a process of its own that logs in to the same
 * host, for bytes that need not pass through ours.  It costs a login, and has a
 * processor to itself.  It asks nothing, and is pinned to the key that our
 * connection has verified (pin.h).
 */
#ifndef SSH_SSH_CHILD_H
#define SSH_SSH_CHILD_H

#include "base/child.h"
#include "ssh/ssh.h"

/* Why there can be none beside this connection, in words ("root logs in by password"); NULL: there may be. */
const char *ssh_child_why_not(const struct ssh_conn *conn);

/*
 * Start one that runs a script with the descriptors `in` and `out`, which stay
 * the caller's.  It gives up after `limit_ms` without a login.  The connection may
 * be closed in the meantime.  As for child_start_tied() otherwise.
 */
struct child *ssh_child_start(struct ssh_conn *conn, const struct remote_line *line, int in, int out, int limit_ms, child_done_fn *done,
			     void *ctx, struct err *e);

/* Note that the ssh did not come up: do not try again beside this connection. */
void ssh_child_failed(struct ssh_conn *conn);

#endif
