/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"

static struct batch *grow(struct batch *batch)
{
	return mem_resize(batch, 1, sizeof *batch + (batch->count + 1) * sizeof batch->targets[0]);
}

static struct batch *add(const struct ui *ui, struct batch *batch, const struct column *col,
			 const struct proc *proc)
{
	struct target *target;
	struct tree_sum sum;

	if (!proc || proc->gone_ms || ui_job_of(ui, col, proc))
		return batch;
	batch = grow(batch);
	target = &batch->targets[batch->count++];
	*target = (struct target){.key = proc->key};
	sum = tree_sum(proc);
	target->processes = sum.processes;
	target->rss_bytes = sum.rss_bytes;
	snprintf(target->host, sizeof target->host, "%s", col->name);
	snprintf(target->name, sizeof target->name, "%s", proc->name);
	return batch;
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

	batch->check = check;
	if (ui_marks(ui, NULL) == 0 && row && row->kind == ROW_CGROUP) {
		view_mark(col->view, col->tree, view_cursor(col->view), true);
		col->stale = true;
	}
	if (ui_marks(ui, NULL) > 0) {
		batch = add_marks(ui, batch);
	} else if (row && row->kind == ROW_PROC) {
		if (row->proc->kernel)
			ui_notice(ui, NOTICE_BAD, "%s is a kernel thread and cannot move.", row->proc->name);
		else if (row->proc->gone_ms)
			ui_notice(ui, NOTICE_BAD, "%s(%d) has ended.", row->proc->name,
				  (int)row->proc->key.pid);
		else if (ui_job_of(ui, col, row->proc))
			ui_notice(ui, NOTICE_BAD, "%s(%d) is being moved already.", row->proc->name,
				  (int)row->proc->key.pid);
		else
			batch = add(ui, batch, col, row->proc);
	} else {
		ui_notice(ui, NOTICE_BAD, "There is no process under the cursor.");
	}
	if (batch->count > 0)
		return batch;
	if (ui_marks(ui, NULL) > 0)
		ui_notice(ui, NOTICE_BAD, "What is marked is being moved already.");
	free(batch);
	return NULL;
}

struct batch *batch_without(const struct batch *batch, const char *host)
{
	struct batch *copy = mem_alloc(sizeof *copy + batch->count * sizeof batch->targets[0]);

	copy->check = batch->check;
	memcpy(copy->to, batch->to, sizeof copy->to);
	for (size_t i = 0; i < batch->count; i++)
		if (strcmp(batch->targets[i].host, host) != 0)
			copy->targets[copy->count++] = batch->targets[i];
	return copy;
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
	uint32_t processes = 0;
	uint64_t bytes = 0;

	for (size_t i = 0; i < batch->count; i++) {
		processes += batch->targets[i].processes;
		bytes += batch->targets[i].rss_bytes;
	}
	sources(batch, from, sizeof from);
	text_bytes(memory, sizeof memory, bytes, false);
	if (batch->count == 1 && processes > 1)
		snprintf(out, size, "%s(%d)+%u, ~%s, from %s", batch->targets[0].name,
			 (int)batch->targets[0].key.pid, processes - 1, memory, from);
	else if (batch->count == 1)
		snprintf(out, size, "%s(%d), ~%s, from %s", batch->targets[0].name,
			 (int)batch->targets[0].key.pid, memory, from);
	else
		snprintf(out, size, "%zu marked (%u processes, ~%s) from %s", batch->count, processes, memory,
			 from);
}

unsigned batch_start(struct ui *ui, const struct batch *batch)
{
	struct column *to = ui_find_column(ui, batch->to, NULL);
	size_t started = 0;

	if (!to) {
		ui_notice(ui, NOTICE_BAD, "%s was closed. Nothing was moved.", batch->to);
		return FX_DRAW;
	}
	ui_clear_notice(ui);
	for (size_t i = 0; i < batch->count; i++) {
		const struct target *target = &batch->targets[i];
		struct column *from = ui_find_column(ui, target->host, NULL);
		struct move_request request = {
			.source = from ? from->host : NULL,
			.destination = to->host,
			.proc = target->key,
			.mode = ui->mode,
			.via = ui->via,
			.with_files = ui->with_files,
			.ask = true,
			.check_only = batch->check,
		};
		struct err e = {.code = ERR_NONE};
		struct move *move = from ? ui->port->start_move(ui->port_ctx, &request, &e) : NULL;

		if (move) {
			started++;
			if (batch->check)
				ui->check = move;
		} else {
			ui_notice(ui, NOTICE_BAD, "%s(%d) is not moved: %s", target->name,
				  (int)target->key.pid, from ? e.text : "its host was closed.");
		}
	}
	if (started > 0 && batch->check)
		ui_notice(ui, NOTICE_INFO, "Checking whether %s(%d) would move from %s to %s.",
			  batch->targets[0].name, (int)batch->targets[0].key.pid, batch->targets[0].host,
			  batch->to);
	return FX_DRAW;
}
