/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of moves, newest first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "tui/model/action.h"
#include "tui/model/job_line.h"
#include "tui/screens/screens.h"

struct jobs {
	size_t cursor, top;
	uint32_t number; /* of the move under the cursor: new ones come above it */
};

/* Moves in the list: checks made by the way are not. */
static size_t count(const struct ui *ui)
{
	size_t n = 0;

	for (size_t i = 0; i < ui->njobs; i++)
		n += !ui->jobs[i].quiet;
	return n;
}

/* The i-th line's move. */
static const struct job *at(const struct ui *ui, size_t i)
{
	for (size_t k = ui->njobs; k > 0; k--)
		if (!ui->jobs[k - 1].quiet && i-- == 0)
			return &ui->jobs[k - 1];
	return &ui->jobs[0];
}

static enum role outcome_role(const struct move_info *info)
{
	if (!info->ended)
		return ROLE_MOVING;
	if (info->outcome == MOVE_MOVED)
		return ROLE_OK;
	if (info->outcome == MOVE_IN_DOUBT || info->outcome == MOVE_LOST)
		return ROLE_FAIL;
	return info->reason.code != ERR_NONE ? ROLE_WARN : ROLE_NORMAL;
}

static void draw_one(const struct ui *ui, struct paint *p, int y, const struct move_info *info, bool cursor)
{
	char line[512];

	p->cursor_row = cursor;
	paint_fill(p, y, 0, p->cols, ROLE_NORMAL);
	job_line(ui, info, p->cols - 2, line, sizeof line);
	paint_text(p, y, 0, 1, ROLE_NORMAL, cursor ? ">" : " ");
	paint_text(p, y, 1, p->cols - 2, outcome_role(info), line);
	p->cursor_row = false;
	if (cursor)
		paint_cursor(p, y, 0);
}

static void jobs_draw(struct ui *ui, void *state, struct paint *p, int y, int h)
{
	struct jobs *jobs = state;
	size_t lines = h > 1 ? (size_t)h - 1 : 0, n = count(ui);

	for (size_t i = 0; i < n; i++)
		if (at(ui, i)->info->number == jobs->number)
			jobs->cursor = i;
	if (jobs->cursor < jobs->top)
		jobs->top = jobs->cursor;
	if (lines > 0 && jobs->cursor >= jobs->top + lines)
		jobs->top = jobs->cursor - lines + 1;
	paint_fill(p, y, 0, p->cols, ROLE_HEAD_FOCUS);
	paint_textf(p, y, 0, p->cols, ROLE_HEAD_FOCUS, " Moves: %zu, %zu under way", n, ui_active_jobs(ui));
	paint_cursor(p, y + 1, 0);
	if (n == 0)
		paint_text(p, y + 1, 1, p->cols - 2, ROLE_DIM,
			   "Nothing was moved yet; m moves what is under the cursor.");
	for (size_t i = 0; i < lines && jobs->top + i < n; i++)
		draw_one(ui, p, y + 1 + (int)i, at(ui, jobs->top + i)->info, jobs->top + i == jobs->cursor);
}

static void go(struct ui *ui, struct jobs *jobs, int64_t by)
{
	int64_t to = (int64_t)jobs->cursor + by, n = (int64_t)count(ui);

	if (n == 0)
		return;
	to = to >= n ? n - 1 : to;
	jobs->cursor = to < 0 ? 0 : (size_t)to;
	jobs->number = at(ui, jobs->cursor)->info->number;
}

static bool go_key(struct ui *ui, struct jobs *jobs, const struct action *action)
{
	int64_t page = ui->layout.body_h > 2 ? ui->layout.body_h - 2 : 1;

	if (action->id == ACT_DOWN)
		go(ui, jobs, 1);
	else if (action->id == ACT_UP)
		go(ui, jobs, -1);
	else if (action->id == ACT_PAGE_DOWN || action->id == ACT_HALF_DOWN)
		go(ui, jobs, page);
	else if (action->id == ACT_PAGE_UP || action->id == ACT_HALF_UP)
		go(ui, jobs, -page);
	else if (action->id == ACT_TOP)
		go(ui, jobs, INT32_MIN);
	else if (action->id == ACT_BOTTOM)
		go(ui, jobs, INT32_MAX);
	else
		return false;
	return true;
}

static unsigned jobs_key(struct ui *ui, void *state, const struct key *key)
{
	struct jobs *jobs = state;
	const struct action *action = action_of_key(ui->actions, key->code);
	char number[16];

	if (key->code == 'q' || key->code == K_ESC || key->code == 'J' || key->code == 'C' - '@') {
		ui_pop(ui, jobs);
		return FX_DRAW;
	}
	if (action && go_key(ui, jobs, action))
		return FX_DRAW;
	if (action && (action->id == ACT_DETAILS || action->id == ACT_RIGHT) && count(ui) > 0) {
		job_open(ui, jobs->number);
		return FX_DRAW;
	}
	if (key->code == 'w' && count(ui) > 0) {
		job_write(ui, jobs->number);
		return FX_DRAW;
	}
	if (!action)
		return 0;
	if ((action->id == ACT_CANCEL || action->id == ACT_ATTACH || action->id == ACT_BACK_MOVE) &&
	    count(ui) > 0) {
		snprintf(number, sizeof number, "%" PRIu32, jobs->number);
		return action_run(ui, action, number);
	}
	if (action->id == ACT_LOG || action->id == ACT_HELP || action->id == ACT_REDRAW ||
	    action->id == ACT_SUSPEND || action->id == ACT_COMMAND)
		return action_run(ui, action, NULL);
	return 0;
}

static const struct layer_ops jobs_layer = {
	.hints = "Enter show X cancel A attach u move back w write to a file Esc back",
	.draw = jobs_draw,
	.key = jobs_key,
	.free = free,
};

void jobs_open(struct ui *ui)
{
	struct jobs *jobs = mem_new(struct jobs);

	if (count(ui) > 0)
		jobs->number = at(ui, 0)->info->number;
	ui_push(ui, &jobs_layer, jobs);
}
