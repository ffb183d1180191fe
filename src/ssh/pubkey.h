/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Public keys as files and servers have them (RFC 4253, section 6.6): which
 * kind one is, whether two are the same, how long one is.  Which text is a key
 * and which is none is decided as OpenSSH does, because in a file of known
 * hosts a line that is none has no say.
 */
#ifndef SSH_PUBKEY_H
#define SSH_PUBKEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum pubkey_kind {
	PUBKEY_ED25519,
	PUBKEY_RSA,
	PUBKEY_DSA,
	PUBKEY_ECDSA_256,
	PUBKEY_ECDSA_384,
	PUBKEY_ECDSA_521,
	PUBKEY_SK_ED25519,
	PUBKEY_SK_ECDSA,
	PUBKEY_CERT /* a certificate for any of these */
};

/* Numbers and strings that make up the key; they stay in the blob. */
struct pubkey {
	enum pubkey_kind kind;
	const char *part[2];
	size_t part_len[2];
	bool bad_length; /* invalid because an RSA key of this length is refused */
};

/* The kind that a name stands for ("ssh-rsa", and "rsa-sha2-512" too); false: none that OpenSSH knows. */
bool pubkey_kind(const char *name, size_t len, enum pubkey_kind *kind);
/* "ssh-ed25519"; of a certificate "certificate". */
const char *pubkey_name(enum pubkey_kind kind);

/* False when the blob is no key. */
bool pubkey_parse(struct pubkey *key, const void *blob, size_t len);
/* "TYPE BASE64", as much of it as there is up to `end`; `blob` gets the bytes, which `key` points into. */
bool pubkey_read(struct pubkey *key, struct buf *blob, const char *text, const char *end);
bool pubkey_same(const struct pubkey *a, const struct pubkey *b);
/* Bits of an RSA key; 0 for other keys. */
unsigned pubkey_rsa_bits(const struct pubkey *key);

#endif
