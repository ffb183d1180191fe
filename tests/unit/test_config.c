/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file: what it may say, what is said of a wrong one, and writing it. */
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
#include <jansson.h>
#include <pferry/config.h>
#include <pferry/move.h>

#include "base/mem.h"
#include "base/shape.h"

static char dir[64];
static char path[96];

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, 0644), 0);
}

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = mem_alloc(65536);

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static struct config *load(const char *text)
{
	struct err e = { 0 };
	struct config *c;

	write_file(text);
	c = config_load(path, &e);
	assert_string_equal(e.text, "");
	assert_non_null(c);
	return c;
}

static int setup(void **state)
{
	snprintf(dir, sizeof dir, "/tmp/pferry-config-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/config.json", dir);
	return 0;
}

static int teardown(void **state)
{
	char *command[] = { (char *)(uintptr_t)path, NULL };

	unlink(command[0]);
	rmdir(dir);
	return 0;
}

static void test_all_keys(void **state)
{
	struct config *c = load("{\"$schema\": \"x\", \"hosts\": [\"web{01..03}\", \"@db\"], \"groups\": {\"db\": [\"d1\", \"d2\"]},\n"
				"\"handshakes\": 3, \"refresh_s\": 0.5, \"mouse\": true, \"bell\": \"never\", \"title\": true, \"theme\": \"mono\",\n"
				"\"defaults\": {\"mode\": \"plain\", \"via\": \"scp\", \"with_files\": true, \"max_frozen_s\": 5, \"lease_s\": 20},\n"
				"\"profiles\": {\"tcp\": {\"dump_options\": [\"--tcp-established\"], \"match\": {\"name\": \"redis*\"}},\n"
				"              \"job\": {\"restore_options\": [\"--shell-job\"], \"match\": {\"name\": \"x\", \"cgroup\": \"/a/*\"}}},\n"
				"\"programs\": {\"nginx\": {\"tcp\": \"yes\"}}}");

	assert_int_equal(c->hosts.n, 2);
	assert_string_equal(c->hosts.v[1], "@db");
	assert_null(c->hosts.v[2]);
	assert_string_equal(config_group(c, "db")->v[1], "d2");
	assert_null(config_group(c, "nobody"));
	assert_int_equal(c->handshakes, 3);
	assert_int_equal(c->refresh_ms, 500);
	assert_true(c->mouse && c->title && c->with_files);
	assert_int_equal(c->bell, BELL_NEVER);
	assert_int_equal(c->theme, THEME_MONO);
	assert_string_equal(c->mode, "plain");
	assert_string_equal(c->via, "scp");
	assert_int_equal(c->max_frozen_s, 5);
	assert_int_equal(c->lease_s, 20);
	assert_string_equal(config_profile(c, "tcp")->dump_options.v[0], "--tcp-established");
	assert_int_equal(config_profile(c, "tcp")->restore_options.n, 0);
	assert_string_equal(config_profile_for(c, "redis-server", "/x")->name, "tcp");
	assert_string_equal(config_profile_for(c, "x", "/a/b")->name, "job");
	assert_null(config_profile_for(c, "x", "/b"));
	assert_string_equal(config_answer(c, "nginx", "tcp"), "yes");
	assert_null(config_answer(c, "nginx", "tty"));
	assert_null(config_answer(c, "apache", "tcp"));
	config_free(c);
}

static void test_defaults(void **state)
{
	struct err e = { 0 };
	struct config *c = load(" \n");

	assert_int_equal(c->hosts.n, 0);
	assert_null(c->hosts.v[0]);
	assert_int_equal(c->handshakes, 8);
	assert_int_equal(c->refresh_ms, 2000);
	assert_string_equal(c->mode, "auto");
	assert_int_equal(c->theme, THEME_AUTO);
	assert_int_equal(c->bell, BELL_FAIL);
	config_free(c);
	unlink(path);
	assert_null(config_load(path, &e));
	assert_non_null(strstr(e.text, "No such file"));
	/* The one that is looked for without being named may be missing. */
	setenv("XDG_CONFIG_HOME", dir, 1);
	c = config_load(NULL, &e);
	assert_non_null(c);
	assert_non_null(strstr(c->path, "/pferry/config.json"));
	config_free(c);
	unsetenv("XDG_CONFIG_HOME");
}

