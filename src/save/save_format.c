/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save/save_format.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "base/mem.h"
#include "base/text.h"

#define MAGIC "pferry-save 1\n"
#define SUM_AT (SAVE_STATE_AT + SAVE_STATE_LEN)
#define JSON_AT (SUM_AT + 4 + SHA256_HEX)
#define IMAGES_MAX (1ull << 46)

static const char *const state_names[] = {
	[SAVE_SAVING] = "saving", [SAVE_WHOLE] = "whole", [SAVE_SAVED] = "saved", [SAVE_CLAIMED] = "claimed", [SAVE_RECLAIMED] = "reclaimed",
	[SAVE_RESTORED] = "restored",
};
static const uint64_t section_max[] = { [SAVE_INSPECT] = 16u << 20, [SAVE_ABLE] = 1u << 20, [SAVE_SUMS] = 4u << 20 };

uint64_t save_section_max(enum save_section section)
{
	return section_max[section];
}

uint64_t save_length(const struct save_header *h)
{
	return SAVE_BLOCK + h->lengths[SAVE_INSPECT] + h->lengths[SAVE_ABLE] + h->lengths[SAVE_SUMS] + h->images;
}

uint64_t save_images_at(const struct save_header *h)
{
	return save_length(h) - h->images;
}

/* ---- the state ---- */

bool save_state_owned(enum save_state state)
{
	return state == SAVE_CLAIMED || state == SAVE_RECLAIMED || state == SAVE_RESTORED;
}

void save_state_print(enum save_state state, const char *owner, const char *host, char line[SAVE_STATE_LEN])
{
	char words[SAVE_STATE_LEN], padded[SAVE_STATE_LEN + 1];

	if (save_state_owned(state))
		snprintf(words, sizeof words, "state %s %.39s %.127s", state_names[state], owner, host);
	else
		snprintf(words, sizeof words, "state %s", state_names[state]);
	snprintf(padded, sizeof padded, "%-*s\n", SAVE_STATE_LEN - 1, words);
	memcpy(line, padded, SAVE_STATE_LEN);
}

/* An id goes into names of directories: nothing but ours will do. */
static bool id_ok(const char *id)
{
	return strlen(id) > 8 && strlen(id) < 40 && id[strspn(id, "0123456789abcdef-")] == '\0';
}

static bool parse_state(const char *line, struct save_header *h)
{
	char string[SAVE_STATE_LEN], word[16], owner[40] = "", host[128] = "", more[2];
	int words;

	if (line[SAVE_STATE_LEN - 1] != '\n')
		return false;
	memcpy(string, line, sizeof string);
	string[SAVE_STATE_LEN - 1] = '\0';
	words = sscanf(string, "state %15s %39s %127s %1s", word, owner, host, more);
	for (size_t i = 0; words > 0 && i < countof(state_names); i++) {
		bool owned = save_state_owned((enum save_state)i);

		if (strcmp(word, state_names[i]) != 0 || words != (owned ? 3 : 1) || (owned && !id_ok(owner)))
			continue;
		h->state = (enum save_state)i;
		snprintf(h->owner, sizeof h->owner, "%s", owner);
		snprintf(h->host, sizeof h->host, "%s", host);
		return true;
	}
	return false;
}

/* ---- the record ---- */

/* A string of the object, sanitised; false when it is missing or too long. */
static bool take_text(const json_t *object, const char *key, char *to, size_t size)
{
	const json_t *value = json_object_get(object, key);
	char *safe;
	bool fits;

	if (!json_is_string(value))
		return false;
	safe = text_sanitize(json_string_value(value), json_string_length(value), 0);
	fits = strlen(safe) < size;
	snprintf(to, size, "%s", safe);
	free(safe);
	return fits;
}

static bool take_number(const json_t *object, const char *key, uint64_t max, uint64_t *to)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
		return false;
	*to = (uint64_t)json_integer_value(value);
	return true;
}

static bool take_accept(const json_t *list, struct save_header *h)
{
	if (!json_is_array(list) || json_array_size(list) > SAVE_ACCEPTED)
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *code = json_array_get(list, i);
		const char *text = json_string_value(code);

		if (!text || strlen(text) >= sizeof h->accept[i] || text[strspn(text, "abcdefghijklmnopqrstuvwxyz-")])
			return false;
		snprintf(h->accept[h->naccept++], sizeof h->accept[0], "%s", text);
	}
	return true;
}

