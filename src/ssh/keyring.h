/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys from files, kept by an ssh-agent of our own while pferry runs.
 *
 * ssh-add reads a key with its passphrase in a process beside the loop, which
 * can take most of a second; the agent then signs for every host, so that a
 * passphrase is asked for once.  It also knows kinds of keys that libssh2 does
 * not read or sign well.  The agent's socket is in a directory of ours (0700),
 * and the agent ends with us, however we end.
 *
 * Connections that want a key join it; one of them asks the person, the others
 * wait for what comes of it.
 */
#ifndef SSH_KEYRING_H
#define SSH_KEYRING_H

#include <stdbool.h>
#include <pferry/loop.h>

#include "base/buf.h"

enum keyring_state {
	KEYRING_LOCKED,  /* not there: keyring_claim(), ask, keyring_give() */
	KEYRING_MINE,    /* claimed: the person is being asked */
	KEYRING_WRONG,   /* claimed, and what was given was not it */
	KEYRING_WAIT,    /* another asks, or it is being read */
	KEYRING_LOADED,  /* the agent signs with it */
	KEYRING_REFUSED, /* the passphrase was not given */
	KEYRING_FAILED   /* keyring_why() */
};

struct keyring_member;
typedef void keyring_fn(void *ctx);

/* Join those who want the key in a file; `changed` is called when its state may be another. */
struct keyring_member *keyring_join(struct loop *loop, const char *path, keyring_fn *changed, void *ctx);
/* Leave; sets *member NULL, which it may be. */
void keyring_leave(struct keyring_member **member);

enum keyring_state keyring_state(const struct keyring_member *member);
/* Be the one who asks. */
void keyring_claim(struct keyring_member *member);
/* The passphrase, "" for a key that needs none; NULL: refused, for all who wait. */
void keyring_give(struct keyring_member *member, const char *passphrase);
const char *keyring_why(const struct keyring_member *member);
/* The public key, once it is loaded; and where the agent listens. */
const struct buf *keyring_blob(const struct keyring_member *member);
const char *keyring_socket(void);

/* End the agent and forget all keys; no connection may be a member. */
void keyring_close(void);

#endif
