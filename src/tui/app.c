/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program around the model: the loop's events go in, frames come out.  A
 * key is answered by a frame at once; what changes by itself is drawn at most
 * ten times a second; and never is a frame drawn before the last one has left.
 */
#include "tui/tui.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <pferry/log.h>

#include "tui/actions/actions.h"
#include "tui/actions/acts.h"
#include "tui/actions/dispatch.h"
#include "tui/app.h"
#include "tui/attach.h"
#include "tui/draw/draw.h"
#include "tui/model/keep.h"
#include "tui/model/movable.h"
#include "tui/model/peek.h"
#include "tui/model/sync.h"
#include "tui/screens/asked.h"
#include "tui/screens/prompt.h"
#include "tui/screens/screens.h"

#define FRAME_MS 100 /* between frames that no key asked for */
#define TICK_MS 1000 /* the clock, ages */
#define ESCAPE_MS 50 /* a lone ESC is the key of that name after this */

/* An engine's listener cannot be taken back, so what it points at outlives the screen. */
static struct app the_app;

/* ---- frames ---- */

static void want_frame(struct app *app, bool now)
{
	int64_t wait = app->drawn_ms + FRAME_MS - loop_clock_us() / 1000;

	if (!app->sink || sink_gone(app->sink))
		return;
	app->dirty = true;
	if (!sink_ready(app->sink))
		return; /* on_drained() comes back to it */
	if (now || wait < 0)
		wait = 0;
	if (now || !loop_timer_armed(app->draw_timer))
		loop_timer_set(app->draw_timer, wait);
}

void app_frame(struct app *app)
{
	want_frame(app, true);
}

void app_sync(struct app *app)
{
	bool asked;

	app->ui.now_ms = loop_now_ms(app->loop);
	app->ui.wall = time(NULL);
	app->ui.asked = false;
	sync_engine(&app->ui, app->engine);
	asked_sync(&app->ui);
	asked = app->ui.asked;
	app->ui.asked = false;
	if (!asked)
		return;
	/* What was typed up to now was not meant for this question. */
	app->question = UNSEEN;
	key_drop(&app->keys);
	if (app->sink)
		sink_flush_input(app->sink);
	want_frame(app, true);
}

static void draw_now(void *ctx)
{
	struct app *app = ctx;

	if (!app->dirty || sink_gone(app->sink) || !sink_ready(app->sink))
		return;
	app_sync(app);
	if (app->resized) {
		int rows, cols;

		app->resized = false;
		sink_size(app->sink, &rows, &cols);
		resizeterm(rows, cols);
	}
	if (app->repaint)
		clearok(curscr, TRUE);
	app->repaint = false;
	draw_frame(&app->ui, stdscr);
	wnoutrefresh(stdscr);
	doupdate();
	app_title(app);
	app->dirty = false;
	app->drawn_ms = loop_clock_us() / 1000;
	loop_timer_set(app->build, 0);
	sink_frame(app->sink);
	if (app->question == UNSEEN)
		app->question = DRAWN;
	if (sink_ready(app->sink))
		app->question = SEEN;
}

/* Rows of very many processes are built between the frames: then they are drawn. */
static void on_build(void *ctx)
{
	struct app *app = ctx;
	bool over = true, fresh = false;

	if (loop_turn_us(app->loop) > LOOP_LONG_US) {
		loop_timer_set(app->build, 0);
		return;
	}
	for (size_t i = 0; i < app->ui.ncolumns; i++) {
		if (!app->ui.columns[i]->building)
			continue;
		/* One in a turn. */
		if (column_build(app->ui.columns[i]))
			fresh = true;
		over = false;
		break;
	}
	if (!over)
		loop_timer_set(app->build, 0);
	if (fresh)
		want_frame(app, true);
}

static void on_drained(void *ctx)
{
	struct app *app = ctx;

	if (app->question == DRAWN)
		app->question = SEEN;
	if (app->dirty)
		want_frame(app, true);
}

static void on_tick(void *ctx)
{
	struct app *app = ctx;

	loop_timer_set(app->tick, TICK_MS);
	app_sync(app);
	peek_resting(&app->ui);
	movable_tick(&app->ui);
	want_frame(app, false);
}

/* ---- keys ---- */

/* Pasted text belongs into a prompt; as keys it could do anything. */
static bool swallow_paste(struct app *app, const struct key *key)
{
	struct layer *top = ui_top(&app->ui);

	if (key->code == K_PASTE_BEGIN || key->code == K_PASTE_END) {
		app->pasting = key->code == K_PASTE_BEGIN;
		app->paste_said = false;
		return true;
	}
	if (!app->pasting)
		return false;
	if (top && top->ops == &prompt_layer)
		return key->code < 0x20 || key->code >= K_FIRST;
	if (!app->paste_said)
		ui_notice(&app->ui, NOTICE_INFO,
			  "Pasted text is not taken for keys; open a prompt for it first.");
	app->paste_said = true;
	return true;
}

