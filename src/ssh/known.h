/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known_hosts files: which keys are known for a host, where the line is, and
 * what a new line looks like.  Plain, hashed, [host]:port, wildcards and
 * negations, @revoked and @cert-authority, read as ssh(1) reads them: also
 * which lines count for nothing.
 */
#ifndef SSH_KNOWN_H
#define SSH_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum known_status {
	KNOWN_UNKNOWN, /* no key is known for the host */
	KNOWN_MATCH,
	KNOWN_CHANGED, /* only others are, of any type */
	KNOWN_REVOKED
};

struct known_key {
	const char *host;  /* as ssh_config_key_name() gives it, lower case */
	const char *type;  /* "ssh-ed25519" */
	const void *blob;
	size_t blob_len;
};

struct known_result {
	enum known_status status;
	char *file;        /* file of the line that decided (match, change, revocation); NULL when unknown */
	unsigned line;
	char types[256];   /* key types known for the host, comma-separated, in the files' order */
	bool authority;    /* a @cert-authority line names the host */
	char *unread;      /* a file that was too large to be read; NULL: none */
};

/* Start with no result. */
void known_init(struct known_result *result);
void known_free(struct known_result *result);

/* Take the lines of one file into account; `key->blob` may be NULL to learn only the types. */
void known_feed(struct known_result *result, const struct known_key *key, const char *file, const char *text,
		size_t len);
/* The same with the file read from disk; one that cannot be read counts as empty, as it does for ssh. */
void known_feed_file(struct known_result *result, const struct known_key *key, const char *file);

/* Whether a line's list of patterns means the host. */
bool known_host_matches(const char *patterns, size_t len, const char *host);

/* Append the line that makes `key` known; hashed with a salt of 20 bytes, plain when it is NULL. */
void known_format(struct buf *out, const struct known_key *key, const unsigned char *salt);

/* The text of a regular file (or a device, as /dev/null) without waiting for anyone; false with errno. At most 16 MiB: EFBIG. */
bool known_read_file(struct buf *text, const char *file);

/* A key's status in a file of revoked keys that is no KRL. */
enum revoked { REVOKED_NO, REVOKED_YES, REVOKED_BAD /* line `line` is no key, so the file is not to be relied on */ };
enum revoked known_revoked(const char *text, size_t len, const void *blob, size_t blob_len, unsigned *line);
/* Whether the file is a key revocation list of ssh-keygen's. */
bool known_is_krl(const char *text, size_t len);

#endif
