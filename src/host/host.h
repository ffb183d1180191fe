/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's part of a host beyond pferry/host.h: make and free it,
 * and run commands on it.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <pferry/host.h>
#include <pferry/loop.h>

#include "host/gate.h"
#include "ssh/ssh.h"

enum host_change {
	HOST_CHANGE_STATE,    /* state, error or facts */
	HOST_CHANGE_TREE,     /* a new snapshot */
	HOST_CHANGE_QUESTION  /* a question is new or gone */
};

struct host_setup {
	const char *ssh_config; /* or NULL */
	int refresh_ms;         /* negative: never take a snapshot by itself */
	bool look_only;         /* never try sudo and doas */
	bool once;              /* never try again without being asked */
	struct gate *gate;      /* passed while connecting; outlives the host */
	void (*changed)(void *ctx, struct host *host, enum host_change change);
	void *ctx;
};

/* Starts connecting; the setup is copied (its strings too). */
struct host *host_new(struct loop *loop, const char *name, const struct host_setup *setup);
struct loop *host_loop(const struct host *host);
void host_free(struct host *host);

/* The connection when it is up (logged in and probed), else NULL. */
struct ssh_conn *host_conn(const struct host *host);

/* The file for ssh -F, or NULL. */
const char *host_ssh_config(const struct host *host);

/* How often the connection came up: a change means channels from before are gone. */
unsigned host_generation(const struct host *host);

/* Root's place for moves. */
#define HOST_ROOT_BASE "/var/lib/pferry"

/* Where moves keep their directories on it: root's place, or the user's where only
 * that user's processes move (host_own_only()); and the user's in any case, "" when
 * one logs in as root. Valid until the next call. */
const char *host_base(const struct host *host);
const char *host_own_base(const struct host *host);

/* Run a script of src/remote as root, as far as the host lets us: ssh_exec()
 * and ssh_run() with its command line, and with what sudo has to read first.
 * One that is to work below host_own_base() runs as the login itself: that
 * user wrote what lies there.  The host must be up (host_conn()). */
struct ssh_chan *host_exec(const struct host *host, const char *script, const char *const args[],
			   const struct ssh_chan_ops *ops, void *ctx);
/* The line of it, for another connection of the same login; to be freed. NULL when its input must begin with
 * something: a password, or the script itself. */
struct remote_line *host_line(const struct host *host, const char *script, const char *const args[]);
struct ssh_run *host_run(const struct host *host, const char *script, const char *const args[], const void *input,
			 size_t input_len, size_t max, ssh_run_fn *done, void *ctx);

#endif
