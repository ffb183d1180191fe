/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view on what is large, deep, oddly named or hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <pferry/tree.h>

#include "base/buf.h"

struct fixture {
	struct tree *tree;
	struct view *view;
	struct buf b;
};

static void put(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s) + 1);
}

static void begin(struct fixture *f, const char *boot)
{
	buf_clear(&f->b);
	put(&f->b, "pferry-snapshot 1");
	put(&f->b, "boot");
	put(&f->b, boot);
	put(&f->b, "uptime");
	put(&f->b, "100.00");
}

static void proc(struct fixture *f, int pid, int ppid, bool kernel, const char *cgroup)
{
	struct buf *b = &f->b;

	buf_printf(b, "%d/stat", pid);
	put(b, "");
	buf_printf(b, "%d (n%d) S %d 0 0 0 -1 %u 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 1 0\n", pid, pid, ppid,
		   kernel ? 0x200000u : 0u, pid);
	put(b, "");
	buf_printf(b, "%d/cgroup", pid);
	put(b, "");
	buf_printf(b, "0::%s\n", cgroup);
	put(b, "");
	buf_printf(b, "%d/status", pid);
	put(b, "");
	put(b, pid % 2 ? "Uid:\t0\t0\t0\t0" : "Uid:\t7\t7\t7\t7");
}

static void end(struct fixture *f, int64_t now_ms)
{
	struct snapshot *snap = snapshot_new();
	struct err e = { 0 };

	put(&f->b, "end");
	put(&f->b, "");
	if (!snapshot_feed(snap, buf_data(&f->b), f->b.len, &e))
		fail_msg("%s", e.text);
	tree_update(f->tree, snap, now_ms);
	view_build(f->view, f->tree, now_ms);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->tree = tree_new();
	f->view = view_new();
	buf_init(&f->b, 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	view_free(f->view);
	tree_free(f->tree);
	buf_free(&f->b);
	free(f);
	return 0;
}

static const char *rows(const struct fixture *f)
{
	static char text[512];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < view_rows(f->view) && len < sizeof text; i++) {
		const struct row *r = view_row(f->view, i);

		if (r->kind == ROW_CGROUP)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "", r->cgroup->path);
		else
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", i ? " " : "", (int)r->proc->key.pid);
	}
	return text;
}

static size_t row_of(const struct fixture *f, int pid)
{
	for (size_t i = 0; i < view_rows(f->view); i++) {
		const struct row *r = view_row(f->view, i);

		if (r->proc && r->proc->key.pid == pid)
			return i;
	}
	fail_msg("no row of %d in %s", pid, rows(f));
	return 0;
}

static const struct row *cgroup_row(const struct fixture *f, const char *path)
{
	for (size_t i = 0; i < view_rows(f->view); i++) {
		const struct row *r = view_row(f->view, i);

		if (r->kind == ROW_CGROUP && strcmp(r->cgroup->path, path) == 0)
			return r;
	}
	fail_msg("no row of %s in %s", path, rows(f));
	return NULL;
}

static void filter(struct fixture *f, const char *text)
{
	view_set_filter(f->view, text);
	view_build(f->view, f->tree, 1000);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "-" and "." sort before "/": path order and byte order differ here. */
static void test_filter_whatever_cgroups_are_called(void **state)
{
	static const char *const paths[] = { "/a", "/a-x", "/a-x/y", "/a.b", "/a/b", "/a/b-c", "/a/b/c" };
	struct fixture *f = *state;

	begin(f, "one");
	for (int i = 0; i < 7; i++)
		proc(f, 10 + i, 1, false, paths[i]);
	end(f, 1000);
	assert_string_equal(rows(f), "/a 10 /a/b 14 /a/b/c 16 /a/b-c 15 /a-x 11 /a-x/y 12 /a.b 13");
	for (int i = 0; i < 7; i++) {
		char text[32];

		snprintf(text, sizeof text, "pid:%d", 10 + i);
		filter(f, text);
		assert_int_equal(view_row(f->view, view_rows(f->view) - 1)->proc->key.pid, 10 + i);
		assert_int_equal(view_matches(f->view), 1);
	}
	filter(f, "pid:16");
	assert_string_equal(rows(f), "/a /a/b /a/b/c 16");
}

static void test_filter_terms(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	for (int pid = 10; pid < 14; pid++)
		proc(f, pid, 1, false, "/a");
	buf_printf(&f->b, "cgroup");
	put(&f->b, "");
	put(&f->b, "./empty");
	end(f, 1000);
	view_mark(f->view, f->tree, row_of(f, 12), true);
	filter(f, "mark:");
	assert_string_equal(rows(f), "/a 12");
	filter(f, "!mark:");
	assert_string_equal(rows(f), "/a 10 11 13");
	filter(f, "user:7 !mark:");
	assert_string_equal(rows(f), "/a 10");
	filter(f, "!user:7");
	assert_string_equal(rows(f), "/a 11 13");
	filter(f, "pid:1");
	assert_string_equal(rows(f), "");
	filter(f, "pid:10x");
	assert_string_equal(rows(f), "");
	filter(f, "empty");
	assert_string_equal(rows(f), "/empty");
	assert_int_equal(view_matches(f->view), 1);
	filter(f, "  n11   CG:no");
	assert_string_equal(rows(f), "");
}

/* A filter shows what it finds, folded or not; the folds are there afterwards. */
static void test_filter_looks_into_folds(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 10, false, "/a");
	end(f, 1000);
	view_fold_all(f->view, f->tree, true);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a");
	filter(f, "n11");
	assert_string_equal(rows(f), "/a 10 11");
	view_fold(f->view, 1, true);
	filter(f, "n1");
	assert_string_equal(rows(f), "/a 10");
	filter(f, NULL);
	assert_string_equal(rows(f), "/a");
}

