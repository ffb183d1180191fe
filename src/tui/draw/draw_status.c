/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The status line (or what is asked in its place) and the line of hints. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/actions/actions.h"
#include "tui/draw/draw.h"

#define LONG_FROZEN_MS 5000

/* What is asked at the bottom edge, NULL when nothing is. */
static struct layer *asking(struct ui *ui)
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

/* What a move waits for: "connection to web01 lost, frozen 1.2 s, reconnecting…" */
static bool waits_text(struct ui *ui, char *out, size_t size)
{
	const struct job *job = NULL;
	char label[LABEL_MAX], frozen[48] = "";
	const struct move_info *info;
	const char *rest;

	for (size_t i = 0; i < ui->njobs && !job; i++)
		if (!ui->jobs[i].info->ended && strncmp(ui->jobs[i].info->status, "connection to ", 14) == 0)
			job = &ui->jobs[i];
	if (!job)
		return false;
	info = job->info;
	ui_job_label(ui, info, label, sizeof label);
	if (info->frozen)
		snprintf(frozen, sizeof frozen, ", frozen %.1f s", (double)info->frozen_ms / 1000);
	rest = strchr(info->status, ',');
	if (!rest)
		rest = info->status + strlen(info->status);
	snprintf(out, size, "#%u %s: %.*s%s%s%s", info->number, label, (int)(rest - info->status),
		 info->status, frozen, rest, ui->theme.utf8 ? "…" : "...");
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

	if (waits_text(ui, out, size))
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
	struct layer *top = asking(ui);
	char text[1500];
	int lines, most = ui->rows >= 20 ? 3 : ui->rows >= 14 ? 2 : 1;

	if (top)
		return top->ops->height(ui, top->state, ui->cols);
	status_text(ui, text, sizeof text);
	lines = paint_lines(text, ui->cols - 2);
	return lines < 1 ? 1 : lines > most ? most : lines;
}

void draw_status(struct ui *ui, struct paint *p)
{
	struct layer *top = asking(ui);
	char text[1500];
	enum role role;

	if (top) {
		top->ops->draw(ui, top->state, p, ui->layout.status_y, ui->layout.status_h);
		return;
	}
	role = status_text(ui, text, sizeof text);
	if (ui->layout.status_h == 1)
		paint_text(p, ui->layout.status_y, 1, p->cols - 2, role, text);
	else
		paint_wrap(p, ui->layout.status_y, 1, p->cols - 2, ui->layout.status_h, role, text);
}

/* One "key word"; false when it does not fit. */
static bool draw_hint(struct paint *p, int y, int *x, const char *key, const char *word)
{
	int cells = (int)(text_width(key) + text_width(word)) + 3;

	if (*x + cells - 2 > p->cols)
		return false;
	*x += paint_text(p, y, *x, p->cols - *x, ROLE_KEY, key) + (strcmp(key, "?") != 0);
	*x += paint_text(p, y, *x, p->cols - *x, ROLE_DIM, word) + (p->cols >= 100 ? 2 : 1);
	return true;
}

static void draw_action_hints(struct paint *p, int y)
{
	int x = 1;
	bool more = true;

	for (int rank = 1; more && rank < 20; rank++) {
		const struct action *action;

		for (size_t i = 0; (action = action_at(i)); i++) {
			char key[16];

			if (action->rank != rank)
				continue;
			action_key_name(action, key, sizeof key);
			more = draw_hint(p, y, &x, strcmp(key, "Space") == 0 && p->cols < 100 ? "Spc" : key,
					 action->hint);
			break;
		}
	}
}

void draw_hints(struct ui *ui, struct paint *p)
{
	int y = ui->layout.hint_y;
	struct layer *top = ui_top(ui);
	char text[1024] = "";

	if (y < 0)
		return;
	if (!top) {
		draw_action_hints(p, y);
		return;
	}
	if (top->ops->hint_text)
		top->ops->hint_text(ui, top->state, text, sizeof text);
	paint_text(p, y, 1, p->cols - 2, ROLE_DIM, *text ? text : top->ops->hints ? top->ops->hints : "");
}
