/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Agent messages and private key files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ssh/agent.h"
#include "ssh/digest.h"
#include "ssh/keyfile.h"
#include "ssh/packet.h"

static void put_type(struct buf *b, uint8_t type)
{
	buf_append(b, &type, 1);
}

static void test_identities(void **state)
{
	struct agent_keys keys;
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	put_type(&b, 12);
	packet_put_u32(&b, 2);
	packet_put_string(&b, "blob1", 5);
	packet_put_string(&b, "me@here", 7);
	packet_put_string(&b, "", 0);
	packet_put_string(&b, "a\x1b[2Jb", 6);
	assert_true(agent_parse_keys(&keys, buf_data(&b), b.len));
	assert_int_equal(keys.n, 2);
	assert_string_equal(keys.v[0].comment, "me@here");
	assert_string_equal(keys.v[1].comment, "a?[2Jb");
	agent_keys_free(&keys);
	/* cut anywhere, it is refused */
	for (size_t len = 0; len < b.len; len++) {
		char *cut = mem_alloc(len ? len : 1);

		memcpy(cut, buf_data(&b), len);
		assert_false(agent_parse_keys(&keys, cut, len));
		free(cut);
	}
	buf_clear(&b);
	put_type(&b, 12);
	packet_put_u32(&b, 0xffffffff);
	assert_false(agent_parse_keys(&keys, buf_data(&b), b.len));
	buf_clear(&b);
	put_type(&b, 5);
	assert_false(agent_parse_keys(&keys, buf_data(&b), b.len));
	buf_free(&b);
}

static void signature(struct buf *out, const char *name, const char *sig, const char *more)
{
	struct buf inner;

	buf_init(&inner, 0);
	packet_put_string(&inner, name, strlen(name));
	packet_put_string(&inner, sig, strlen(sig));
	buf_puts(&inner, more);
	put_type(out, 14);
	packet_put_string(out, buf_data(&inner), inner.len);
	buf_free(&inner);
}

static void test_signature(void **state)
{
	struct buf reply, sig;

	(void)state;
	buf_init(&reply, 0);
	buf_init(&sig, 0);
	signature(&reply, "ssh-ed25519", "SIGNATURE", "");
	assert_true(agent_parse_signature(&sig, buf_data(&reply), reply.len));
	assert_string_equal(buf_str(&sig), "SIGNATURE");
	for (size_t len = 0; len < reply.len; len++) {
		buf_clear(&sig);
		assert_false(agent_parse_signature(&sig, buf_data(&reply), len));
	}
	buf_clear(&reply);
	buf_clear(&sig);
	signature(&reply, "sk-ssh-ed25519@openssh.com", "SIG", "FLAGS");
	assert_true(agent_parse_signature(&sig, buf_data(&reply), reply.len));
	assert_int_equal(sig.len, 4 + 3 + 5);
	buf_free(&reply);
	buf_free(&sig);
}

static unsigned flags_of(const char *algorithm)
{
	struct buf b;
	unsigned flags;

	buf_init(&b, 0);
	packet_put_string(&b, "session", 7);
	put_type(&b, 50);
	packet_put_string(&b, "root", 4);
	packet_put_string(&b, "ssh-connection", 14);
	packet_put_string(&b, "publickey", 9);
	put_type(&b, 1);
	packet_put_string(&b, algorithm, strlen(algorithm));
	packet_put_string(&b, "key", 3);
	flags = agent_flags_for(buf_data(&b), b.len);
	assert_int_equal(agent_flags_for(buf_data(&b), 30), 0);
	buf_free(&b);
	return flags;
}

static void test_flags(void **state)
{
	(void)state;
	assert_int_equal(flags_of("rsa-sha2-256"), AGENT_RSA_SHA2_256);
	assert_int_equal(flags_of("rsa-sha2-512"), AGENT_RSA_SHA2_512);
	assert_int_equal(flags_of("ssh-rsa"), 0);
	assert_int_equal(flags_of("ssh-ed25519"), 0);
}

static struct keyfile parsed(const char *text)
{
	struct keyfile key = {.state = KEYFILE_NONE};

	buf_init(&key.blob, 0);
	keyfile_parse(&key, text, strlen(text));
	return key;
}

static char *openssh_key(const char *cipher)
{
	struct buf bin, text;

	buf_init(&bin, 0);
	buf_init(&text, 0);
	buf_append(&bin, "openssh-key-v1", 15);
	packet_put_string(&bin, cipher, strlen(cipher));
	packet_put_string(&bin, "bcrypt", 6);
	packet_put_string(&bin, "", 0);
	packet_put_u32(&bin, 1);
	packet_put_string(&bin, "\0\0\0\x0bssh-ed25519", 15);
	buf_puts(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	base64_encode(&text, buf_data(&bin), bin.len, true);
	buf_puts(&text, "\n-----END OPENSSH PRIVATE KEY-----\n");
	buf_free(&bin);
	return buf_take(&text);
}

static void test_openssh_key(void **state)
{
	static const char *const ciphers[] = {"none", "aes256-ctr"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *text = openssh_key(ciphers[i]), type[64];
		struct keyfile key = parsed(text);

		assert_int_equal(key.state, KEYFILE_OK);
		assert_int_equal(key.encrypted, i == 1);
		assert_int_equal(key.blob.len, 15);
		keyfile_type(buf_data(&key.blob), key.blob.len, type, sizeof type);
		assert_string_equal(type, "ssh-ed25519");
		keyfile_free(&key);
		free(text);
	}
}

static void test_other_keys(void **state)
{
	static const struct {
		const char *text;
		enum keyfile_state state;
		bool encrypted;
	} table[] = {
		{"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", KEYFILE_OK, true},
		{"-----BEGIN RSA PRIVATE KEY-----\nMII\n", KEYFILE_OK, false},
		{"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", KEYFILE_OK, true},
		{"-----BEGIN PRIVATE KEY-----\n", KEYFILE_OK, false},
		{"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END", KEYFILE_STRANGE, false},
		{"-----BEGIN OPENSSH PRIVATE KEY-----\n", KEYFILE_STRANGE, false},
		{"ssh-ed25519 AAAA me@here", KEYFILE_STRANGE, false},
		{"", KEYFILE_STRANGE, false},
	};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		struct keyfile key = parsed(table[i].text);

		assert_int_equal(key.state, table[i].state);
		assert_int_equal(key.encrypted, table[i].encrypted);
		keyfile_free(&key);
	}
}

static void test_pub(void **state)
{
	struct buf blob;
	char type[64];

	(void)state;
	buf_init(&blob, 0);
	assert_true(keyfile_parse_pub(&blob, "ssh-x AAAABXNzaC14 me@here\n", 27));
	keyfile_type(buf_data(&blob), blob.len, type, sizeof type);
	assert_string_equal(type, "ssh-x");
	buf_clear(&blob);
	assert_true(keyfile_parse_pub(&blob, "ssh-x AAAABXNzaC14\r\n", 20));
	buf_clear(&blob);
	assert_false(keyfile_parse_pub(&blob, "ssh-x", 5));
	assert_false(keyfile_parse_pub(&blob, "ssh-x ", 6));
	assert_false(keyfile_parse_pub(&blob, "ssh-x !!!", 9));
	buf_free(&blob);
	keyfile_type("\0\0\0\xff", 4, type, sizeof type);
	assert_string_equal(type, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identities), cmocka_unit_test(test_signature),
		cmocka_unit_test(test_flags),	   cmocka_unit_test(test_openssh_key),
		cmocka_unit_test(test_other_keys), cmocka_unit_test(test_pub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
