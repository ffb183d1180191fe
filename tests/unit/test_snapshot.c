/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The snapshot parser: any pieces, any truncation, hostile contents, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tree/snapshot.h"

#define MAGIC "pferry-snapshot 1"

static void pair(struct buf *b, const char *key, const void *value, size_t len)
{
	buf_append(b, key, strlen(key) + 1);
	buf_append(b, value, len);
	buf_append(b, "", 1);
}

static void text(struct buf *b, const char *key, const char *value)
{
	pair(b, key, value, strlen(value));
}

static void begin(struct buf *b)
{
	buf_init(b, 0);
	buf_append(b, MAGIC, sizeof(MAGIC));
	text(b, "boot", "0f-boot");
	text(b, "hz", "100");
	text(b, "page", "4096");
	text(b, "hierarchy", "");
	text(b, "u/1000", "ann");
	text(b, "load", "0.25");
	text(b, "uptime", "1234.50");
}

static void stat_named(struct buf *b, int pid, const char *name, size_t len, int flags)
{
	struct buf v;
	char key[32];

	buf_init(&v, 0);
	snprintf(key, sizeof(key), "%d/stat", pid);
	buf_printf(&v, "%d (", pid);
	buf_append(&v, name, len);
	buf_printf(&v, ") S 1 7 7 34819 -1 %d 0 0 0 0 30 12 0 0 20 0 3 0 %d 1000 25 99 1 1\n", flags, pid * 10);
	pair(b, key, buf_data(&v), v.len);
	buf_free(&v);
}

static void rest(struct buf *b, int pid, const char *cgroup)
{
	char key[32];

	snprintf(key, sizeof(key), "%d/cgroup", pid);
	text(b, key, cgroup);
	snprintf(key, sizeof(key), "%d/status", pid);
	text(b, key, "Uid:\t5\t1000\t5\t5");
}

static void sample(struct buf *b)
{
	begin(b);
	text(b, "cgroup", ".");
	text(b, "cgroup", "./a/b");
	stat_named(b, 7, "vi", 2, 0);
	text(b, "7/cmdline", "vi");
	text(b, "7/cmdline", "a file");
	rest(b, 7, "0::/a/b\n");
	stat_named(b, 12, "kworker/0:1", 11, 0x200000);
	rest(b, 12, "0::/\n");
	text(b, "end", "");
}

/* The tree of what `b` holds, or NULL with the error. */
static struct tree *parse(const struct buf *b, size_t step, struct err *e)
{
	struct snapshot *snap = snapshot_new();
	struct tree *tree = NULL;

	err_clear(e);
	for (size_t at = 0; at < b->len; at += step) {
		size_t n = b->len - at < step ? b->len - at : step;

		if (!snapshot_feed(snap, buf_data(b) + at, n, e)) {
			assert_false(snapshot_complete(snap));
			assert_int_not_equal(e->code, ERR_NONE);
			break;
		}
	}
	if (snapshot_complete(snap)) {
		tree = tree_new();
		tree_update(tree, snap, 1000);
	} else {
		snapshot_free(snap);
	}
	return tree;
}

static void check_sample(struct tree *tree)
{
	const struct proc *p;

	assert_non_null(tree);
	assert_int_equal(tree_count(tree), 2);
	assert_int_equal(tree_processes(tree), 1);
	assert_string_equal(tree_boot_id(tree), "0f-boot");
	assert_int_equal(tree_clock_hz(tree), 100);
	assert_true(tree_load(tree) > 0.2499 && tree_load(tree) < 0.2501);
	assert_true(tree_uptime(tree) > 1234.49 && tree_uptime(tree) < 1234.51);
	p = tree_find_pid(tree, 7);
	assert_non_null(p);
	assert_string_equal(p->name, "vi");
	assert_string_equal(p->args, "vi a file");
	assert_string_equal(p->user, "ann");
	assert_string_equal(p->tty_name, "pts/3");
	assert_string_equal(p->cgroup->path, "/a/b");
	assert_int_equal(p->uid, 1000);
	assert_int_equal(p->ppid, 1);
	assert_int_equal(p->state, 'S');
	assert_int_equal(p->threads, 3);
	assert_int_equal(p->key.start, 70);
	assert_int_equal(p->cpu_ticks, 42);
	assert_int_equal(p->rss_bytes, 25 * 4096);
	assert_false(p->kernel);
	p = tree_find_pid(tree, 12);
	assert_true(p->kernel);
	assert_string_equal(p->args, "[kworker/0:1]");
	tree_free(tree);
}

static void test_pieces(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	sample(&b);
	check_sample(parse(&b, b.len, &e));
	for (size_t step = 1; step < 40; step++)
		check_sample(parse(&b, step, &e));
	buf_free(&b);
}

