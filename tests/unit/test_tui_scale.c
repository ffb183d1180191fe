/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser with large trees: 10,000 processes in 1,000 cgroups in one
 * column, 100 hosts with 300 processes each.  Recorded snapshots go through the
 * real parser, keys through the model, frames through curses.  What it took is
 * printed, not judged: a machine may be busy.
 */
#include "tui_model.h"

#include <pferry/loop.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tui/draw/draw.h"

static void pair(struct buf *b, const char *key, const char *value)
{
	buf_append(b, key, strlen(key) + 1);
	buf_append(b, value, strlen(value) + 1);
}

/* What a host with so many processes would send; `turn` changes some of it. */
static void record(struct buf *b, int processes, int cgroups, int turn)
{
	buf_clear(b);
	buf_append(b, "pferry-snapshot 1", 18);
	pair(b, "boot", "one");
	pair(b, "hz", "100");
	pair(b, "page", "4096");
	pair(b, "uptime", "100000.00");
	pair(b, "u/0", "root");
	for (int i = 0; i < processes; i++) {
		int pid = 1000 + i;
		char key[64], value[256];

		if (i % 997 == turn % 997) /* a few end, others come */
			pid += 100000 + turn;
		snprintf(key, sizeof key, "%d/stat", pid);
		snprintf(value, sizeof value, "%d (worker) S %d 1 1 0 -1 0 0 0 0 0 %d 5 0 0 20 0 1 0 %d 1000000 %d 0 0", pid,
			 i % 10 ? pid - i % 10 : 1, turn, pid, 256 + i % 100);
		pair(b, key, value);
		snprintf(key, sizeof key, "%d/cmdline", pid);
		pair(b, key, "/usr/bin/worker");
		snprintf(value, sizeof value, "--number=%d", i);
		pair(b, key, value);
		snprintf(key, sizeof key, "%d/cgroup", pid);
		snprintf(value, sizeof value, "0::/slice%d/unit%d.service\n", i / 10 % cgroups / 50, i / 10 % cgroups);
		pair(b, key, value);
		snprintf(key, sizeof key, "%d/status", pid);
		pair(b, key, "Uid:\t0\t0\t0\t0");
	}
	pair(b, "end", "");
}

static void look(struct tree *tree, const struct buf *b, int64_t now_ms)
{
	struct snapshot *snap = snapshot_new();
	struct err e;

	assert_true(snapshot_feed(snap, buf_data(b), b->len, &e));
	assert_true(snapshot_complete(snap));
	tree_update(tree, snap, now_ms);
}

/* The longest and the mean time of some keys, each with its frame. */
static void measure(const char *what, const char *key, int times)
{
	int64_t worst = 0, all = 0;

	for (int i = 0; i < times; i++) {
		int64_t before = loop_clock_us(), took;

		press(key);
		took = loop_clock_us() - before;
		all += took;
		worst = took > worst ? took : worst;
	}
	print_message("%-44s mean %6.2f ms, worst %6.2f ms\n", what, (double)all / times / 1000, (double)worst / 1000);
}

static void ten_thousand_in_a_column(void **state)
{
	struct buf b;
	struct proc_key key;
	int64_t before;

	buf_init(&b, 0);
	begin(2);
	record(&b, 10000, 1000, 0);
	look(nb.trees[0], &b, 1000);
	nb.ui.columns[0]->stale = true;
	draw(50, 160);
	assert_true(view_rows(nb.ui.columns[0]->view) > 11000);
	measure("10,000 processes: j", "j", 200);
	measure("10,000 processes: page down", "\033[6~", 200);
	measure("10,000 processes: G, g", "Gg", 50);
	measure("10,000 processes: fold, unfold a cgroup", "ghl", 20);
	measure("10,000 processes: mark, unmark", "g  kk", 20);
	measure("10,000 processes: find what is last", "/--number=9999\r", 20);
	assert_non_null(strstr(line(cursor_y), "--number=9999"));
	measure("10,000 processes: one letter of a filter", "f4\033", 20);
	measure("10,000 processes: sort", "s", 16);
	/* A refresh: the cursor stays on its process and where it is on the screen. */
	press("/--number=5005\r");
	key = column_row(nb.ui.columns[0])->proc->key;
	for (int turn = 1; turn <= 5; turn++) {
		int y = cursor_y;

		record(&b, 10000, 1000, turn);
		before = loop_clock_us();
		look(nb.trees[0], &b, 1000 + turn * 2000);
		nb.ui.columns[0]->stale = true;
		nb.ui.now_ms = 1000 + turn * 2000;
		draw(50, 160);
		if (turn == 5)
			print_message("%-44s %.2f ms\n", "10,000 processes: a snapshot parsed and drawn",
				      (double)(loop_clock_us() - before) / 1000);
		assert_int_equal(column_row(nb.ui.columns[0])->proc->key.pid, key.pid);
		assert_int_equal(cursor_y, y);
	}
	buf_free(&b);
	finish();
}

static void a_hundred_hosts(void **state)
{
	struct tree *trees[100];
	struct buf b;
	int64_t before;

	buf_init(&b, 0);
	begin(0);
	record(&b, 300, 40, 0);
	for (size_t i = 0; i < 100; i++) {
		struct column *col;
		char name[32];

		snprintf(name, sizeof name, "web%03zu", i);
		col = ui_add_column(&nb.ui, name);
		trees[i] = tree_new();
		look(trees[i], &b, 1000);
		col->tree = trees[i];
		col->state = HOST_UP;
		col->age_ms = 1000;
	}
	draw(50, 160);
	assert_non_null(strstr(line(0), "100 hosts (1-6 shown)"));
	measure("100 hosts: j", "j", 200);
	measure("100 hosts: next column", "\t", 100);
	measure("100 hosts: find on the last host", "/--number=299\r", 20);
	measure("100 hosts: one letter of a filter", "f2\033", 20);
	measure("100 hosts: mark in every column", " \t", 100);
	before = loop_clock_us();
	for (size_t i = 0; i < 100; i++) {
		look(trees[i], &b, 3000);
		nb.ui.columns[i]->stale = true;
	}
	draw(50, 160);
	print_message("%-44s %.2f ms\n", "100 hosts: all snapshots parsed, one frame",
		      (double)(loop_clock_us() - before) / 1000);
	/* Columns off the screen are not built again for nothing. */
	press("U1");
	nb.ui.columns[99]->stale = true;
	draw(50, 160);
	assert_true(nb.ui.columns[99]->stale);
	finish();
	for (size_t i = 0; i < 100; i++)
		tree_free(trees[i]);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_in_a_column),
		cmocka_unit_test(a_hundred_hosts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
