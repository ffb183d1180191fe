/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tree made of snapshots: links, sums, what is carried over, what is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <pferry/tree.h>

#include "base/buf.h"

struct spec {
	int pid, ppid;
	unsigned start, ticks, pages;
	const char *cgroup;
	bool kernel;
};

static void put(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s) + 1);
}

static void put_proc(struct buf *b, const struct spec *s)
{
	buf_printf(b, "%d/stat", s->pid);
	put(b, "");
	buf_printf(b, "%d (p%d) S %d 0 0 0 -1 %u 0 0 0 0 %u 0 0 0 20 0 1 0 %u 0 %u 0\n", s->pid, s->pid,
		   s->ppid, s->kernel ? 0x200000u : 0u, s->ticks, s->start, s->pages);
	put(b, "");
	buf_printf(b, "%d/cgroup", s->pid);
	put(b, "");
	buf_printf(b, "0::%s\n", s->cgroup ? s->cgroup : "/");
	put(b, "");
	buf_printf(b, "%d/status", s->pid);
	put(b, "");
	put(b, "Uid:\t0\t0\t0\t0");
}

static void open_snapshot(struct buf *b, const char *boot, double uptime)
{
	buf_init(b, 0);
	put(b, "pferry-snapshot 1");
	put(b, "boot");
	put(b, boot);
	put(b, "uptime");
	buf_printf(b, "%.2f", uptime);
	put(b, "");
}

static void close_snapshot(struct tree *tree, struct buf *b, int64_t now_ms)
{
	struct snapshot *snap = snapshot_new();
	struct err e;

	put(b, "end");
	put(b, "");
	if (!snapshot_feed(snap, buf_data(b), b->len, &e))
		fail_msg("%s", e.text);
	assert_true(snapshot_complete(snap));
	tree_update(tree, snap, now_ms);
	buf_free(b);
}

static void update_boot(struct tree *tree, const char *boot, double uptime, int64_t now_ms,
			const struct spec *specs)
{
	struct buf b;

	open_snapshot(&b, boot, uptime);
	for (; specs->pid; specs++)
		put_proc(&b, specs);
	close_snapshot(tree, &b, now_ms);
}

static void update(struct tree *tree, double uptime, int64_t now_ms, const struct spec *specs)
{
	update_boot(tree, "boot", uptime, now_ms, specs);
}

/* What holds for every tree: each process is once among the children of its
 * parent, once in its cgroup, and following parents ends. */
static void check_links(const struct tree *tree)
{
	size_t in = 0, children = 0, with_parent = 0, below = 0;

	for (size_t i = 0; i < tree_cgroup_count(tree); i++) {
		const struct cgroup *cg = tree_cgroup_at(tree, i);

		assert_ptr_equal(tree_find_cgroup(tree, cg->path), cg);
		assert_true((cg->parent == NULL) == (i == 0));
		for (const struct cgroup *c = cg->child; c; c = c->next, below++) {
			assert_ptr_equal(c->parent, cg);
			assert_int_equal(c->depth, cg->depth + 1);
		}
		for (const struct proc *p = cg->procs; p; p = p->in_next, in++) {
			assert_null(p->in_parent);
			assert_ptr_equal(p->cgroup, cg);
		}
	}
	assert_int_equal(below + 1, tree_cgroup_count(tree));
	for (size_t i = 0; i < tree_count(tree); i++) {
		const struct proc *p = tree_at(tree, i);

		assert_ptr_equal(tree_find(tree, p->key), p);
		assert_true(i == 0 || tree_at(tree, i - 1)->key.pid <= p->key.pid);
		with_parent += p->parent != NULL;
		for (const struct proc *c = p->child; c; c = c->next, children++) {
			assert_ptr_equal(c->parent, p);
			assert_true(!c->next || c->key.pid <= c->next->key.pid);
		}
		for (const struct proc *c = p->in_child; c; c = c->in_next, in++) {
			assert_ptr_equal(c->in_parent, p);
			assert_ptr_equal(c->cgroup, p->cgroup);
		}
	}
	assert_int_equal(children, with_parent);
	assert_int_equal(in, tree_count(tree));
	/* No circle: all are reached from those without a parent. */
	children = 0;
	for (size_t i = 0; i < tree_count(tree); i++) {
		if (!tree_at(tree, i)->parent)
			children += tree_sum(tree_at(tree, i)).processes;
	}
	for (size_t i = 0; i < tree_count(tree); i++)
		children += tree_at(tree, i)->gone_ms != 0;
	assert_int_equal(children, tree_count(tree));
}