static void test_truncated(void **state)
{
	struct buf b, cut;
	struct err e;

	(void)state;
	sample(&b);
	for (size_t len = 0; len < b.len; len++) {
		buf_init(&cut, 0);
		buf_append(&cut, buf_data(&b), len);
		assert_null(parse(&cut, len ? len : 1, &e));
		assert_int_equal(e.code, ERR_NONE);
		buf_free(&cut);
	}
	/* What comes after the end is not looked at. */
	buf_puts(&b, "1/stat and more");
	check_sample(parse(&b, 5, &e));
	buf_free(&b);
}

static void test_damaged(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	sample(&b);
	/* Whatever one byte becomes: an error or a tree, never a crash. */
	for (size_t i = 0; i < b.len; i++) {
		static const char to[] = { 0, ' ', ')', '9', '/', '\n', '-', (char)0xff };
		char was = buf_data(&b)[i];

		for (size_t k = 0; k < sizeof(to); k++) {
			buf_data(&b)[i] = to[k];
			tree_free(parse(&b, b.len, &e));
		}
		buf_data(&b)[i] = was;
	}
	check_sample(parse(&b, b.len, &e));
	buf_free(&b);
}

static void test_noise(void **state)
{
	struct buf b, all;
	struct err e;

	(void)state;
	sample(&b);
	buf_init(&all, 0);
	/* Also what begins like the magic and is not. */
	buf_puts(&all, "Welcome!\r\nppferry-snapferry-snapshot 1 \033[0m\npferry-snappferry-snapshot");
	buf_append(&all, buf_data(&b), b.len);
	check_sample(parse(&all, all.len, &e));
	check_sample(parse(&all, 1, &e));
	buf_clear(&all);
	for (size_t i = 0; i < 300000; i++)
		buf_puts(&all, "noise");
	buf_append(&all, buf_data(&b), b.len);
	assert_null(parse(&all, all.len, &e));
	assert_int_equal(e.code, ERR_PROTOCOL);
	buf_free(&all);
	buf_free(&b);
}

static void name_becomes(const char *name, size_t len, const char *expected)
{
	struct buf b;
	struct err e;
	struct tree *tree;
	const struct proc *p;

	begin(&b);
	stat_named(&b, 9, name, len, 0);
	pair(&b, "9/cmdline", name, len);
	rest(&b, 9, "0::/x\n");
	text(&b, "end", "");
	tree = parse(&b, b.len, &e);
	assert_non_null(tree);
	p = tree_find_pid(tree, 9);
	assert_non_null(p);
	assert_int_equal(p->ppid, 1);
	assert_int_equal(p->key.start, 90);
	assert_string_equal(p->name, expected);
	assert_string_equal(p->args, expected);
	tree_free(tree);
	buf_free(&b);
}

static void test_hostile_names(void **state)
{
	(void)state;
	name_becomes("a) R 99 (b", 10, "a) R 99 (b");
	name_becomes(")", 1, ")");
	name_becomes("((", 2, "((");
	name_becomes("a\nUid: 0\nend", 12, "a Uid: 0 end");
	name_becomes("\033[2Jx", 5, "?[2Jx");
	name_becomes("a\xff\xc3x", 4, "a??x");
	name_becomes("\xe2\x80\xaex", 4, "?x");
	name_becomes("\xc3\xa9", 2, "\xc3\xa9");
}

static void test_args(void **state)
{
	struct buf b;
	struct err e;
	struct tree *tree;
	char *huge = mem_alloc(128 << 10);
	const char *args;

	(void)state;
	memset(huge, 'x', 128 << 10);
	begin(&b);
	stat_named(&b, 3, "", 0, 0);
	rest(&b, 3, "0::/");
	stat_named(&b, 4, "title", 5, 0);
	text(&b, "4/cmdline", "new title");
	for (int i = 0; i < 5000; i++)
		text(&b, "4/cmdline", "");
	rest(&b, 4, "0::/");
	stat_named(&b, 5, "huge", 4, 0);
	text(&b, "5/cmdline", "a");
	text(&b, "5/cmdline", "");
	text(&b, "5/cmdline", "end");
	pair(&b, "5/cmdline", huge, 128 << 10);
	pair(&b, "5/cmdline", huge, 128 << 10);
	/* Of a process that had no stat any more. */
	text(&b, "6/cmdline", "lost");
	rest(&b, 5, "0::/");
	text(&b, "end", "");
	tree = parse(&b, 4093, &e);
	assert_non_null(tree);
	assert_string_equal(tree_find_pid(tree, 3)->args, "[]");
	assert_string_equal(tree_find_pid(tree, 4)->args, "new title");
	args = tree_find_pid(tree, 5)->args;
	assert_int_equal(strlen(args), SNAPSHOT_MAX_ARGS);
	assert_memory_equal(args, "a  end xxx", 10);
	assert_null(tree_find_pid(tree, 6));
	tree_free(tree);
	buf_free(&b);
	free(huge);
}