static bool take_facts(const json_t *object, struct host_facts *f)
{
	uint64_t uid;

	f->known = true;
	f->root = json_is_true(json_object_get(object, "root"));
	f->unprivileged = json_is_true(json_object_get(object, "unprivileged"));
	f->nft = json_is_true(json_object_get(object, "nft"));
	f->iptables = json_is_true(json_object_get(object, "iptables"));
	f->tar = f->setsid = f->mkfifo = f->tmux = true;
	if (!take_number(object, "uid", UINT32_MAX, &uid))
		return false;
	f->uid = (uint32_t)uid;
	return take_text(object, "user", f->user, sizeof f->user) && take_text(object, "groups", f->groups, sizeof f->groups) &&
	       take_text(object, "home", f->home, sizeof f->home) && take_text(object, "arch", f->arch, sizeof f->arch) &&
	       take_text(object, "kernel", f->kernel, sizeof f->kernel) && take_text(object, "boot", f->boot_id, sizeof f->boot_id) &&
	       take_text(object, "criu", f->criu, sizeof f->criu) &&
	       take_text(object, "criu_version", f->criu_version, sizeof f->criu_version);
}

static bool take_record(const json_t *object, struct save_header *h)
{
	uint64_t pid;

	if (!take_number(object, "pid", 0x7fffffff, &pid) || pid == 0)
		return false;
	h->proc.pid = (pid_t)pid;
	return take_number(object, "start", INT64_MAX, &h->proc.start) &&
	       take_number(object, "memory", IMAGES_MAX, &h->memory_bytes) &&
	       take_number(object, "inspect_bytes", section_max[SAVE_INSPECT], &h->lengths[SAVE_INSPECT]) &&
	       take_number(object, "able_bytes", section_max[SAVE_ABLE], &h->lengths[SAVE_ABLE]) &&
	       take_number(object, "sums_bytes", section_max[SAVE_SUMS], &h->lengths[SAVE_SUMS]) &&
	       take_number(object, "images_bytes", IMAGES_MAX, &h->images) && take_text(object, "id", h->id, sizeof h->id) &&
	       id_ok(h->id) && take_text(object, "source", h->source, sizeof h->source) &&
	       take_text(object, "name", h->name, sizeof h->name) && take_text(object, "when", h->when, sizeof h->when) &&
	       take_text(object, "sha256", h->sum, sizeof h->sum) && take_text(object, "restore", h->options, sizeof h->options) &&
	       take_accept(json_object_get(object, "accept"), h) && take_facts(json_object_get(object, "host"), &h->facts);
}

bool save_header_parse(const char block[SAVE_BLOCK], struct save_header *h, struct err *e)
{
	const char *newline, *json = block + JSON_AT;
	char sum[SHA256_HEX];
	struct sha256 digest;
	json_t *object;
	bool ok;

	*h = (struct save_header){ 0 };
	if (memcmp(block, MAGIC, SAVE_STATE_AT) != 0) {
		if (memcmp(block, MAGIC, 12) == 0 && isdigit((unsigned char)block[12]))
			return err_set(e, ERR_REFUSED, NULL, "it was made by a newer pferry: use that one");
		return err_set(e, ERR_REFUSED, NULL, "it is no file that pferry save made");
	}
	newline = memchr(json, '\n', SAVE_BLOCK - JSON_AT);
	if (!newline || !parse_state(block + SAVE_STATE_AT, h) || memcmp(block + SUM_AT, "sum ", 4) != 0 || json[-1] != '\n')
		return err_set(e, ERR_REFUSED, NULL, "it is damaged: its first lines are not as they were written");
	sha256_begin(&digest);
	sha256_add(&digest, json, (size_t)(newline - json));
	sha256_end(&digest, sum);
	if (memcmp(sum, block + SUM_AT + 4, SHA256_HEX - 1) != 0)
		return err_set(e, ERR_REFUSED, NULL, "it is damaged: the sum of its record is wrong");
	object = json_loadb(json, (size_t)(newline - json), JSON_REJECT_DUPLICATES, NULL);
	ok = json_is_object(object) && take_record(object, h);
	json_decref(object);
	return ok || err_set(e, ERR_REFUSED, NULL, "its record makes no sense");
}

static json_t *safe_text(const char *string)
{
	char *safe = text_sanitize(string, strlen(string), 0);
	json_t *value = json_string(safe);

	free(safe);
	return value;
}

static json_t *record(const struct save_header *h)
{
	const struct host_facts *f = &h->facts;
	json_t *accept = json_array();

	for (size_t i = 0; i < h->naccept; i++)
		json_array_append_new(accept, safe_text(h->accept[i]));
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:o, s:o, s:I, s:o, s:I, s:I, s:I, s:I, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:b, s:b, "
			 "s:I, s:o, s:o, s:o}}",
			 "id", safe_text(h->id), "source", safe_text(h->source), "name", safe_text(h->name), "pid", (json_int_t)h->proc.pid, "start",
			 (json_int_t)h->proc.start, "when", safe_text(h->when), "restore", safe_text(h->options), "memory",
			 (json_int_t)h->memory_bytes, "accept", accept, "inspect_bytes", (json_int_t)h->lengths[SAVE_INSPECT], "able_bytes",
			 (json_int_t)h->lengths[SAVE_ABLE], "sums_bytes", (json_int_t)h->lengths[SAVE_SUMS], "images_bytes",
			 (json_int_t)h->images, "sha256", safe_text(h->sum), "host", "boot", safe_text(f->boot_id), "arch", safe_text(f->arch), "kernel",
			 safe_text(f->kernel), "criu", safe_text(f->criu), "criu_version", safe_text(f->criu_version), "root", (int)f->root,
			 "unprivileged", (int)f->unprivileged, "nft", (int)f->nft, "iptables", (int)f->iptables, "uid", (json_int_t)f->uid,
			 "user", safe_text(f->user), "groups", safe_text(f->groups), "home", safe_text(f->home));
}

