/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

/* FIPS 180-4 */
static const uint32_t constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
	0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
	0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
	0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
	0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* One of 64 steps: the eight words change places by their order in the call, `k` is the step's own. */
static inline void step(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f, uint32_t g, uint32_t *h, uint32_t k)
{
	uint32_t t = *h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + k;

	*d += t;
	*h = t + (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
}

static void add_block(uint32_t v[8], const uint8_t *p)
{
	uint32_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7], w[64];

	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (size_t i = 16; i < 64; i++) {
		uint32_t x = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t y = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + x + w[i - 7] + y;
	}
	for (size_t i = 0; i < 64; i += 8) {
		step(a, b, c, &d, e, f, g, &h, constants[i] + w[i]);
		step(h, a, b, &c, d, e, f, &g, constants[i + 1] + w[i + 1]);
		step(g, h, a, &b, c, d, e, &f, constants[i + 2] + w[i + 2]);
		step(f, g, h, &a, b, c, d, &e, constants[i + 3] + w[i + 3]);
		step(e, f, g, &h, a, b, c, &d, constants[i + 4] + w[i + 4]);
		step(d, e, f, &g, h, a, b, &c, constants[i + 5] + w[i + 5]);
		step(c, d, e, &f, g, h, a, &b, constants[i + 6] + w[i + 6]);
		step(b, c, d, &e, f, g, h, &a, constants[i + 7] + w[i + 7]);
	}
	v[0] += a;
	v[1] += b;
	v[2] += c;
	v[3] += d;
	v[4] += e;
	v[5] += f;
	v[6] += g;
	v[7] += h;
}

void sha256_begin(struct sha256 *s)
{
	static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(s->h, first, sizeof s->h);
	s->bytes = 0;
}

void sha256_add(struct sha256 *s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0) {
		size_t have = s->bytes % 64, n = 64 - have < len ? 64 - have : len;

		if (n == 64) {
			add_block(s->h, p);
		} else {
			memcpy(s->block + have, p, n);
			if (have + n == 64)
				add_block(s->h, s->block);
		}
		s->bytes += n;
		p += n;
		len -= n;
	}
}

void sha256_end(struct sha256 *s, char hex[SHA256_HEX])
{
	static const uint8_t zeros[64];
	uint64_t bits = s->bytes * 8;
	uint8_t length[8];

	for (size_t i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, "\x80", 1);
	sha256_add(s, zeros, (120 - s->bytes % 64) % 64);
	sha256_add(s, length, sizeof length);
	for (size_t i = 0; i < 8; i++)
		snprintf(hex + 8 * i, 9, "%08x", s->h[i]);
}
