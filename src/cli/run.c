/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/report.h"

#define LINE_CELLS 79

/* ---- while it runs: for a person ---- */

/* A line is rewritten only where a person looks at it, and not under the
 * prompt of a shell that has put us in the background. */
static bool watched(const struct run *run)
{
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp() && !asker_busy(run->session.asker);
}

static void show_progress(struct run *run)
{
	const struct move_info *info = move_info(run->move);
	char number[32], line[512];
	int len;

	/* One frame at a time: what the terminal has not taken is old news. */
	if (!watched(run) || !out_idle(run->session.tell))
		return;
	len = snprintf(line, sizeof line, "#%u %s(%d) %s > %s: %s", info->number, info->name, (int)info->proc.pid, info->source,
		       info->destination, move_phase_name(info->phase));
	if (info->waits && len >= 0 && (size_t)len < sizeof line)
		len += snprintf(line + len, sizeof line - (size_t)len, ", %s", info->status);
	if (info->bytes && len >= 0 && (size_t)len < sizeof line)
		len += snprintf(line + len, sizeof line - (size_t)len, " %s", text_bytes(number, sizeof number, info->bytes, false));
	if (info->frozen && len >= 0 && (size_t)len < sizeof line)
		snprintf(line + len, sizeof line - (size_t)len, " frozen %s", text_duration(number, sizeof number, info->frozen_ms));
	out_printf(run->session.tell, "\r\033[K%.*s", (int)text_fit(line, LINE_CELLS, NULL), line);
	run->progress_shown = true;
}

static void clear_progress(struct run *run)
{
	if (run->progress_shown)
		out_printf(run->session.tell, "\r\033[K");
	run->progress_shown = false;
}

/* ---- while it runs: for a program ---- */

static void tell_findings(struct run *run, const struct move_info *info)
{
	/* The check's findings may still change, by an answer, until it is over. */
	if (info->phase == PHASE_CHECK && !info->ended)
		return;
	for (; run->told_findings < info->findings_count; run->told_findings++)
		session_json(&run->session, report_finding(info->id, &info->findings[run->told_findings]));
}

static void tell_phase(struct run *run, const struct move_info *info)
{
	if (info->outcome != MOVE_RUNNING || (run->told_any && run->told_phase == info->phase))
		return;
	run->told_any = true;
	run->told_phase = info->phase;
	session_json(&run->session, report_phase(info, info->phase));
}

/* What it waits for may take long: it is said in any case, each thing once. */
static void tell_waiting(struct run *run, const struct move_info *info)
{
	if (!info->waits || strcmp(run->told_waiting, info->status) == 0)
		return;
	snprintf(run->told_waiting, sizeof run->told_waiting, "%s", info->status);
	if (run->session.options->json)
		session_json(&run->session, report_waiting(info));
	else if (!watched(run))
		out_printf(run->session.tell, "pferry: #%u %s(%d): %s\n", info->number, info->name, (int)info->proc.pid, info->status);
}

static void tell_rounds(struct run *run, const struct move_info *info)
{
	for (; run->told_rounds < info->rounds_count; run->told_rounds++)
		session_json(&run->session, report_round(info, run->told_rounds));
}

static void on_event(void *ctx, const struct event *event)
{
	struct run *run = ctx;
	const struct move_info *info;

	if (!run->move || event->move != run->move)
		return;
	info = move_info(run->move);
	tell_waiting(run, info);
	if (!run->session.options->json) {
		if (!info->question && !info->ended)
			show_progress(run);
		return;
	}
	tell_findings(run, info);
	tell_rounds(run, info);
	if (event->kind == EVENT_MOVE)
		tell_phase(run, info);
	else if (event->kind == EVENT_PROGRESS && (info->phase == PHASE_SEND || info->phase == PHASE_PRECOPY ||
						   info->phase == PHASE_FILL))
		session_json(&run->session, report_progress(info));
}

/* ---- from request to end ---- */

void run_begin(struct run *run)
{
	run->session.event = on_event;
	run->session.ctx = run;
}

int run_code(const struct move_info *info)
{
	if (info->outcome == MOVE_MOVED)
		return EXIT_DONE;
	if (info->outcome == MOVE_IN_DOUBT)
		return EXIT_DOUBT;
	return info->reason.code == ERR_CONNECT || info->reason.code == ERR_AUTH ? EXIT_UNREACHABLE : EXIT_NOT_DONE;
}

int run_refused(struct run *run, const struct err *e, int code)
{
	if (run->session.options->json)
		session_json(&run->session, report_no_move(run->source, run->destination, run->pid, e->text));
	else
		cli_error(e);
	return code;
}

static int reach(struct run *run, struct move_request *request, struct err *e)
{
	int code;

	if (!run->from_file) {
		request->source = session_host(&run->session, run->source, e);
		if (!request->source)
			return EXIT_USAGE;
	}
	if (run->destination[0] && !run->to_file) {
		request->destination = session_host(&run->session, run->destination, e);
		if (!request->destination)
			return EXIT_USAGE;
	}
	session_connect(&run->session);
	code = request->source ? session_up(&run->session, request->source, e) : EXIT_DONE;
	if (code == EXIT_DONE && request->destination)
		code = session_up(&run->session, request->destination, e);
	return code;
}

int run_request(struct run *run, struct move_request *request)
{
	struct err e = { 0 };
	int code = reach(run, request, &e);

	if (code != EXIT_DONE)
		return run_refused(run, &e, code);
	run->told_any = false;
	run->told_waiting[0] = '\0';
	run->told_rounds = 0;
	run->told_findings = 0;
	request->proc.pid = run->pid;
	run->move = engine_move(run->session.engine, request, &e);
	if (!run->move)
		return run_refused(run, &e, e.code == ERR_USAGE ? EXIT_USAGE : EXIT_NOT_DONE);
	if (run->session.options->json)
		tell_phase(run, move_info(run->move));
	while (!move_info(run->move)->ended)
		loop_turn(run->session.loop, -1);
	clear_progress(run);
	if (run->session.options->json) {
		tell_findings(run, move_info(run->move));
		session_json(&run->session, report_result(move_info(run->move)));
	}
	return EXIT_DONE;
}
