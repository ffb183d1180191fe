/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/options.h"

static struct batch *grow(struct batch *batch)
{
	return mem_resize(batch, 1, sizeof *batch + (batch->count + 1) * sizeof batch->targets[0]);
}

static struct batch *fill(struct batch *batch, const struct column *col, const struct proc *proc)
{
	struct target *target;
	struct tree_sum sum;

	batch = grow(batch);
	target = &batch->targets[batch->count++];
	*target = (struct target){.key = proc->key};
	sum = tree_sum(proc);
	target->processes = sum.processes;
	target->rss_bytes = sum.rss_bytes;
	snprintf(target->host, sizeof target->host, "%s", col->name);
	snprintf(target->name, sizeof target->name, "%s", proc->name);
	proc_label(proc, target->label, sizeof target->label);
	return batch;
}

struct batch *batch_one(const struct column *col, const struct proc *proc)
{
	return fill(mem_new(struct batch), col, proc);
}

static struct batch *add(const struct ui *ui, struct batch *batch, const struct column *col,
			 const struct proc *proc)
{
	if (!proc || proc->gone_ms || ui_job_of(ui, col, proc))
		return batch;
	return fill(batch, col, proc);
}

static struct batch *add_marks(struct ui *ui, struct batch *batch)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		struct column *col = ui->columns[i];

		ui_fresh(ui, col);
		for (size_t j = 0; col->tree && j < view_marks(col->view); j++)
			batch = add(ui, batch, col, tree_find(col->tree, view_mark_at(col->view, j)));
	}
	return batch;
}

struct batch *batch_gather(struct ui *ui, bool check)
{
	struct batch *batch = mem_new(struct batch);
	struct column *col = ui_focus(ui);
	const struct row *row = col ? column_row(col) : NULL;
	bool borrowed = ui_marks(ui, NULL) == 0 && row && row->kind == ROW_CGROUP;

	batch->check = check;
	if (borrowed)
		view_mark(col->view, col->tree, view_cursor(col->view), true);
	if (ui_marks(ui, NULL) > 0) {
		batch = add_marks(ui, batch);
		/* Marks that nobody set must not be what the next m moves. */
		if (borrowed) {
			view_unmark_all(col->view);
			col->stale = true;
		}
	} else if (row && row->kind == ROW_PROC) {
		char label[LABEL_MAX];

		proc_label(row->proc, label, sizeof label);
		if (row->proc->kernel)
			ui_notice(ui, NOTICE_BAD, "%s is a kernel thread and cannot move.", row->proc->name);
		else if (row->proc->gone_ms)
			ui_notice(ui, NOTICE_BAD, "%s has ended.", label);
		else if (ui_job_of(ui, col, row->proc))
			ui_notice(ui, NOTICE_BAD, "%s is being moved already.", label);
		else
			batch = add(ui, batch, col, row->proc);
	} else {
		ui_notice(ui, NOTICE_BAD, "There is no process under the cursor.");
	}
	if (batch->count > 0)
		return batch;
	if (ui_marks(ui, NULL) > 0)
		ui_notice(ui, NOTICE_BAD, "What is marked is being moved already.");
	else if (borrowed)
		ui_notice(ui, NOTICE_BAD, "There is nothing in this cgroup that could move now.");
	free(batch);
	return NULL;
}

static struct batch *room_for(const struct batch *batch)
{
	struct batch *copy = mem_alloc(sizeof *copy + batch->count * sizeof batch->targets[0]);

	copy->check = batch->check;
	return copy;
}

struct batch *batch_to(const struct batch *batch, const char *to)
{
	struct batch *copy = room_for(batch);

	for (size_t i = 0; i < batch->count; i++) {
		if (strcmp(batch->targets[i].host, to) == 0)
			continue;
		copy->targets[copy->count] = batch->targets[i];
		snprintf(copy->targets[copy->count].to, sizeof copy->targets[0].to, "%s", to);
		copy->count++;
	}
	return copy;
}

static int larger_first(const void *a, const void *b)
{
	uint64_t x = ((const struct target *)a)->rss_bytes, y = ((const struct target *)b)->rss_bytes;

	return (x < y) - (x > y);
}

struct batch *batch_spread(const struct ui *ui, const struct batch *batch, const size_t *columns,
			   size_t count, size_t *left)
{
	struct batch *copy = room_for(batch);
	double *room = mem_array(count ? count : 1, sizeof *room);

	copy->count = batch->count;
	memcpy(copy->targets, batch->targets, batch->count * sizeof batch->targets[0]);
	qsort(copy->targets, copy->count, sizeof copy->targets[0], larger_first);
	for (size_t i = 0; i < count; i++)
		room[i] = (double)ui->columns[columns[i]]->mem_available;
	*left = 0;
	for (size_t i = 0; i < copy->count; i++) {
		struct target *target = &copy->targets[i - *left];
		size_t best = count;

		*target = copy->targets[i];
		for (size_t k = 0; k < count; k++)
			if (strcmp(ui->columns[columns[k]]->name, target->host) != 0 &&
			    (best == count || room[k] > room[best]))
				best = k;
		if (best == count) {
			++*left;
			continue;
		}
		/* A little for each, so that small ones are spread too. */
		room[best] -= (double)target->rss_bytes + 16 * 1048576.0;
		snprintf(target->to, sizeof target->to, "%s", ui->columns[columns[best]]->name);
	}
	copy->count -= *left;
	free(room);
	return copy;
}

