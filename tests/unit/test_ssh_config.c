/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ssh -G, token expansion, lists of algorithms, getent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ssh/config.h"
#include "ssh/kexinit.h"
#include "ssh/resolve.h"

static const char sample[] = "host web01\n"
			     "user op\n"
			     "hostname 10.0.0.1\n"
			     "port 2222\n"
			     "addressfamily inet\n"
			     "batchmode yes\n"
			     "compression no\n"
			     "hashknownhosts yes\n"
			     "identitiesonly yes\n"
			     "stricthostkeychecking accept-new\n"
			     "serveraliveinterval 7\n"
			     "connecttimeout none\n"
			     "identityfile ~/.ssh/id_ed25519\n"
			     "identityfile /keys/my key\n"
			     "userknownhostsfile /a/kh /b/kh\n"
			     "globalknownhostsfile /dev/null\n"
			     "proxyjump a@j1:22,j2\n"
			     "proxycommand none\n"
			     "ciphers aes128-ctr,aes256-ctr\n"
			     "pubkeyauthentication true\n"
			     "passwordauthentication no\n"
			     "frobnicate 7\n"
			     "nothing\n";

static struct ssh_config parsed(const char *text)
{
	struct ssh_config cfg;
	struct err e = {0};

	assert_true(ssh_config_parse(&cfg, "web01", text, strlen(text), &e));
	return cfg;
}

static void test_parse(void **state)
{
	struct ssh_config cfg = parsed(sample);

	(void)state;
	assert_string_equal(cfg.hostname, "10.0.0.1");
	assert_string_equal(cfg.user, "op");
	assert_int_equal(cfg.port, 2222);
	assert_string_equal(cfg.address_family, "inet");
	assert_true(cfg.batch);
	assert_false(cfg.compression);
	assert_true(cfg.hash_known_hosts);
	assert_true(cfg.identities_only);
	assert_int_equal(cfg.strict, STRICT_ACCEPT_NEW);
	assert_int_equal(cfg.alive_interval_s, 7);
	assert_int_equal(cfg.alive_count_max, 3);
	assert_int_equal(cfg.connect_timeout_s, 0);
	assert_int_equal(cfg.identity_files.n, 2);
	assert_string_equal(cfg.identity_files.v[1], "/keys/my key");
	assert_int_equal(cfg.user_known_hosts.n, 2);
	assert_string_equal(cfg.user_known_hosts.v[1], "/b/kh");
	assert_null(cfg.proxy_command);
	assert_string_equal(cfg.proxy_jump, "a@j1:22,j2");
	assert_true(cfg.pubkey_auth);
	assert_false(cfg.password_auth);
	assert_true(cfg.kbdint_auth);
	assert_int_equal(cfg.password_prompts, 3);
	ssh_config_free(&cfg);
}

static void test_parse_bad(void **state)
{
	static const char *const bad[] = {"", "hostname x\nuser y\n", "hostname x\nuser y\nport 70000\n",
					  "garbage"};

	(void)state;
	for (size_t i = 0; i < countof(bad); i++) {
		struct ssh_config cfg;
		struct err e = {0};

		assert_false(ssh_config_parse(&cfg, "web01", bad[i], strlen(bad[i]), &e));
		assert_int_equal(e.code, ERR_SYSTEM);
	}
}

static void test_strict_words(void **state)
{
	static const struct {
		const char *word;
		enum ssh_strict want;
	} table[] = {{"true", STRICT_YES}, {"yes", STRICT_YES},	 {"ask", STRICT_ASK},  {"no", STRICT_NO},
		     {"off", STRICT_NO},   {"false", STRICT_NO}, {"what?", STRICT_YES}};

	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		char *text =
			mem_printf("hostname h\nuser u\nport 22\nstricthostkeychecking %s\n", table[i].word);
		struct ssh_config cfg = parsed(text);

		assert_int_equal(cfg.strict, table[i].want);
		ssh_config_free(&cfg);
		free(text);
	}
}

static void expect(const struct ssh_config *cfg, const char *text, bool path, const char *want)
{
	struct err e = {0};
	char *got = ssh_config_expand(cfg, text, path, &e);

	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	if (!want)
		assert_int_equal(e.code, ERR_USAGE);
	free(got);
}

