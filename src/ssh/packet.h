/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing the SSH wire format (RFC 4251): a cursor over bytes that
 * never goes past their end.  For agent messages, keys and signatures.
 */
#ifndef SSH_PACKET_H
#define SSH_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct packet {
	const uint8_t *at, *end;
};

static inline void packet_open(struct packet *p, const void *data, size_t len)
{
	p->at = data;
	p->end = p->at + len;
}

static inline size_t packet_left(const struct packet *p)
{
	return (size_t)(p->end - p->at);
}

static inline bool packet_u8(struct packet *p, uint8_t *out)
{
	if (p->at == p->end)
		return false;
	*out = *p->at++;
	return true;
}

static inline bool packet_u32(struct packet *p, uint32_t *out)
{
	if (packet_left(p) < 4)
		return false;
	*out = (uint32_t)p->at[0] << 24 | (uint32_t)p->at[1] << 16 | (uint32_t)p->at[2] << 8 | p->at[3];
	p->at += 4;
	return true;
}

/* A string: its bytes stay in the packet. */
static inline bool packet_string(struct packet *p, const char **out, size_t *len)
{
	uint32_t n;

	if (!packet_u32(p, &n) || n > packet_left(p))
		return false;
	*out = (const char *)p->at;
	*len = n;
	p->at += n;
	return true;
}

static inline bool packet_skip(struct packet *p)
{
	const char *s;
	size_t len;

	return packet_string(p, &s, &len);
}

static inline void packet_put_u32(struct buf *out, uint32_t v)
{
	const uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	buf_append(out, b, sizeof b);
}

static inline void packet_put_string(struct buf *out, const void *data, size_t len)
{
	packet_put_u32(out, (uint32_t)len);
	buf_append(out, data, len);
}

#endif
