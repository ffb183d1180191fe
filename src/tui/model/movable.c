/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/movable.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/model/fields.h"

#define SLOTS 8192         /* of 24 bytes; a newer one takes an older one's place */
#define STALE_MS 120000    /* then it is looked at again */
#define REST_MS 2000       /* between two glances */

struct seen {
	uint64_t mark;     /* of host, pid and start; 0: empty */
	int64_t when_ms;
	bool stands;       /* something stands in its way */
};

struct movable {
	struct seen seen[SLOTS];
	int64_t last_ms;
	size_t turn;       /* which column is next */
};

struct movable *movable_new(void)
{
	return mem_new(struct movable);
}

void movable_free(struct movable *movable)
{
	free(movable);
}

static uint64_t mix(uint64_t hash, uint64_t with)
{
	hash = (hash ^ with) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t mark_of(const struct column *col, struct proc_key key)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *s = col->name; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211u;
	return mix(mix(hash, (uint64_t)key.pid), key.start) | 1;
}

static const struct seen *find(const struct movable *m, const struct column *col, struct proc_key key)
{
	uint64_t mark = mark_of(col, key);
	const struct seen *seen = &m->seen[mark / 2 % SLOTS];

	return seen->mark == mark ? seen : NULL;
}

static void note(struct movable *m, const struct column *col, struct proc_key key, bool stands, int64_t now_ms)
{
	uint64_t mark = mark_of(col, key);

	m->seen[mark / 2 % SLOTS] = (struct seen){.mark = mark, .when_ms = now_ms, .stands = stands};
}

/* The last check of it, or NULL. */
static const struct move_info *check_of(const struct ui *ui, const struct column *col, const struct proc *proc)
{
	for (size_t i = ui->njobs; i > 0; i--) {
		const struct move_info *info = ui->jobs[i - 1].info;

		if (info->findings_count > 0 && info->proc.pid == proc->key.pid &&
		    strcmp(info->source, col->name) == 0 &&
		    (info->proc.start == 0 || info->proc.start == proc->key.start))
			return info;
	}
	return NULL;
}

enum movability movable_known(const struct ui *ui, const struct column *col, const struct proc *proc)
{
	const struct move_info *check = check_of(ui, col, proc);
	const struct seen *seen = ui->movable ? find(ui->movable, col, proc->key) : NULL;

	if (proc->kernel || proc->key.pid == 1 || proc->state == 'Z' || proc->gone_ms)
		return MOVABLE_NEVER;
	for (size_t k = 0; check && k < check->findings_count; k++)
		if (check->findings[k].level == FINDING_REFUSE)
			return MOVABLE_NO;
	if (check)
		return MOVABLE_YES;
	return !seen ? MOVABLE_UNKNOWN : seen->stands ? MOVABLE_NO : MOVABLE_MAYBE;
}

const char *movable_word(enum movability known)
{
	static const char *const words[] = {[MOVABLE_NEVER] = "-", [MOVABLE_NO] = "no", [MOVABLE_YES] = "yes",
					    [MOVABLE_MAYBE] = "yes?", [MOVABLE_UNKNOWN] = "?"};

	return words[known];
}

/* Those on the screen that were not looked at, or not for long. */
static size_t wanted(const struct ui *ui, struct column *col, struct proc_key *keys)
{
	size_t n = 0;

	for (size_t i = col->top; i < col->top + col->height && n < GLANCE_MAX; i++) {
		const struct row *row = view_row(col->view, i);
		const struct proc *p = row ? row->proc : NULL;
		const struct seen *seen;

		if (!p || p->kernel || p->ours || p->key.pid == 1 || p->state == 'Z' || p->gone_ms)
			continue;
		seen = find(ui->movable, col, p->key);
		if (!seen || ui->now_ms - seen->when_ms > STALE_MS)
			keys[n++] = p->key;
	}
	return n;
}

void movable_tick(struct ui *ui)
{
	struct movable *m = ui->movable;
	struct proc_key keys[GLANCE_MAX];

	if (!m || !(ui->fields & FIELD_MOVABLE) || ui->nlayers > 0 || ui->leaving || ui->now_ms - m->last_ms < REST_MS)
		return;
	for (size_t i = 0; i < ui->ncolumns; i++) {
		struct column *col = ui->columns[(m->turn + i) % ui->ncolumns];
		size_t n;

		/* A password that was never asked for is not asked for this; rows that are
		 * about to change are looked at when they are there. */
		if (col->state != HOST_UP || col->asks || col->stale || col->height == 0)
			continue;
		n = wanted(ui, col, keys);
		if (n == 0 || !ui->port->glance(ui->port_ctx, col->host, keys, n))
			continue;
		m->turn = (m->turn + i + 1) % ui->ncolumns;
		m->last_ms = ui->now_ms;
		return;
	}
}

/* With a child that cannot move its parent cannot either. */
static bool child_stands(const struct movable *m, const struct column *col, struct proc_key key)
{
	const struct proc *p = col->tree ? tree_find(col->tree, key) : NULL;
	size_t n = 0;

	for (p = p ? p->child : NULL; p && n < 256; p = p->next, n++) {
		const struct seen *seen = find(m, col, p->key);

		if (seen && seen->stands && !p->gone_ms)
			return true;
	}
	return false;
}

void movable_take(struct ui *ui, const struct host *host, const struct glance_result *results, size_t count)
{
	const struct column *col = NULL;

	for (size_t i = 0; i < ui->ncolumns; i++) {
		if (ui->columns[i]->host == host)
			col = ui->columns[i];
	}
	for (size_t i = 0; col && ui->movable && i < count; i++)
		note(ui->movable, col, results[i].proc, results[i].code || child_stands(ui->movable, col, results[i].proc), ui->now_ms);
	for (size_t i = 0; col && col->tree && ui->movable && i < count; i++) {
		const struct proc *p = results[i].code ? tree_find(col->tree, results[i].proc) : NULL;

		for (p = p ? p->parent : NULL; p && p->key.pid != 1; p = p->parent)
			note(ui->movable, col, p->key, true, ui->now_ms);
	}
}
