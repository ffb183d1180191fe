/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of bytes that come in pieces. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65 /* as text, with its NUL */

struct sha256 {
	uint32_t h[8];
	uint8_t block[64];
	uint64_t bytes;
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
/* Ends it; the sum as lower-case hex. */
void sha256_end(struct sha256 *s, char hex[SHA256_HEX]);

#endif
