/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "tui/model/keep.h"
#include "tui/term/page.h"

void ui_init(struct ui *ui, const struct action *actions, const struct port *port, void *port_ctx)
{
	*ui = (struct ui){.actions = actions, .port = port, .port_ctx = port_ctx, .rows = 24, .cols = 80};
}

void ui_free(struct ui *ui)
{
	while (ui->nlayers > 0)
		ui_pop(ui, ui->layers[ui->nlayers - 1].state);
	while (ui->ncolumns > 0)
		ui_remove_column(ui, ui->ncolumns - 1);
	if (ui->pane)
		page_clear(ui->pane);
	free(ui->pane);
	free(ui->columns);
	free(ui->jobs);
	ui->columns = NULL;
	ui->jobs = NULL;
}

void ui_fresh(struct ui *ui, struct column *col)
{
	size_t gone = column_fresh(col, ui->now_ms);

	/* A mark on what is being moved goes with it, and is no news. */
	if (gone > 0 && ui_active_jobs(ui) == 0 && ui->notice[0] == '\0')
		ui_notice(ui, NOTICE_INFO, "%zu marked on %s ended by %s: unmarked.", gone, col->name,
			  gone == 1 ? "itself" : "themselves");
}

struct column *ui_focus(struct ui *ui)
{
	struct column *col;

	if (ui->ncolumns == 0)
		return NULL;
	col = ui->columns[ui->focus];
	ui_fresh(ui, col);
	return col;
}

const struct row *ui_row(struct ui *ui)
{
	struct column *col = ui_focus(ui);

	return col ? column_row(col) : NULL;
}

void ui_set_focus(struct ui *ui, size_t column)
{
	if (column < ui->ncolumns)
		ui->focus = column;
}

struct column *ui_add_column(struct ui *ui, const char *name)
{
	struct column *col = column_new(name);

	ui->columns = mem_resize(ui->columns, ui->ncolumns + 1, sizeof *ui->columns);
	ui->columns[ui->ncolumns++] = col;
	view_set_sort(col->view, ui->sort, ui->sort_reverse);
	view_set_kernel(col->view, ui->kernel);
	view_set_flat(col->view, ui->flat);
	view_set_own(col->view, ui->own);
	view_set_filter(col->view, ui->filter);
	if (ui->keep)
		keep_recall(ui->keep, col);
	return col;
}

void ui_remove_column(struct ui *ui, size_t at)
{
	column_free(ui->columns[at]);
	memmove(ui->columns + at, ui->columns + at + 1, (ui->ncolumns - at - 1) * sizeof *ui->columns);
	ui->ncolumns--;
	if (ui->focus > at || ui->focus >= ui->ncolumns)
		ui->focus = ui->focus > 0 ? ui->focus - 1 : 0;
	ui->drag.down = false;
}

struct column *ui_find_column(struct ui *ui, const char *name, size_t *at)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		if (strcmp(ui->columns[i]->name, name) == 0) {
			if (at)
				*at = i;
			return ui->columns[i];
		}
	}
	return NULL;
}

void ui_stale(struct ui *ui)
{
	for (size_t i = 0; i < ui->ncolumns; i++)
		ui->columns[i]->stale = true;
}

size_t ui_marks(struct ui *ui, struct tree_sum *sum)
{
	size_t marks = 0;

	if (sum)
		*sum = (struct tree_sum){0};
	for (size_t i = 0; i < ui->ncolumns; i++) {
		struct column *col = ui->columns[i];

		if (view_marks(col->view) == 0)
			continue;
		ui_fresh(ui, col);
		marks += view_marks(col->view);
		if (sum && col->tree) {
			struct tree_sum one = view_marked_sum(col->view, col->tree);

			sum->processes += one.processes;
			sum->rss_bytes += one.rss_bytes;
		}
	}
	return marks;
}

size_t ui_active_jobs(const struct ui *ui)
{
	size_t active = 0;

	for (size_t i = 0; i < ui->njobs; i++)
		if (!ui->jobs[i].info->ended && !ui->jobs[i].info->check_only)
			active++;
	return active;
}

bool ui_job_in_doubt(const struct job *job)
{
	return job->info->ended && job->info->outcome == MOVE_IN_DOUBT && !job->settled;
}

size_t ui_jobs_in_doubt(const struct ui *ui, const struct job **newest)
{
	size_t count = 0;

	for (size_t i = 0; i < ui->njobs; i++) {
		if (!ui_job_in_doubt(&ui->jobs[i]))
			continue;
		count++;
		if (newest)
			*newest = &ui->jobs[i];
	}
	return count;
}

const struct job *ui_running_job(const struct ui *ui)
{
	const struct job *waiting = NULL;

	for (size_t i = ui->njobs; i > 0; i--) {
		const struct job *job = &ui->jobs[i - 1];

		if (job->info->ended || job->info->check_only)
			continue;
		if (job->info->outcome != MOVE_WAITING)
			return job;
		if (!waiting)
			waiting = job;
	}
	return waiting;
}

const struct job *ui_job_of(const struct ui *ui, const struct column *col, const struct proc *proc)
{
	for (size_t i = 0; i < ui->njobs; i++) {
		const struct move_info *info = ui->jobs[i].info;

		if (info->ended || info->check_only || strcmp(info->source, col->name) != 0)
			continue;
		for (const struct proc *p = proc; p; p = p->parent)
			if (p->key.pid == info->proc.pid &&
			    (info->proc.start == 0 || p->key.start == info->proc.start))
				return &ui->jobs[i];
	}
	return NULL;
}

void ui_job_label(const struct ui *ui, const struct move_info *info, char *out, size_t size)
{
	for (size_t i = ui->njobs; i > 0; i--) {
		if (ui->jobs[i - 1].info != info || !ui->jobs[i - 1].label[0])
			continue;
		snprintf(out, size, "%s", ui->jobs[i - 1].label);
		return;
	}
	snprintf(out, size, "%s(%d)", info->name, (int)info->proc.pid);
}

void ui_notice(struct ui *ui, enum notice_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->notice, sizeof ui->notice, fmt, ap);
	va_end(ap);
	ui->notice_level = level;
	log_add(level == NOTICE_BAD ? LOG_WARN : LOG_NOTE, NULL, "%s", ui->notice);
}

void ui_clear_notice(struct ui *ui)
{
	ui->notice[0] = '\0';
}

void ui_push(struct ui *ui, const struct layer_ops *ops, void *state)
{
	if (ui->nlayers == LAYERS_MAX) {
		if (ops->free)
			ops->free(state);
		return;
	}
	ui->layers[ui->nlayers++] = (struct layer){ops, state};
}

void ui_pop(struct ui *ui, const void *state)
{
	for (size_t i = 0; i < ui->nlayers; i++) {
		struct layer layer = ui->layers[i];

		if (layer.state != state)
			continue;
		memmove(ui->layers + i, ui->layers + i + 1, (ui->nlayers - i - 1) * sizeof *ui->layers);
		ui->nlayers--;
		if (layer.ops->free)
			layer.ops->free(layer.state);
		return;
	}
}

struct layer *ui_top(struct ui *ui)
{
	return ui->nlayers > 0 ? &ui->layers[ui->nlayers - 1] : NULL;
}
