/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The little arithmetic that known_hosts files and fingerprints need: SHA-1
 * (only because hashed host names are HMAC-SHA1 by definition) and base64.
 */
#ifndef SSH_DIGEST_H
#define SSH_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SHA1_LEN 20

void sha1(const void *data, size_t len, uint8_t out[SHA1_LEN]);
void hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[SHA1_LEN]);

/* Append base64 of `data`, with or without the padding. */
void base64_encode(struct buf *out, const void *data, size_t len, bool pad);
/* Append the bytes `text` stands for; false (some may have been appended) when it is not base64. */
bool base64_decode(struct buf *out, const char *text, size_t len);

#endif
