/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of hosts: several from one word, and those ssh's files know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <pferry/names.h>

#include "base/buf.h"
#include "base/mem.h"

static char dir[64];

static const char *write_file(const char *name, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static int setup(void **state)
{
	snprintf(dir, sizeof dir, "/tmp/pferry-names-XXXXXX");
	assert_non_null(mkdtemp(dir));
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = { "config.json", ".ssh/config", ".ssh/conf.d/a.conf", ".ssh/conf.d/b.conf", "own", ".ssh/known_hosts" };
	char path[128];

	for (size_t i = 0; i < countof(files); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/.ssh/conf.d", dir);
	rmdir(path);
	snprintf(path, sizeof path, "%s/.ssh", dir);
	rmdir(path);
	return rmdir(dir);
}

static char *joined(const struct names *names)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < names->n; i++)
		buf_printf(&out, "%s%s", i ? " " : "", names->v[i]);
	return out.len ? buf_take(&out) : mem_strdup("");
}

static void test_braces(void **state)
{
	static const char *const words[][2] = {
		{ "web01", "web01" },
		{ "web{01..03}", "web01 web02 web03" },
		{ "web{8..11}.lan", "web8 web9 web10 web11" },
		{ "{db,web}.lan", "db.lan web.lan" },
		{ "{a,b{1..2}}x", "ax b1x b2x" },
		{ "r{1,2}n{1,2}", "r1n1 r1n2 r2n1 r2n2" },
		{ "x{c..a}", "xc xb xa" },
		{ "{a,,b}", "a  b" },
		{ "n{3..1}", "n3 n2 n1" },
		{ "one{x}", "onex" },
		{ "v{1..1.5}", "v1..1.5" },
	};

	for (size_t i = 0; i < countof(words); i++) {
		struct names names = { 0 };
		struct err e = { 0 };
		char *text;

		assert_true(names_expand(&names, NULL, words[i][0], &e));
		text = joined(&names);
		if (i == 2)
			assert_string_equal(text, "web8.lan web9.lan web10.lan web11.lan");
		else
			assert_string_equal(text, words[i][1]);
		free(text);
		names_free(&names);
	}
}

static void test_wrong_words(void **state)
{
	struct names names = { 0 };
	struct err e = { 0 };
	char *deep = mem_alloc(1000);

	assert_true(names_expand(&names, NULL, "kept", &e));
	assert_false(names_expand(&names, NULL, "web{1..2", &e));
	assert_non_null(strstr(e.text, "without its }"));
	err_clear(&e);
	assert_false(names_expand(&names, NULL, "{1..9}{1..9}{1..9}{1..9}", &e));
	assert_non_null(strstr(e.text, "more than 1000"));
	err_clear(&e);
	assert_false(names_expand(&names, NULL, "{1..999999999}", &e));
	err_clear(&e);
	assert_false(names_expand(&names, NULL, "{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}{,}", &e));
	err_clear(&e);
	assert_false(names_expand(&names, NULL, "@web", &e));
	assert_non_null(strstr(e.text, "no group \"web\""));
	assert_int_equal(names.n, 1);
	for (size_t i = 0; i < 900; i++)
		deep[i] = i < 450 ? '{' : '}';
	err_clear(&e);
	assert_true(names_expand(&names, NULL, deep, &e));
	free(deep);
	names_free(&names);
}

static void test_groups(void **state)
{
	struct err e = { 0 };
	const char *path = write_file("config.json", "{\"groups\": {\"web\": [\"w{1..2}\", \"@db\"], \"db\": [\"d\", \"w1\"], "
						     "\"loop\": [\"x\", \"@loop\"]}}");
	struct config *c;
	struct names names = { 0 };
	char *text;

	assert_int_equal(chmod(path, 0600), 0);
	c = config_load(path, &e);
	assert_non_null(c);
	assert_true(names_expand(&names, c, "@web", &e));
	assert_true(names_expand(&names, c, "d", &e));
	text = joined(&names);
	assert_string_equal(text, "w1 w2 d");
	free(text);
	assert_false(names_expand(&names, c, "@loop", &e));
	assert_non_null(strstr(e.text, "contains itself"));
	assert_int_equal(names.n, 3);
	names_free(&names);
	config_free(c);
}

static void test_known(void **state)
{
	struct names names = { 0 };
	char path[128], *text;

	snprintf(path, sizeof path, "%s/.ssh", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof path, "%s/.ssh/conf.d", dir);
	mkdir(path, 0700);
	setenv("HOME", dir, 1);
	write_file(".ssh/config", "# Host comment\nInclude conf.d/*.conf\nHost web01 web02 !not *.org\n  HostName x\n"
				  "host=\"quoted\"\nHostName never\nMatch host x\n  UserKnownHostsFile ~/own\n");
	write_file(".ssh/conf.d/a.conf", "\tHost db01\r\nInclude ~/.ssh/conf.d/b.conf\n");
	write_file(".ssh/conf.d/b.conf", "Include conf.d/*\nHost deep\n");
	write_file("own", "custom ssh-ed25519 AAAA\n");
	write_file(".ssh/known_hosts", "named,10.0.0.1 ssh-rsa AAAA\n10.0.0.2 ssh-rsa AAAA\n[p]:22 ssh-rsa AAAA\n"
				       "|1|abc|def ssh-rsa AAAA\n@revoked bad ssh-rsa AAAA\n*.wild ssh-rsa A\nweb01 ssh-rsa A\n"
				       "\x1b[31mred ssh-rsa A\n-oProxyCommand=x ssh-rsa A");
	names_known(&names, NULL);
	text = joined(&names);
	/* What this machine's own files in /etc/ssh add is not known here. */
	for (const char *want = "custom\0db01\0deep\0named\0quoted\0web01\0web02\00010.0.0.2\0"; *want; want += strlen(want) + 1) {
		if (!strstr(text, want))
			fail_msg("%s is not in: %s", want, text);
	}
	for (const char *not = "10.0.0.1\0bad\0never\0not\0wild\0comment\0red\0ProxyCommand\0|1\0"; *not; not += strlen(not) + 1) {
		if (strstr(text, not))
			fail_msg("%s is in: %s", not, text);
	}
	assert_null(strstr(strstr(text, "web01") + 1, "web01"));
	free(text);
	names_free(&names);
	snprintf(path, sizeof path, "%s/own", dir);
	names_known(&names, path);
	names_free(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_braces),
		cmocka_unit_test(test_wrong_words),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_known),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
