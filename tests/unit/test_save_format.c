/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is in the file of a save: there and back, and what is not taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "save/save_format.h"

/* ---- the header ---- */

static struct save_header example(void)
{
	struct save_header h = { .state = SAVE_SAVED, .id = "20261121143301-6e27e01b", .source = "web01", .name = "redis", .when = "2026-11-21",
				 .proc = { 881, 1234567 }, .memory_bytes = 1 << 20, .lengths = { 10, 20, 30 }, .images = 10240,
				 .accept = { "tcp-close", "pipe-outside" }, .naccept = 2, .options = "--tcp-close" };

	memset(h.sum, 'a', 64);
	h.facts.root = h.facts.nft = true;
	h.facts.uid = 1000;
	snprintf(h.facts.criu_version, sizeof h.facts.criu_version, "4.2.1");
	return h;
}

static void test_header_there_and_back(void **state)
{
	struct save_header h = example(), got;
	char block[SAVE_BLOCK];
	struct err e = { 0 };

	(void)state;
	for (int s = SAVE_SAVING; s <= SAVE_RESTORED; s++) {
		bool owned = save_state_owned((enum save_state)s);

		h.state = (enum save_state)s;
		snprintf(h.owner, sizeof h.owner, "%s", owned ? "20261122000000-01234567" : "");
		snprintf(h.host, sizeof h.host, "%s", owned ? "web02" : "");
		assert_true(save_header_print(&h, block, &e));
		assert_true(save_header_parse(block, &got, &e));
		assert_int_equal(got.state, s);
		assert_string_equal(got.owner, h.owner);
		assert_string_equal(got.host, h.host);
	}
	assert_string_equal(got.id, h.id);
	assert_string_equal(got.source, "web01");
	assert_int_equal(got.proc.pid, 881);
	assert_int_equal(got.proc.start, 1234567);
	assert_int_equal(got.naccept, 2);
	assert_string_equal(got.accept[1], "pipe-outside");
	assert_string_equal(got.sum, h.sum);
	assert_true(got.facts.root && got.facts.nft && !got.facts.iptables);
	assert_int_equal(got.facts.uid, 1000);
	assert_int_equal(save_length(&got), SAVE_BLOCK + 60 + 10240);
}

/* The record as it would be with `from` replaced, its sum right again. */
static bool parses_with(const char *from, const char *to)
{
	struct save_header h = example(), got;
	char block[SAVE_BLOCK], changed[SAVE_BLOCK + 64], hex[SHA256_HEX], *json, *at, *end;
	struct sha256 s;

	assert_true(save_header_print(&h, block, NULL));
	json = block + SAVE_STATE_AT + SAVE_STATE_LEN + 4 + SHA256_HEX;
	at = memmem(json, SAVE_BLOCK - (size_t)(json - block), from, strlen(from));
	assert_non_null(at);
	end = memchr(json, '\n', SAVE_BLOCK - (size_t)(json - block));
	snprintf(changed, sizeof changed, "%.*s%s%.*s", (int)(at - json), json, to, (int)(end - at - (ptrdiff_t)strlen(from)),
		 at + strlen(from));
	sha256_begin(&s);
	sha256_add(&s, changed, strlen(changed));
	sha256_end(&s, hex);
	memset(json, '\n', SAVE_BLOCK - (size_t)(json - block));
	memcpy(json, changed, strlen(changed));
	memcpy(block + SAVE_STATE_AT + SAVE_STATE_LEN + 4, hex, 64);
	return save_header_parse(block, &got, NULL);
}