static void test_wrong_files(void **state)
{
	static const struct {
		const char *text, *said, *key;
	} wrong[] = {
		{ "{\n\"hosts\": [],\n  \"hots\": []}", "line 3", "\"hots\" is not a key" },
		{ "{\n\"defaults\": {\n\n  \"vai\": 1}}", "line 4", "\"defaults\" \"vai\" is not a key" },
		{ "{\n\"defaults\": {\n\n  \"via\": \"pigeon\"}}", "line 4", "\"relay\"" },
		{ "{\n\"mouse\": 1}", "line 2", "\"mouse\" must be true or false" },
		{ "{\n\"hosts\": [\"a\",\n\"b\",\n3]}", "line 4", "\"hosts\" \"2\" must be a text" },
		{ "{\n\"hosts\": \"a\"}", "line 2", "must be a list" },
		{ "{\n\"hosts\": [\"\"]}", "line 2", "not empty" },
		{ "{\n\"groups\": [1]}", "line 2", "must be an object" },
		{ "{\n\"refresh_s\": 0}", "line 2", "from 0.5 to 3600" },
		{ "{\n\"handshakes\": 1.5}", "line 2", "whole number" },
		{ "{\n\"profiles\": {\"tricky \\\"{[\": {},\n\"x\": {\"\\u006datch\": {\n\"pid\": 1}}}}", "line 4", "name, cgroup" },
		{ "{\n\"mouse\": true,\n\"mouse\": false}", "line 3", "duplicate" },
		{ "{\n\n\"mouse\": tru}", "line 3", "" },
		{ "[]", "line 1", "must be an object" },
		{ "{\n\"a\u202e\": 1}", "line 2", "not a key" },
	};

	for (size_t i = 0; i < countof(wrong); i++) {
		struct err e = { 0 };

		write_file(wrong[i].text);
		assert_null(config_load(path, &e));
		if (!strstr(e.text, wrong[i].said) || !strstr(e.text, wrong[i].key) || !strstr(e.text, path))
			fail_msg("%s: %s", wrong[i].text, e.text);
	}
}

static void test_not_to_be_trusted(void **state)
{
	struct err e = { 0 };

	write_file("{}");
	assert_int_equal(chmod(path, 0664), 0);
	assert_null(config_load(path, &e));
	assert_non_null(strstr(e.text, "chmod go-w"));
	assert_null(config_load("/dev/null", &e));
	assert_non_null(strstr(e.text, "not a file"));
}

static void test_write_keeps_the_rest(void **state)
{
	static const char *const hosts[] = { "b", "a", NULL };
	struct config *c = load("{\"theme\": \"dark\", \"hosts\": [\"x\"], \"mouse\": true, \"programs\": {\"p\": {\"q\": \"no\"}}}");
	struct err e = { 0 };
	struct stat st;
	char *text;

	assert_true(config_save_hosts(c, hosts, &e));
	assert_string_equal(c->hosts.v[0], "b");
	assert_true(config_remember(c, "nginx", "tcp", "yes", &e));
	assert_string_equal(config_answer(c, "nginx", "tcp"), "yes");
	assert_true(config_remember(c, "p", "q", NULL, &e));
	text = read_file(path);
	assert_string_equal(text, "{\n  \"theme\": \"dark\",\n  \"hosts\": [\n    \"b\",\n    \"a\"\n  ],\n  \"mouse\": true,\n"
				  "  \"programs\": {\n    \"nginx\": {\n      \"tcp\": \"yes\"\n    }\n  }\n}\n");
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(config_remember(c, "nginx", "tcp", NULL, &e));
	text = read_file(path);
	assert_null(strstr(text, "programs"));
	free(text);
	config_free(c);
}

static void test_write_what_another_wrote_stays(void **state)
{
	static const char *const hosts[] = { "b", NULL };
	struct config *c = load("{}");
	struct err e = { 0 };

	write_file("{\"mouse\": true}");
	assert_true(config_save_hosts(c, hosts, &e));
	assert_true(c->mouse);
	/* And one that was broken meanwhile is not overwritten. */
	write_file("{\"mouse\": ");
	assert_false(config_save_hosts(c, hosts, &e));
	assert_true(c->mouse);
	assert_int_equal(c->hosts.n, 1);
	config_free(c);
}