uint32_t batch_processes(const struct batch *batch)
{
	uint32_t processes = 0;

	for (size_t i = 0; i < batch->count; i++)
		processes += batch->targets[i].processes;
	return processes;
}

/* "web01, db01" */
static void sources(const struct batch *batch, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < batch->count; i++) {
		bool known = false;
		int n;

		for (size_t j = 0; j < i; j++)
			known |= strcmp(batch->targets[i].host, batch->targets[j].host) == 0;
		if (known || used >= size)
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? ", " : "", batch->targets[i].host);
		used += n > 0 ? (size_t)n : 0;
	}
}

void batch_text(const struct batch *batch, char *out, size_t size)
{
	char from[256], memory[32];
	uint32_t processes = batch_processes(batch);
	uint64_t bytes = 0;

	for (size_t i = 0; i < batch->count; i++)
		bytes += batch->targets[i].rss_bytes;
	sources(batch, from, sizeof from);
	text_bytes(memory, sizeof memory, bytes, false);
	if (batch->count == 1 && processes > 1)
		snprintf(out, size, "%s+%u, ~%s, from %s", batch->targets[0].label, processes - 1, memory,
			 from);
	else if (batch->count == 1)
		snprintf(out, size, "%s, ~%s, from %s", batch->targets[0].label, memory, from);
	else
		snprintf(out, size, "%zu marked (%u processes, ~%s) from %s", batch->count, processes, memory,
			 from);
}

void batch_goals(const struct batch *batch, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < batch->count; i++) {
		size_t here = 0, before = 0;
		int n;

		for (size_t k = 0; k < batch->count; k++) {
			bool same = strcmp(batch->targets[k].to, batch->targets[i].to) == 0;

			here += same;
			before += same && k < i;
		}
		if (before || used >= size)
			continue;
		if (here == batch->count)
			n = snprintf(out, size, "to %s", batch->targets[i].to);
		else
			n = snprintf(out + used, size - used, "%s%zu to %s", used ? ", " : "", here,
				     batch->targets[i].to);
		used += n > 0 ? (size_t)n : 0;
	}
}

/* ---- how long it takes ---- */

void batch_pause(struct ui *ui, const struct batch *batch, char *out, size_t size)
{
	int64_t longest = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct target *target = &batch->targets[i];
		const struct column *from = ui_find_column(ui, target->host, NULL), *to = ui_find_column(ui, target->to, NULL);
		int64_t ms = from && to ? ui->port->expected_pause(ui->port_ctx, from->host, to->host, ui->mode, target->rss_bytes) : 0;

		if (ms > longest)
			longest = ms;
	}
	snprintf(out, size, longest < 9950 ? "~%.1f s" : "~%.0f s", (double)longest / 1000);
}

/* ---- the start ---- */

static bool start_one(struct ui *ui, const struct batch *batch, const struct target *target,
		      struct move **move, struct err *e)
{
	struct column *from = ui_find_column(ui, target->host, NULL),
		      *to = ui_find_column(ui, target->to, NULL);
	struct options_words words;
	struct move_request request = {
		.source = from ? from->host : NULL,
		.destination = to ? to->host : NULL,
		.proc = target->key,
		.mode = ui->mode,
		.via = ui->via,
		.with_files = ui->with_files,
		.whole = ui->whole,
		.hook = ui->hook,
		.direct_key = ui->direct_key,
		.ask = true,
		.max_frozen_s = ui->options.config && !batch->check ? ui->options.config->max_frozen_s : 0,
		.check_only = batch->check,
	};
	if (!from || !to)
		return err_set(e, ERR_USAGE, NULL, "%s was closed", from ? target->to : target->host);
	options_for(&ui->options, from->tree ? tree_find(from->tree, target->key) : NULL, &words);
	request.dump_options = words.dump;
	request.restore_options = words.restore;
	*move = ui->port->start_move(ui->port_ctx, &request, e);
	options_words_free(&words);
	return *move != NULL;
}

unsigned batch_start(struct ui *ui, const struct batch *batch)
{
	size_t started = 0;

	ui_clear_notice(ui);
	for (size_t i = 0; i < batch->count; i++) {
		const struct target *target = &batch->targets[i];
		struct err e = {.code = ERR_NONE};
		struct move *move = NULL;

		if (!start_one(ui, batch, target, &move, &e)) {
			ui_notice(ui, NOTICE_BAD, "%s is not moved: %s", target->label, e.text);
			continue;
		}
		started++;
		if (batch->check)
			ui->check = move;
		else
			snprintf(ui->last_to, sizeof ui->last_to, "%s", target->to);
	}
	if (started > 0 && batch->check)
		ui_notice(ui, NOTICE_INFO, "Checking whether %s would move from %s to %s.",
			  batch->targets[0].label, batch->targets[0].host, batch->targets[0].to);
	return FX_DRAW;
}
