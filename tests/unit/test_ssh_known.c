/* SPDX-License-Identifier: GPL-2.0-or-later */
/* known_hosts files and the digests they need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ssh/digest.h"
#include "ssh/known.h"

static void assert_hex(const uint8_t *got, const char *want)
{
	char text[2 * SHA1_LEN + 1];

	for (size_t i = 0; i < SHA1_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	assert_string_equal(text, want);
}

static void test_sha1(void **state)
{
	uint8_t out[SHA1_LEN];
	char a[1000];

	(void)state;
	sha1("", 0, out);
	assert_hex(out, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	sha1("abc", 3, out);
	assert_hex(out, "a9993e364706816aba3e25717850c26c9cd0d89d");
	memset(a, 'a', sizeof a);
	sha1(a, 55, out);
	assert_hex(out, "c1c8bbdc22796e28c0e15163d20899b65621d65a");
	sha1(a, 56, out);
	assert_hex(out, "c2db330f6083854c99d4b5bfb6e8f29f201be699");
	sha1(a, sizeof a, out);
	assert_hex(out, "291e9a6c66994949b57ba5e650361e98fc36b1ba");
	hmac_sha1("key", 3, "The quick brown fox jumps over the lazy dog", 43, out);
	assert_hex(out, "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
}

static void test_base64(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},	 {"f", "Zg=="},	       {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe\xfd", "//79"},
	};

	(void)state;
	for (size_t i = 0; i < countof(pairs); i++) {
		struct buf b;

		buf_init(&b, 0);
		base64_encode(&b, pairs[i][0], strlen(pairs[i][0]), true);
		assert_string_equal(buf_str(&b), pairs[i][1]);
		buf_clear(&b);
		assert_true(base64_decode(&b, pairs[i][1], strlen(pairs[i][1])));
		assert_string_equal(buf_str(&b), pairs[i][0]);
		buf_free(&b);
	}
	for (size_t i = 0; i < 4; i++) {
		static const char *const bad[] = {"Z", "Zg=x", "Zm9v!", "Zg==="};
		struct buf b;

		buf_init(&b, 0);
		assert_false(base64_decode(&b, bad[i], strlen(bad[i])));
		buf_free(&b);
	}
}

static bool matches(const char *patterns, const char *host)
{
	return known_host_matches(patterns, strlen(patterns), host);
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(matches("web01", "web01"));
	assert_true(matches("WEB01", "web01"));
	assert_true(matches("a,web01,10.0.0.1", "10.0.0.1"));
	assert_false(matches("web01", "web011"));
	assert_false(matches("web011", "web01"));
	assert_true(matches("*.example,!bad.example", "good.example"));
	assert_false(matches("*.example,!bad.example", "bad.example"));
	assert_false(matches("!web01", "web02"));
	assert_true(matches("web0?", "web07"));
	assert_true(matches("*", "x"));
	assert_true(matches("*a*b", "xaxbxb"));
	assert_false(matches("*a*b", "xaxbx"));
	assert_true(matches("[web01]:2222", "[web01]:2222"));
	assert_false(matches("", "web01"));
	/* made by ssh-keygen -H */
	assert_true(matches("|1|cH/7S9NukXicEcofqsvcIBfFqEQ=|NL/VEjRRmmbPuKOphwUbNv6Nz8Q=",
			    "[10.213.2.11]:2222"));
	assert_false(matches("|1|cH/7S9NukXicEcofqsvcIBfFqEQ=|NL/VEjRRmmbPuKOphwUbNv6Nz8Q=", "10.213.2.11"));
	assert_false(matches("|1|cH/7", "web01"));
	assert_false(matches("|1|", "web01"));
	assert_false(matches("|1|!!!|???", "web01"));
}

static struct known_result fed(const char *host, const char *type, const char *blob, const char *text)
{
	struct known_key key = {
		.host = host, .type = type, .blob = blob, .blob_len = blob ? strlen(blob) : 0};
	struct known_result r;

	known_init(&r);
	known_feed(&r, &key, "FILE", text, strlen(text));
	return r;
}

static void expect(const char *text, enum known_status status, unsigned line)
{
	struct known_result r = fed("web01", "ssh-ed25519", "good", text);

	assert_int_equal(r.status, status);
	if (status != KNOWN_UNKNOWN) {
		assert_int_equal(r.line, line);
		assert_string_equal(r.file, "FILE");
	}
	known_free(&r);
}

/* Z29vZA== is "good", YmFk is "bad" */
static void test_status(void **state)
{
	(void)state;
	expect("", KNOWN_UNKNOWN, 0);
	expect("# web01 ssh-ed25519 Z29vZA==\n\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 Z29vZA== comment\n", KNOWN_MATCH, 1);
	expect("\n\nweb01 ssh-ed25519 Z29vZA==", KNOWN_MATCH, 3);
	expect("web01 ssh-ed25519 Z29vZA==\r\n", KNOWN_MATCH, 1);
	expect("web02 ssh-ed25519 YmFk\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 YmFk\n", KNOWN_CHANGED, 1);
	expect("web01 ssh-rsa YmFk\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 YmFk\nweb* ssh-ed25519 Z29vZA==\n", KNOWN_MATCH, 2);
	expect("web01 ssh-ed25519 Z29vZA==\nweb01 ssh-ed25519 YmFk\n", KNOWN_MATCH, 1);
	expect("web01 ssh-ed25519 Z29vZA==\n@revoked * ssh-ed25519 Z29vZA==\n", KNOWN_REVOKED, 2);
	expect("@revoked * ssh-ed25519 Z29vZA==\nweb01 ssh-ed25519 Z29vZA==\n", KNOWN_REVOKED, 1);
	expect("@revoked * ssh-ed25519 YmFk\n", KNOWN_UNKNOWN, 0);
	expect("@cert-authority * ssh-ed25519 Z29vZA==\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519\nweb01\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 %%%\n", KNOWN_CHANGED, 1);
}

static void test_types(void **state)
{
	struct known_result r =
		fed("web01", "", NULL,
		    "web01 ssh-rsa YmFk\nx ssh-dss YmFk\nweb01 ssh-ed25519 YmFk\nweb01 ssh-rsa YQ==\n"
		    "@cert-authority w* ssh-rsa YmFk\n");

	(void)state;
	assert_string_equal(r.types, "ssh-rsa,ssh-ed25519");
	assert_int_equal(r.status, KNOWN_UNKNOWN);
	assert_true(r.authority);
	known_free(&r);
}

static void test_format(void **state)
{
	struct known_key key = {.host = "[web01]:22", .type = "ssh-ed25519", .blob = "good", .blob_len = 4};
	unsigned char salt[SHA1_LEN] = "0123456789abcdefghi";
	struct known_result r;
	struct buf line;

	(void)state;
	buf_init(&line, 0);
	known_format(&line, &key, NULL);
	assert_string_equal(buf_str(&line), "[web01]:22 ssh-ed25519 Z29vZA==\n");
	buf_clear(&line);
	known_format(&line, &key, salt);
	assert_null(strstr(buf_str(&line), "web01"));
	known_init(&r);
	known_feed(&r, &key, "FILE", buf_data(&line), line.len);
	assert_int_equal(r.status, KNOWN_MATCH);
	known_free(&r);
	buf_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha1),   cmocka_unit_test(test_base64), cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_status), cmocka_unit_test(test_types),  cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
