/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts of a private key file that need no passphrase: whether one
 * is needed, and which public key it belongs to.
 */
#ifndef SSH_KEYFILE_H
#define SSH_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum keyfile_state {
	KEYFILE_OK,
	KEYFILE_NONE,     /* no such file */
	KEYFILE_UNREADABLE,
	KEYFILE_OPEN,     /* others may read it: ssh does not use such a key either */
	KEYFILE_STRANGE   /* not a private key */
};

struct keyfile {
	enum keyfile_state state;
	bool encrypted;
	struct buf blob;  /* the public key; empty when it is only in the encrypted part */
};

void keyfile_read(struct keyfile *key, const char *path);
void keyfile_free(struct keyfile *key);

/* The text of a private key: state, encrypted and, for OpenSSH's format, blob. */
void keyfile_parse(struct keyfile *key, const char *text, size_t len);
/* The blob in a line of a .pub file; false when there is none. */
bool keyfile_parse_pub(struct buf *blob, const char *text, size_t len);
/* The type a blob begins with, into `out` ("" when it is broken). */
void keyfile_type(const void *blob, size_t len, char *out, size_t size);

#endif