static void test_expand(void **state)
{
	struct ssh_config cfg = parsed(sample);

	(void)state;
	setenv("HOME", "/home/me", 1);
	setenv("PFERRY_TEST", "value", 1);
	unsetenv("PFERRY_NONE");
	expect(&cfg, "nc %h %p as %r for %n 100%%", false, "nc 10.0.0.1 2222 as op for web01 100%");
	expect(&cfg, "~/x/%h", true, "/home/me/x/10.0.0.1");
	expect(&cfg, "~/x", false, "~/x");
	expect(&cfg, "/a/${PFERRY_TEST}/b", true, "/a/value/b");
	expect(&cfg, "${PFERRY_TEST}", false, "${PFERRY_TEST}");
	expect(&cfg, "%d/%k/%j", true, "/home/me/web01/a@j1:22,j2");
	expect(&cfg, "", true, "");
	expect(&cfg, "%z", false, NULL);
	expect(&cfg, "50%", false, NULL);
	expect(&cfg, "${PFERRY_NONE}", true, NULL);
	expect(&cfg, "${PFERRY_TEST", true, NULL);
	expect(&cfg, "~nobody-by-that-name/x", true, NULL);
	ssh_config_free(&cfg);
}

static void test_key_name(void **state)
{
	struct ssh_config cfg = parsed("hostname Web01.Example\nuser u\nport 22\n");
	char *name = ssh_config_key_name(&cfg);

	(void)state;
	assert_string_equal(name, "web01.example");
	free(name);
	cfg.port = 24;
	name = ssh_config_key_name(&cfg);
	assert_string_equal(name, "[web01.example]:24");
	free(name);
	cfg.host_key_alias = mem_strdup("Alias");
	name = ssh_config_key_name(&cfg);
	assert_string_equal(name, "alias");
	free(name);
	ssh_config_free(&cfg);
}

static void test_lists(void **state)
{
	char *got = ssh_list_common("c,a,b,x", "a,b,cc,c");

	(void)state;
	assert_string_equal(got, "c,a,b");
	free(got);
	got = ssh_list_common("a,b", NULL);
	assert_string_equal(got, "a,b");
	free(got);
	assert_null(ssh_list_common("a", "b"));
	assert_null(ssh_list_common("", "b"));
	assert_true(ssh_list_has("publickey,password", "password"));
	assert_false(ssh_list_has("publickey,password", "pass"));
	assert_false(ssh_list_has("", "pass"));
}

static void expect_offer(const char *ours, const char *allowed, const char *able, const char *want)
{
	char *got = ssh_list_offer(ours, allowed, able);

	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
	free(got);
}

static void test_offer(void **state)
{
	(void)state;
	expect_offer("a,b,c", NULL, "c,b,x", "b,c");
	expect_offer("a,b,c", "c,b", "a,b,c", "b,c");
	/* What the configuration has and we would not choose comes last, and once. */
	expect_offer("a,b", "x,b,y", "x,y,b", "b,x,y");
	expect_offer("a,b", "x", "a,b", NULL);
	expect_offer("a,b", "a", "b", NULL);
	expect_offer("a,b", "", "a,b", NULL);
}

static void expect_words(const char *text, size_t n, const char *joined)
{
	struct ssh_words words = { 0 };
	struct buf all;

	assert_true(ssh_words_split(&words, text));
	assert_int_equal(words.n, n);
	buf_init(&all, 0);
	for (size_t i = 0; i < words.n; i++)
		buf_printf(&all, "[%s]", words.v[i]);
	assert_string_equal(buf_str(&all), joined);
	buf_free(&all);
	ssh_words_free(&words);
}

static void test_words(void **state)
{
	struct ssh_words words = { 0 };

	(void)state;
	expect_words("", 0, "");
	expect_words("  a \tb  ", 2, "[a][b]");
	expect_words("/bin/sh -c \"echo 'x y'\"", 3, "[/bin/sh][-c][echo 'x y']");
	expect_words("a'b c'd \"\"", 2, "[ab cd][]");
	expect_words("a\\ b \\\" \\n \\", 4, "[a b][\"][\\n][\\]");
	expect_words("'a\\ b'", 1, "[a\\ b]");
	assert_false(ssh_words_split(&words, "a \"b"));
	ssh_words_free(&words);
}

