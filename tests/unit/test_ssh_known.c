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
#include "ssh/pubkey.h"

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

/* Two keys of one type, and others. */
#define GOOD "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPYzU+3qpZSR83LXiYlUgHOt9MO/LoxmujJCwzRUxNoF"
#define BAD "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAi08d8ofEJGSvVOiNN1+8kLn8wCeZ71u0C7rNM07H0u"
#define ECDSA                                                                                                \
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOvN2XdO7pAvcQjB14rZIMtv" \
	"v5bbRisUmL7OkC7gXxzpS4AXHQzBvt8ig+MLf6ySfkiTHqak4kud/+IA5TeLKLM="
#define RSA_BYTES                                                                                            \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDVw8xGe/HT8pZfPGdvaXb4Si4GAHvzzYb4vi65MXvvXgLNtErJvqagrXyDHK7oKmJh8xDFIwHgOlh8CJJw7f/l" \
	"w4FNz6j+S7B93Wtv+FpiQ6HUvpfCn4vNe5UpHcg4KmSk0U+wDl4aPIuxyzqji1BI6pDTiDH8GBOveZEzyW6YX7/p40u7MIPBiz+i3CX7ckvyGB0u6SWJ" \
	"h51KvIUyPchonvR96nb8MNL4b4V7LUey4Y+UYjI/pBC0p1RVnqAB1bdskGjUVOaq5gX+q5DhKtNsdXByORvnMQHXxgxmhnz2KuUtHAAmgJJXx+Iyhw/l" \
	"vlsA1F222CFBLQYOYMcWQ3Mr"
#define RSA "ssh-rsa " RSA_BYTES
/* 512 bits, which OpenSSH takes for no key. */
#define SHORT_RSA                                                                                            \
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDOqPPS72TRDQorhF8ickvMO4/298r8PZEvJzAvDH4JEToSZ++6jb2i0XeBDKKcevCfvN16CQUQvSvl" \
	"x7L+EWup"

static struct buf blob_of(const char *text)
{
	struct pubkey key;
	struct buf blob;

	buf_init(&blob, 0);
	assert_true(pubkey_read(&key, &blob, text, text + strlen(text)));
	return blob;
}

static struct known_result fed(const char *host, const char *with, const char *text)
{
	struct buf blob = blob_of(with ? with : GOOD);
	struct known_key key = {
		.host = host, .type = "ssh-ed25519", .blob = with ? buf_data(&blob) : NULL, .blob_len = blob.len};
	struct known_result r;

	known_init(&r);
	known_feed(&r, &key, "FILE", text, strlen(text));
	buf_free(&blob);
	return r;
}

static void expect(const char *text, enum known_status status, unsigned line)
{
	struct known_result r = fed("web01", GOOD, text);

	assert_int_equal(r.status, status);
	if (status != KNOWN_UNKNOWN) {
		assert_int_equal(r.line, line);
		assert_string_equal(r.file, "FILE");
	}
	known_free(&r);
}

/* The verdicts are OpenSSH's; tests/e2e/85-trust compares a longer table with ssh itself. */
static void test_status(void **state)
{
	(void)state;
	expect("", KNOWN_UNKNOWN, 0);
	expect("# web01 " GOOD "\n\n", KNOWN_UNKNOWN, 0);
	expect("web01 " GOOD " comment\n", KNOWN_MATCH, 1);
	expect("\n\nweb01 " GOOD, KNOWN_MATCH, 3);
	expect("web01 " GOOD "\r\n", KNOWN_MATCH, 1);
	expect(" \tweb01\t" GOOD "\n", KNOWN_MATCH, 1);
	expect("web02 " BAD "\n", KNOWN_UNKNOWN, 0);
	expect("web01 " BAD "\n", KNOWN_CHANGED, 1);
	expect("web01 " RSA "\n", KNOWN_CHANGED, 1);
	expect("web01 " ECDSA "\n", KNOWN_CHANGED, 1);
	expect("web01 rsa-sha2-512 " RSA_BYTES "\n", KNOWN_CHANGED, 1);
	expect("web01 " BAD "\nweb* " GOOD "\n", KNOWN_MATCH, 2);
	expect("web01 " GOOD "\nweb01 " BAD "\n", KNOWN_MATCH, 1);
}

/* Lines that are none, as ssh sees it: the first must not count as a changed key. */
static void test_malformed(void **state)
{
	(void)state;
	expect("web01 ssh-ed25519\nweb01\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 %%%\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-ed25519 YmFk\n", KNOWN_UNKNOWN, 0);
	expect("web01 ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAi08d8ofEJGSvVOiNN1+8kLn8wCeZ71u0C7rNM07H0u\n", KNOWN_UNKNOWN, 0);
	expect("web01 " SHORT_RSA "\n", KNOWN_UNKNOWN, 0);
	expect("web01 1024 35 123456789\n", KNOWN_UNKNOWN, 0);
	expect("no-pty web01 " GOOD "\n", KNOWN_UNKNOWN, 0);
	expect("web01 # " GOOD "\n", KNOWN_UNKNOWN, 0);
	expect("|2|x|y " GOOD "\n|x,web01 " GOOD "\n", KNOWN_UNKNOWN, 0);
}

