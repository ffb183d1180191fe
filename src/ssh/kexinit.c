/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/kexinit.h"

#include <string.h>

#include "ssh/packet.h"

enum { MSG_KEXINIT = 20, MSG_NEWKEYS = 21, MSG_KEX_REPLY = 31, MSG_GEX_REPLY = 33 };

#define COOKIE_BYTES 16

/* The lines before its packets, the last of which is SSH's. */
static bool skip_banner(const char **data, const char *end)
{
	while (*data < end) {
		const char *line = *data, *nl = memchr(line, '\n', (size_t)(end - line));

		if (!nl)
			return false;
		*data = nl + 1;
		if (nl - line >= 4 && memcmp(line, "SSH-", 4) == 0)
			return true;
	}
	return false;
}

/* The next packet's type and what follows it. */
static bool next_packet(struct packet *all, struct packet *p, uint8_t *type)
{
	uint32_t len;
	uint8_t padding;

	if (!packet_u32(all, &len) || len > packet_left(all))
		return false;
	packet_open(p, all->at, len);
	all->at += len;
	if (!packet_u8(p, &padding) || padding > packet_left(p))
		return false;
	p->end -= padding;
	return packet_u8(p, type);
}

bool kexinit_find(struct kexinit *k, const char *data, size_t len)
{
	const char *end = data + len;
	struct packet all, p;
	uint8_t type;

	if (!skip_banner(&data, end))
		return false;
	packet_open(&all, data, (size_t)(end - data));
	if (!next_packet(&all, &p, &type) || type != MSG_KEXINIT || packet_left(&p) < COOKIE_BYTES)
		return false;
	p.at += COOKIE_BYTES;
	for (int i = 0; i < KEXINIT_LISTS; i++) {
		if (!packet_string(&p, &k->list[i], &k->len[i]))
			return false;
	}
	return true;
}

/* The host key, a number or point, the signature: in the answer of every kind of exchange. */
static bool is_reply(struct packet *p, const void *host_key, size_t host_key_len, const char **signature, size_t *signature_len)
{
	const char *key;
	size_t len;

	return packet_string(p, &key, &len) && len == host_key_len && memcmp(key, host_key, len) == 0 && packet_skip(p) &&
	       packet_string(p, signature, signature_len) && packet_left(p) == 0;
}

bool kexinit_signature(const char *data, size_t len, const void *host_key, size_t host_key_len, const char **signature,
		       size_t *signature_len)
{
	const char *end = data + len;
	struct packet all, p;
	uint8_t type;

	if (!skip_banner(&data, end))
		return false;
	packet_open(&all, data, (size_t)(end - data));
	while (next_packet(&all, &p, &type) && type != MSG_NEWKEYS) {
		if ((type == MSG_KEX_REPLY || type == MSG_GEX_REPLY) && is_reply(&p, host_key, host_key_len, signature, signature_len))
			return true;
	}
	return false;
}

bool kexinit_common(const struct kexinit *k, int list, const char *ours)
{
	const char *s = k->list[list], *end = s + k->len[list];

	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s)), *stop = comma ? comma : end;
		size_t len = (size_t)(stop - s);

		for (const char *o = ours; len > 0 && *o; o += *o == ',') {
			size_t n = strcspn(o, ",");

			if (n == len && memcmp(o, s, n) == 0)
				return true;
			o += n;
		}
		s = stop + 1;
	}
	return false;
}
