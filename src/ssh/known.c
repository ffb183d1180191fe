/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/known.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ssh/config.h"
#include "ssh/digest.h"

#define FILE_MAX_BYTES (16u << 20)

struct word {
	const char *s;
	size_t len;
};

static struct word next_word(const char **at, const char *end)
{
	struct word w;

	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
	w.s = *at;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		(*at)++;
	w.len = (size_t)(*at - w.s);
	return w;
}

static bool word_is(struct word w, const char *s)
{
	return strlen(s) == w.len && memcmp(w.s, s, w.len) == 0;
}

/* Glob with * and ?, without case (host names have none); `pat` is not terminated. */
static bool glob(const char *pat, size_t len, const char *s)
{
	const char *end = pat + len, *star = NULL, *retry = NULL;

	while (*s) {
		if (pat < end && *pat == '*') {
			star = ++pat;
			retry = s;
		} else if (pat < end && (*pat == '?' || tolower((unsigned char)*pat) == *s)) {
			pat++;
			s++;
		} else if (star) {
			pat = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (pat < end && *pat == '*')
		pat++;
	return pat == end;
}

/* "|1|salt|hash" */
static bool hashed_matches(const char *entry, size_t len, const char *host)
{
	const char *salt = entry + 3, *bar = memchr(salt, '|', len - 3);
	struct buf key, want;
	uint8_t got[SHA1_LEN];
	bool same = false;

	if (!bar)
		return false;
	buf_init(&key, 64);
	buf_init(&want, 64);
	if (base64_decode(&key, salt, (size_t)(bar - salt)) &&
	    base64_decode(&want, bar + 1, (size_t)(entry + len - bar - 1)) && want.len == sizeof got) {
		hmac_sha1(buf_data(&key), key.len, host, strlen(host), got);
		same = memcmp(got, buf_data(&want), sizeof got) == 0;
	}
	buf_free(&key);
	buf_free(&want);
	return same;
}

bool known_host_matches(const char *patterns, size_t len, const char *host)
{
	const char *end = patterns + len;
	bool found = false;

	if (len > 3 && memcmp(patterns, "|1|", 3) == 0)
		return hashed_matches(patterns, len, host);
	while (patterns < end) {
		const char *comma = memchr(patterns, ',', (size_t)(end - patterns));
		const char *stop = comma ? comma : end;
		bool negated = *patterns == '!';

		if (glob(patterns + negated, (size_t)(stop - patterns) - negated, host)) {
			if (negated)
				return false;
			found = true;
		}
		patterns = stop + 1;
	}
	return found;
}

void known_init(struct known_result *result)
{
	*result = (struct known_result){.status = KNOWN_UNKNOWN};
}

void known_free(struct known_result *result)
{
	free(result->file);
	result->file = NULL;
}

static void add_type(struct known_result *result, struct word type)
{
	char name[64];
	size_t used = strlen(result->types);

	if (type.len >= sizeof name || used + type.len + 2 > sizeof result->types)
		return;
	memcpy(name, type.s, type.len);
	name[type.len] = '\0';
	if (!ssh_list_has(result->types, name))
		snprintf(result->types + used, sizeof result->types - used, "%s%s", used ? "," : "", name);
}

static bool same_blob(struct word text, const struct known_key *key)
{
	struct buf blob;
	bool same;

	buf_init(&blob, 65536);
	same = base64_decode(&blob, text.s, text.len) && blob.len == key->blob_len &&
	       memcmp(buf_data(&blob), key->blob, blob.len) == 0;
	buf_free(&blob);
	return same;
}

/* A revocation outweighs a match, a match outweighs a change. */
static void decide(struct known_result *result, enum known_status status, const char *file, unsigned line)
{
	bool better = status == KNOWN_REVOKED ? result->status != KNOWN_REVOKED
		      : status == KNOWN_MATCH
			      ? result->status < KNOWN_REVOKED && result->status != KNOWN_MATCH
			      : result->status == KNOWN_UNKNOWN;

	if (!better)
		return;
	free(result->file);
	result->file = mem_strdup(file);
	result->line = line;
	result->status = status;
}

static void feed_line(struct known_result *result, const struct known_key *key, const char *file,
		      unsigned number, const char *at, const char *end)
{
	struct word marker = {NULL, 0}, hosts = next_word(&at, end), type, blob;
	bool same;

	if (hosts.len == 0 || hosts.s[0] == '#')
		return;
	if (hosts.s[0] == '@') {
		marker = hosts;
		hosts = next_word(&at, end);
	}
	type = next_word(&at, end);
	blob = next_word(&at, end);
	if (blob.len == 0 || !known_host_matches(hosts.s, hosts.len, key->host))
		return;
	if (marker.len > 0 && word_is(marker, "@cert-authority")) {
		result->authority = true;
		return;
	}
	same = key->blob && same_blob(blob, key);
	if (marker.len > 0) {
		if (word_is(marker, "@revoked") && same)
			decide(result, KNOWN_REVOKED, file, number);
		return;
	}
	add_type(result, type);
	if (same)
		decide(result, KNOWN_MATCH, file, number);
	else if (key->blob && word_is(type, key->type))
		decide(result, KNOWN_CHANGED, file, number);
}

void known_feed(struct known_result *result, const struct known_key *key, const char *file, const char *text,
		size_t len)
{
	const char *end = text + len;

	for (unsigned number = 1; text < end; number++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		feed_line(result, key, file, number, text, stop);
		text = stop + 1;
	}
}

void known_feed_file(struct known_result *result, const struct known_key *key, const char *file)
{
	FILE *f = fopen(file, "re");
	struct buf text;

	if (!f)
		return;
	buf_init(&text, FILE_MAX_BYTES);
	while (!feof(f) && !ferror(f)) {
		char *at = buf_space(&text, 65536);

		if (!at)
			break;
		buf_grew(&text, fread(at, 1, 65536, f));
	}
	fclose(f);
	if (text.len > 0)
		known_feed(result, key, file, buf_data(&text), text.len);
	buf_free(&text);
}

void known_format(struct buf *out, const struct known_key *key, const unsigned char *salt)
{
	uint8_t digest[SHA1_LEN];

	if (salt) {
		hmac_sha1(salt, SHA1_LEN, key->host, strlen(key->host), digest);
		buf_puts(out, "|1|");
		base64_encode(out, salt, SHA1_LEN, true);
		buf_puts(out, "|");
		base64_encode(out, digest, sizeof digest, true);
	} else {
		buf_puts(out, key->host);
	}
	buf_printf(out, " %s ", key->type);
	base64_encode(out, key->blob, key->blob_len, true);
	buf_puts(out, "\n");
}
