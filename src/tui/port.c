/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the model wants done, done by the engine and the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tui/app.h"
#include "tui/attach.h"
#include "tui/model/keep.h"
#include "tui/model/movable.h"

#define CLIPBOARD_MAX 8192 /* bytes of text; a terminal may take no more */

static struct move *start_move(void *ctx, const struct move_request *request, struct err *e)
{
	struct app *app = ctx;
	struct move *move = engine_move(app->engine, request, e);

	app_sync(app);
	return move;
}

static bool cancel_move(void *ctx, struct move *move, struct err *e)
{
	return move_cancel(move, e);
}

static bool freeze_now(void *ctx, struct move *move)
{
	return move_freeze_now(move);
}

static int64_t expected_pause(void *ctx, const struct host *from, const struct host *to, enum move_mode mode, uint64_t bytes)
{
	return engine_expected_pause(((struct app *)ctx)->engine, from, to, mode, bytes);
}

static void answer_move(void *ctx, struct move *move, char letter)
{
	if (letter == 'w')
		move_answer_wait(move);
	else
		move_answer(move, letter == 'y');
}

static void on_glance(void *ctx, struct host *host, const struct glance_result *results, size_t count)
{
	struct app *app = ctx;

	movable_take(&app->ui, host, results, count);
	app->dirty = true;
}

static bool glance(void *ctx, struct host *host, const struct proc_key *keys, size_t count)
{
	struct app *app = ctx;

	return engine_glance(app->engine, host, keys, count, on_glance, app);
}

static void answer_host(void *ctx, struct host *host, const char *answer)
{
	host_answer(host, answer);
}

static void known_hosts(void *ctx, struct names *out)
{
	names_known(out, ((struct app *)ctx)->ssh_config);
}

static bool add_host(void *ctx, const char *name, struct err *e)
{
	struct app *app = ctx;
	struct host *host = engine_add_host(app->engine, name, e);

	if (!host)
		return false;
	if (app->ui.paused)
		host_pause(host, true);
	app_sync(app);
	if (app->ui.ncolumns > 0)
		ui_set_focus(&app->ui, app->ui.ncolumns - 1);
	return true;
}

static bool close_host(void *ctx, struct host *host, struct err *e)
{
	struct app *app = ctx;
	bool closed;

	/* Before its tree is gone. */
	for (size_t i = 0; app->ui.keep && i < app->ui.ncolumns; i++)
		if (app->ui.columns[i]->host == host)
			keep_note(app->ui.keep, app->ui.columns[i]);
	closed = engine_close_host(app->engine, host, e);

	app_sync(app);
	return closed;
}

static void look(void *ctx, struct host *host)
{
	if (host_state(host) == HOST_LOST || host_state(host) == HOST_REFUSED)
		host_retry(host);
	else
		host_refresh(host);
}

static void pause_host(void *ctx, struct host *host, bool paused)
{
	host_pause(host, paused);
}

static bool frozen(void *ctx)
{
	return engine_frozen(((struct app *)ctx)->engine);
}

static void sentence(void *ctx, struct move *move, char *out, size_t size)
{
	move_sentence(move, out, size);
}

static void take_mouse(void *ctx, bool on)
{
	sink_mouse(((struct app *)ctx)->sink, on);
}

static void base64(struct buf *out, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len; i += 3) {
		unsigned a = s[i], b = i + 1 < len ? s[i + 1] : 0, c = i + 2 < len ? s[i + 2] : 0;
		char four[4] = {digits[a >> 2], digits[(a & 3) << 4 | b >> 4],
				i + 1 < len ? digits[(b & 15) << 2 | c >> 6] : '=',
				i + 2 < len ? digits[c & 63] : '='};

		buf_append(out, four, sizeof four);
	}
}

/* OSC 52; inside tmux also wrapped for the terminal outside. */
static void copy(void *ctx, const char *text)
{
	struct app *app = ctx;
	struct buf out;
	size_t len = strlen(text);

	if (len > CLIPBOARD_MAX)
		len = CLIPBOARD_MAX;
	buf_init(&out, 0);
	buf_puts(&out, "\033]52;c;");
	base64(&out, text, len);
	buf_puts(&out, "\a");
	if (getenv("TMUX")) {
		buf_puts(&out, "\033Ptmux;\033\033]52;c;");
		base64(&out, text, len);
		buf_puts(&out, "\a\033\\");
	}
	sink_raw(app->sink, buf_data(&out), out.len);
	buf_free(&out);
}

static void back(void *ctx, int status)
{
	struct app *app = ctx;

	app->attach = NULL;
	if (status != 0)
		ui_notice(
			&app->ui, NOTICE_BAD,
			"The session on %s could not be shown, or ssh broke off (%d); perhaps it has ended.",
			app->attached, status);
	else
		ui_notice(&app->ui, NOTICE_INFO, "Back from %s.", app->attached);
	app->repaint = app->resized = true;
	app_frame(app);
}

static bool attach(void *ctx, const char *host, const char *session, struct err *e)
{
	struct app *app = ctx;
	const struct host *there = engine_find_host(app->engine, host);

	if (!there)
		return err_set(e, ERR_USAGE, host, "%s is not among the hosts", host);
	snprintf(app->attached, sizeof app->attached, "%s", host);
	app->attach = attach_start(app->loop, app->sink, there, session, back, app, e);
	return app->attach != NULL;
}

static void bell(void *ctx)
{
	sink_bell(((struct app *)ctx)->sink);
}

void app_title(struct app *app)
{
	const struct job *job = ui_running_job(&app->ui);
	char text[sizeof app->title] = "pferry";
	size_t active = ui_active_jobs(&app->ui);

	if (!app->ui.title)
		text[0] = '\0';
	else if (job && job->info->bytes_total >= job->info->bytes && job->info->bytes_total > 0)
		snprintf(text, sizeof text, "pferry: %zu moving, %d %%", active,
			 (int)(job->info->bytes * 100 / job->info->bytes_total));
	else if (active > 0)
		snprintf(text, sizeof text, "pferry: %zu moving", active);
	if (strcmp(text, app->title) == 0)
		return;
	memcpy(app->title, text, sizeof text);
	sink_title(app->sink, text);
}

static void recover(void *ctx)
{
	cutoff_recover(ctx);
}

const struct port app_port = {
	.attach = attach,
	.recover = recover,
	.start_move = start_move,
	.cancel_move = cancel_move,
	.freeze_now = freeze_now,
	.expected_pause = expected_pause,
	.answer_move = answer_move,
	.glance = glance,
	.answer_host = answer_host,
	.known_hosts = known_hosts,
	.add_host = add_host,
	.close_host = close_host,
	.look = look,
	.pause = pause_host,
	.frozen = frozen,
	.sentence = sentence,
	.copy = copy,
	.bell = bell,
	.mouse = take_mouse,
};