static void test_empty(void **state)
{
	struct tree *tree = tree_new();
	struct snapshot *snap = snapshot_new();
	struct err e;

	(void)state;
	assert_null(tree_root(tree));
	assert_null(tree_find_pid(tree, 1));
	assert_null(tree_find_cgroup(tree, "/"));
	assert_int_equal(tree_serial(tree), 0);
	/* One that is not complete changes nothing. */
	assert_true(snapshot_feed(snap, "pferry-snap", 11, &e));
	tree_update(tree, snap, 5);
	assert_int_equal(tree_serial(tree), 0);
	update(tree, 1, 5, (struct spec[]){ { 0 } });
	assert_string_equal(tree_root(tree)->path, "/");
	assert_string_equal(tree_root(tree)->name, "/");
	assert_int_equal(tree_serial(tree), 1);
	check_links(tree);
	tree_free(tree);
}

static void test_shape(void **state)
{
	struct tree *tree = tree_new();
	const struct cgroup *cg;

	(void)state;
	update(tree, 1, 5, (struct spec[]){
		{ 30, 10, 3, 0, 1, "/a/b/c", false }, { 2, 0, 0, 0, 8, "/", true },
		{ 10, 1, 1, 0, 10, "/a/b", false },   { 20, 10, 2, 0, 100, "/a/b", false },
		{ 1, 0, 0, 0, 1000, "/init", false }, { 15, 10, 2, 0, 10000, "/a-b", false },
		{ 0 } });
	check_links(tree);
	assert_int_equal(tree_count(tree), 6);
	assert_int_equal(tree_processes(tree), 5);
	assert_int_equal(tree_cgroup_count(tree), 6);
	assert_string_equal(tree_cgroup_at(tree, 1)->path, "/a");
	assert_string_equal(tree_cgroup_at(tree, 3)->path, "/a/b/c");
	assert_string_equal(tree_cgroup_at(tree, 4)->path, "/a-b");
	assert_null(tree_find_cgroup(tree, "/a/c"));
	cg = tree_find_cgroup(tree, "/a");
	assert_int_equal(cg->own_processes, 0);
	assert_int_equal(cg->all_processes, 3);
	assert_int_equal(cg->all_rss_bytes, 111 * 4096);
	cg = tree_find_cgroup(tree, "/a/b");
	assert_string_equal(cg->name, "b");
	assert_int_equal(cg->own_processes, 2);
	assert_int_equal(cg->depth, 2);
	assert_int_equal(cg->procs->key.pid, 10);
	assert_int_equal(cg->procs->in_child->key.pid, 20);
	assert_null(cg->procs->in_child->in_next);
	assert_int_equal(cg->procs->child->key.pid, 15);
	assert_null(tree_find_pid(tree, 30)->in_parent);
	assert_int_equal(tree_find_pid(tree, 30)->parent->key.pid, 10);
	assert_int_equal(tree_sum(tree_find_pid(tree, 10)).processes, 4);
	assert_int_equal(tree_sum(tree_find_pid(tree, 10)).rss_bytes, 10111 * 4096);
	assert_int_equal(tree_sum(tree_find_pid(tree, 20)).processes, 1);
	assert_int_equal(tree_root(tree)->own_processes, 0);
	assert_int_equal(tree_root(tree)->all_processes, 5);
	tree_free(tree);
}

static void test_cycles(void **state)
{
	struct tree *tree = tree_new();

	(void)state;
	update(tree, 1, 5, (struct spec[]){
		{ 5, 5, 0, 0, 1, NULL, false }, { 6, 7, 0, 0, 1, NULL, false }, { 7, 8, 0, 0, 1, "/x", false },
		{ 8, 6, 0, 0, 1, NULL, false }, { 9, 7, 0, 0, 1, NULL, false }, { 9, 3, 0, 0, 1, NULL, false },
		{ 4, 9, 0, 0, 1, NULL, false }, { 10, 99, 0, 0, 1, NULL, false }, { 0 } });
	assert_int_equal(tree_count(tree), 7);
	check_links(tree);
	assert_null(tree_find_pid(tree, 5)->parent);
	tree_free(tree);
}