static void test_kernel_threads(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 1, 0, false, "/");
	proc(f, 2, 0, true, "/");
	proc(f, 3, 2, true, "/");
	proc(f, 4, 3, false, "/"); /* a helper that the kernel started */
	proc(f, 5, 4, false, "/");
	end(f, 1000);
	assert_string_equal(rows(f), "/ 1 4 5");
	view_mark(f->view, f->tree, 0, true);
	assert_int_equal(view_marks(f->view), 2);
	assert_true(view_row(f->view, 0)->marked);
	filter(f, "n5");
	assert_string_equal(rows(f), "/ 4 5");
	filter(f, "");
	view_set_kernel(f->view, true);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/ 1 2 3 4 5");
	view_unmark_all(f->view);
	view_mark(f->view, f->tree, row_of(f, 2), true);
	assert_int_equal(view_marks(f->view), 0);
}

/* A cgroup is marked when all in it is; marking it again can then unmark it. */
static void test_cgroup_marks(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 10, false, "/a/b");
	proc(f, 12, 1, false, "/a/b");
	proc(f, 13, 1, false, "/a-b");
	end(f, 1000);
	assert_false(cgroup_row(f, "/a")->marked);
	view_mark(f->view, f->tree, 0, true);
	assert_int_equal(view_marks(f->view), 2);
	assert_false(view_is_marked(f->view, (struct proc_key){ 13, 13 }));
	assert_true(cgroup_row(f, "/a")->marked);
	assert_false(cgroup_row(f, "/a-b")->marked);
	view_build(f->view, f->tree, 1000);
	assert_true(cgroup_row(f, "/a")->marked);
	view_mark(f->view, f->tree, row_of(f, 12), false);
	assert_false(cgroup_row(f, "/a")->marked);
	/* 11 goes with 10, which is elsewhere. */
	assert_true(view_row(f->view, row_of(f, 11))->mark_inherited);
	assert_false(cgroup_row(f, "/a/b")->mark_inherited);
	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 10, false, "/a/b");
	end(f, 90000);
	end(f, 90000 + TREE_GONE_MS);
	assert_true(cgroup_row(f, "/a/b")->mark_inherited);
	view_mark(f->view, f->tree, 0, true);
	view_mark(f->view, f->tree, 0, false);
	assert_int_equal(view_marks(f->view), 0);
	assert_false(cgroup_row(f, "/a")->marked);
}

/* Marks that come to stand one below the other are one. */
static void test_marks_under_a_new_parent(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 1, false, "/a");
	end(f, 1000);
	view_mark_rows(f->view, f->tree, 0, 2, true);
	assert_int_equal(view_marks(f->view), 2);
	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 10, false, "/a");
	end(f, 2000);
	assert_int_equal(view_marks(f->view), 1);
	assert_int_equal(view_marked_sum(f->view, f->tree).processes, 2);
	assert_int_equal(view_take_dropped(f->view), 0);
	begin(f, "one");
	proc(f, 11, 1, false, "/a");
	end(f, 3000);
	assert_int_equal(view_marks(f->view), 0);
	assert_int_equal(view_take_dropped(f->view), 1);
}

/* 10 with its children from 11 up to `last`, and 20 beside it; until what was
 * there before has been forgotten. */
static void family(struct fixture *f, int64_t now_ms, int last)
{
	for (int look = 0; look < 2; look++) {
		begin(f, "one");
		for (int pid = 10; pid <= last; pid++)
			proc(f, pid, pid == 10 ? 1 : 10, false, "/a");
		proc(f, 20, 1, false, "/a");
		end(f, now_ms + look * TREE_GONE_MS);
	}
}

static int at_cursor(const struct fixture *f)
{
	return view_row(f->view, view_cursor(f->view))->proc->key.pid;
}

