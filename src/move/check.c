/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "move/compare.h"
#include "move/findings.h"

#define OUTPUT_MAX (16u << 20)
#define SUMS_LIMIT_MS 600000

/* What is asked of the hosts, in no order but that "verify" waits for the first
 * three, and what follows for it: whether the source still has what the
 * destination lacks, and the sums. */
enum asked { INSPECT, ABLE_SOURCE, ABLE_DESTINATION, VERIFY, STILL, SUMS_SOURCE, SUMS_DESTINATION, ASKED_COUNT };

struct check {
	struct host *source, *destination;
	check_done_fn *done;
	void *ctx;
	struct check_result *result;
	struct judge judge;
	struct able able[2];
	struct verified verified, still;
	bool asked_again;
	char *sums[2];
	struct question {
		struct check *check;
		enum asked what;
		struct ssh_run *run;
	} questions[ASKED_COUNT];
	unsigned open;       /* questions without an answer */
	struct err failed;
};

void check_result_free(struct check_result *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++) {
		free(r->findings[i].text);
		free(r->findings[i].remedy);
		for (size_t k = 0; k < r->findings[i].files_count; k++)
			free(r->findings[i].files[k]);
		free(r->findings[i].files);
	}
	for (size_t i = 0; i < r->nbring; i++)
		free(r->bring[i]);
	free(r->bring);
	free(r->nodes);
	free(r->findings);
	free(r->question);
	for (size_t i = 0; i < CHECK_SAID; i++)
		free(r->said[i].text);
	survey_free(&r->survey);
	free(r);
}

static void check_free(struct check *check)
{
	for (size_t i = 0; i < ASKED_COUNT; i++)
		ssh_run_cancel(&check->questions[i].run);
	check_result_free(check->result);
	able_free(&check->able[0]);
	able_free(&check->able[1]);
	verified_free(&check->verified);
	verified_free(&check->still);
	free(check->sums[0]);
	free(check->sums[1]);
	free(check);
}

static void finish(struct check *check)
{
	struct check_result *result = check->result;

	if (check->failed.code != ERR_NONE) {
		check->done(check->ctx, NULL, &check->failed);
	} else {
		check->result = NULL;
		check->done(check->ctx, result, NULL);
	}
	check_free(check);
}

static struct host *host_of(const struct check *check, enum asked what)
{
	return what == INSPECT || what == ABLE_SOURCE || what == STILL || what == SUMS_SOURCE ? check->source : check->destination;
}

/* What it was asked, for a sentence. */
static const char *matter(enum asked what)
{
	static const char *const matters[] = {
		[INSPECT] = "what the process is made of", [ABLE_SOURCE] = "what CRIU can do there",
		[ABLE_DESTINATION] = "what CRIU can do there", [VERIFY] = "what is there of what the process needs",
		[STILL] = "whether what the other host lacks is still there", [SUMS_SOURCE] = "the sums of files",
		[SUMS_DESTINATION] = "the sums of files",
	};

	return matters[what];
}

bool check_waits(const struct check *check, const char **host, const char **for_what)
{
	for (size_t i = 0; i < ASKED_COUNT; i++) {
		if (!check->questions[i].run)
			continue;
		*host = host_name(host_of(check, (enum asked)i));
		*for_what = matter((enum asked)i);
		return true;
	}
	return false;
}

/* The script's own time was over before it was: "late PROGRAM...". */
static bool take_late(const struct ssh_output *output, const char *host, enum asked what, struct err *e)
{
	const char *late = strstr(output->out, "\nlate ");
	char *busy;

	/* Sums that are not there count as unequal. */
	if ((!late && !output->how.why[0]) || what == SUMS_SOURCE || what == SUMS_DESTINATION)
		return false;
	if (!late) {
		err_set(e, ERR_TIMEOUT, host, "%s, when it was asked %s", output->how.why, matter(what));
		return true;
	}
	busy = text_sanitize(late + 6, strcspn(late + 6, "\n"), 100);
	err_set(e, ERR_TIMEOUT, host, "%s could not tell in time %s: it still waited for %s; does a file system or a device there not answer?",
		host, matter(what), *busy ? busy : "itself");
	free(busy);
	return true;
}

static bool parse(struct check *check, enum asked what, const struct ssh_output *output, struct err *e)
{
	switch (what) {
	case INSPECT:
		return survey_parse(output->out, output->out_len, &check->result->survey, e);
	case ABLE_SOURCE:
		return able_parse(output->out, output->out_len, &check->able[0], e);
	case ABLE_DESTINATION:
		return able_parse(output->out, output->out_len, &check->able[1], e);
	case VERIFY:
		check->judge.verified = &check->verified;
		return verified_parse(output->out, output->out_len, &check->verified, e);
	case STILL:
		check->judge.still = &check->still;
		return verified_parse(output->out, output->out_len, &check->still, e);
	case SUMS_SOURCE:
	case SUMS_DESTINATION:
		check->sums[what - SUMS_SOURCE] = mem_strdup(output->out);
		check->judge.sums[what - SUMS_SOURCE] = check->sums[what - SUMS_SOURCE];
		return true;
	case ASKED_COUNT:
		break;
	}
	return true;
}