bool save_header_print(const struct save_header *h, char block[SAVE_BLOCK], struct err *e)
{
	json_t *object = record(h);
	char *json = object ? json_dumps(object, JSON_COMPACT) : NULL;
	size_t len = json ? strlen(json) : SAVE_BLOCK;
	char sum[SHA256_HEX], state[SAVE_STATE_LEN], text[SAVE_BLOCK + 1];
	struct sha256 digest;

	json_decref(object);
	if (len + 1 > SAVE_BLOCK - JSON_AT) {
		free(json);
		return err_set(e, ERR_REFUSED, NULL, "what is to be recorded of it is too long");
	}
	save_state_print(h->state, h->owner, h->host, state);
	sha256_begin(&digest);
	sha256_add(&digest, json, len);
	sha256_end(&digest, sum);
	snprintf(text, sizeof text, MAGIC "%.*ssum %s\n%s", SAVE_STATE_LEN, state, sum, json);
	memset(block, '\n', SAVE_BLOCK);
	memcpy(block, text, JSON_AT + len);
	free(json);
	return true;
}

/* ---- the archive ---- */

/* CRIU's names: letters, digits, '.', '-' and '_', none of them hidden. */
static bool name_ok(const char *name)
{
	if (strcmp(name, ".complete") == 0)
		return true;
	return isalnum((unsigned char)name[0]) &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == '\0';
}

/* Octal, or for what is too large for that, binary with the first bit set. */
static bool number(const char *field, size_t len, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	if ((unsigned char)field[0] == 0x80) {
		for (i = 1; i < len; i++) {
			if (n >> 40)
				return false;
			n = n << 8 | (unsigned char)field[i];
		}
		*out = n;
		return n < IMAGES_MAX;
	}
	while (i < len && field[i] == ' ')
		i++;
	if (i == len || field[i] < '0' || field[i] > '7')
		return false;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		n = n << 3 | (uint64_t)(field[i] - '0');
	*out = n;
	return i == len || field[i] == ' ' || field[i] == '\0';
}

static bool sum_ok(const char *block)
{
	uint64_t said, sum = 0;

	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	return number(block + 148, 8, &said) && said == sum;
}

static bool take_header(struct save_tar *t, struct err *e)
{
	const char *block = t->block;
	uint64_t size;

	if (!sum_ok(block) || !number(block + 124, 12, &size))
		return err_set(e, ERR_REFUSED, NULL, "its archive of images is damaged");
	snprintf(t->name, sizeof t->name, "%.99s", block);
	/* A name that goes on in the prefix, a link, a directory... are not CRIU's. */
	if ((block[156] != '0' && block[156] != '\0') || !name_ok(t->name) || block[99] ||
	    (memcmp(block + 257, "ustar", 6) == 0 && block[345]))
		return err_set(e, ERR_REFUSED, NULL, "its archive has something in it that is no image of CRIU's: %.60s", t->name);
	if (t->complete)
		return err_set(e, ERR_REFUSED, NULL, "its archive goes on after its last file");
	t->complete = strcmp(t->name, ".complete") == 0;
	t->left = (size + 511) / 512 * 512;
	return true;
}

static bool take_block(struct save_tar *t, struct err *e)
{
	static const char empty[512];

	if (memcmp(t->block, empty, sizeof empty) == 0) {
		t->zeros++;
		return true;
	}
	if (t->zeros)
		return err_set(e, ERR_REFUSED, NULL, "its archive goes on after its end");
	return take_header(t, e);
}

bool save_tar_feed(struct save_tar *t, const char *data, size_t len, struct err *e)
{
	while (len > 0) {
		size_t n;

		if (t->left > 0) {
			n = t->left < len ? (size_t)t->left : len;
			t->left -= n;
		} else {
			n = 512 - t->have < len ? 512 - t->have : len;
			memcpy(t->block + t->have, data, n);
			t->have += n;
			if (t->have == 512) {
				t->have = 0;
				if (!take_block(t, e))
					return false;
			}
		}
		data += n;
		len -= n;
	}
	return true;
}

bool save_tar_whole(const struct save_tar *t)
{
	return t->complete && t->zeros >= 2 && t->left == 0 && t->have == 0;
}
