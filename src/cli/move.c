/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry move and pferry check. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/session.h"

/* What is to be moved, and what became of it. */
struct job {
	char *host;
	pid_t pid;
};

struct run {
	struct session session;
	struct move *move;
	enum move_phase told_phase;
	bool told_any, progress_shown;
};

/* ---- while it runs ---- */

/* One line, rewritten in place, only for a person who looks at it. */
static void show_progress(struct run *run)
{
	const struct move_info *info = move_info(run->move);
	char done[32], line[256], frozen[32];

	if (!isatty(STDERR_FILENO))
		return;
	snprintf(line, sizeof line, "#%u %s(%d) %s > %s: %s %s", info->number, info->name, (int)info->proc.pid, info->source,
		 info->destination, move_phase_name(info->phase),
		 info->bytes ? text_bytes(done, sizeof done, info->bytes, false) : "");
	fprintf(stderr, "\r\033[K%.*s", (int)text_fit(line, 60, NULL), line);
	if (info->frozen)
		fprintf(stderr, " frozen %s", text_duration(frozen, sizeof frozen, info->frozen_ms));
	fflush(stderr);
	run->progress_shown = true;
}

static void clear_progress(struct run *run)
{
	if (run->progress_shown)
		fputs("\r\033[K", stderr);
	run->progress_shown = false;
}

static void on_event(void *ctx, const struct event *event)
{
	struct run *run = ctx;
	const struct move_info *info;

	if (!event->move || event->move != run->move)
		return;
	info = move_info(run->move);
	if (run->session.options->json) {
		if (event->kind == EVENT_MOVE && info->outcome == MOVE_RUNNING &&
		    (!run->told_any || run->told_phase != info->phase)) {
			run->told_any = true;
			run->told_phase = info->phase;
			session_print(report_phase(info));
		} else if (event->kind == EVENT_PROGRESS && info->phase == PHASE_SEND) {
			session_print(report_progress(info));
		}
	} else if (!info->question && !info->ended) {
		show_progress(run);
	}
}

/* ---- one move ---- */

static int code_of(const struct move_info *info)
{
	if (info->outcome == MOVE_MOVED)
		return EXIT_DONE;
	if (info->outcome == MOVE_IN_DOUBT)
		return EXIT_DOUBT;
	return info->reason.code == ERR_CONNECT || info->reason.code == ERR_AUTH ? EXIT_UNREACHABLE : EXIT_NOT_DONE;
}

static int refuse(const struct run *run, const struct job *job, const char *destination, const struct err *e, int code)
{
	if (run->session.options->json)
		session_print(report_no_move(job->host, destination, job->pid, e->text));
	else
		cli_error(e);
	return code;
}

static int one_move(struct run *run, const struct job *job, const char *destination)
{
	const struct cli_options *o = run->session.options;
	struct move_request request = {
		.proc = { .pid = job->pid },
		.mode = o->mode,
		.via = o->via,
		.with_files = o->with_files,
		.ask = !o->json && isatty(STDIN_FILENO),
		.keep_source_stopped = o->keep_source_stopped,
		.dump_options = (const char *const *)o->dump_options,
		.restore_options = (const char *const *)o->restore_options,
		.timeout_s = o->timeout_s,
		.max_frozen_s = o->max_frozen_s,
	};
	struct err e = { 0 };
	char sentence[2048];

	request.source = session_host(&run->session, job->host, &e);
	request.destination = request.source ? session_host(&run->session, destination, &e) : NULL;
	if (!request.destination)
		return refuse(run, job, destination, &e, EXIT_USAGE);
	session_connect(&run->session);
	if (!session_all_up(&run->session, &e))
		return refuse(run, job, destination, &e, EXIT_UNREACHABLE);
	run->told_any = false;
	run->move = engine_move(run->session.engine, &request, &e);
	if (!run->move)
		return refuse(run, job, destination, &e, EXIT_USAGE);
	while (!move_info(run->move)->ended)
		loop_turn(run->session.loop, -1);
	clear_progress(run);
	if (o->json) {
		session_print(report_result(move_info(run->move)));
	} else {
		move_sentence(run->move, sentence, sizeof sentence);
		puts(sentence);
	}
	return code_of(move_info(run->move));
}

