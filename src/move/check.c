/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "move/findings.h"

#define OUTPUT_MAX (8u << 20)

struct check {
	struct host *source, *destination;
	bool with_files;
	check_done_fn *done;
	void *ctx;
	struct check_result *result;
	struct ssh_run *run;
};

void check_result_free(struct check_result *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++) {
		free(r->findings[i].text);
		free(r->findings[i].remedy);
	}
	for (size_t i = 0; i < r->nbring; i++)
		free(r->bring[i]);
	free(r->bring);
	free(r->findings);
	survey_free(&r->survey);
	free(r);
}

static void finish(struct check *check, const struct err *e)
{
	struct check_result *result = check->result;

	if (e) {
		check_result_free(result);
		result = NULL;
	}
	check->done(check->ctx, result, e);
	free(check);
}

static void fail_lost(struct check *check, const struct host *host)
{
	struct err e = { 0 };

	err_set(&e, ERR_LOST, host_name(host), "the connection to %s went during the check", host_name(host));
	finish(check, &e);
}

static void on_verified(void *ctx, const struct ssh_output *output)
{
	struct check *check = ctx;
	struct verified verified;
	struct err e = { 0 };

	check->run = NULL;
	if (output->how.lost) {
		fail_lost(check, check->destination);
		return;
	}
	if (!verified_parse(output->out, output->out_len, &check->result->survey, &verified, &e)) {
		snprintf(e.host, sizeof e.host, "%s", host_name(check->destination));
		finish(check, &e);
		return;
	}
	findings_judge(check->result, check->source, check->destination, &verified, check->with_files);
	verified_free(&verified);
	finish(check, NULL);
}

static void ask_destination(struct check *check)
{
	char *questions = survey_questions(&check->result->survey);

	check->run = host_run(check->destination, "verify", NULL, questions, strlen(questions), OUTPUT_MAX, on_verified, check);
	free(questions);
}

static void on_inspected(void *ctx, const struct ssh_output *output)
{
	struct check *check = ctx;
	struct err e = { 0 };

	check->run = NULL;
	if (output->how.lost) {
		fail_lost(check, check->source);
		return;
	}
	if (!survey_parse(output->out, output->out_len, &check->result->survey, &e)) {
		snprintf(e.host, sizeof e.host, "%s", host_name(check->source));
		finish(check, &e);
		return;
	}
	if (check->destination && !check->result->survey.gone && host_conn(check->destination)) {
		ask_destination(check);
		return;
	}
	if (check->destination && !host_conn(check->destination)) {
		fail_lost(check, check->destination);
		return;
	}
	findings_judge(check->result, check->source, NULL, NULL, check->with_files);
	finish(check, NULL);
}

struct check *check_start(struct host *source, struct host *destination, struct proc_key proc, bool with_files,
			  check_done_fn *done, void *ctx)
{
	struct check *check = mem_new(struct check);
	char pid[16];
	const char *args[] = { pid, NULL };

	check->source = source;
	check->destination = destination;
	check->with_files = with_files;
	check->done = done;
	check->ctx = ctx;
	check->result = mem_new(struct check_result);
	check->result->proc = proc;
	findings_hosts(check->result, source, destination);
	snprintf(pid, sizeof pid, "%d", (int)proc.pid);
	check->run = host_run(source, "inspect", args, NULL, 0, OUTPUT_MAX, on_inspected, check);
	return check;
}

void check_stop(struct check **check)
{
	struct check *c = *check;

	if (!c)
		return;
	*check = NULL;
	ssh_run_cancel(&c->run);
	check_result_free(c->result);
	free(c);
}
