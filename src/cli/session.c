/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/session.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static void on_event(void *ctx, const struct event *event)
{
	struct session *s = ctx;

	asker_notice(s->asker, event);
	if (s->event)
		s->event(s->ctx, event);
}

/* ---- signals ---- */

static void cancel_moves(struct session *s)
{
	for (size_t i = 0; i < engine_moves(s->engine); i++) {
		if (!move_info(engine_move_at(s->engine, i))->ended)
			move_cancel(engine_move_at(s->engine, i), NULL);
	}
}

/* Before the commit a move is undone, after it finished; nothing is killed. A limit of processor time
 * leaves as much of it as is between the soft one and the hard.
 * When the terminal goes away, a move that runs goes on without output. */
static void on_signal(void *ctx, int signo)
{
	struct session *s = ctx;

	s->interrupted = true;
	engine_hold_queue(s->engine);
	if (signo != SIGHUP)
		cancel_moves(s);
}

/* ^Z stops all of pferry, and so what it does for a frozen process. */
static void on_stop(void *ctx, int signo)
{
	struct session *s = ctx;

	(void)signo;
	if (!engine_frozen(s->engine) && !asker_busy(s->asker))
		raise(SIGSTOP);
}

/* A signal that our parent made us ignore (nohup, a job in the
 * background) stays ignored. */
static struct loop_signal *take_signal(struct session *s, int signo)
{
	struct sigaction was;

	if (sigaction(signo, NULL, &was) == 0 && was.sa_handler == SIG_IGN)
		return NULL;
	return loop_signal_add(s->loop, signo, signo == SIGTSTP ? on_stop : on_signal, s);
}

/* ---- life ---- */

bool session_begin(struct session *s, const struct cli_options *options, int refresh_ms)
{
	struct engine_options engine_options = { .config = options->config, .ssh_config = options->ssh_config, .askpass = true, .refresh_ms = refresh_ms, .once = true,
						 .handshakes = options->config->handshakes,
						 .look_only = options->command && options->command->run == cli_ls,
						 .lease_ms = options->lease_s * 1000 };
	static const int signals[SESSION_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT, SIGXCPU };
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
	s->out = out_new(s->loop, STDOUT_FILENO);
	s->tell = out_new(s->loop, STDERR_FILENO);
	for (size_t i = 0; i < SESSION_SIGNALS; i++)
		s->signals[i] = take_signal(s, signals[i]);
	engine_listen(s->engine, on_event, s);
	return true;
}

/* Give the readers time, but no more than until the next signal. */
static void let_output_leave(struct session *s)
{
	int64_t until = loop_clock_us() + (s->interrupted ? 1000000 : INT64_MAX / 2);

	s->interrupted = false;
	while (!s->interrupted && !(out_idle(s->out) && out_idle(s->tell)) && loop_clock_us() < until)
		loop_turn(s->loop, 500);
}

bool session_end(struct session *s)
{
	struct err e = { 0 };

	let_output_leave(s);
	if (out_error(s->out)) {
		err_errno(&e, out_error(s->out), "standard output could not be written");
		cli_error(&e);
	}
	asker_free(s->asker);
	engine_free(s->engine);
	out_free(s->out);
	out_free(s->tell);
	loop_free(s->loop);
	return e.code == ERR_NONE;
}

/* ---- hosts ---- */

struct host *session_host(struct session *s, const char *name, struct err *e)
{
	struct host *host = engine_find_host(s->engine, name);

	return host ? host : engine_add_host(s->engine, name, e);
}

bool session_hosts(struct session *s, const char *const *names, struct err *e)
{
	struct names all = { 0 };
	bool ok = cli_hosts(s->options, names, &all, e);

	for (size_t i = 0; ok && i < all.n; i++)
		ok = session_host(s, all.v[i], e) != NULL;
	names_free(&all);
	return ok;
}

bool session_settled(const struct host *host)
{
	enum host_state state = host_state(host);

	return state == HOST_UP || state == HOST_REFUSED || state == HOST_LOST;
}

static bool all_settled(const struct session *s)
{
	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		if (!session_settled(engine_host(s->engine, i)))
			return false;
	}
	return true;
}

void session_connect(struct session *s)
{
	while (!s->interrupted && !all_settled(s))
		loop_turn(s->loop, -1);
}

int session_up(const struct session *s, const struct host *host, struct err *e)
{
	if (host_state(host) == HOST_UP)
		return EXIT_DONE;
	if (host_err(host)->text[0]) {
		*e = *host_err(host);
		return EXIT_UNREACHABLE;
	}
	err_set(e, s->interrupted ? ERR_CANCELLED : ERR_CONNECT, host_name(host),
		s->interrupted ? "stopped before %s was reached" : "%s is not connected", host_name(host));
	return s->interrupted ? EXIT_NOT_DONE : EXIT_UNREACHABLE;
}

void session_json(struct session *s, json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT);

	if (line) {
		out_printf(s->out, "%s\n", line);
		free(line);
	}
	json_decref(object);
}
