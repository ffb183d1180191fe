/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry recover: finish or undo interrupted moves. */
#include <pferry/recover.h>

#include "cli/report.h"
#include "cli/session.h"

struct recovery_run {
	struct session session;
	size_t found, left, lost;
	bool over;
};

static void on_recovered(void *ctx, const struct recovered *item)
{
	struct recovery_run *run = ctx;

	if (!item) {
		run->over = true;
		return;
	}
	/* For who looks on; a program hears of it when it is over. */
	if (item->result == RECOVER_WAITING) {
		if (!run->session.options->json)
			out_printf(run->session.tell, "%s\n", item->sentence);
		return;
	}
	run->found++;
	run->left += item->result == RECOVER_LEFT;
	run->lost += item->result == RECOVER_LOST;
	if (run->session.options->json)
		session_json(&run->session,
			     json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:s, s:o}", "event", "recovered", "id", item->id, "source",
				       report_text(item->source), "destination", report_text(item->destination), "name",
				       report_text(item->name), "pid", (int)item->pid, "result",
				       recover_result_name(item->result), "text", report_text(item->sentence)));
	else
		out_printf(run->session.out, "%s\n", item->sentence);
}

/* Hosts that cannot be reached are listed and left alone; the others are recovered. */
static size_t say_unreachable(struct session *s)
{
	size_t count = 0;

	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);
		struct err e = { 0 };

		if (session_up(s, host, &e) == EXIT_DONE)
			continue;
		count++;
		if (s->options->json)
			session_json(s, report_no_host(host_name(host), e.text));
		else
			cli_error(&e);
	}
	return count;
}

/* Nor could those be looked at where we may not be root. */
static size_t say_rootless(struct session *s)
{
	size_t count = 0;

	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);
		struct err e = { 0 };

		if (host_state(host) != HOST_UP || host_may_move(host))
			continue;
		count++;
		err_set(&e, ERR_REFUSED, host_name(host), "%s", host_root_why(host));
		if (s->options->json)
			session_json(s, report_no_host(host_name(host), e.text));
		else
			cli_error(&e);
	}
	return count;
}

static int recover_all(struct recovery_run *run)
{
	struct session *s = &run->session;
	size_t unreachable;

	session_connect(s);
	unreachable = say_unreachable(s);
	if (s->interrupted)
		return EXIT_NOT_DONE;
	engine_recover(s->engine, true, on_recovered, run);
	while (!run->over && !s->interrupted)
		loop_turn(s->loop, -1);
	unreachable += say_rootless(s);
	if (s->options->json)
		session_json(s, json_pack("{s:s, s:I, s:I, s:I}", "event", "result", "found", (json_int_t)run->found, "left",
					  (json_int_t)run->left, "lost", (json_int_t)run->lost));
	else if (run->found == 0 && run->over && !unreachable)
		out_printf(s->out, "No interrupted moves found.\n");
	if (run->left || !run->over)
		return EXIT_DOUBT;
	if (run->lost)
		return EXIT_LOST;
	return unreachable ? EXIT_UNREACHABLE : EXIT_DONE;
}

int cli_recover(const struct cli_options *options)
{
	struct recovery_run run = { 0 };
	struct err e = { 0 };
	int code;

	if (!session_begin(&run.session, options, -1))
		return EXIT_NOT_DONE;
	code = session_hosts(&run.session, options->args, &e) ? recover_all(&run) : EXIT_USAGE;
	if (e.code != ERR_NONE)
		cli_error(&e);
	session_end(&run.session);
	return code;
}
