/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves that a pferry before this one was cut off in: looked for once the
 * hosts have answered, offered, and finished or undone when asked to. */
#include <pferry/log.h>
#include <pferry/recover.h>

#include <stdio.h>
#include <string.h>

#include "tui/actions/acts.h"
#include "tui/app.h"
#include "tui/screens/question.h"

static bool both_up(struct ui *ui, const struct job *job)
{
	const struct column *from = ui_find_column(ui, job->info->source, NULL);
	const struct column *to = ui_find_column(ui, job->info->destination, NULL);

	return from && to && from->state == HOST_UP && to->state == HOST_UP;
}

/* Of the moves that ended in doubt here, the one that was seen to. */
static void settle(struct ui *ui, const struct recovered *item)
{
	for (size_t i = 0; i < ui->njobs; i++) {
		struct job *job = &ui->jobs[i];

		if (!ui_job_in_doubt(job) || strcmp(job->info->id, item->id) != 0)
			continue;
		job->left = item->result == RECOVER_LEFT;
		job->settled = item->result == RECOVER_FINISHED || item->result == RECOVER_UNDONE || item->result == RECOVER_LOST;
	}
}

/* Nothing is left of them on their hosts: someone else has seen to them. */
static void settle_absent(struct ui *ui)
{
	for (size_t i = 0; i < ui->njobs; i++) {
		struct job *job = &ui->jobs[i];

		if (ui_job_in_doubt(job) && !job->left && both_up(ui, job))
			job->settled = true;
		job->left = false;
	}
}

static void on_recovered(void *ctx, const struct recovered *item)
{
	struct app *app = ctx;

	if (!app->active)
		return;
	if (!item) {
		settle_absent(&app->ui);
		if (app->recovered == 0)
			ui_notice(&app->ui, NOTICE_INFO, "No move is cut off on the hosts that are up.");
		app_sync(app);
		return;
	}
	settle(&app->ui, item);
	log_add(item->result == RECOVER_LEFT || item->result == RECOVER_LOST ? LOG_WARN : LOG_NOTE, NULL, "%s", item->sentence);
	ui_notice(&app->ui, item->result == RECOVER_LEFT || item->result == RECOVER_LOST ? NOTICE_BAD : item->result == RECOVER_WAITING ? NOTICE_INFO : NOTICE_GOOD,
		  "%s", item->sentence);
	app->recovered += item->result != RECOVER_WAITING;
	app_sync(app);
}

void cutoff_recover(struct app *app)
{
	app->recovered = 0;
	ui_notice(&app->ui, NOTICE_INFO, "Looking for moves that were cut off.");
	engine_recover(app->engine, true, on_recovered, app);
}

static unsigned offered(struct ui *ui, struct question *question, char letter)
{
	(void)question;
	if (letter != 'n')
		return act_recover(ui, NULL);
	ui_notice(ui, NOTICE_INFO, "Left as they are; :recover finishes or undoes them.");
	return FX_DRAW;
}

static void on_found(void *ctx, const struct recovered *item)
{
	struct app *app = ctx;
	struct question question = {.letters = "ry",
				    .answer = offered,
				    .hints = "r finish or undo  n leave them  (Enter and Esc: no)"};

	if (!app->active)
		return;
	if (item && item->result == RECOVER_FOUND) {
		if (app->cut_off++ == 0)
			snprintf(app->first_cut_off, sizeof app->first_cut_off, "%.200s", item->sentence);
	} else if (!item && app->cut_off) {
		snprintf(question.text, sizeof question.text,
			 "%zu move%s cut off: %s. r finishes or undoes %s. [r/N]", app->cut_off,
			 app->cut_off == 1 ? " was" : "s were", app->first_cut_off,
			 app->cut_off == 1 ? "it" : "them");
		question_open(&app->ui, &question);
		app->dirty = true;
	}
}

static void look(struct app *app)
{
	app->cut_off = 0;
	engine_recover(app->engine, false, on_found, app);
}

/* A move that ended in doubt here can be settled once both of its hosts are back. */
static void watch_doubt(struct app *app)
{
	bool back = false;

	for (size_t i = 0; i < app->ui.njobs; i++) {
		struct job *job = &app->ui.jobs[i];
		bool up = ui_job_in_doubt(job) && both_up(&app->ui, job);

		back |= up && !job->offered;
		job->offered = up;
	}
	if (back)
		look(app);
}

void cutoff_watch(struct app *app)
{
	size_t up = 0;

	if (app->looked) {
		watch_doubt(app);
		return;
	}
	for (size_t i = 0; i < engine_hosts(app->engine); i++) {
		enum host_state state = host_state(engine_host(app->engine, i));

		if (state == HOST_CONNECTING || state == HOST_PROBING)
			return;
		up += state == HOST_UP;
	}
	if (up == 0)
		return;
	app->looked = true;
	look(app);
}
