/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry recover: finish or undo what was cut off. */
#include <stdio.h>
#include <pferry/recover.h>

#include "cli/session.h"

struct recovery_run {
	const struct cli_options *options;
	size_t found, left;
	bool over;
};

static void on_recovered(void *ctx, const struct recovered *item)
{
	struct recovery_run *run = ctx;

	if (!item) {
		run->over = true;
		return;
	}
	run->found++;
	run->left += item->result == RECOVER_LEFT;
	if (run->options->json)
		session_print(json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s}", "event", "recovered", "id", item->id, "source",
					item->source, "destination", item->destination, "name", item->name, "pid",
					(int)item->pid, "result", recover_result_name(item->result), "text", item->sentence));
	else
		puts(item->sentence);
}

/* Hosts that cannot be reached are said and left alone; the others are recovered. */
static size_t say_unreachable(const struct session *s)
{
	size_t count = 0;

	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);

		if (host_state(host) == HOST_UP)
			continue;
		count++;
		if (s->options->json)
			session_print(json_pack("{s:s, s:s, s:b, s:s}", "event", "host", "host", host_name(host), "ok", 0, "error",
						host_err(host)->text));
		else
			cli_error(host_err(host));
	}
	return count;
}

int cli_recover(const struct cli_options *options)
{
	struct recovery_run run = { .options = options };
	struct session s;
	struct err e = { 0 };
	size_t unreachable;

	if (!session_begin(&s, options, -1))
		return EXIT_NOT_DONE;
	for (size_t i = 0; i < options->nargs; i++) {
		if (!session_host(&s, options->args[i], &e)) {
			cli_error(&e);
			session_end(&s);
			return EXIT_USAGE;
		}
	}
	session_connect(&s);
	unreachable = say_unreachable(&s);
	engine_recover(s.engine, true, on_recovered, &run);
	while (!run.over && !s.interrupted)
		loop_turn(s.loop, -1);
	if (options->json)
		session_print(json_pack("{s:s, s:I, s:I}", "event", "result", "found", (json_int_t)run.found, "left",
					(json_int_t)run.left));
	else if (run.found == 0)
		puts("Nothing was cut off.");
	session_end(&s);
	if (run.left || !run.over)
		return EXIT_DOUBT;
	return unreachable ? EXIT_UNREACHABLE : EXIT_DONE;
}
