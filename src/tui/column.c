/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct column *column_new(const char *name)
{
	struct column *col = mem_new(struct column);

	snprintf(col->name, sizeof col->name, "%s", name);
	col->view = view_new();
	col->stale = true;
	col->age_ms = -1;
	col->pid_width = 4;
	return col;
}

void column_free(struct column *col)
{
	if (!col)
		return;
	view_free(col->view);
	free(col);
}

static int digits(pid_t pid)
{
	int n = 1;

	for (; pid >= 10; pid /= 10)
		n++;
	return n;
}

size_t column_fresh(struct column *col, int64_t now_ms)
{
	size_t before, offset, after, count;

	if (!col->stale || !col->tree)
		return 0;
	col->stale = false;
	before = view_cursor(col->view);
	offset = before > col->top ? before - col->top : 0;
	view_build(col->view, col->tree, now_ms);
	after = view_cursor(col->view);
	col->top = after > offset ? after - offset : 0;
	count = tree_count(col->tree);
	if (count > 0) {
		int width = digits(tree_at(col->tree, count - 1)->key.pid);

		col->pid_width = width < 4 ? 4 : width;
	}
	column_scroll(col);
	return view_take_dropped(col->view);
}

const struct row *column_row(const struct column *col)
{
	size_t at = view_cursor(col->view);

	return at < view_rows(col->view) ? view_row(col->view, at) : NULL;
}

void column_step(struct column *col, int64_t by)
{
	size_t rows = view_rows(col->view);
	int64_t at = (int64_t)view_cursor(col->view) + by;

	if (rows == 0)
		return;
	if (at < 0)
		at = 0;
	if (at >= (int64_t)rows)
		at = (int64_t)rows - 1;
	view_set_cursor(col->view, (size_t)at);
	column_scroll(col);
}

void column_scroll(struct column *col)
{
	size_t rows = view_rows(col->view), at = view_cursor(col->view);

	if (col->height == 0)
		return;
	if (at < col->top)
		col->top = at;
	if (at >= col->top + col->height)
		col->top = at - col->height + 1;
	if (rows <= col->height)
		col->top = 0;
	else if (col->top > rows - col->height)
		col->top = rows - col->height;
}

/* Programs whose first argument says more than their own name. */
static bool is_interpreter(const char *name, size_t len)
{
	static const char *const names[] = {"python", "perl", "ruby", "node",	"sh",
					    "bash",   "dash", "java", "busybox"};

	for (size_t i = 0; i < countof(names); i++) {
		size_t n = strlen(names[i]);

		if (len >= n && strncmp(name, names[i], n) == 0 && strspn(name + n, "0123456789.") >= len - n)
			return true;
	}
	return false;
}

static const char *base_name(const char *word, size_t len)
{
	const char *slash = memrchr(word, '/', len);

	return slash && slash + 1 < word + len ? slash + 1 : word;
}

void row_text(const struct row *row, char *out, size_t size)
{
	const char *args, *word, *rest;
	size_t len;

	if (row->kind == ROW_CGROUP) {
		snprintf(out, size, "%s", row->cgroup->name);
		return;
	}
	args = row->proc->args;
	if (!*args || *args == '[' || *args == ' ') {
		snprintf(out, size, "%s", *args && *args != ' ' ? args : row->proc->name);
		return;
	}
	len = strcspn(args, " ");
	/* "nginx: master process /usr/sbin/nginx": a title, not a path. */
	word = args[0] == '/' || args[0] == '.' ? base_name(args, len) : args;
	len -= (size_t)(word - args);
	rest = word + len;
	if (rest[0] == ' ' && rest[1] == '/' && is_interpreter(word, len)) {
		size_t script = strcspn(rest + 1, " ");
		const char *base = base_name(rest + 1, script);

		snprintf(out, size, "%.*s %s", (int)len, word, base);
		return;
	}
	snprintf(out, size, "%s", word);
}

void proc_label(const struct proc *proc, char *out, size_t size)
{
	snprintf(out, size, "%s(%d)", proc->name, (int)proc->key.pid);
}