static void suspend(struct app *app)
{
	sink_suspend(app->sink);
	app->resized = app->repaint = true;
	want_frame(app, true);
}

/* Where nothing can be read, only what needs no reading. */
static bool tiny_key(const struct app *app, const struct key *key)
{
	return !app->ui.layout.tiny || app->ui.nlayers > 0 || key->code == 'q' || key->code == 'L' - '@' ||
	       key->code == 'X' || key->code == 'C' - '@' || key->code == 'Z' - '@';
}

/* False when what comes after it is to be thrown away. */
static bool one_key(struct app *app, const struct key *key)
{
	unsigned fx;

	if (swallow_paste(app, key) || !tiny_key(app, key))
		return true;
	/* A question that is not on the screen yet cannot be answered. */
	if (app->question != SEEN)
		return true;
	fx = dispatch_key(&app->ui, key);
	if (fx & FX_REPAINT)
		app->repaint = true;
	if (fx & FX_SUSPEND)
		suspend(app);
	if (fx & FX_QUIT)
		app_leave(app, LEAVE_ASKED, false);
	if (fx & (FX_STOP | FX_WAIT))
		app_leave(app, LEAVE_ASKED, (fx & FX_STOP) != 0);
	if (fx & FX_FLUSH) {
		app->question = UNSEEN;
		return false;
	}
	return true;
}

static void handle_keys(struct app *app, bool flush)
{
	struct key key;

	app_sync(app);
	app->ui.key_ms = app->ui.now_ms;
	while (key_next(&app->keys, flush, &key)) {
		if (!one_key(app, &key)) {
			key_drop(&app->keys);
			sink_flush_input(app->sink);
			break;
		}
	}
	loop_timer_set(app->escape, key_pending(&app->keys) ? ESCAPE_MS : -1);
	if (app->ui.layout.details_w > 0)
		loop_timer_set(app->rest, PANE_MS + 1);
	want_frame(app, true);
}

static void on_input(void *ctx, const char *bytes, size_t len)
{
	struct app *app = ctx;

	while (len > 0) {
		size_t n = key_room(&app->keys) < len ? key_room(&app->keys) : len;

		if (n == 0) {
			key_drop(&app->keys);
			continue;
		}
		key_feed(&app->keys, bytes, n);
		bytes += n;
		len -= n;
		handle_keys(app, false);
		if (app->question != SEEN)
			break; /* the rest was typed before the question */
	}
}

/* The cursor rests: what waits for that is drawn. */
static void on_rest(void *ctx)
{
	want_frame(ctx, true);
}

static void on_escape(void *ctx)
{
	handle_keys(ctx, true);
}

/* ---- the engine ---- */

/* Rows are to be built again; whether they are on the screen. */
static bool new_tree(struct ui *ui, const struct host *host)
{
	for (size_t i = 0; i < ui->ncolumns; i++) {
		if (ui->columns[i]->host != host)
			continue;
		ui->columns[i]->stale = true;
		return i >= ui->first && i < ui->first + (size_t)ui->layout.shown;
	}
	return true;
}

static void on_event(void *ctx, const struct event *event)
{
	struct app *app = ctx;
	struct ui *ui = &app->ui;

	if (!app->active)
		return;
	if (event->kind == EVENT_TREE && !new_tree(ui, event->host))
		return;
	if (event->kind == EVENT_HOST_GONE)
		app_sync(app);
	if (event->kind == EVENT_HOST) {
		if (ui_jobs_in_doubt(ui, NULL) > 0)
			app_sync(app);
		cutoff_watch(app);
	}
	if (event->kind == EVENT_MOVE_END) {
		app_sync(app);
		if (sync_move_ended(ui, event->move))
			job_open(ui, move_info(event->move)->number);
		if (app->leaving != STAY) {
			const struct move_info *info = move_info(event->move);

			app->rolled_back += info->outcome == MOVE_ROLLED_BACK || info->outcome == MOVE_LOST;
		}
	}
	if (event->kind == EVENT_QUESTION && app->leaving == LEAVE_GONE && event->move &&
	    move_info(event->move)->question)
		move_answer(event->move, false);
	if (app->leaving != STAY && engine_moves_active(app->engine) == 0)
		app_finish(app);
	want_frame(app, event->kind == EVENT_QUESTION || event->kind == EVENT_MOVE_END);
}

/* ---- start and end ---- */

static void on_winch(void *ctx, int signo)
{
	struct app *app = ctx;

	app->resized = true;
	want_frame(app, true);
}

