/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/known.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/config.h"
#include "ssh/digest.h"
#include "ssh/pubkey.h"

#define FILE_MAX_BYTES (16u << 20)

/* A pattern that is longer makes ssh disregard the line. */
#define PATTERN_MAX 1023

static void put_name(struct buf *out, const struct known_key *key, const unsigned char *salt);

struct word {
	const char *s;
	size_t len;
};

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
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

/* "|1|salt|hash": it must be written as ssh would write it. */
static bool hashed_matches(const char *entry, size_t len, const char *host)
{
	const char *salt = entry + 3, *bar = len > 3 && memcmp(entry, "|1|", 3) == 0 ? memchr(salt, '|', len - 3) : NULL;
	struct known_key key = { .host = host };
	struct buf bytes, want;
	bool same = false;

	if (!bar)
		return false;
	buf_init(&bytes, 64);
	buf_init(&want, 0);
	if (base64_decode(&bytes, salt, (size_t)(bar - salt)) && bytes.len == SHA1_LEN) {
		put_name(&want, &key, (const unsigned char *)buf_data(&bytes));
		same = want.len == len && memcmp(buf_data(&want), entry, len) == 0;
	}
	buf_free(&bytes);
	buf_free(&want);
	return same;
}

bool known_host_matches(const char *patterns, size_t len, const char *host)
{
	const char *end = patterns + len;
	bool found = false;

	if (len > 0 && *patterns == '|')
		return hashed_matches(patterns, len, host);
	while (patterns < end) {
		const char *comma = memchr(patterns, ',', (size_t)(end - patterns));
		const char *stop = comma ? comma : end;
		bool negated = *patterns == '!';

		if ((size_t)(stop - patterns) - negated >= PATTERN_MAX)
			return false;
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
	free(result->unread);
	result->file = result->unread = NULL;
}

static void add_type(struct known_result *result, const char *name)
{
	size_t used = strlen(result->types);

	if (used + strlen(name) + 2 <= sizeof result->types && !ssh_list_has(result->types, name))
		snprintf(result->types + used, sizeof result->types - used, "%s%s", used ? "," : "", name);
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

/*
 * The marker in front of a line, and what follows it.  ssh takes a marker to end
 * at the line's first space, or at its first tab where there is no space: one
 * that a tab ends in a line with spaces is none it knows.  False: it disregards
 * the line.
 */
static bool take_marker(const char **at, const char *end, struct word *marker)
{
	const char *stop;

	marker->len = 0;
	if (*at == end || **at != '@')
		return true;
	stop = memchr(*at, ' ', (size_t)(end - *at));
	if (!stop)
		stop = memchr(*at, '\t', (size_t)(end - *at));
	if (!stop)
		return false;
	*marker = (struct word){ *at, (size_t)(stop - *at) };
	*at = skip_blanks(stop, end);
	return (word_is(*marker, "@revoked") || word_is(*marker, "@cert-authority")) && !(*at < end && **at == '@');
}

static void feed_line(struct known_result *result, const struct known_key *key, const struct pubkey *want, const char *file,
		      unsigned number, const char *at, const char *end)
{
	struct word marker, hosts;
	struct pubkey found;
	struct buf blob;

	at = skip_blanks(at, end);
	if (at == end || *at == '#' || !take_marker(&at, end, &marker))
		return;
	hosts.s = at;
	while (at < end && *at != ' ' && *at != '\t')
		at++;
	hosts.len = (size_t)(at - hosts.s);
	if (at == end || !known_host_matches(hosts.s, hosts.len, key->host))
		return;
	at = skip_blanks(at, end);
	buf_init(&blob, 0);
	if (pubkey_read(&found, &blob, at, end)) {
		bool same = want && pubkey_same(want, &found);

		if (marker.len > 0 && word_is(marker, "@cert-authority")) {
			result->authority = true;
		} else if (marker.len > 0) {
			if (same)
				decide(result, KNOWN_REVOKED, file, number);
		} else {
			add_type(result, pubkey_name(found.kind));
			if (want)
				decide(result, same ? KNOWN_MATCH : KNOWN_CHANGED, file, number);
		}
	}
	buf_free(&blob);
}

void known_feed(struct known_result *result, const struct known_key *key, const char *file, const char *text,
		size_t len)
{
	const char *end = text + len;
	struct pubkey parsed = { 0 }, *want = key->blob ? &parsed : NULL;

	/* A key that cannot be read equals that of no line. */
	if (want && !pubkey_parse(want, key->blob, key->blob_len))
		parsed = (struct pubkey){ .kind = PUBKEY_CERT };
	for (unsigned number = 1; text < end; number++) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end, *nul = memchr(text, '\0', (size_t)(stop - text));

		feed_line(result, key, want, file, number, text, nul ? nul : stop);
		text = stop + 1;
	}
}

bool known_read_file(struct buf *text, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;
	int error;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : ESPIPE;
	} else {
		do {
			char *at = buf_space(text, 65536);

			n = at ? read(fd, at, 65536) : -1;
			if (!at)
				errno = EFBIG;
			if (n > 0)
				buf_grew(text, (size_t)n);
		} while (n > 0);
	}
	error = errno;
	close(fd);
	errno = error;
	return n == 0;
}

