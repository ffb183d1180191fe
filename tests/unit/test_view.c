/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view: rows and their branches, folds, marks, the cursor, the filter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pferry/tree.h>

#include "base/buf.h"

struct spec {
	int pid, ppid;
	const char *cgroup;
	unsigned pages;
};

/* More of processes 10, 11, ..., where a test wants it. */
static const struct extra {
	const char *args; /* words separated by '|' */
	int uid;
} *extras;

static void put(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s) + 1);
}

/* Give the tree a snapshot with these processes, up to pid 0. */
static void show(struct tree *tree, const struct spec *procs, int64_t now_ms)
{
	struct snapshot *snap = snapshot_new();
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 0);
	put(&b, "pferry-snapshot 1");
	put(&b, "boot");
	put(&b, "one");
	put(&b, "uptime");
	put(&b, "100.00");
	for (; procs->pid; procs++) {
		buf_printf(&b, "%d/stat", procs->pid);
		put(&b, "");
		buf_printf(&b, "%d (name%d) S %d 0 0 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d 0 %u 0\n", procs->pid, procs->pid,
			   procs->ppid, procs->pid, procs->pages);
		put(&b, "");
		for (const char *at = extras ? extras[procs->pid - 10].args : NULL; at && *at;) {
			size_t len = strcspn(at, "|");

			buf_printf(&b, "%d/cmdline", procs->pid);
			put(&b, "");
			buf_append(&b, at, len);
			put(&b, "");
			at += len + (at[len] == '|');
		}
		buf_printf(&b, "%d/cgroup", procs->pid);
		put(&b, "");
		buf_printf(&b, "0::%s\n", procs->cgroup);
		put(&b, "");
		buf_printf(&b, "%d/status", procs->pid);
		put(&b, "");
		buf_printf(&b, "Uid:\t0\t%d\t0\t0", extras ? extras[procs->pid - 10].uid : 0);
		put(&b, "");
	}
	put(&b, "end");
	put(&b, "");
	assert_true(snapshot_feed(snap, buf_data(&b), b.len, &e));
	assert_true(snapshot_complete(snap));
	tree_update(tree, snap, now_ms);
	buf_free(&b);
}

/* 10 with 11 (with 12) and 13 in /a; 20 in /a/b; 30, a child of 10, in /c. */
static const struct spec usual[] = { { 10, 1, "/a", 5 },  { 11, 10, "/a", 1 }, { 12, 11, "/a", 2 }, { 13, 10, "/a", 9 },
				     { 20, 1, "/a/b", 1 }, { 30, 10, "/c", 1 }, { 0 } };

struct fixture {
	struct tree *tree;
	struct view *view;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->tree = tree_new();
	f->view = view_new();
	show(f->tree, usual, 1000);
	view_build(f->view, f->tree, 1000);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	view_free(f->view);
	tree_free(f->tree);
	free(f);
	return 0;
}

