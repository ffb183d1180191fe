/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/kexinit.h"

#include <string.h>

#include "ssh/packet.h"

#define MSG_KEXINIT 20
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

bool kexinit_find(struct kexinit *k, const char *data, size_t len)
{
	const char *end = data + len;
	struct packet p;
	uint32_t packet_len;
	uint8_t padding, type;

	if (!skip_banner(&data, end))
		return false;
	packet_open(&p, data, (size_t)(end - data));
	if (!packet_u32(&p, &packet_len) || packet_len > packet_left(&p))
		return false;
	p.end = p.at + packet_len;
	if (!packet_u8(&p, &padding) || padding > packet_left(&p))
		return false;
	p.end -= padding;
	if (!packet_u8(&p, &type) || type != MSG_KEXINIT || packet_left(&p) < COOKIE_BYTES)
		return false;
	p.at += COOKIE_BYTES;
	for (int i = 0; i < KEXINIT_LISTS; i++) {
		if (!packet_string(&p, &k->list[i], &k->len[i]))
			return false;
	}
	return true;
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