/* The worse of two exit codes: doubt is worst, then what was not done. */
static int worse(int a, int b)
{
	static const int rank[] = { [EXIT_DONE] = 0, [EXIT_NOT_DONE] = 1, [EXIT_UNREACHABLE] = 2, [EXIT_USAGE] = 3, [EXIT_DOUBT] = 4 };

	return rank[a] >= rank[b] ? a : b;
}

int cli_move(const struct cli_options *options)
{
	size_t n = options->nargs - 1;
	struct job *jobs = mem_array(n, sizeof *jobs);
	struct run run = { 0 };
	int code = EXIT_DONE;

	for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
		if (!cli_parse_target(options->args[i], &jobs[i].host, &jobs[i].pid)) {
			fprintf(stderr, "pferry: \"%s\" is not HOST:PID\n", options->args[i]);
			code = EXIT_USAGE;
		}
	}
	if (code == EXIT_DONE && !session_begin(&run.session, options, -1))
		code = EXIT_NOT_DONE;
	if (code == EXIT_DONE) {
		run.session.event = on_event;
		run.session.ctx = &run;
		for (size_t i = 0; i < n && !run.session.interrupted; i++)
			code = worse(code, one_move(&run, &jobs[i], options->args[n]));
		session_end(&run.session);
	}
	for (size_t i = 0; i < n; i++)
		free(jobs[i].host);
	free(jobs);
	return code;
}

/* ---- check ---- */

static void print_findings(const struct move_info *info, bool json)
{
	for (size_t i = 0; i < info->findings_count; i++) {
		const struct finding *f = &info->findings[i];

		if (json)
			session_print(report_finding(f));
		else
			printf("%-7s %-18s %s%s%s%s%s\n", report_level(f->level), f->code, f->text, *f->remedy ? ": " : "",
			       f->remedy, f->option ? ". CRIU gets " : "", f->option ? f->option : "");
	}
	if (json)
		session_print(report_result(info));
}

static int run_check(struct run *run, const struct job *job, const char *destination)
{
	struct move_request request = { .proc = { .pid = job->pid }, .check_only = true };
	struct err e = { 0 };
	const struct move_info *info;

	request.with_files = run->session.options->with_files;
	request.source = session_host(&run->session, job->host, &e);
	if (request.source && destination)
		request.destination = session_host(&run->session, destination, &e);
	if (!request.source || (destination && !request.destination))
		return refuse(run, job, destination ? destination : "", &e, EXIT_USAGE);
	session_connect(&run->session);
	if (!session_all_up(&run->session, &e))
		return refuse(run, job, destination ? destination : "", &e, EXIT_UNREACHABLE);
	run->move = engine_move(run->session.engine, &request, &e);
	if (!run->move)
		return refuse(run, job, destination ? destination : "", &e, EXIT_USAGE);
	while (!move_info(run->move)->ended)
		loop_turn(run->session.loop, -1);
	info = move_info(run->move);
	print_findings(info, run->session.options->json);
	if (info->findings_count == 0 && info->reason.code != ERR_NONE && !run->session.options->json)
		cli_error(&info->reason);
	return info->reason.code == ERR_NONE ? EXIT_DONE : EXIT_NOT_DONE;
}

int cli_check(const struct cli_options *options)
{
	struct job job = { 0 };
	struct run run = { 0 };
	int code;

	if (!cli_parse_target(options->args[0], &job.host, &job.pid)) {
		fprintf(stderr, "pferry: \"%s\" is not HOST:PID\n", options->args[0]);
		return EXIT_USAGE;
	}
	if (session_begin(&run.session, options, -1)) {
		code = run_check(&run, &job, options->nargs > 1 ? options->args[1] : NULL);
		session_end(&run.session);
	} else {
		code = EXIT_NOT_DONE;
	}
	free(job.host);
	return code;
}