/* Someone stopped and continued us from outside: the picture may be anything. */
static void on_cont(void *ctx, int signo)
{
	struct app *app = ctx;

	app->resized = app->repaint = true;
	want_frame(app, true);
}

/* Asked from outside to stop: as ^Z, and refused where ^Z is. */
static void on_tstp(void *ctx, int signo)
{
	struct app *app = ctx;

	if (app->sink && !sink_gone(app->sink) && !app->attach && (act_suspend(&app->ui, NULL) & FX_SUSPEND))
		suspend(app);
	want_frame(app, true);
}

static enum config_theme theme_wanted(const struct tui_options *options)
{
	enum config_theme theme = options->config ? options->config->theme : THEME_AUTO;
	const char *no = getenv("NO_COLOR");

	if (options->color == TUI_COLOR_NEVER || (options->color == TUI_COLOR_AUTO && no && *no))
		return THEME_MONO;
	return theme == THEME_MONO && options->color == TUI_COLOR_ALWAYS ? THEME_AUTO : theme;
}

static void start(struct app *app, const struct tui_options *options)
{
	app->draw_timer = loop_timer_add(app->loop, 0, draw_now, app);
	app->tick = loop_timer_add(app->loop, TICK_MS, on_tick, app);
	app->build = loop_timer_add(app->loop, -1, on_build, app);
	app->escape = loop_timer_add(app->loop, -1, on_escape, app);
	app->rest = loop_timer_add(app->loop, -1, on_rest, app);
	app->winch = loop_signal_add(app->loop, SIGWINCH, on_winch, app);
	app->hup = loop_signal_add(app->loop, SIGHUP, app_on_hup, app);
	app->term = loop_signal_add(app->loop, SIGTERM, app_on_term, app);
	app->intr = loop_signal_add(app->loop, SIGINT, app_on_term, app);
	app->quit = loop_signal_add(app->loop, SIGQUIT, app_on_term, app);
	app->xcpu = loop_signal_add(app->loop, SIGXCPU, app_on_term, app);
	app->cont = loop_signal_add(app->loop, SIGCONT, on_cont, app);
	app->tstp = loop_signal_add(app->loop, SIGTSTP, on_tstp, app);
	theme_init(&app->ui.theme, theme_wanted(options),
		   !options->ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0);
	app->ui.options.config = options->config;
	app->ui.movable = movable_new();
	if (options->config) {
		app->ui.bell = options->config->bell;
		app->ui.title = options->config->title;
	}
	app->ssh_config = options->ssh_config;
	app->ui.mode = options->mode;
	app->ui.via = options->via;
	app->ui.with_files = options->with_files;
	app->ui.whole = options->whole;
	app->ui.hook = options->hook;
	app->ui.direct_key = options->direct_key;
	app->ui.mouse = options->mouse;
	sink_mouse(app->sink, options->mouse);
	app->active = true;
	app->dirty = true;
	engine_listen(app->engine, on_event, app);
}

static void stop(struct app *app)
{
	app->active = false;
	if (app->ui.keep)
		keep_save(app->ui.keep, &app->ui);
	keep_free(app->ui.keep);
	app->ui.keep = NULL;
	engine_glance_stop(app->engine);
	movable_free(app->ui.movable);
	app->ui.movable = NULL;
	loop_timer_remove(&app->draw_timer);
	loop_timer_remove(&app->tick);
	loop_timer_remove(&app->build);
	loop_timer_remove(&app->escape);
	loop_timer_remove(&app->rest);
	loop_signal_remove(&app->winch);
	loop_signal_remove(&app->hup);
	loop_signal_remove(&app->term);
	loop_signal_remove(&app->intr);
	loop_signal_remove(&app->quit);
	loop_signal_remove(&app->xcpu);
	loop_signal_remove(&app->cont);
	loop_signal_remove(&app->tstp);
	attach_stop(&app->attach);
	sink_close(app->sink);
	app->sink = NULL;
	ui_free(&app->ui);
}

int tui_run(struct loop *loop, struct engine *engine, const struct tui_options *options, struct err *e)
{
	static const struct sink_events events = {.input = on_input, .drained = on_drained, .lost = app_on_lost};
	struct app *app = &the_app;

	*app = (struct app){.loop = loop, .engine = engine};
	/* Only what text looks like: numbers stay as programs write them. */
	setlocale(LC_CTYPE, "");
	/* Before curses starts, so that it leaves the signal alone. */
	ui_init(&app->ui, action_table, &app_port, app);
	app->ui.keep = keep_open();
	if (app->ui.keep)
		keep_apply(app->ui.keep, &app->ui);
	app->sink = sink_open(loop, options->plain_tty, &events, app, e);
	if (!app->sink) {
		keep_free(app->ui.keep);
		return -1;
	}
	start(app, options);
	loop_run(loop);
	stop(app);
	return app->code;
}