/* "SSH-2.0-x", then a packet with its first lists. */
static void test_kexinit(void **state)
{
	static const char data[] = "hello\r\nSSH-2.0-x\r\n\0\0\0\131\4\024cookie-cookie-16\0\0\0\7kex1,k2\0\0\0\2hk\0\0\0\1a\0\0\0\3b,c"
				   "\0\0\0\1d\0\0\0\0\0\0\0\4none\0\0\0\4none\0\0\0\0\0\0\0\0\0\0\0\0\0pad!";
	static const char reply[] = "SSH-2.0-x\n\0\0\0\4\1\2xx\0\0\0\27\2\37\0\0\0\3kez\0\0\0\1Q\0\0\0\3bad12"
				    "\0\0\0\27\2\37\0\0\0\3key\0\0\0\1Q\0\0\0\3sig__";
	const char *signature;
	size_t signature_len;
	struct kexinit k;

	(void)state;
	assert_true(kexinit_find(&k, data, sizeof data - 1));
	assert_true(kexinit_common(&k, KEXINIT_KEX, "x,k2"));
	assert_false(kexinit_common(&k, KEXINIT_KEX, "x,k"));
	assert_true(kexinit_common(&k, KEXINIT_HOSTKEY, "hk"));
	assert_false(kexinit_common(&k, KEXINIT_CIPHERS_OUT, "b,c"));
	assert_true(kexinit_common(&k, KEXINIT_CIPHERS_IN, "c"));
	assert_false(kexinit_common(&k, KEXINIT_MACS_IN, "d"));
	assert_false(kexinit_common(&k, KEXINIT_MACS_IN, ""));
	for (size_t len = 0; len < sizeof data - 1; len++)
		assert_false(kexinit_find(&k, data, len));
	/* A packet that is no answer, one with another key, and the one. */
	assert_true(kexinit_signature(reply, sizeof reply - 1, "key", 3, &signature, &signature_len));
	assert_int_equal(signature_len, 3);
	assert_memory_equal(signature, "sig", 3);
	assert_false(kexinit_signature(reply, sizeof reply - 1, "kex", 3, &signature, &signature_len));
	for (size_t len = 0; len < sizeof reply - 1; len++)
		assert_false(kexinit_signature(reply, len, "key", 3, &signature, &signature_len));
}

static void test_getent(void **state)
{
	struct ssh_addrs addrs;

	(void)state;
	resolve_parse(
		"10.0.0.1       STREAM web01\n10.0.0.1       DGRAM  \nfd00::1 STREAM\nbad line\n10.0.0.2 RAW",
		22, &addrs);
	assert_int_equal(addrs.n, 3);
	assert_string_equal(addrs.v[0].text, "10.0.0.1");
	assert_string_equal(addrs.v[1].text, "fd00::1");
	assert_int_equal(addrs.v[1].sa.ss_family, AF_INET6);
	assert_string_equal(addrs.v[2].text, "10.0.0.2");
	resolve_parse("", 22, &addrs);
	assert_int_equal(addrs.n, 0);
}

static void test_literal(void **state)
{
	struct ssh_addr a;

	(void)state;
	assert_true(resolve_literal("127.0.0.1", 22, &a));
	assert_true(resolve_literal("::1", 22, &a));
	assert_true(resolve_literal("fe80::1%lo", 22, &a));
	assert_false(resolve_literal("127.0.0", 22, &a));
	assert_false(resolve_literal("web01", 22, &a));
	assert_false(resolve_literal("", 22, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	     cmocka_unit_test(test_parse_bad),
		cmocka_unit_test(test_strict_words), cmocka_unit_test(test_expand),
		cmocka_unit_test(test_key_name),     cmocka_unit_test(test_lists),
		cmocka_unit_test(test_getent),	     cmocka_unit_test(test_literal),
		cmocka_unit_test(test_offer),	     cmocka_unit_test(test_words),
		cmocka_unit_test(test_kexinit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