/* "/a 10 11 12 13 /a/b 20 /c 30" */
static const char *rows(const struct fixture *f)
{
	static char text[512];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < view_rows(f->view); i++) {
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

static void mark(struct fixture *f, int pid)
{
	view_mark(f->view, f->tree, row_of(f, pid), true);
}

static void test_layout(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(rows(f), "/a 10 11 12 13 /a/b 20 /c 30");
	assert_int_equal(view_row(f->view, 0)->depth, 0);
	assert_int_equal(view_row(f->view, 3)->depth, 3);
	assert_true(view_row(f->view, 4)->last_mask & 1u << 2);  /* 13 is 10's last */
	assert_false(view_row(f->view, 2)->last_mask & 1u << 2); /* 11 is not */
	assert_true(view_row(f->view, 7)->last_mask & 1);        /* /c is the last on top */
	assert_true(view_row(f->view, 1)->has_children);
}

static void test_fold(void **state)
{
	struct fixture *f = *state;

	view_fold(f->view, row_of(f, 10), true);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a 10 /a/b 20 /c 30");
	view_fold(f->view, 0, true);
	show(f->tree, usual, 2000);
	view_build(f->view, f->tree, 2000);
	assert_string_equal(rows(f), "/a /c 30");
	assert_true(view_cursor_to(f->view, f->tree, (struct proc_key){ 12, 12 }));
	assert_string_equal(rows(f), "/a 10 11 12 13 /a/b 20 /c 30");
	view_fold_all(f->view, f->tree, true);
	view_build(f->view, f->tree, 2000);
	assert_string_equal(rows(f), "/a /c");
}

static void test_marks_stand_for_descendants(void **state)
{
	struct fixture *f = *state;

	mark(f, 12);
	mark(f, 30);
	assert_int_equal(view_marks(f->view), 2);
	mark(f, 10); /* absorbs 12 in its cgroup and 30 in another */
	assert_int_equal(view_marks(f->view), 1);
	mark(f, 11); /* is in it already */
	assert_int_equal(view_marks(f->view), 1);
	assert_true(view_row(f->view, row_of(f, 30))->mark_inherited);
	assert_int_equal(view_marked_sum(f->view, f->tree).processes, 5);
	view_unmark_all(f->view);
	assert_int_equal(view_marks(f->view), 0);
	view_mark(f->view, f->tree, 0, true); /* the cgroup /a: 10 and 20 */
	assert_int_equal(view_marks(f->view), 2);
	assert_true(view_is_marked(f->view, (struct proc_key){ 20, 20 }));
}

static void test_marks_survive_and_end_with_their_process(void **state)
{
	static const struct spec fewer[] = { { 10, 1, "/a", 5 }, { 20, 1, "/a/b", 1 }, { 0 } };
	struct fixture *f = *state;

	mark(f, 13);
	mark(f, 20);
	view_fold(f->view, 0, true);
	show(f->tree, usual, 2000);
	view_build(f->view, f->tree, 2000);
	assert_int_equal(view_marks(f->view), 2);
	assert_int_equal(view_marks_hidden(f->view), 2);
	show(f->tree, fewer, 3000);
	view_build(f->view, f->tree, 3000);
	assert_int_equal(view_marks(f->view), 1);
	assert_int_equal(view_take_dropped(f->view), 1);
	assert_int_equal(view_take_dropped(f->view), 0);
}

static void test_cursor_belongs_to_a_process(void **state)
{
	static const struct spec more[] = { { 2, 1, "/a", 1 },    { 10, 1, "/a", 5 }, { 11, 10, "/a", 1 }, { 12, 11, "/a", 2 },
					    { 13, 10, "/a", 9 }, { 20, 1, "/a/b", 1 }, { 0 } };
	static const struct spec gone[] = { { 2, 1, "/a", 1 }, { 10, 1, "/a", 5 }, { 13, 10, "/a", 9 }, { 0 } };
	struct fixture *f = *state;

	view_set_cursor(f->view, row_of(f, 12));
	show(f->tree, more, 2000);
	view_build(f->view, f->tree, 2000);
	assert_int_equal(view_row(f->view, view_cursor(f->view))->proc->key.pid, 12);
	show(f->tree, gone, 3000);
	show(f->tree, gone, 3000 + TREE_GONE_MS + 1);
	view_build(f->view, f->tree, 9000);
	/* 12 and its parent 11 are gone: the next that is left after it. */
	assert_int_equal(view_row(f->view, view_cursor(f->view))->proc->key.pid, 13);
}

static void test_filter_keeps_ancestors(void **state)
{
	struct fixture *f = *state;

	view_set_filter(f->view, "name12");
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a 10 11 12");
	assert_int_equal(view_matches(f->view), 1);
	assert_false(view_row(f->view, 1)->match);
	assert_true(view_row(f->view, 3)->match);
	view_set_filter(f->view, "pid:20");
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a /a/b 20");
	view_set_filter(f->view, "nothing like it");
	view_build(f->view, f->tree, 1000);
	assert_int_equal(view_rows(f->view), 0);
	view_set_filter(f->view, "");
	mark(f, 0 + (view_build(f->view, f->tree, 1000), 13));
	view_set_filter(f->view, "mark:");
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a 10 13");
}

static void test_match_language(void **state)
{
	struct fixture *f = *state;
	const struct proc *p = tree_find_pid(f->tree, 12);

	assert_true(tree_match(p, p->cgroup, "NAME12") == false); /* capitals: exactly so */
	assert_true(tree_match(p, p->cgroup, "name !pid:13"));
	assert_false(tree_match(p, p->cgroup, "name !pid:12"));
	assert_true(tree_match(p, p->cgroup, "cg:/a"));
	assert_false(tree_match(p, p->cgroup, "cg:/c"));
	assert_true(tree_match(p, p->cgroup, ""));
	assert_false(tree_match(p, p->cgroup, "user:rootx"));
	assert_true(tree_match(p, p->cgroup, "!user:rootx cg:a pid:12"));
	assert_false(tree_match(p, p->cgroup, "pid:1"));
	assert_true(tree_match(p, p->cgroup, "1"));  /* how a pid begins */
	assert_false(tree_match(p, p->cgroup, "cg:/a name13"));
	/* Small letters find capitals; the other way round they do not. */
	assert_true(tree_match(NULL, &(struct cgroup){ .path = "/System.slice" }, "system"));
	assert_true(tree_match(NULL, &(struct cgroup){ .path = "/System.slice" }, "cg:System"));
	assert_false(tree_match(NULL, &(struct cgroup){ .path = "/system.slice" }, "cg:System"));
}

static void test_sort_and_flat(void **state)
{
	struct fixture *f = *state;

	view_set_sort(f->view, TREE_SORT_RSS, false);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a 10 13 11 12 /a/b 20 /c 30");
	view_set_sort(f->view, TREE_SORT_PID, true);
	view_set_flat(f->view, true);
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "30 20 13 12 11 10");
}

