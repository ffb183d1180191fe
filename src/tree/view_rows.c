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

static void push(struct stack *stack, const struct todo *todo)
{
	if (stack->count == stack->cap) {
		stack->cap = stack->cap ? stack->cap * 2 : 256;
		stack->items = mem_resize(stack->items, stack->cap, sizeof *stack->items);
	}
	stack->items[stack->count++] = *todo;
}

/* Our own shells; what runs below one is shown in its place. */
static bool hidden_ours(const struct view *view, const struct proc *proc)
{
	return proc->ours && !view->own;
}

/* Whether neither an option nor the filter hides it. */
static bool proc_shown(const struct view *view, const struct proc *proc)
{
	if ((proc->kernel && !view->kernel) || hidden_ours(view, proc))
		return false;
	return !view->build.keep || view->build.keep[proc_index(&view->build.tree, proc)] != KEEP_NOT;
}

static bool cgroup_shown(const struct view *view, const struct cgroup *cgroup)
{
	return !view->build.keep_cgroup || view->build.keep_cgroup[cgroup_index(&view->build.tree, cgroup)] != KEEP_NOT;
}

/* ---- order ---- */

static int by_sort(const struct proc *a, const struct proc *b, enum tree_sort sort)
{
	switch (sort) {
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
	case TREE_SORT_TTY:
		return strcmp(a->tty_name, b->tty_name);
	case TREE_SORT_THREADS:
		return (a->threads < b->threads) - (a->threads > b->threads);
	case TREE_SORT_PID:
		break;
	}
	return 0;
}

static int compare_todos(const void *left, const void *right, void *ctx)
{
	const struct view *view = ctx;
	const struct proc *a = ((const struct todo *)left)->proc, *b = ((const struct todo *)right)->proc;
	int order;

	/* Cgroups stay in path order, after the processes beside them. */
	if (!a || !b) {
		if (a || b)
			return a ? -1 : 1;
		return strcmp(((const struct todo *)left)->cgroup->path, ((const struct todo *)right)->cgroup->path);
	}
	order = by_sort(a, b, view->sort);
	/* Equal ones must not change places from one look to the next. */
	if (order == 0)
		order = (a > b) - (a < b); /* by pid, then start: as they are in the tree */
	return view->reverse ? -order : order;
}

/* Put siblings on the stack so that the first comes off first, each knowing
 * whether another follows it; true once they are. */
static bool push_sorted(struct view *view, size_t *budget)
{
	struct view_build *b = &view->build;
	struct stack *siblings = &b->siblings;

	if (siblings->count == 0)
		return true;
	if (!b->sorting && siblings->count > 1) {
		sort_begin(&b->sort, siblings->items, siblings->count, sizeof *siblings->items, compare_todos, view);
		b->sorting = true;
	}
	if (b->sorting && !sort_step(&b->sort, budget))
		return false;
	sort_end(&b->sort);
	b->sorting = false;
	for (size_t i = siblings->count; i-- > 0;) {
		struct todo *todo = &siblings->items[i];

		if (i == siblings->count - 1 && todo->depth < ROW_DEPTH_MAX)
			todo->mask |= (uint64_t)1 << todo->depth;
		push(&b->stack, todo);
	}
	siblings->count = 0;
	return true;
}

/* ---- rows ---- */

static struct row *add_row(struct view *view, const struct todo *todo)
{
	struct view_build *b = &view->build;
	struct row *row;

	if (b->nrows == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 256;
		b->rows = mem_resize(b->rows, b->cap, sizeof *b->rows);
		b->spots = mem_resize(b->spots, b->cap, sizeof *b->spots);
	}
	if (todo->proc) {
		b->procs[proc_index(&b->tree, todo->proc)] = b->nrows + 1;
		b->spots[b->nrows] = (struct spot){ .kind = ROW_PROC, .depth = todo->depth, .proc = todo->proc->key };
	} else {
		b->cgroups[cgroup_index(&b->tree, todo->cgroup)] = b->nrows + 1;
		b->spots[b->nrows] = (struct spot){ .kind = ROW_CGROUP, .depth = todo->depth, .path = todo->cgroup->path };
	}
	row = &b->rows[b->nrows++];
	*row = (struct row){
		.kind = todo->proc ? ROW_PROC : ROW_CGROUP,
		.cgroup = todo->cgroup,
		.proc = todo->proc,
		.depth = todo->depth,
		.last_mask = todo->mask,
	};
	return row;
}