static void test_deep(void **state)
{
	enum { N = 100000 };
	struct tree *tree = tree_new();
	struct buf b;

	(void)state;
	for (int closed = 0; closed < 2; closed++) {
		open_snapshot(&b, "boot", 1);
		for (int i = N; i > 0; i--) {
			struct spec s = { i, i == 1 && closed ? N : i - 1, 0, 0, 1, NULL, false };

			put_proc(&b, &s);
		}
		close_snapshot(tree, &b, 5);
		check_links(tree);
		if (!closed)
			assert_int_equal(tree_sum(tree_find_pid(tree, 1)).processes, N);
	}
	tree_free(tree);
}

static void test_deep_cgroups(void **state)
{
	struct tree *tree = tree_new();
	struct buf b, path;

	(void)state;
	buf_init(&path, 0);
	for (int i = 0; i < 4000; i++)
		buf_puts(&path, "/a");
	open_snapshot(&b, "boot", 1);
	put_proc(&b, &(struct spec){ 3, 0, 0, 0, 1, buf_str(&path), false });
	put_proc(&b, &(struct spec){ 4, 0, 0, 0, 1, "/a/a/a/b", false });
	close_snapshot(tree, &b, 5);
	check_links(tree);
	assert_int_equal(tree_find_pid(tree, 3)->cgroup->depth, 2048);
	assert_int_equal(tree_find_cgroup(tree, "/a/a/a")->all_processes, 2);
	buf_free(&path);

	/* Few lines that would become very many cgroups. */
	open_snapshot(&b, "boot", 1);
	for (int i = 0; i < 60; i++) {
		put(&b, "cgroup");
		buf_printf(&b, "./%d", i);
		for (int k = 0; k < 2000; k++)
			buf_puts(&b, "/a");
		put(&b, "");
	}
	put(&b, "end");
	put(&b, "");
	{
		struct snapshot *snap = snapshot_new();
		struct err e;

		assert_false(snapshot_feed(snap, buf_data(&b), b.len, &e));
		assert_int_equal(e.code, ERR_PROTOCOL);
		snapshot_free(snap);
	}
	buf_free(&b);
	tree_free(tree);
}

static void test_cpu(void **state)
{
	struct tree *tree = tree_new();
	const struct proc *p;

	(void)state;
	update(tree, 100, 1000, (struct spec[]){ { 5, 0, 7, 1000, 1, "/a", false }, { 6, 0, 7, 9, 1, "/a", false }, { 0 } });
	assert_true(tree_find_pid(tree, 5)->cpu_percent == 0);
	update(tree, 102, 3000, (struct spec[]){
		{ 5, 0, 7, 1100, 1, "/a", false }, { 6, 0, 7, 309, 1, "/a", false }, { 7, 0, 9, 50, 1, "/a", false }, { 0 } });
	p = tree_find_pid(tree, 5);
	assert_true(p->cpu_percent > 49.9 && p->cpu_percent < 50.1);
	assert_int_equal(p->first_seen_ms, 1000);
	p = tree_find_pid(tree, 7);
	assert_true(p->cpu_percent == 0);
	assert_int_equal(p->first_seen_ms, 3000);
	assert_true(p->cgroup->all_cpu_percent > 199.9 && p->cgroup->all_cpu_percent < 200.1);
	/* No time passed: what was known stays. Ticks that go back are no use. */
	update(tree, 102, 3001, (struct spec[]){ { 5, 0, 7, 1100, 1, "/a", false }, { 0 } });
	assert_true(tree_find_pid(tree, 5)->cpu_percent > 49.9);
	update(tree, 103, 4001, (struct spec[]){ { 5, 0, 7, 1, 1, "/a", false }, { 0 } });
	assert_true(tree_find_pid(tree, 5)->cpu_percent == 0);
	tree_free(tree);
}