static void test_header_refuses(void **state)
{
	static const struct {
		const char *from, *to;
	} table[] = {
		{ "\"pid\":881", "\"pid\":0" },          { "\"pid\":881", "\"pid\":-1" },      { "\"pid\":881", "\"pid\":99999999999" },
		{ "\"pid\":881", "\"pid\":\"881\"" },    { "\"pid\":881", "\"dip\":881" },     { "\"inspect_bytes\":10", "\"inspect_bytes\":-1" },
		{ "\"inspect_bytes\":10", "\"inspect_bytes\":16777217" }, { "\"images_bytes\":10240", "\"images_bytes\":9223372036854775807" },
		{ "20261121143301-6e27e01b", "../../etc" }, { "20261121143301-6e27e01b", "" }, { "\"tcp-close\"", "\"tcp close\"" },
		{ "\"tcp-close\"", "1" },               { "[\"tcp-close\"", "[[]" },           { "\"uid\":1000", "\"uid\":4294967296" },
		{ "{\"id\"", "{{\"id\"" },              { "}}", "}" },                          { "\"host\":{", "\"tsoh\":{" },
		{ "\"criu_version\":\"4.2.1\"", "\"criu_version\":\"0123456789012345678901234567890123456789\"" },
	};
	struct save_header h = example(), got;
	char block[SAVE_BLOCK], good[SAVE_BLOCK];
	struct err e = { 0 };

	(void)state;
	assert_true(parses_with("\"pid\":881", "\"pid\":882"));
	for (size_t i = 0; i < countof(table); i++) {
		if (parses_with(table[i].from, table[i].to))
			fail_msg("%s instead of %s is taken", table[i].to, table[i].from);
	}
	assert_true(save_header_print(&h, good, &e));
	/* Any byte of the first lines or the record that is another is noticed, but blanks of the state. */
	for (size_t at = 0; at < SAVE_BLOCK && good[at + 1] != '\n'; at++) {
		memcpy(block, good, sizeof block);
		if (block[at] == ' ')
			continue;
		block[at] ^= 1;
		assert_false(save_header_parse(block, &got, &e));
	}
	memset(h.name, 0xff, 60);
	h.name[60] = '\0';
	assert_true(save_header_print(&h, good, &e)); /* made fit to be shown */
	memcpy(block, good, sizeof block);
	memcpy(block + SAVE_STATE_AT, "state claimed x/y", 17);
	assert_false(save_header_parse(block, &got, &e));
}

/* ---- the archive ---- */

static void put_header(char block[512], const char *name, char type, unsigned long size)
{
	unsigned sum = 0;

	memset(block, 0, 512);
	snprintf(block, 100, "%s", name);
	snprintf(block + 124, 12, "%011lo", size);
	memset(block + 148, ' ', 8);
	block[156] = type;
	memcpy(block + 257, "ustar  ", 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

/* An archive of one file of that name and type, and .complete. */
static bool takes(const char *name, char type, size_t cut)
{
	char tar[512 * 6] = { 0 };
	struct save_tar t = { 0 };

	put_header(tar, name, type, 100);
	memset(tar + 512, 'x', 100);
	put_header(tar + 1024, ".complete", '0', 0);
	if (!save_tar_feed(&t, tar, cut, NULL) || !save_tar_feed(&t, tar + cut, sizeof tar - cut, NULL))
		return false;
	return save_tar_whole(&t);
}

static void test_archive(void **state)
{
	static const char *const bad[] = { "/etc/passwd", "../x", "a/b", "", ".", "..", ".room", "-rf", "a b", "a\nb", "pages;1.img" };
	char block[512];
	struct save_tar t = { 0 };

	(void)state;
	for (size_t cut = 0; cut <= 3072; cut += 37)
		assert_true(takes("pages-1.img", '0', cut));
	assert_true(takes("tmpfs-dev-45.tar.gz.img", '\0', 0));
	for (size_t i = 0; i < countof(bad); i++)
		assert_false(takes(bad[i], '0', 0));
	for (const char *type = "123456LKxgSV"; *type; type++)
		assert_false(takes("pages-1.img", *type, 0));
	/* A size that lies. */
	put_header(block, "pages-1.img", '0', 100);
	memset(block + 124, 0xff, 12);
	assert_false(save_tar_feed(&t, block, 512, NULL));
	/* What ends before .complete, or goes on after it. */
	t = (struct save_tar){ 0 };
	memset(block, 0, sizeof block);
	assert_true(save_tar_feed(&t, block, 512, NULL) && save_tar_feed(&t, block, 512, NULL));
	assert_false(save_tar_whole(&t));
	put_header(block, "late.img", '0', 0);
	assert_false(save_tar_feed(&t, block, 512, NULL));
	t = (struct save_tar){ .complete = true };
	assert_false(save_tar_feed(&t, block, 512, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_there_and_back),
		cmocka_unit_test(test_header_refuses),
		cmocka_unit_test(test_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