/* A branch ends where the last row that is shown is, not the last there is. */
static void test_masks_of_what_is_shown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(view_row(f->view, row_of(f, 12))->last_mask, 1u << 3);
	view_set_filter(f->view, "pid:12");
	view_build(f->view, f->tree, 1000);
	assert_string_equal(rows(f), "/a 10 11 12");
	for (size_t i = 0; i < view_rows(f->view); i++)
		assert_int_equal(view_row(f->view, i)->last_mask, (2u << i) - 1);
	view_set_filter(f->view, "");
	view_build(f->view, f->tree, 1000);
	assert_int_equal(view_row(f->view, row_of(f, 12))->last_mask, 1u << 3);
}

static void test_unmark(void **state)
{
	struct fixture *f = *state;

	mark(f, 11);
	mark(f, 30);
	view_mark(f->view, f->tree, row_of(f, 12), false); /* not a mark of its own: stays */
	assert_true(view_row(f->view, row_of(f, 12))->mark_inherited);
	view_mark(f->view, f->tree, row_of(f, 11), false);
	assert_false(view_row(f->view, row_of(f, 11))->marked);
	assert_false(view_row(f->view, row_of(f, 12))->mark_inherited);
	assert_int_equal(view_marks(f->view), 1);
	assert_int_equal(view_mark_at(f->view, 0).pid, 30);
	mark(f, 12);
	view_mark(f->view, f->tree, 0, false); /* the cgroup /a: 12, and not 30 */
	assert_int_equal(view_marks(f->view), 1);
	assert_true(view_is_marked(f->view, (struct proc_key){ 30, 30 }));
	assert_int_equal(view_take_dropped(f->view), 0);
}

