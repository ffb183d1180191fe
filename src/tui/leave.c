/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Leaving the browser: asked to, ended by a signal, or left by its terminal.  A
 * move that is under way is never dropped, only stopped or seen to its end.
 */
#include "tui/app.h"

#include <signal.h>
#include <pferry/log.h>

#include "tui/model/ui.h"

void app_finish(struct app *app)
{
	if (app->leaving == LEAVE_SIGNAL)
		app->code = 128 + app->signo;
	else if (ui_jobs_in_doubt(&app->ui, NULL) > 0)
		app->code = 3;
	else if (app->rolled_back)
		app->code = 1;
	loop_stop(app->loop);
}

/* Stop every move that still can be, or only those that have not begun. */
static void stop_moves(struct app *app, bool waiting_only)
{
	for (size_t i = 0; i < engine_moves(app->engine); i++) {
		struct move *move = engine_move_at(app->engine, i);
		const struct move_info *info = move_info(move);
		struct err e;

		if (!info->ended && !info->committed && (!waiting_only || info->outcome == MOVE_WAITING))
			move_cancel(move, &e);
	}
}

/* Nobody waits for a check. */
static void stop_checks(struct app *app)
{
	for (size_t i = 0; i < engine_moves(app->engine); i++) {
		struct move *move = engine_move_at(app->engine, i);
		struct err e;

		if (move_info(move)->check_only && !move_info(move)->ended)
			move_cancel(move, &e);
	}
}

void app_leave(struct app *app, enum leaving why, bool stop)
{
	if (app->leaving < why)
		app->leaving = why;
	stop_checks(app);
	if (stop || why == LEAVE_GONE) {
		engine_hold_queue(app->engine);
		stop_moves(app, !stop);
	}
	if (engine_moves_active(app->engine) == 0)
		app_finish(app);
	app->ui.leaving = engine_moves_active(app->engine) > 0;
	app_frame(app);
}

/* The terminal is gone: no picture, no question, nothing new; what runs is finished. */
void app_on_lost(void *ctx)
{
	struct app *app = ctx;
	size_t active = engine_moves_active(app->engine);

	if (app->leaving == LEAVE_GONE)
		return;
	sink_abandon(app->sink);
	loop_timer_set(app->draw_timer, -1);
	loop_timer_set(app->tick, -1);
	loop_timer_set(app->escape, -1);
	loop_timer_set(app->rest, -1);
	log_add(LOG_WARN, NULL, "The terminal is gone; %zu move%s under way.", active,
		active == 1 ? " is" : "s are");
	for (size_t i = 0; i < app->ui.njobs; i++)
		if (!app->ui.jobs[i].info->ended && app->ui.jobs[i].info->question)
			move_answer(app->ui.jobs[i].move, false);
	if (active == 0) {
		app->signo = SIGHUP;
		app_leave(app, LEAVE_SIGNAL, false);
		return;
	}
	app_leave(app, LEAVE_GONE, false);
}

void app_on_hup(void *ctx, int signo)
{
	app_on_lost(ctx);
}

void app_on_term(void *ctx, int signo)
{
	struct app *app = ctx;

	if (app->leaving == LEAVE_GONE)
		return;
	app->signo = signo;
	ui_notice(&app->ui, NOTICE_BAD, "Ended by a signal: what is under way is stopped and put back.");
	app_leave(app, LEAVE_SIGNAL, true);
}