static void test_write_through_a_link(void **state)
{
	static const char *const hosts[] = { "b", NULL };
	char link[96];
	struct err e = { 0 };
	struct stat st;
	struct config *c;

	write_file("{}");
	snprintf(link, sizeof link, "%s/link", dir);
	assert_int_equal(symlink(path, link), 0);
	c = config_load(link, &e);
	assert_non_null(c);
	assert_true(config_save_hosts(c, hosts, &e));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	config_free(c);
	c = config_load(path, &e);
	assert_string_equal(c->hosts.v[0], "b");
	config_free(c);
	unlink(link);
}

static void test_write_makes_the_directory(void **state)
{
	static const char *const hosts[] = { "b", NULL };
	char name[128];
	struct err e = { 0 };
	struct config *c;

	setenv("XDG_CONFIG_HOME", dir, 1);
	c = config_load(NULL, &e);
	assert_non_null(c);
	assert_true(config_save_hosts(c, hosts, &e));
	config_free(c);
	c = config_load(NULL, &e);
	assert_int_equal(c->hosts.n, 1);
	snprintf(name, sizeof name, "%s", c->path);
	config_free(c);
	unsetenv("XDG_CONFIG_HOME");
	unlink(name);
	snprintf(name, sizeof name, "%s/pferry", dir);
	assert_int_equal(rmdir(name), 0);
}

static void test_profiles(void **state)
{
	char *options[] = { (char *)(uintptr_t) "--shell-job", NULL };
	struct config_profile p = { .name = (char *)(uintptr_t) "job", .restore_options = { options, 1 },
				    .match_name = (char *)(uintptr_t) "py*" };
	struct config *c = load("{}");
	struct err e = { 0 };

	assert_true(config_save_profile(c, &p, &e));
	assert_string_equal(config_profile_for(c, "python3", "/")->restore_options.v[0], "--shell-job");
	assert_int_equal(config_profile_for(c, "python3", "/")->dump_options.n, 0);
	assert_true(config_forget_profile(c, "job", &e));
	assert_null(config_profile(c, "job"));
	/* What could not be read again is not written. */
	assert_false(config_remember(c, "a", "b", "", &e));
	assert_false(config_remember(c, "a\xff", "b", "yes", &e));
	assert_false(config_remember(c, "a", "b", "\xff", &e));
	config_free(c);
}

static void test_schema_is_as_shipped(void **state)
{
	char *ours = config_schema(), *shipped = read_file("share/config.schema.json");
	json_t *a = json_loads(ours, 0, NULL), *b = json_loads(shipped, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(a);
	assert_non_null(b);
	if (!json_equal(a, b))
		fail_msg("share/config.schema.json is not what the table says, which is:\n%s", ours);
	json_decref(a);
	json_decref(b);
	free(ours);
	free(shipped);
}

/* The words it takes are those that moves take. */
static void test_words_are_known(void **state)
{
	char *text = config_schema();
	json_t *schema = json_loads(text, 0, NULL), *words, *word;
	json_t *defaults = json_object_get(json_object_get(json_object_get(json_object_get(schema, "properties"), "defaults"),
							   "properties"), "mode");
	enum move_mode mode;
	size_t i;

	words = json_object_get(defaults, "enum");
	assert_true(json_array_size(words) > 0);
	json_array_foreach(words, i, word)
		assert_true(move_mode_parse(json_string_value(word), &mode));
	json_decref(schema);
	free(text);
}

static void test_lines(void **state)
{
	static const char text[] = "{ \"a\": {\"x\": \"}\\\"\",\n\"y\": [1, {\n\"z\": null}, \n-2.5e3]},\n\"b\": []}";
	static const char *const z[] = { "a", "y", "1", "z", NULL }, *const last[] = { "a", "y", "2", NULL },
				 *const b[] = { "b", NULL }, *const no[] = { "c", NULL };

	assert_int_equal(json_line(text, z), 3);
	assert_int_equal(json_line(text, last), 4);
	assert_int_equal(json_line(text, b), 5);
	assert_int_equal(json_line(text, no), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_not_to_be_trusted),
		cmocka_unit_test(test_write_keeps_the_rest),
		cmocka_unit_test(test_write_what_another_wrote_stays),
		cmocka_unit_test(test_write_through_a_link),
		cmocka_unit_test(test_write_makes_the_directory),
		cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_schema_is_as_shipped),
		cmocka_unit_test(test_words_are_known),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
