/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/pubkey.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "ssh/packet.h"

/* OpenSSH's bounds for a number in a key, and for an RSA key. */
#define NUMBER_MAX_BYTES 2048
#define RSA_MIN_BITS 1024
#define RSA_MAX_BITS 16384

static const char cert_end[] = "-cert-v01@openssh.com";

static const struct {
	const char *name;
	enum pubkey_kind kind;
} names[] = {
	/* The first of a kind is what it is called. */
	{ "ssh-ed25519", PUBKEY_ED25519 },
	{ "ssh-rsa", PUBKEY_RSA },
	{ "rsa-sha2-256", PUBKEY_RSA },
	{ "rsa-sha2-512", PUBKEY_RSA },
	{ "ssh-dss", PUBKEY_DSA },
	{ "ecdsa-sha2-nistp256", PUBKEY_ECDSA_256 },
	{ "ecdsa-sha2-nistp384", PUBKEY_ECDSA_384 },
	{ "ecdsa-sha2-nistp521", PUBKEY_ECDSA_521 },
	{ "sk-ssh-ed25519@openssh.com", PUBKEY_SK_ED25519 },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", PUBKEY_SK_ECDSA },
	{ "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", PUBKEY_SK_ECDSA },
	{ "certificate", PUBKEY_CERT },
};

static bool is(const char *s, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(s, name, len) == 0;
}

/* "ssh-rsa-cert-v01@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com" */
static bool is_cert(const char *s, size_t len)
{
	size_t end = strlen(cert_end), base;

	if (len <= end || memcmp(s + len - end, cert_end, end) != 0)
		return false;
	base = len - end;
	for (size_t i = 0; i < countof(names); i++) {
		if (names[i].kind != PUBKEY_CERT && base == strcspn(names[i].name, "@") && memcmp(s, names[i].name, base) == 0)
			return true;
	}
	return false;
}

bool pubkey_kind(const char *name, size_t len, enum pubkey_kind *kind)
{
	for (size_t i = 0; i < countof(names); i++) {
		if (names[i].kind == PUBKEY_CERT ? is_cert(name, len) : is(name, len, names[i].name)) {
			*kind = names[i].kind;
			return true;
		}
	}
	return false;
}

const char *pubkey_name(enum pubkey_kind kind)
{
	size_t i = 0;

	while (names[i].kind != kind)
		i++;
	return names[i].name;
}

/* ---- blobs ---- */

/* A number: not negative, without the zeros in front. */
static bool take_number(struct packet *p, struct pubkey *key, size_t i)
{
	if (!packet_string(p, &key->part[i], &key->part_len[i]))
		return false;
	if (key->part_len[i] > 0 && (*key->part[i] & 0x80))
		return false;
	while (key->part_len[i] > 0 && !*key->part[i]) {
		key->part[i]++;
		key->part_len[i]--;
	}
	return key->part_len[i] <= NUMBER_MAX_BYTES;
}

static bool take_bytes(struct packet *p, struct pubkey *key, size_t i, size_t len)
{
	return packet_string(p, &key->part[i], &key->part_len[i]) && key->part_len[i] == len;
}

/* The curve's name once more, and a point that is not compressed. */
static bool take_point(struct packet *p, struct pubkey *key, const char *curve, size_t len)
{
	const char *name;
	size_t n;

	return packet_string(p, &name, &n) && is(name, n, curve) && take_bytes(p, key, 0, len) && *key->part[0] == 4;
}