/* For whoever checks what was saved against another host. */
static void keep(struct check *check, enum asked what, const struct ssh_output *output)
{
	const int as = what == INSPECT ? CHECK_INSPECT : what == ABLE_SOURCE ? CHECK_ABLE : what == SUMS_SOURCE ? CHECK_SUMS : -1;

	if (as >= 0 && check->judge.options->save)
		check->result->said[as] = (struct check_said){ mem_strndup(output->out, output->out_len), output->out_len };
}

static void go_on(struct check *check);

static void on_answer(void *ctx, const struct ssh_output *output)
{
	struct question *question = ctx;
	struct check *check = question->check;
	const struct host *host = host_of(check, question->what);
	struct err e = { 0 };

	question->run = NULL;
	check->open--;
	if (output->how.lost)
		err_set(&e, ERR_LOST, host_name(host), "the connection to %s went during the check", host_name(host));
	else if (take_late(output, host_name(host), question->what, &e))
		;
	else if (!parse(check, question->what, output, &e))
		snprintf(e.host, sizeof e.host, "%s", host_name(host));
	keep(check, question->what, output);
	if (e.code != ERR_NONE && check->failed.code == ERR_NONE)
		check->failed = e;
	if (check->open == 0)
		go_on(check);
}

static void ask(struct check *check, enum asked what, const char *script, const char *const args[], const char *input)
{
	struct question *question = &check->questions[what];
	struct host *host = host_of(check, what);

	if (!host_conn(host)) {
		err_set(&check->failed, ERR_LOST, host_name(host), "the connection to %s went during the check",
			host_name(host));
		return;
	}
	question->check = check;
	question->what = what;
	question->run = host_run(host, script, args, input, input ? strlen(input) : 0, OUTPUT_MAX, on_answer, question);
	/* Reading much takes as long as it takes. */
	if (what == SUMS_SOURCE || what == SUMS_DESTINATION)
		ssh_run_limit(question->run, SUMS_LIMIT_MS);
	check->open++;
}

/* All that was asked has been answered: ask what follows from it, or judge. */
static void go_on(struct check *check)
{
	const struct survey *survey = &check->result->survey;
	const bool both = check->destination && !survey->gone, was_saved = check->judge.options->saved;
	char *input;

	if (check->failed.code == ERR_NONE && both && !check->judge.verified) {
		input = survey_questions(survey, check->able[0].cpu);
		ask(check, VERIFY, "verify", NULL, input);
		free(input);
	} else if (check->failed.code == ERR_NONE && both && !check->asked_again) {
		check->asked_again = true;
		if (was_saved)
			verified_allow_written(&check->result->survey, &check->verified);
		input = was_saved ? NULL : survey_missing(survey, &check->verified);
		if (input)
			ask(check, STILL, "verify", NULL, input);
		free(input);
		input = survey_unsure(survey, &check->verified);
		if (input) {
			if (!was_saved)
				ask(check, SUMS_SOURCE, "digest", NULL, input);
			ask(check, SUMS_DESTINATION, "digest", NULL, input);
			free(input);
		}
	} else if (check->failed.code == ERR_NONE && check->judge.options->save && !survey->gone && !check->asked_again) {
		check->asked_again = true;
		input = survey_plain(survey);
		if (input)
			ask(check, SUMS_SOURCE, "digest", NULL, input);
		free(input);
	}
	if (check->open > 0)
		return;
	if (check->failed.code == ERR_NONE)
		findings_judge(check->result, &check->judge);
	/* Names of another root are none of the host's. */
	if (check->failed.code == ERR_NONE && check->judge.verified && !survey->prefix[0])
		check->result->nodes = compare_nodes(&check->verified);
	finish(check);
}

/* Instead of asking the source. */
static void take_saved(struct check *check, const struct check_said *saved)
{
	struct err *e = &check->failed;

	if (survey_parse(saved[CHECK_INSPECT].text, saved[CHECK_INSPECT].len, &check->result->survey, e))
		able_parse(saved[CHECK_ABLE].text, saved[CHECK_ABLE].len, &check->able[0], e);
	check->judge.sums[0] = saved[CHECK_SUMS].text;
}

struct check *check_start(struct host *source, struct host *destination, struct proc_key proc,
			  const struct check_options *options, check_done_fn *done, void *ctx)
{
	struct check *check = mem_new(struct check);
	char pid[16];
	const char *args[] = { pid, NULL };

	check->source = source;
	check->destination = destination;
	check->done = done;
	check->ctx = ctx;
	check->result = mem_new(struct check_result);
	check->result->proc = proc;
	check->judge = (struct judge){ .source = source, .destination = destination, .options = options,
				       .able_source = &check->able[0],
				       .able_destination = destination ? &check->able[1] : NULL };
	snprintf(pid, sizeof pid, "%d", (int)proc.pid);
	if (options->saved) {
		take_saved(check, options->saved);
	} else {
		ask(check, INSPECT, "inspect", args, NULL);
		ask(check, ABLE_SOURCE, "able", NULL, NULL);
	}
	if (destination)
		ask(check, ABLE_DESTINATION, "able", NULL, NULL);
	return check;
}

void check_stop(struct check **check)
{
	struct check *c = *check;

	if (!c)
		return;
	*check = NULL;
	check_free(c);
}