/* What vanished is shown a moment longer, and cannot be marked then. */
static void test_gone_are_not_marked(void **state)
{
	static const struct spec fewer[] = { { 10, 1, "/a", 5 }, { 11, 10, "/a", 1 }, { 31, 1, "/c", 1 }, { 0 } };
	struct fixture *f = *state;

	show(f->tree, fewer, 2000);
	view_build(f->view, f->tree, 2000);
	assert_true(view_row(f->view, row_of(f, 20))->proc->gone_ms != 0);
	assert_string_equal(rows(f), "/a 10 11 12 13 20 /c 30 31");
	mark(f, 20);
	mark(f, 30);
	assert_int_equal(view_marks(f->view), 0);
	assert_int_equal(view_take_dropped(f->view), 0); /* never was one */
	view_mark(f->view, f->tree, 0, true);
	assert_int_equal(view_marks(f->view), 1);
	assert_true(view_is_marked(f->view, (struct proc_key){ 10, 10 }));
}

static bool is_new(struct fixture *f, int pid, int64_t now_ms)
{
	view_build(f->view, f->tree, now_ms);
	return view_row(f->view, row_of(f, pid))->is_new;
}

static void test_new_for_five_seconds(void **state)
{
	static const struct spec more[] = { { 10, 1, "/a", 5 }, { 40, 1, "/a", 1 }, { 0 } };
	struct fixture *f = *state;

	assert_false(is_new(f, 10, 1001));
	show(f->tree, more, 2000);
	assert_true(is_new(f, 40, 2000));
	assert_false(is_new(f, 10, 2000));
	assert_true(is_new(f, 40, 6999));
	assert_false(is_new(f, 40, 7000));
}

/* Many that are equal stay by pid, whatever the sort does with so many. */
static void test_sort_is_stable(void **state)
{
	static struct spec many[301];
	struct fixture *f = *state;

	for (int i = 0; i < 300; i++)
		many[i] = (struct spec){ 1000 + i, 1, "/many", i % 3 ? 7 : 8 };
	show(f->tree, many, 9000);
	show(f->tree, many, 9000 + TREE_GONE_MS);
	view_set_sort(f->view, TREE_SORT_RSS, false);
	view_build(f->view, f->tree, 13000);
	assert_int_equal(view_rows(f->view), 301);
	for (size_t i = 2; i < 301; i++) {
		const struct proc *a = view_row(f->view, i - 1)->proc, *b = view_row(f->view, i)->proc;

		assert_true(a->rss_bytes > b->rss_bytes || (a->rss_bytes == b->rss_bytes && a->key.pid < b->key.pid));
	}
}

