/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry check: whether a process will move, and what it needs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/report.h"
#include "cli/run.h"

/* The finding's group, as the manual calls them; JSON has words of its own (report.c). */
static const char *group_word(enum finding_level level)
{
	static const char *const words[] = {
		[FINDING_OK] = "note", [FINDING_OPTION] = "option", [FINDING_CHOICE] = "question", [FINDING_REFUSE] = "blocker",
	};

	return words[level];
}

static void print_finding(struct out *out, const struct finding *f)
{
	out_printf(out, "%-8s %-18s %s", group_word(f->level), f->code, f->text);
	if (*f->remedy)
		out_printf(out, ": %s", f->remedy);
	if (f->option)
		out_printf(out, ". CRIU gets %s", f->option);
	out_printf(out, "\n");
	for (size_t i = 0; i < f->files_count; i++)
		out_printf(out, "%-8s %-18s %s\n", "", "", f->files[i]);
}

static int one_check(struct run *run)
{
	const struct cli_options *o = run->session->options;
	struct move_request request = {
		.check_only = true,
		.mode = o->mode,
		.via = o->via,
		.with_files = o->with_files,
		.whole = o->whole,
		.direct_key = o->direct_key,
		.hook = o->hook,
		.accept = (const char *const *)o->accept,
		.dump_options = (const char *const *)o->dump_options,
		.restore_options = (const char *const *)o->restore_options,
		.timeout_s = o->timeout_s,
	};
	const struct move_info *info;
	int code = run_request(run, &request);

	if (code != EXIT_DONE)
		return code;
	info = move_info(run->move);
	if (!o->json) {
		for (size_t i = 0; i < info->findings_count; i++)
			print_finding(run->session->out, &info->findings[i]);
		if (*info->destination && *info->plan && info->reason.code == ERR_NONE)
			out_printf(run->session->out, "%-8s %-18s %s\n", "plan", "", info->plan);
		if (info->findings_count == 0 && info->reason.code != ERR_NONE)
			cli_error(&info->reason);
	}
	return info->reason.code == ERR_NONE ? EXIT_DONE : EXIT_NOT_DONE;
}

int cli_check(const struct cli_options *options)
{
	struct session session;
	struct run run = { .checks = true, .destination = options->nargs > 1 ? options->args[1] : "" };
	char *host;
	int code = EXIT_NOT_DONE;

	if (!cli_parse_target(options->args[0], &host, &run.pid))
		return cli_no_target(options->args[0]);
	run.source = host;
	if (session_begin(&session, options, -1)) {
		run_begin(&run, &session);
		code = one_check(&run);
		session_end(&session);
	}
	free(host);
	return code;
}
