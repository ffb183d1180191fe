/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LONG_FROZEN_MS 5000

struct layer *status_asked(struct ui *ui)
{
	struct layer *top = ui_top(ui);

	return top && top->ops->bottom ? top : NULL;
}

static const struct job *frozen_job(const struct ui *ui)
{
	for (size_t i = 0; i < ui->njobs; i++)
		if (!ui->jobs[i].info->ended && ui->jobs[i].info->frozen)
			return &ui->jobs[i];
	return NULL;
}

static bool frozen_text(struct ui *ui, char *out, size_t size)
{
	const struct job *job = frozen_job(ui);
	const struct move_info *info = job ? job->info : NULL;
	char label[LABEL_MAX];

	if (!job)
		return false;
	ui_job_label(ui, info, label, sizeof label);
	if (info->committed)
		snprintf(out, size, "#%u %s goes over to %s now; it cannot be stopped any more.",
			 info->number, label, info->destination);
	else
		snprintf(out, size, "#%u %s frozen for %.1f s. X aborts, it resumes on %s.", info->number,
			 label, (double)info->frozen_ms / 1000, info->source);
	return true;
}

/* The connection that a move waits for: "connection to web01 lost, frozen 1.2 s, reconnecting…" */
static bool lost_text(struct ui *ui, char *out, size_t size)
{
	const struct job *job = NULL;
	char label[LABEL_MAX], frozen[48] = "";
	const struct move_info *info;

	for (size_t i = 0; i < ui->njobs && !job; i++)
		if (!ui->jobs[i].info->ended && ui->jobs[i].info->lost[0])
			job = &ui->jobs[i];
	if (!job)
		return false;
	info = job->info;
	ui_job_label(ui, info, label, sizeof label);
	if (info->frozen)
		snprintf(frozen, sizeof frozen, ", frozen %.1f s", (double)info->frozen_ms / 1000);
	snprintf(out, size, "#%u %s: connection to %s lost%s, reconnecting%s", info->number, label, info->lost,
		 frozen, ui->theme.utf8 ? "…" : "...");
	return true;
}

/* A process that runs nowhere may be waiting for someone: nothing said since covers that. */
static bool doubt_text(struct ui *ui, char *out, size_t size)
{
	const struct job *job = NULL;
	size_t count = ui_jobs_in_doubt(ui, &job);
	char label[LABEL_MAX];

	if (count == 0)
		return false;
	ui_job_label(ui, job->info, label, sizeof label);
	if (count > 1)
		snprintf(out, size, "%zu moves are in doubt (J): \":recover\", with their hosts up.", count);
	else
		snprintf(out, size, "#%u %s is in doubt: \":recover\", with %s and %s up.", job->info->number, label,
			 job->info->source, job->info->destination);
	return true;
}

/* The column the cursor is in is not up. */
static bool host_text(struct ui *ui, char *out, size_t size)
{
	const struct column *col = ui->ncolumns ? ui->columns[ui->focus] : NULL;

	if (!col || (col->state != HOST_LOST && col->state != HOST_REFUSED))
		return false;
	if (col->age_ms >= 0)
		snprintf(out, size, "%s: %s (r: now). Its tree is %" PRId64 " s old. %s", col->name,
			 col->state_text, col->age_ms / 1000, col->error);
	else
		snprintf(out, size, "%s: %s (r: now).", col->name, col->state_text);
	return true;
}

static void marks_text(struct ui *ui, size_t marks, const struct tree_sum *sum, char *out, size_t size)
{
	size_t hosts = 0, hidden = 0;
	const char *name = "";
	char memory[32], tail[96];

	for (size_t i = 0; i < ui->ncolumns; i++) {
		if (view_marks(ui->columns[i]->view) == 0)
			continue;
		hosts++;
		name = ui->columns[i]->name;
		hidden += view_marks_hidden(ui->columns[i]->view);
	}
	text_bytes(memory, sizeof memory, sum->rss_bytes, false);
	if (ui->ncolumns < 2)
		snprintf(tail, sizeof tail, " a adds a second host to move to.");
	else if (hidden > 0)
		snprintf(tail, sizeof tail, " %zu not on show. m moves them.", hidden);
	else
		snprintf(tail, sizeof tail, " m moves them.");
	if (hosts == 1)
		snprintf(out, size, "%zu marked on %s: %" PRIu32 " process%s, ~%s.%s", marks, name,
			 sum->processes, sum->processes == 1 ? "" : "es", memory, tail);
	else
		snprintf(out, size, "%zu marked on %zu hosts: %" PRIu32 " processes, ~%s.%s", marks, hosts,
			 sum->processes, memory, tail);
}

enum role status_text(struct ui *ui, char *out, size_t size)
{
	static const enum role roles[] = {ROLE_NORMAL, ROLE_OK, ROLE_FAIL};
	struct tree_sum sum;
	size_t marks;

	if (lost_text(ui, out, size))
		return ROLE_WARN;
	/* Nothing said before is as urgent as a process that is kept waiting. */
	if (frozen_job(ui) && frozen_job(ui)->info->frozen_ms >= LONG_FROZEN_MS) {
		frozen_text(ui, out, size);
		return ROLE_WARN;
	}
	if (doubt_text(ui, out, size)) {
		size_t len = strlen(out);

		snprintf(out + len, size - len, "%s%s", ui->notice[0] ? " " : "", ui->notice);
		return ROLE_FAIL;
	}
	if (ui->notice[0]) {
		snprintf(out, size, "%s", ui->notice);
		return roles[ui->notice_level];
	}
	if (frozen_text(ui, out, size))
		return ROLE_WARN;
	if (host_text(ui, out, size))
		return ROLE_WARN;
	marks = ui_marks(ui, &sum);
	if (marks > 0) {
		marks_text(ui, marks, &sum, out, size);
		return ROLE_NORMAL;
	}
	if (ui->ncolumns == 1)
		snprintf(out, size, "Add a second host with \"a\" to move processes.");
	else
		out[0] = '\0';
	return ROLE_NORMAL;
}

int status_height(struct ui *ui)
{
	struct layer *top = status_asked(ui);
	char text[1500];
	int lines, most = ui->rows >= 20 ? 3 : ui->rows >= 14 ? 2 : 1;

	if (top)
		return top->ops->height(ui, top->state, ui->cols);
	status_text(ui, text, sizeof text);
	lines = paint_lines(text, ui->cols - 2);
	return lines < 1 ? 1 : lines > most ? most : lines;
}
