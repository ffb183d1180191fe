/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree -> rows.  The walk keeps its own stack, since how deep processes are
 * nested is up to a host.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

#define NEW_MS 5000

/* A node waiting to become a row. */
struct todo {
	const struct proc *proc;     /* NULL: the cgroup itself */
	const struct cgroup *cgroup;
	uint32_t depth;
	uint64_t mask;
	bool inherited;
};

struct stack {
	struct todo *items;
	size_t count, cap;
};

static void push(struct stack *stack, const struct todo *todo)
{
	if (stack->count == stack->cap) {
		stack->cap = stack->cap ? stack->cap * 2 : 256;
		stack->items = mem_resize(stack->items, stack->cap, sizeof *stack->items);
	}
	stack->items[stack->count++] = *todo;
}

size_t proc_index(const struct tree *tree, const struct proc *proc)
{
	size_t low = 0, high = tree_count(tree);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (tree_at(tree, mid)->key.pid < proc->key.pid)
			low = mid + 1;
		else
			high = mid;
	}
	while (low < tree_count(tree) && tree_at(tree, low)->key.pid == proc->key.pid) {
		if (tree_at(tree, low) == proc)
			return low;
		low++;
	}
	return SIZE_MAX;
}

size_t cgroup_index(const struct tree *tree, const struct cgroup *cgroup)
{
	size_t low = 0, high = tree_cgroup_count(tree);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(tree_cgroup_at(tree, mid)->path, cgroup->path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < tree_cgroup_count(tree) && tree_cgroup_at(tree, low) == cgroup ? low : SIZE_MAX;
}

/* Whether an option hides it, whatever the filter says. */
bool proc_shown(const struct view *view, const struct proc *proc)
{
	size_t at;

	if (proc->kernel && !view->kernel)
		return false;
	if (!view->keep)
		return true;
	at = proc_index(view->tree, proc);
	return at != SIZE_MAX && view->keep[at] != KEEP_NOT;
}

static bool cgroup_shown(const struct view *view, const struct cgroup *cgroup)
{
	size_t at;

	if (!view->keep_cgroup)
		return true;
	at = cgroup_index(view->tree, cgroup);
	return at != SIZE_MAX && view->keep_cgroup[at] != KEEP_NOT;
}

/* ---- order ---- */

static const struct view *sorting; /* qsort(3) has no context */

static int by_key(const struct proc *a, const struct proc *b)
{
	switch (sorting->sort) {
	case TREE_SORT_NAME:
		return strcasecmp(a->name, b->name);
	case TREE_SORT_CPU:
		return (a->cpu_percent < b->cpu_percent) - (a->cpu_percent > b->cpu_percent);
	case TREE_SORT_RSS:
		return (a->rss_bytes < b->rss_bytes) - (a->rss_bytes > b->rss_bytes);
	case TREE_SORT_START:
		return (a->key.start > b->key.start) - (a->key.start < b->key.start);
	case TREE_SORT_USER:
		return strcmp(a->user, b->user);
	case TREE_SORT_PID:
		break;
	}
	return 0;
}

static int compare_todos(const void *left, const void *right)
{
	const struct proc *a = ((const struct todo *)left)->proc, *b = ((const struct todo *)right)->proc;
	int order;

	/* Cgroups stay in path order, after the processes beside them. */
	if (!a || !b) {
		if (a || b)
			return a ? -1 : 1;
		return strcmp(((const struct todo *)left)->cgroup->path, ((const struct todo *)right)->cgroup->path);
	}
	order = by_key(a, b);
	if (order == 0)
		order = (a->key.pid > b->key.pid) - (a->key.pid < b->key.pid);
	return sorting->reverse ? -order : order;
}

/* Put siblings on the stack so that the first comes off first, each knowing
 * whether another follows it. */
static void push_sorted(const struct view *view, struct stack *stack, struct stack *siblings)
{
	if (siblings->count == 0)
		return;
	sorting = view;
	qsort(siblings->items, siblings->count, sizeof *siblings->items, compare_todos);
	for (size_t i = siblings->count; i-- > 0;) {
		struct todo *todo = &siblings->items[i];

		if (i == siblings->count - 1 && todo->depth < ROW_DEPTH_MAX)
			todo->mask |= (uint64_t)1 << todo->depth;
		push(stack, todo);
	}
	siblings->count = 0;
}

/* ---- rows ---- */

static struct row *add_row(struct view *view, const struct todo *todo)
{
	struct row *row;

	if (view->nrows == view->cap) {
		view->cap = view->cap ? view->cap * 2 : 256;
		view->rows = mem_resize(view->rows, view->cap, sizeof *view->rows);
	}
	row = &view->rows[view->nrows++];
	*row = (struct row){
		.kind = todo->proc ? ROW_PROC : ROW_CGROUP,
		.cgroup = todo->cgroup,
		.proc = todo->proc,
		.depth = todo->depth,
		.last_mask = todo->mask,
	};
	return row;
}

static void children_of_proc(const struct view *view, const struct todo *todo, struct stack *siblings, bool inherited)
{
	for (const struct proc *c = todo->proc->in_child; c; c = c->in_next) {
		if (proc_shown(view, c))
			push(siblings, &(struct todo){ c, todo->cgroup, todo->depth + 1, todo->mask, inherited });
	}
}

static void children_of_cgroup(const struct view *view, const struct cgroup *cgroup, uint32_t depth, uint64_t mask,
			       struct stack *siblings)
{
	for (const struct proc *p = cgroup->procs; p; p = p->in_next) {
		if (proc_shown(view, p))
			push(siblings, &(struct todo){ p, cgroup, depth, mask, false });
	}
	for (const struct cgroup *c = cgroup->child; c; c = c->next) {
		if (cgroup_shown(view, c))
			push(siblings, &(struct todo){ NULL, c, depth, mask, false });
	}
}

/* A mark on an ancestor anywhere on the host, not only in the same cgroup. */
static bool mark_above(const struct view *view, const struct proc *proc)
{
	size_t bound = tree_count(view->tree);

	if (view->marks.count == 0)
		return false;
	for (proc = proc->parent; proc && bound-- > 0; proc = proc->parent) {
		if (key_set_has(&view->marks, proc->key))
			return true;
	}
	return false;
}

static void proc_row(struct view *view, const struct todo *todo, struct stack *siblings)
{
	const struct proc *p = todo->proc;
	struct row *row = add_row(view, todo);
	size_t at = view->keep ? proc_index(view->tree, p) : 0;

	row->marked = key_set_has(&view->marks, p->key);
	row->mark_inherited = !row->marked && mark_above(view, p);
	row->match = !view->keep || (at != SIZE_MAX && view->keep[at] == KEEP_MATCH);
	row->is_new = p->first_seen_ms > view->first_ms && view->now_ms - p->first_seen_ms < NEW_MS;
	row->folded = !view->flat && key_set_has(&view->folded, p->key);
	view->matches += view->keep && row->match;
	if (view->flat)
		return;
	children_of_proc(view, todo, siblings, row->marked || row->mark_inherited);
	row->has_children = siblings->count > 0;
	if (row->folded)
		siblings->count = 0;
}

static void cgroup_row(struct view *view, const struct todo *todo, struct stack *siblings)
{
	struct row *row = add_row(view, todo);
	size_t at = view->keep_cgroup ? cgroup_index(view->tree, todo->cgroup) : 0;

	row->match = !view->keep_cgroup || (at != SIZE_MAX && view->keep_cgroup[at] == KEEP_MATCH);
	row->folded = path_set_has(&view->folded_cgroups, todo->cgroup->path);
	children_of_cgroup(view, todo->cgroup, todo->depth + 1, todo->mask, siblings);
	row->has_children = siblings->count > 0;
	if (row->folded)
		siblings->count = 0;
}

static void begin(const struct view *view, struct stack *siblings)
{
	const struct cgroup *root = tree_root(view->tree);
	bool own = false;

	if (!root)
		return;
	if (view->flat) {
		for (size_t i = 0; i < tree_count(view->tree); i++) {
			const struct proc *p = tree_at(view->tree, i);

			if (proc_shown(view, p))
				push(siblings, &(struct todo){ p, p->cgroup, 0, 0, false });
		}
		return;
	}
	for (const struct proc *p = root->procs; p && !own; p = p->in_next)
		own = proc_shown(view, p);
	/* The root's own processes get a row to stand under; its cgroups stand
	 * beside it, not below. */
	if (own)
		push(siblings, &(struct todo){ NULL, root, 0, 0, false });
	for (const struct cgroup *c = root->child; c; c = c->next) {
		if (cgroup_shown(view, c))
			push(siblings, &(struct todo){ NULL, c, 0, 0, false });
	}
}

void rows_fill(struct view *view)
{
	struct stack stack = { 0 }, siblings = { 0 };

	view->nrows = 0;
	view->matches = 0;
	begin(view, &siblings);
	push_sorted(view, &stack, &siblings);
	while (stack.count > 0) {
		struct todo todo = stack.items[--stack.count];

		if (todo.proc) {
			proc_row(view, &todo, &siblings);
		} else {
			cgroup_row(view, &todo, &siblings);
			if (!todo.cgroup->parent) {
				/* Below the root's row only its processes. */
				size_t kept = 0;

				for (size_t i = 0; i < siblings.count; i++) {
					if (siblings.items[i].proc)
						siblings.items[kept++] = siblings.items[i];
				}
				siblings.count = kept;
			}
		}
		push_sorted(view, &stack, &siblings);
	}
	free(stack.items);
	free(siblings.items);
}
