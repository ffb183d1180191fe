/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

static void on_event(void *ctx, const struct event *event)
{
	struct session *s = ctx;

	if (event->kind == EVENT_QUESTION && event->host && host_question(event->host))
		asker_host(s->asker, event->host);
	if (event->kind == EVENT_QUESTION && event->move && move_info(event->move)->question)
		asker_move(s->asker, event->move);
	if (s->event)
		s->event(s->ctx, event);
	else if (event->kind == EVENT_HOST)
		loop_stop(s->loop);
}

/* Before the commit a move is undone, after it finished; nothing is killed. */
static void on_signal(void *ctx, int signo)
{
	struct session *s = ctx;
	bool active = false;

	if (signo == SIGHUP) {
		engine_hold_queue(s->engine);
		return;
	}
	s->interrupted = true;
	for (size_t i = 0; i < engine_moves(s->engine); i++) {
		struct move *move = engine_move_at(s->engine, i);

		if (move_info(move)->ended)
			continue;
		active = true;
		move_cancel(move, NULL);
	}
	if (!active)
		loop_stop(s->loop);
}

bool session_begin(struct session *s, const struct cli_options *options, int refresh_ms)
{
	struct engine_options engine_options = { .ssh_config = options->ssh_config, .refresh_ms = refresh_ms, .once = true,
						 .lease_ms = options->lease_s * 1000 };
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct err e = { 0 };

	*s = (struct session){ .options = options };
	s->loop = loop_new();
	s->engine = engine_new(s->loop, &engine_options, &e);
	if (!s->engine) {
		cli_error(&e);
		loop_free(s->loop);
		return false;
	}
	s->asker = asker_new(s->loop);
	for (size_t i = 0; i < countof(signals); i++)
		s->signals[i] = loop_signal_add(s->loop, signals[i], on_signal, s);
	engine_listen(s->engine, on_event, s);
	return true;
}

void session_end(struct session *s)
{
	asker_free(s->asker);
	engine_free(s->engine);
	loop_free(s->loop);
}

struct host *session_host(struct session *s, const char *name, struct err *e)
{
	struct host *host = engine_find_host(s->engine, name);

	return host ? host : engine_add_host(s->engine, name, e);
}

static bool settled(const struct session *s)
{
	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		enum host_state state = host_state(engine_host(s->engine, i));

		if (state != HOST_UP && state != HOST_REFUSED && state != HOST_LOST)
			return false;
	}
	return true;
}

void session_connect(struct session *s)
{
	while (!s->interrupted && !settled(s))
		loop_turn(s->loop, -1);
}

bool session_all_up(const struct session *s, struct err *e)
{
	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);

		if (host_state(host) == HOST_UP)
			continue;
		if (host_err(host)->text[0])
			*e = *host_err(host);
		else
			err_set(e, ERR_CONNECT, host_name(host), "%s: not connected", host_name(host));
		return false;
	}
	return true;
}

void session_print(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}