static void test_markers(void **state)
{
	struct known_result r = fed("web01", GOOD, "@cert-authority * " GOOD "\n");

	(void)state;
	assert_int_equal(r.status, KNOWN_UNKNOWN);
	assert_true(r.authority);
	known_free(&r);
	expect("web01 " GOOD "\n@revoked * " GOOD "\n", KNOWN_REVOKED, 2);
	expect("@revoked * " GOOD "\nweb01 " GOOD "\n", KNOWN_REVOKED, 1);
	expect("@revoked * " BAD "\n", KNOWN_UNKNOWN, 0);
	expect("@revoked\t*\tssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIPYzU+3qpZSR83LXiYlUgHOt9MO/LoxmujJCwzRUxNoF\n", KNOWN_REVOKED, 1);
	expect("@revoked\t* " GOOD "\n", KNOWN_UNKNOWN, 0);
	expect("@revoked @revoked * " GOOD "\n", KNOWN_UNKNOWN, 0);
	expect("@known web01 " GOOD "\n", KNOWN_UNKNOWN, 0);
	expect("@revoked", KNOWN_UNKNOWN, 0);
}

static void test_types(void **state)
{
	struct known_result r = fed("web01", NULL,
				    "web01 " RSA "\nx " ECDSA "\nweb01 " BAD "\nweb01 rsa-sha2-256 " RSA_BYTES "\n@cert-authority w* " ECDSA "\n");

	(void)state;
	assert_string_equal(r.types, "ssh-rsa,ssh-ed25519");
	assert_int_equal(r.status, KNOWN_UNKNOWN);
	assert_true(r.authority);
	known_free(&r);
}

static void test_format(void **state)
{
	struct buf blob = blob_of(GOOD), line;
	struct known_key key = {.host = "[web01]:22", .type = "ssh-ed25519", .blob = buf_data(&blob), .blob_len = blob.len};
	unsigned char salt[SHA1_LEN] = "0123456789abcdefghi";
	struct known_result r;

	(void)state;
	buf_init(&line, 0);
	known_format(&line, &key, NULL);
	assert_string_equal(buf_str(&line), "[web01]:22 " GOOD "\n");
	buf_clear(&line);
	known_format(&line, &key, salt);
	assert_null(strstr(buf_str(&line), "web01"));
	known_init(&r);
	known_feed(&r, &key, "FILE", buf_data(&line), line.len);
	assert_int_equal(r.status, KNOWN_MATCH);
	known_free(&r);
	buf_free(&line);
	buf_free(&blob);
}

static void expect_revoked(const char *text, enum revoked want, unsigned line)
{
	struct buf blob = blob_of(GOOD);
	unsigned at;

	assert_int_equal(known_revoked(text, strlen(text), buf_data(&blob), blob.len, &at), want);
	if (want != REVOKED_NO)
		assert_int_equal(at, line);
	buf_free(&blob);
}

static void test_revoked(void **state)
{
	(void)state;
	expect_revoked("", REVOKED_NO, 0);
	expect_revoked("# a list\n\n  # of keys\n" BAD " x\n" RSA "\n" ECDSA, REVOKED_NO, 0);
	expect_revoked(BAD "\n" GOOD " me@here\n", REVOKED_YES, 2);
	expect_revoked(GOOD "\r\n", REVOKED_YES, 1);
	expect_revoked(SHORT_RSA "\n" GOOD "\n", REVOKED_YES, 2);
	expect_revoked(SHORT_RSA "\n", REVOKED_NO, 0);
	expect_revoked("web01 " BAD "\n", REVOKED_BAD, 1);
	expect_revoked(BAD "\nssh-rsa junk\n" GOOD "\n", REVOKED_BAD, 2);
	expect_revoked(GOOD "\njunk\n", REVOKED_YES, 1);
	assert_true(known_is_krl("SSHKRL\n", 8));
	assert_false(known_is_krl("SSHKRL\n", 7));
	assert_false(known_is_krl("ssh-rsa x", 9));
}

static void test_pubkey(void **state)
{
	static const char *const cut[] = { GOOD, ECDSA, RSA };
	struct buf blob = blob_of(RSA), again;
	struct pubkey key, other;
	enum pubkey_kind kind;

	(void)state;
	assert_true(pubkey_parse(&key, buf_data(&blob), blob.len));
	assert_int_equal(pubkey_rsa_bits(&key), 2048);
	/* A number may have a zero in front; it is the same key. */
	buf_init(&again, 0);
	buf_append(&again, "\0\0\0\7ssh-rsa\0\0\0\4\0\1\0\1", 19);
	buf_append(&again, buf_data(&blob) + 18, blob.len - 18);
	assert_true(pubkey_parse(&other, buf_data(&again), again.len));
	assert_true(pubkey_same(&key, &other));
	buf_free(&again);
	buf_free(&blob);
	for (size_t i = 0; i < countof(cut); i++) {
		blob = blob_of(cut[i]);
		assert_true(pubkey_parse(&key, buf_data(&blob), blob.len));
		for (size_t len = 0; len < blob.len; len++)
			assert_false(pubkey_parse(&other, buf_data(&blob), len));
		buf_append(&blob, "", 1);
		assert_false(pubkey_parse(&other, buf_data(&blob), blob.len));
		buf_free(&blob);
	}
	assert_true(pubkey_kind("rsa-sha2-512", 12, &kind));
	assert_string_equal(pubkey_name(kind), "ssh-rsa");
	assert_true(pubkey_kind("sk-ssh-ed25519-cert-v01@openssh.com", 35, &kind));
	assert_int_equal(kind, PUBKEY_CERT);
	assert_false(pubkey_kind("ssh-ed25519x", 12, &kind));
	assert_false(pubkey_kind("certificate", 11, &kind));
	assert_false(pubkey_kind("", 0, &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha1),   cmocka_unit_test(test_base64), cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_status), cmocka_unit_test(test_types),  cmocka_unit_test(test_format),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_markers), cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_pubkey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
