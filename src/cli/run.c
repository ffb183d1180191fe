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
	return isatty(STDERR_FILENO) && tcgetpgrp(STDERR_FILENO) == getpgrp() && !asker_busy(run->session->asker);
}

/* One line is shown: for one whose process is frozen, else for the first that is under way. */
static bool shown(const struct run *run)
{
	const struct run *best = NULL;

	for (const struct run *r = run->session->ctx; r; r = r->next) {
		const struct move_info *info = r->move ? move_info(r->move) : NULL;

		if (!info || info->ended || info->outcome != MOVE_RUNNING)
			continue;
		if (!best || (info->frozen && !move_info(best->move)->frozen))
			best = r;
	}
	return best == run;
}

static void show_progress(struct run *run)
{
	const struct move_info *info = move_info(run->move);
	char number[32], line[512];
	int len;

	/* One frame at a time: what the terminal has not taken is old news. */
	if (!watched(run) || !out_idle(run->session->tell) || !shown(run))
		return;
	len = snprintf(line, sizeof line, "#%u %s(%d) %s > %s: %s", info->number, info->name, (int)info->proc.pid, info->source,
		       info->destination, move_phase_name(info->phase));
	if ((info->waits || info->phase == PHASE_PRECOPY || info->phase == PHASE_FILL) && *info->status && len >= 0 && (size_t)len < sizeof line)
		len += snprintf(line + len, sizeof line - (size_t)len, ", %s", info->status);
	if (info->bytes && len >= 0 && (size_t)len < sizeof line)
		len += snprintf(line + len, sizeof line - (size_t)len, " %s", text_bytes(number, sizeof number, info->bytes, false));
	if (info->frozen && len >= 0 && (size_t)len < sizeof line)
		snprintf(line + len, sizeof line - (size_t)len, " frozen %s", text_duration(number, sizeof number, info->frozen_ms));
	out_printf(run->session->tell, "\r\033[K%.*s", (int)text_fit(line, LINE_CELLS, NULL), line);
	run->session->progress_shown = true;
}

static void clear_progress(struct session *session)
{
	if (session->progress_shown)
		out_printf(session->tell, "\r\033[K");
	session->progress_shown = false;
}

/* ---- while it runs: for a program ---- */

static void tell_findings(struct run *run, const struct move_info *info)
{
	/* The check's findings may still change, by an answer, until it is over. */
	if (info->phase == PHASE_CHECK && !info->ended)
		return;
	for (; run->told_findings < info->findings_count; run->told_findings++)
		session_json(run->session, report_finding(info->id, &info->findings[run->told_findings]));
}

static void tell_phase(struct run *run, const struct move_info *info)
{
	if (info->outcome != MOVE_RUNNING || (run->told_any && run->told_phase == info->phase))
		return;
	run->told_any = true;
	run->told_phase = info->phase;
	session_json(run->session, report_phase(info, info->phase));
}

/* A wait may take long, so it is printed in any case, once for each reason. */
static void tell_waiting(struct run *run, const struct move_info *info)
{
	if (!info->waits || strcmp(run->told_waiting, info->status) == 0)
		return;
	snprintf(run->told_waiting, sizeof run->told_waiting, "%s", info->status);
	if (run->session->options->json)
		session_json(run->session, report_waiting(info));
	else if (!watched(run))
		out_printf(run->session->tell, "pferry: #%u %s(%d): %s\n", info->number, info->name, (int)info->proc.pid, info->status);
}

static void tell_rounds(struct run *run, const struct move_info *info)
{
	for (; run->told_rounds < info->rounds_count; run->told_rounds++)
		session_json(run->session, report_round(info, run->told_rounds));
}

static void on_event(void *ctx, const struct event *event)
{
	struct run *run = ctx;
	const struct move_info *info;

	while (run && (run->over || !run->move || event->move != run->move))
		run = run->next;
	if (!run)
		return;
	info = move_info(run->move);
	tell_waiting(run, info);
	if (!run->session->options->json) {
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
		session_json(run->session, report_progress(info));
}

/* ---- from request to end ---- */

void run_begin(struct run *run, struct session *session)
{
	session->event = on_event;
	session->ctx = run;
	for (; run; run = run->next)
		run->session = session;
}

static int run_code(const struct move_info *info)
{
	if (info->outcome == MOVE_MOVED)
		return EXIT_DONE;
	if (info->outcome == MOVE_IN_DOUBT)
		return EXIT_DOUBT;
	if (info->outcome == MOVE_LOST)
		return EXIT_LOST;
	return info->reason.code == ERR_CONNECT || info->reason.code == ERR_AUTH ? EXIT_UNREACHABLE : EXIT_NOT_DONE;
}

int run_sentence(struct run *run)
{
	char sentence[MOVE_SENTENCE_MAX];

	if (!run->session->options->json) {
		move_sentence(run->move, sentence, sizeof sentence);
		out_printf(run->session->out, "%s\n", sentence);
	}
	return run_code(move_info(run->move));
}

int run_refused(struct run *run, const struct err *e, int code)
{
	run->over = true;
	clear_progress(run->session);
	if (run->session->options->json)
		session_json(run->session, run->checks ? report_no_check(run->source, run->destination, run->pid, e)
						  : report_no_move(run->source, run->destination, run->pid, e));
	else
		cli_error(e);
	return code;
}

int run_hosts(struct run *run, struct move_request *request)
{
	struct err e = { 0 };

	if (!run->from_file)
		request->source = session_host(run->session, run->source, &e);
	if (e.code == ERR_NONE && run->destination[0] && !run->to_file)
		request->destination = session_host(run->session, run->destination, &e);
	return e.code == ERR_NONE ? EXIT_DONE : run_refused(run, &e, EXIT_USAGE);
}

bool run_settled(const struct move_request *request)
{
	return (!request->source || session_settled(request->source)) && (!request->destination || session_settled(request->destination));
}

int run_start(struct run *run, struct move_request *request)
{
	struct err e = { 0 };
	int code = request->source ? session_up(run->session, request->source, &e) : EXIT_DONE;

	if (code == EXIT_DONE && request->destination)
		code = session_up(run->session, request->destination, &e);
	if (code != EXIT_DONE)
		return run_refused(run, &e, code);
	request->proc.pid = run->pid;
	run->move = engine_move(run->session->engine, request, &e);
	if (!run->move)
		return run_refused(run, &e, e.code == ERR_USAGE ? EXIT_USAGE : EXIT_NOT_DONE);
	if (run->session->options->json)
		tell_phase(run, move_info(run->move));
	return EXIT_DONE;
}

void run_result(struct run *run)
{
	run->over = true;
	clear_progress(run->session);
	if (!run->session->options->json)
		return;
	tell_findings(run, move_info(run->move));
	session_json(run->session, move_info(run->move)->check_only ? report_check(move_info(run->move))
								    : report_result(move_info(run->move)));
}

int run_request(struct run *run, struct move_request *request)
{
	int code = run_hosts(run, request);

	if (code != EXIT_DONE)
		return code;
	session_connect(run->session);
	code = run_start(run, request);
	if (code != EXIT_DONE)
		return code;
	while (!move_info(run->move)->ended)
		loop_turn(run->session->loop, -1);
	run_result(run);
	return EXIT_DONE;
}