static void test_deep_chain(void **state)
{
	enum { LONG = 100000 };
	struct spec *chain = calloc(LONG + 1, sizeof *chain);
	struct fixture *f = *state;

	for (int i = 0; i < LONG; i++)
		chain[i] = (struct spec){ i + 2, i + 1, "/deep", 1 };
	show(f->tree, chain, 5000);
	show(f->tree, chain, 5000 + TREE_GONE_MS + 1);
	view_build(f->view, f->tree, 9000);
	assert_int_equal(view_rows(f->view), LONG + 1);
	assert_int_equal(view_row(f->view, LONG)->depth, LONG);
	view_fold(f->view, 1, true);
	view_set_cursor(f->view, LONG);
	view_build(f->view, f->tree, 9000);
	assert_int_equal(view_rows(f->view), 2);
	assert_int_equal(view_cursor(f->view), 1); /* up to what hides it */
	free(chain);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* pferry's own shells are hidden, what they run is not; and only root's are. */
static void test_own_shells(void **state)
{
	static const char script[] = "sh|-c|umask 077\nLC_ALL=C\nPATH=$PATH:/usr/local/sbin:/usr/sbin\nexport PATH|pferry-end";
	static const struct spec procs[] = { { 10, 1, "/a", 1 },  { 11, 10, "/a", 1 }, { 12, 11, "/a", 1 }, { 13, 10, "/a", 1 },
					     { 14, 10, "/a", 1 }, { 15, 1, "/a", 1 },  { 16, 15, "/a", 1 }, { 0 } };
	static const struct extra said[] = { { "sshd: root@notty", 0 }, { script, 0 }, { "sleep|5", 1000 }, { "top", 0 },
					    { script, 1000 }, { "sh|/var/lib/pferry/x/hand |keep", 0 }, { "criu", 0 } };
	struct fixture *f = *state;

	extras = said;
	show(f->tree, procs, 2000);
	show(f->tree, procs, 9000); /* those from before are forgotten */
	extras = NULL;
	view_build(f->view, f->tree, 10000);
	assert_string_equal(rows(f), "/a 10 12 13 14");
	assert_int_equal(view_row(f->view, row_of(f, 12))->depth, 2);
	assert_true(view_row(f->view, row_of(f, 14))->last_mask & 1u << 2);
	view_set_flat(f->view, true);
	view_build(f->view, f->tree, 10000);
	assert_string_equal(rows(f), "10 12 13 14");
	view_set_flat(f->view, false);
	view_set_filter(f->view, "umask");
	view_build(f->view, f->tree, 10000);
	assert_string_equal(rows(f), "/a 10 14");
	view_set_filter(f->view, "");
	view_build(f->view, f->tree, 10000);
	view_mark(f->view, f->tree, 0, true);
	assert_false(view_is_marked(f->view, (struct proc_key){ 15, 15 }));
	view_set_own(f->view, true);
	view_build(f->view, f->tree, 10000);
	assert_string_equal(rows(f), "/a 10 11 12 13 14 15 16");
}

static void note_fold(void *ctx, const char *cgroup, const char *process)
{
	strcat(strcat(strcat(strcat(ctx, cgroup), process ? ":" : ""), process ? process : ""), " ");
}

/* Folds come back by name in another view, for processes with other pids too. */
static void test_folds_by_name(void **state)
{
	static const struct spec later[] = { { 10, 1, "/a", 5 }, { 110, 10, "/a", 1 }, { 20, 1, "/a/b", 1 }, { 0 } };
	struct fixture *f = *state;
	char text[256] = "";

	view_fold(f->view, row_of(f, 10), true);
	view_fold(f->view, row_of(f, 20) - 1, true);
	view_build(f->view, f->tree, 1000);
	view_set_filter(f->view, "name12"); /* it has folds of its own */
	view_build(f->view, f->tree, 1000);
	view_each_fold(f->view, f->tree, note_fold, text);
	assert_string_equal(text, "/a/b /a:name10 ");
	view_free(f->view);
	tree_free(f->tree);
	f->tree = tree_new();
	f->view = view_new();
	view_fold_named(f->view, "/a/b", NULL);
	view_fold_named(f->view, "/a", "name10");
	view_build(f->view, f->tree, 1000); /* nothing there yet */
	show(f->tree, later, 2000);
	view_build(f->view, f->tree, 2000);
	assert_string_equal(rows(f), "/a 10 /a/b");
	view_fold(f->view, row_of(f, 10), false);
	show(f->tree, later, 3000);
	view_build(f->view, f->tree, 3000);
	assert_string_equal(rows(f), "/a 10 110 /a/b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_layout),
		TEST(test_fold),
		TEST(test_marks_stand_for_descendants),
		TEST(test_marks_survive_and_end_with_their_process),
		TEST(test_cursor_belongs_to_a_process),
		TEST(test_filter_keeps_ancestors),
		TEST(test_match_language),
		TEST(test_sort_and_flat),
		TEST(test_masks_of_what_is_shown),
		TEST(test_unmark),
		TEST(test_gone_are_not_marked),
		TEST(test_new_for_five_seconds),
		TEST(test_sort_is_stable),
		TEST(test_deep_chain),
		TEST(test_own_shells),
		TEST(test_folds_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