static void test_gone(void **state)
{
	static const struct spec all[] = {
		{ 1, 0, 1, 0, 1, "/", false }, { 5, 1, 2, 0, 1, "/a/b", false }, { 6, 5, 3, 0, 1, "/a/b", false }, { 0 }
	};
	static const struct spec rest[] = { { 1, 0, 1, 0, 1, "/", false }, { 0 } };
	struct tree *tree = tree_new();
	const struct proc *p;

	(void)state;
	update(tree, 1, 1000, all);
	update(tree, 2, 2000, rest);
	check_links(tree);
	assert_int_equal(tree_count(tree), 3);
	assert_int_equal(tree_processes(tree), 1);
	assert_null(tree_find_pid(tree, 5));
	p = tree_find(tree, (struct proc_key){ 6, 3 });
	assert_non_null(p);
	assert_int_equal(p->gone_ms, 2000);
	assert_int_equal(p->first_seen_ms, 1000);
	assert_string_equal(p->name, "p6");
	assert_string_equal(p->args, "[p6]");
	/* Both their cgroup and its parent went with them. */
	assert_string_equal(p->cgroup->path, "/");
	assert_int_equal(p->parent->key.pid, 5);
	assert_int_equal(p->parent->parent->key.pid, 1);
	assert_int_equal(tree_sum(tree_find_pid(tree, 1)).processes, 1);
	assert_int_equal(tree_root(tree)->own_processes, 1);

	update(tree, 3, 4999, rest);
	assert_int_equal(tree_count(tree), 3);
	assert_int_equal(tree_find(tree, (struct proc_key){ 5, 2 })->gone_ms, 2000);
	/* It was only missed. */
	update(tree, 3, 4999, all);
	assert_int_equal(tree_find_pid(tree, 5)->gone_ms, 0);
	update(tree, 3, 5000, rest);
	update(tree, 3, 8000, rest);
	assert_int_equal(tree_count(tree), 1);
	check_links(tree);
	tree_free(tree);
}

static void test_gone_keeps_cgroup(void **state)
{
	struct tree *tree = tree_new();

	(void)state;
	update(tree, 1, 1000, (struct spec[]){ { 5, 1, 2, 0, 1, "/a/b", false }, { 6, 1, 2, 0, 1, "/a", false }, { 0 } });
	update(tree, 2, 2000, (struct spec[]){ { 6, 1, 2, 0, 1, "/a", false }, { 0 } });
	assert_string_equal(tree_find(tree, (struct proc_key){ 5, 2 })->cgroup->path, "/a");
	assert_int_equal(tree_find_cgroup(tree, "/a")->own_processes, 1);
	check_links(tree);
	tree_free(tree);
}

static void test_reuse(void **state)
{
	struct tree *tree = tree_new();

	(void)state;
	update(tree, 1, 1000, (struct spec[]){ { 5, 1, 200, 10, 1, NULL, false }, { 6, 5, 300, 0, 1, NULL, false }, { 0 } });
	for (unsigned i = 1; i < 5; i++) {
		update(tree, 1 + i, 1000 + i * 100, (struct spec[]){ { 5, 1, 400 + i, 500, 1, NULL, false }, { 0 } });
		check_links(tree);
		assert_int_equal(tree_find_pid(tree, 5)->key.start, 400 + i);
		assert_int_equal(tree_find_pid(tree, 5)->first_seen_ms, 1000 + i * 100);
		assert_true(tree_find_pid(tree, 5)->cpu_percent == 0);
		/* One that is gone for each pid is enough. */
		assert_int_equal(tree_count(tree), 3);
		/* A gone child is not the new process's. */
		assert_true(!tree_find(tree, (struct proc_key){ 6, 300 })->parent ||
			    tree_find(tree, (struct proc_key){ 6, 300 })->parent->key.start <= 300);
	}
	tree_free(tree);
}

static void test_reboot(void **state)
{
	static const struct spec specs[] = { { 1, 0, 1, 5, 1, NULL, false }, { 0 } };
	struct tree *tree = tree_new();

	(void)state;
	update_boot(tree, "one", 100, 1000, (struct spec[]){ { 1, 0, 1, 2, 1, NULL, false }, { 7, 0, 1, 2, 1, NULL, false }, { 0 } });
	update_boot(tree, "two", 5, 2000, specs);
	assert_int_equal(tree_count(tree), 1);
	assert_int_equal(tree_at(tree, 0)->first_seen_ms, 2000);
	assert_string_equal(tree_boot_id(tree), "two");
	assert_int_equal(tree_serial(tree), 2);
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),  cmocka_unit_test(test_shape),
		cmocka_unit_test(test_cycles), cmocka_unit_test(test_deep),
		cmocka_unit_test(test_deep_cgroups), cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_gone),   cmocka_unit_test(test_gone_keeps_cgroup),
		cmocka_unit_test(test_reuse),  cmocka_unit_test(test_reboot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