void known_feed_file(struct known_result *result, const struct known_key *key, const char *file)
{
	struct buf text;

	buf_init(&text, FILE_MAX_BYTES);
	if (known_read_file(&text, file)) {
		if (text.len > 0)
			known_feed(result, key, file, buf_data(&text), text.len);
	} else if (errno == EFBIG && !result->unread) {
		result->unread = mem_strdup(file);
	}
	buf_free(&text);
}

static void put_name(struct buf *out, const struct known_key *key, const unsigned char *salt)
{
	uint8_t digest[SHA1_LEN];

	hmac_sha1(salt, SHA1_LEN, key->host, strlen(key->host), digest);
	buf_puts(out, "|1|");
	base64_encode(out, salt, SHA1_LEN, true);
	buf_puts(out, "|");
	base64_encode(out, digest, sizeof digest, true);
}

void known_format(struct buf *out, const struct known_key *key, const unsigned char *salt)
{
	if (salt)
		put_name(out, key, salt);
	else
		buf_puts(out, key->host);
	buf_printf(out, " %s ", key->type);
	base64_encode(out, key->blob, key->blob_len, true);
	buf_puts(out, "\n");
}

/* ---- revoked keys ---- */

bool known_is_krl(const char *text, size_t len)
{
	static const char magic[8] = "SSHKRL\n"; /* and a NUL */

	return len >= sizeof magic && memcmp(text, magic, sizeof magic) == 0;
}

enum revoked known_revoked(const char *text, size_t len, const void *blob, size_t blob_len, unsigned *line)
{
	const char *end = text + len;
	struct pubkey want, found;
	enum revoked result = REVOKED_NO;
	struct buf bytes;

	*line = 0;
	if (!pubkey_parse(&want, blob, blob_len))
		return REVOKED_BAD;
	buf_init(&bytes, 0);
	while (text < end && result == REVOKED_NO) {
		const char *nl = memchr(text, '\n', (size_t)(end - text)), *stop = nl ? nl : end;
		const char *nul = memchr(text, '\0', (size_t)(stop - text)), *last = nul ? nul : stop;
		const char *at = skip_blanks(text, last);

		++*line;
		text = stop + 1;
		if (at == last || *at == '#')
			continue;
		if (pubkey_read(&found, &bytes, at, last))
			result = pubkey_same(&found, &want) ? REVOKED_YES : REVOKED_NO;
		else if (!found.bad_length)
			result = REVOKED_BAD;
	}
	buf_free(&bytes);
	return result;
}
