/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry move: processes, one after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/run.h"

/* A process named on the command line. */
struct target {
	char *host;
	pid_t pid;
};

static int one_move(struct run *run)
{
	const struct cli_options *o = run->session.options;
	struct move_request request = {
		.mode = o->mode,
		.via = o->via,
		.with_files = o->with_files,
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
	struct err e = { 0 };
	char sentence[2048];
	int code;

	if (run->session.interrupted) {
		err_set(&e, ERR_CANCELLED, NULL, "%s:%d was not begun: stopped before its turn", run->source, (int)run->pid);
		return run_refused(run, &e, EXIT_NOT_DONE);
	}
	code = run_request(run, &request);
	if (code != EXIT_DONE)
		return code;
	if (!o->json) {
		move_sentence(run->move, sentence, sizeof sentence);
		out_printf(run->session.out, "%s\n", sentence);
	}
	return run_code(move_info(run->move));
}

int cli_worse(int a, int b)
{
	static const int rank[] = { [EXIT_DONE] = 0, [EXIT_NOT_DONE] = 1, [EXIT_UNREACHABLE] = 2, [EXIT_USAGE] = 3, [EXIT_DOUBT] = 4 };

	return rank[a] >= rank[b] ? a : b;
}

static int move_all(const struct cli_options *options, const struct target *targets, size_t count)
{
	struct run run = { .destination = options->args[count] };
	int code = EXIT_DONE;

	if (!session_begin(&run.session, options, -1))
		return EXIT_NOT_DONE;
	run_begin(&run);
	for (size_t i = 0; i < count; i++) {
		run.source = targets[i].host;
		run.pid = targets[i].pid;
		run.move = NULL;
		code = cli_worse(code, one_move(&run));
	}
	session_end(&run.session);
	return code;
}

int cli_move(const struct cli_options *options)
{
	size_t count = options->nargs - 1;
	struct target *targets = mem_array(count, sizeof *targets);
	int code = EXIT_DONE;

	for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
		if (!cli_parse_target(options->args[i], &targets[i].host, &targets[i].pid))
			code = cli_no_target(options->args[i]);
	}
	if (code == EXIT_DONE)
		code = move_all(options, targets, count);
	for (size_t i = 0; i < count; i++)
		free(targets[i].host);
	free(targets);
	return code;
}