static void test_cursor_goes_to_the_nearest(void **state)
{
	struct fixture *f = *state;

	family(f, 10000, 14);
	view_set_cursor(f->view, row_of(f, 13));
	family(f, 20000, 13);
	assert_int_equal(at_cursor(f), 13);
	family(f, 30000, 12);
	assert_int_equal(at_cursor(f), 12); /* no next sibling: the previous one */
	family(f, 40000, 10);
	assert_int_equal(at_cursor(f), 10); /* none at all: the parent */
	family(f, 50000, 12);
	view_set_cursor(f->view, row_of(f, 11));
	family(f, 60000, 9);
	assert_int_equal(at_cursor(f), 20); /* with its parent gone as well: beside that */

	/* The next sibling comes first, whatever was below in between. */
	begin(f, "one");
	proc(f, 30, 1, false, "/b");
	proc(f, 31, 30, false, "/b");
	proc(f, 32, 1, false, "/b");
	end(f, 70000);
	view_set_cursor(f->view, row_of(f, 30));
	for (int look = 0; look < 2; look++) {
		begin(f, "one");
		proc(f, 31, 1, false, "/b/c");
		proc(f, 32, 1, false, "/b");
		end(f, 80000 + look * TREE_GONE_MS);
	}
	assert_int_equal(at_cursor(f), 32);
}

static void test_cursor_survives_folds_and_filters(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 10, 1, false, "/a/b");
	proc(f, 11, 10, false, "/a/b");
	proc(f, 12, 1, false, "/c");
	end(f, 1000);
	view_set_cursor(f->view, row_of(f, 11));
	filter(f, "nothing is called this");
	assert_int_equal(view_rows(f->view), 0);
	assert_int_equal(view_cursor(f->view), 0);
	filter(f, "");
	assert_int_equal(view_cursor(f->view), row_of(f, 11));
	view_fold_all(f->view, f->tree, true);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(view_row(f->view, view_cursor(f->view))->cgroup->path, "/a");
}

static void test_new_and_restarted(void **state)
{
	struct fixture *f = *state;

	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	end(f, 1000);
	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 1, false, "/a");
	end(f, 3000);
	assert_false(view_row(f->view, row_of(f, 10))->is_new);
	assert_true(view_row(f->view, row_of(f, 11))->is_new);
	view_mark(f->view, f->tree, row_of(f, 10), true);
	/* After a restart all are others, and none stands out. */
	begin(f, "two");
	proc(f, 10, 1, false, "/a");
	end(f, 5000);
	assert_false(view_row(f->view, row_of(f, 10))->is_new);
	assert_int_equal(view_marks(f->view), 0);
	assert_int_equal(view_take_dropped(f->view), 1);
}

/* The tree changed and the view was not built: keys decide, not old rows. */
static void test_keys_between_update_and_build(void **state)
{
	struct fixture *f = *state;
	struct snapshot *snap = snapshot_new();
	struct err e;

	begin(f, "one");
	proc(f, 10, 1, false, "/a");
	proc(f, 11, 10, false, "/a");
	end(f, 1000);
	assert_true(snapshot_feed(snap, buf_data(&f->b), f->b.len, &e));
	tree_update(f->tree, snap, 2000);
	view_mark(f->view, f->tree, 2, true);
	view_mark(f->view, f->tree, 0, true);
	view_fold(f->view, 1, true);
	view_unmark_all(f->view);
	view_mark(f->view, f->tree, 1, true);
	assert_true(view_is_marked(f->view, (struct proc_key){ 10, 10 }));
	view_build(f->view, f->tree, 2000);
	assert_string_equal(rows(f), "/a 10");
	assert_true(view_row(f->view, 1)->marked);
}

/* Nothing here may take time by the square of what a host claims. */
static void test_deep_and_wide(void **state)
{
	struct fixture *f = *state;
	double begun;

	begin(f, "one");
	for (int i = 0; i < 100000; i++)
		proc(f, i + 2, i + 1, false, "/deep");
	for (int i = 0; i < 50000; i++)
		proc(f, 200000 + i, 1, false, "/wide");
	end(f, 1000);
	assert_int_equal(view_rows(f->view), 150002);
	begun = seconds();
	view_mark_rows(f->view, f->tree, 0, view_rows(f->view) - 1, true);
	assert_int_equal(view_marks(f->view), 50001);
	view_build(f->view, f->tree, 1000);
	view_mark(f->view, f->tree, 0, false);
	view_mark(f->view, f->tree, row_of(f, 100001), true);
	assert_int_equal(view_marks(f->view), 50001);
	view_set_cursor(f->view, row_of(f, 100001));
	filter(f, "n249999");
	filter(f, "");
	view_fold_all(f->view, f->tree, true);
	view_build(f->view, f->tree, 1000);
	view_mark(f->view, f->tree, 1, false);
	assert_int_equal(view_rows(f->view), 2);
	/* It takes a tenth of a second; under valgrind some more. */
	assert_true(seconds() - begun < 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_filter_whatever_cgroups_are_called),
		TEST(test_filter_terms),
		TEST(test_filter_looks_into_folds),
		TEST(test_kernel_threads),
		TEST(test_cgroup_marks),
		TEST(test_marks_under_a_new_parent),
		TEST(test_cursor_goes_to_the_nearest),
		TEST(test_cursor_survives_folds_and_filters),
		TEST(test_new_and_restarted),
		TEST(test_keys_between_update_and_build),
		TEST(test_deep_and_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