/* Siblings from `p` on; in the place of one that is ours, its children. */
static void push_siblings(const struct view *view, const struct proc *p, const struct todo *like, struct stack *siblings)
{
	const struct proc *top = p ? p->in_parent : NULL;

	while (p) {
		if (proc_shown(view, p))
			push(siblings, &(struct todo){ p, like->cgroup, like->depth, like->mask });
		if (hidden_ours(view, p) && p->in_child) {
			p = p->in_child;
			continue;
		}
		while (!p->in_next && p->in_parent != top)
			p = p->in_parent;
		p = p->in_next;
	}
}

static void children_of_proc(const struct view *view, const struct todo *todo, struct stack *siblings)
{
	push_siblings(view, todo->proc->in_child, &(struct todo){ NULL, todo->cgroup, todo->depth + 1, todo->mask },
		      siblings);
}

static void children_of_cgroup(const struct view *view, const struct cgroup *cgroup, uint32_t depth, uint64_t mask,
			       struct stack *siblings)
{
	push_siblings(view, cgroup->procs, &(struct todo){ NULL, cgroup, depth, mask }, siblings);
	/* The root's stand beside it. */
	for (const struct cgroup *c = cgroup->parent ? cgroup->child : NULL; c; c = c->next) {
		if (cgroup_shown(view, c))
			push(siblings, &(struct todo){ NULL, c, depth, mask });
	}
}

static void proc_row(struct view *view, const struct todo *todo, struct stack *siblings)
{
	const struct proc *p = todo->proc;
	struct row *row = add_row(view, todo);

	row->match = !view->build.keep || view->build.keep[proc_index(&view->build.tree, p)] == KEEP_MATCH;
	row->is_new = p->first_seen_ms > view->first_ms && view->now_ms - p->first_seen_ms < NEW_MS;
	if (view->flat)
		return;
	children_of_proc(view, todo, siblings);
	row->folded = key_set_has(&view->folds.procs, p->key);
	row->has_children = siblings->count > 0;
	if (row->folded)
		siblings->count = 0;
}

static void cgroup_row(struct view *view, const struct todo *todo, struct stack *siblings)
{
	const struct cgroup *cg = todo->cgroup;
	struct row *row = add_row(view, todo);

	row->match = !view->build.keep_cgroup || view->build.keep_cgroup[cgroup_index(&view->build.tree, cg)] == KEEP_MATCH;
	row->folded = path_set_has(&view->folds.cgroups, cg->path);
	children_of_cgroup(view, cg, todo->depth + 1, todo->mask, siblings);
	row->has_children = siblings->count > 0;
	if (row->folded)
		siblings->count = 0;
}

void rows_begin(struct view *view)
{
	struct stack *siblings = &view->build.siblings;
	const struct cgroup *root = tree_root(&view->build.tree);
	bool own = false;

	view->build.procs = mem_array(view->build.tree.nprocs, sizeof *view->build.procs);
	view->build.cgroups = mem_array(view->build.tree.ncgroups, sizeof *view->build.cgroups);
	if (!root)
		return;
	if (view->flat) {
		for (size_t i = 0; i < tree_count(&view->build.tree); i++) {
			const struct proc *p = tree_at(&view->build.tree, i);

			if (proc_shown(view, p))
				push(siblings, &(struct todo){ p, p->cgroup, 0, 0 });
		}
		return;
	}
	for (const struct proc *p = root->procs; p && !own; p = p->in_next)
		own = proc_shown(view, p);
	/* The root's own processes get a row to stand under; its cgroups stand
	 * beside it, not below. */
	if (own)
		push(siblings, &(struct todo){ NULL, root, 0, 0 });
	for (const struct cgroup *c = root->child; c; c = c->next) {
		if (cgroup_shown(view, c))
			push(siblings, &(struct todo){ NULL, c, 0, 0 });
	}
}

bool rows_fill(struct view *view, size_t *budget)
{
	struct view_build *b = &view->build;

	while (push_sorted(view, budget) && b->stack.count > 0) {
		struct todo todo;

		if (*budget == 0)
			return false;
		todo = b->stack.items[--b->stack.count];
		if (todo.proc)
			proc_row(view, &todo, &b->siblings);
		else
			cgroup_row(view, &todo, &b->siblings);
		view_spend(budget, 1 + b->siblings.count);
	}
	return b->siblings.count == 0 && b->stack.count == 0;
}
