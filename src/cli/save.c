/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry save and restore: a move with a file of this machine at one end. */
#include <stdlib.h>

#include "cli/run.h"

static int run_file(struct run *run, const char *file)
{
	const struct cli_options *o = run->session->options;
	struct move_request request = {
		.file = file,
		.force = o->force,
		.mode = MODE_PLAIN,
		.ask = !o->json && cli_has_terminal(),
		.accept = (const char *const *)o->accept,
		.dump_options = (const char *const *)o->dump_options,
		.restore_options = (const char *const *)o->restore_options,
		.wait_pid_s = o->wait_pid_s,
		.timeout_s = o->timeout_s,
		.max_frozen_s = o->max_frozen_s,
	};
	int code = run_request(run, &request);

	return code == EXIT_DONE ? run_sentence(run) : code;
}

int cli_save(const struct cli_options *options)
{
	struct session session;
	struct run run = { .destination = options->args[1], .to_file = true };
	char *host;
	int code = EXIT_NOT_DONE;

	if (!cli_parse_target(options->args[0], &host, &run.pid))
		return cli_no_target(options->args[0]);
	run.source = host;
	if (session_begin(&session, options, -1)) {
		run_begin(&run, &session);
		code = run_file(&run, options->args[1]);
		session_end(&session);
	}
	free(host);
	return code;
}

int cli_restore(const struct cli_options *options)
{
	struct session session;
	struct run run = { .source = options->args[0], .destination = options->args[1], .from_file = true };
	int code = EXIT_NOT_DONE;

	if (session_begin(&session, options, -1)) {
		run_begin(&run, &session);
		code = run_file(&run, options->args[0]);
		session_end(&session);
	}
	return code;
}