static bool take_parts(struct packet *p, struct pubkey *key)
{
	unsigned bits;

	switch (key->kind) {
	case PUBKEY_ED25519:
		return take_bytes(p, key, 0, 32);
	case PUBKEY_SK_ED25519:
		return take_bytes(p, key, 0, 32) && packet_string(p, &key->part[1], &key->part_len[1]);
	case PUBKEY_RSA:
		if (!take_number(p, key, 0) || !take_number(p, key, 1))
			return false;
		bits = pubkey_rsa_bits(key);
		key->bad_length = bits < RSA_MIN_BITS || bits > RSA_MAX_BITS;
		return !key->bad_length;
	case PUBKEY_DSA:
		/* Two keys of one group differ in the last number. */
		return take_number(p, key, 0) && take_number(p, key, 1) && take_number(p, key, 1) && take_number(p, key, 1);
	case PUBKEY_ECDSA_256:
		return take_point(p, key, "nistp256", 65);
	case PUBKEY_ECDSA_384:
		return take_point(p, key, "nistp384", 97);
	case PUBKEY_ECDSA_521:
		return take_point(p, key, "nistp521", 133);
	case PUBKEY_SK_ECDSA:
		return take_point(p, key, "nistp256", 65) && packet_string(p, &key->part[1], &key->part_len[1]);
	case PUBKEY_CERT:
		key->part[0] = (const char *)p->at;
		key->part_len[0] = packet_left(p);
		p->at = p->end;
		return true;
	}
	return false;
}

bool pubkey_parse(struct pubkey *key, const void *blob, size_t len)
{
	struct packet p;
	const char *name;
	size_t n;

	*key = (struct pubkey){ 0 };
	packet_open(&p, blob, len);
	return packet_string(&p, &name, &n) && pubkey_kind(name, n, &key->kind) && take_parts(&p, key) && packet_left(&p) == 0;
}

bool pubkey_same(const struct pubkey *a, const struct pubkey *b)
{
	if (a->kind != b->kind)
		return false;
	for (size_t i = 0; i < countof(a->part); i++) {
		if (a->part_len[i] != b->part_len[i] ||
		    (a->part_len[i] > 0 && memcmp(a->part[i], b->part[i], a->part_len[i]) != 0))
			return false;
	}
	return true;
}

unsigned pubkey_rsa_bits(const struct pubkey *key)
{
	unsigned bits;

	if (key->kind != PUBKEY_RSA || key->part_len[1] == 0)
		return 0;
	bits = (unsigned)key->part_len[1] * 8;
	for (unsigned char first = (unsigned char)*key->part[1]; !(first & 0x80); first = (unsigned char)(first << 1))
		bits--;
	return bits;
}

/* ---- text ---- */

static int digit_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Base64 as OpenSSH takes it: white space anywhere, padding to the end, no bits left over. */
static bool decode(struct buf *out, const char *s, const char *end)
{
	unsigned bits = 0, digits = 0, pads = 0;

	for (; s < end; s++) {
		int value = digit_value(*s);
		char byte;

		if (isspace((unsigned char)*s))
			continue;
		if (*s == '=') {
			pads++;
			continue;
		}
		if (value < 0 || pads > 0)
			return false;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		if (++digits % 4 == 1)
			continue;
		byte = (char)(bits >> (digits % 4 == 2 ? 4 : digits % 4 == 3 ? 2 : 0));
		if (!buf_append(out, &byte, 1))
			return false;
	}
	if (digits % 4 == 0)
		return pads == 0;
	return digits % 4 != 1 && pads == 4 - digits % 4 && (bits & (digits % 4 == 2 ? 15u : 3u)) == 0;
}

static const char *word_end(const char *s, const char *end)
{
	while (s < end && *s != ' ' && *s != '\t')
		s++;
	return s;
}

bool pubkey_read(struct pubkey *key, struct buf *blob, const char *text, const char *end)
{
	const char *type = text, *type_end = word_end(type, end), *key_text = type_end;
	enum pubkey_kind kind;

	*key = (struct pubkey){ 0 };
	while (key_text < end && (*key_text == ' ' || *key_text == '\t'))
		key_text++;
	buf_clear(blob);
	return pubkey_kind(type, (size_t)(type_end - type), &kind) && decode(blob, key_text, word_end(key_text, end)) &&
	       pubkey_parse(key, blob->len > 0 ? buf_data(blob) : "", blob->len) && key->kind == kind;
}
