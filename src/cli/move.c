/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry move: processes, as many at once as their hosts and links bear. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/run.h"

static struct move_request request_of(const struct cli_options *o)
{
	return (struct move_request){
		.mode = o->mode,
		.via = o->via,
		.with_files = o->with_files,
		.whole = o->whole,
		.direct_key = o->direct_key,
		.ask = !o->json && cli_has_terminal(),
		.keep_source_stopped = o->keep_source_stopped,
		.hook = o->hook,
		.accept = (const char *const *)o->accept,
		.dump_options = (const char *const *)o->dump_options,
		.restore_options = (const char *const *)o->restore_options,
		.wait_pid_s = o->wait_pid_s,
		.timeout_s = o->timeout_s,
		.max_frozen_s = o->max_frozen_s,
	};
}

/* Time between snapshots: of several moved processes one may be in another's tree. */
#define REFRESH_MS 5000

/* Print the result of a move. */
static int tell_end(struct run *run)
{
	run_result(run);
	return run_sentence(run);
}

static int tell_not_begun(struct run *run)
{
	struct err e = { 0 };

	err_set(&e, ERR_CANCELLED, NULL, "%s:%d was not begun: stopped before its turn", run->source, (int)run->pid);
	return run_refused(run, &e, EXIT_NOT_DONE);
}

int cli_worse(int a, int b)
{
	static const int rank[] = { [EXIT_DONE] = 0, [EXIT_NOT_DONE] = 1, [EXIT_UNREACHABLE] = 2, [EXIT_USAGE] = 3, [EXIT_LOST] = 4,
				    [EXIT_DOUBT] = 5 };

	return rank[a] >= rank[b] ? a : b;
}

/* One look at a process's move: begins it when it can, tells its end. Whether there is more to come. */
static bool go_on(struct run *run, struct move_request *request, int *code)
{
	bool stop = run->session->interrupted;

	if (!run->over && !run->move && !stop && run_settled(request))
		*code = cli_worse(*code, run_start(run, request));
	if (!run->over && run->move && move_info(run->move)->ended)
		*code = cli_worse(*code, tell_end(run));
	if (run->over)
		return false;
	/* A move that has not begun when a signal comes never will. */
	return !stop || (run->move && move_info(run->move)->outcome == MOVE_RUNNING);
}

static int move_all(struct session *session, struct run *runs, struct move_request *requests, size_t count)
{
	int code = EXIT_DONE;
	bool more = true;

	for (size_t i = 0; i < count; i++) {
		requests[i] = request_of(session->options);
		code = cli_worse(code, run_hosts(&runs[i], &requests[i]));
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++)
			more |= go_on(&runs[i], &requests[i], &code);
		if (more)
			loop_turn(session->loop, -1);
	}
	for (size_t i = 0; i < count; i++) {
		if (!runs[i].over)
			code = cli_worse(code, tell_not_begun(&runs[i]));
	}
	return code;
}

int cli_move(const struct cli_options *options)
{
	size_t count = options->nargs - 1;
	struct run *runs = mem_array(count, sizeof *runs);
	struct move_request *requests = mem_array(count, sizeof *requests);
	char **hosts = mem_array(count, sizeof *hosts);
	struct session session;
	int code = EXIT_DONE;

	for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
		if (!cli_parse_target(options->args[i], &hosts[i], &runs[i].pid))
			code = cli_no_target(options->args[i]);
		runs[i].source = hosts[i];
		runs[i].destination = options->args[count];
		runs[i].next = i + 1 < count ? &runs[i + 1] : NULL;
	}
	if (code == EXIT_DONE && !session_begin(&session, options, count > 1 ? REFRESH_MS : -1)) {
		code = EXIT_NOT_DONE;
	} else if (code == EXIT_DONE) {
		run_begin(runs, &session);
		code = move_all(&session, runs, requests, count);
		session_end(&session);
	}
	for (size_t i = 0; i < count; i++)
		free(hosts[i]);
	free(hosts);
	free(requests);
	free(runs);
	return code;
}