/* A process that ended before all of it was read is left out. */
static void test_vanished(void **state)
{
	struct buf b;
	struct err e;
	struct tree *tree;

	(void)state;
	begin(&b);
	stat_named(&b, 4, "no-cgroup", 9, 0);
	text(&b, "4/status", "Uid:\t1\t1\t1\t1");
	stat_named(&b, 5, "no-uid", 6, 0);
	text(&b, "5/cgroup", "0::/\n");
	stat_named(&b, 6, "whole", 5, 0);
	rest(&b, 6, "0::/\n");
	text(&b, "8/status", "Uid:\t1\t1\t1\t1");
	text(&b, "something-new", "of a later version");
	text(&b, "end", "");
	tree = parse(&b, b.len, &e);
	assert_non_null(tree);
	assert_int_equal(tree_count(tree), 1);
	assert_int_equal(tree_at(tree, 0)->key.pid, 6);
	tree_free(tree);
	buf_free(&b);
}

static void cgroup_becomes(const char *hierarchy, const char *lines, const char *expected)
{
	struct buf b;
	struct err e;
	struct tree *tree;

	begin(&b);
	text(&b, "hierarchy", hierarchy);
	stat_named(&b, 9, "x", 1, 0);
	rest(&b, 9, lines);
	text(&b, "end", "");
	tree = parse(&b, b.len, &e);
	assert_non_null(tree);
	assert_string_equal(tree_find_pid(tree, 9)->cgroup->path, expected);
	tree_free(tree);
	buf_free(&b);
}

static void test_cgroup_lines(void **state)
{
	(void)state;
	cgroup_becomes("", "0::/a\n", "/a");
	cgroup_becomes("", "4:memory:/m\n1:name=systemd:/s\n0::/u:v\n", "/u:v");
	cgroup_becomes("name=systemd", "4:memory:/m\n1:name=systemd:/s\n0::/u\n", "/s");
	cgroup_becomes("name=systemd", "4:memory:/m\n0::/u\n", "/u");
	cgroup_becomes("", "4:memory:/m", "/m");
	cgroup_becomes("", "0:://a//./b/\n", "/a/b");
	cgroup_becomes("", "0::/\n", "/");
	cgroup_becomes("", "0::\n", "/");
	cgroup_becomes("", "0::/\033x\n", "/?x");
	cgroup_becomes("", "garbage", "/");
}

static void fails(const char *key, const char *value, enum err_code code)
{
	struct buf b;
	struct err e;

	begin(&b);
	text(&b, key, value);
	text(&b, "end", "");
	assert_null(parse(&b, b.len, &e));
	assert_int_equal(e.code, code);
	assert_null(parse(&b, 1, &e));
	assert_int_equal(e.code, code);
	buf_free(&b);
}

static void test_errors(void **state)
{
	char key[200];

	(void)state;
	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	fails("fail", "/proc cannot be read", ERR_REMOTE);
	fails("7/stat", "7 (x S 1", ERR_PROTOCOL);
	fails("7/stat", "7 (x) S 1 2 3", ERR_PROTOCOL);
	fails("7/stat", "", ERR_PROTOCOL);
	fails("0/stat", "0 (x) S 1 7 7 0 -1 0 0 0 0 0 1 1 0 0 20 0 3 0 5 1 2", ERR_PROTOCOL);
	fails("99999999999/stat", "", ERR_PROTOCOL);
	fails("7/status", "gid", ERR_PROTOCOL);
	fails(key, "", ERR_PROTOCOL);
}

static void test_bounds(void **state)
{
	struct buf b;
	struct err e;
	struct snapshot *snap = snapshot_new();
	char *zeros = mem_alloc(1 << 20);
	size_t fed = 0;

	(void)state;
	begin(&b);
	assert_true(snapshot_feed(snap, buf_data(&b), b.len, &e));
	memset(zeros, 'x', 1 << 20);
	while (fed < 300 && snapshot_feed(snap, zeros, fed ? 1 << 20 : 60, &e)) {
		if (fed == 0)
			assert_true(snapshot_feed(snap, "", 1, &e));
		fed++;
	}
	assert_in_range(fed, 255, 258);
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_false(snapshot_feed(snap, "x", 1, &e));
	snapshot_free(snap);
	free(zeros);

	for (int i = 0; i <= SNAPSHOT_MAX_CGROUPS; i++)
		text(&b, "cgroup", "./a");
	text(&b, "end", "");
	assert_null(parse(&b, b.len, &e));
	assert_int_equal(e.code, ERR_PROTOCOL);
	buf_free(&b);
}

static void test_too_many_processes(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	begin(&b);
	for (int i = 1; i <= SNAPSHOT_MAX_PROCS + 1; i++)
		stat_named(&b, i, "x", 1, 0);
	assert_null(parse(&b, b.len, &e));
	assert_int_equal(e.code, ERR_PROTOCOL);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),       cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged),      cmocka_unit_test(test_noise),
		cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_args),
		cmocka_unit_test(test_vanished),     cmocka_unit_test(test_cgroup_lines),
		cmocka_unit_test(test_errors),       cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_too_many_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
