/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/findings.h"

#define OUTPUT_MAX (16u << 20)
/* Bytes of a saved answer, and steps of work on one that arrived, in one turn of the loop. */
#define FED_A_TURN (64u << 10)
#define STEPS_A_TURN 20000
#define SUMS_LIMIT_MS 600000

/* Questions to the hosts, in no order but that "verify" waits for the first
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
	struct digests sums[2];
	struct buf kept[CHECK_SAID]; /* the source's answers, with check_options.save */
	struct question {
		struct check *check;
		enum asked what;
		struct ssh_run *run;
		struct answer answer; /* read as it comes in */
		const char *saved;    /* rest of an answer that a saved file has */
		size_t saved_len;
		bool settling;        /* the answer is complete and is being put in order */
	} questions[ASKED_COUNT];
	unsigned open;       /* questions without an answer, or that are being put in order */
	struct loop_timer *work;
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
	for (size_t i = 0; i < ASKED_COUNT; i++) {
		ssh_run_cancel(&check->questions[i].run);
		answer_free(&check->questions[i].answer);
	}
	for (size_t i = 0; i < CHECK_SAID; i++)
		buf_free(&check->kept[i]);
	loop_timer_remove(&check->work);
	check_result_free(check->result);
	able_free(&check->able[0]);
	able_free(&check->able[1]);
	verified_free(&check->verified);
	verified_free(&check->still);
	digests_free(&check->sums[0]);
	digests_free(&check->sums[1]);
	free(check);
}

static void finish(struct check *check)
{
	struct check_result *result = check->result;

	if (check->failed.code != ERR_NONE) {
		check->done(check->ctx, NULL, &check->failed);
	} else {
		for (size_t i = 0; i < CHECK_SAID && check->judge.options->save; i++) {
			result->said[i].len = check->kept[i].len;
			result->said[i].text = buf_take(&check->kept[i]);
		}
		check->result = NULL;
		check->done(check->ctx, result, NULL);
	}
	check_free(check);
}

static struct host *host_of(const struct check *check, enum asked what)
{
	return what == INSPECT || what == ABLE_SOURCE || what == STILL || what == SUMS_SOURCE ? check->source : check->destination;
}

/* The question's subject, for a sentence. */
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
static bool take_late(const struct answer *answer, const struct ssh_exit *how, const char *host, enum asked what, struct err *e)
{
	/* Sums that are not there count as unequal. */
	if ((!answer->was_late && !how->why[0]) || what == SUMS_SOURCE || what == SUMS_DESTINATION)
		return false;
	if (!answer->was_late) {
		err_set(e, ERR_TIMEOUT, host, "%s, when it was asked %s", how->why, matter(what));
		return true;
	}
	err_set(e, ERR_TIMEOUT, host, "%s did not report in time %s: it was still waiting for %s; does a file system or a device there not answer?",
		host, matter(what), answer->late[0] ? answer->late : "itself");
	return true;
}

/* Read what will be answered into its place. */
static void begin_answer(struct question *question)
{
	struct check *check = question->check;
	struct answer *answer = &question->answer;

	answer_free(answer);
	switch (question->what) {
	case INSPECT:
		survey_begin(answer, &check->result->survey);
		break;
	case ABLE_SOURCE:
	case ABLE_DESTINATION:
		able_begin(answer, &check->able[question->what - ABLE_SOURCE]);
		break;
	case VERIFY:
		check->judge.verified = &check->verified;
		verified_begin(answer, &check->verified);
		break;
	case STILL:
		check->judge.still = &check->still;
		verified_begin(answer, &check->still);
		break;
	case SUMS_SOURCE:
	case SUMS_DESTINATION:
		check->judge.sums[question->what - SUMS_SOURCE] = &check->sums[question->what - SUMS_SOURCE];
		digests_begin(answer, &check->sums[question->what - SUMS_SOURCE]);
		break;
	case ASKED_COUNT:
		break;
	}
}

/* The answer must have ended; sums cut short count as missing. */
static bool whole(const struct question *question, struct err *e)
{
	if (question->answer.ended)
		return true;
	switch (question->what) {
	case INSPECT:
		return survey_failed(e);
	case ABLE_SOURCE:
	case ABLE_DESTINATION:
		return able_failed(e);
	case VERIFY:
	case STILL:
		return verified_failed(e);
	case SUMS_SOURCE:
	case SUMS_DESTINATION:
	case ASKED_COUNT:
		break;
	}
	return true;
}

/* Go on with putting it in order; true once it is. */
static bool settle(struct question *question, size_t *budget)
{
	struct check *check = question->check;

	switch (question->what) {
	case INSPECT:
		return survey_step(&check->result->survey, budget);
	case VERIFY:
		return verified_step(&check->verified, budget);
	case STILL:
		return verified_step(&check->still, budget);
	case ABLE_SOURCE:
	case ABLE_DESTINATION:
	case SUMS_SOURCE:
	case SUMS_DESTINATION:
	case ASKED_COUNT:
		break;
	}
	return true;
}

static void go_on(struct check *check);

/* The answer's last byte has come. */
static void answered(struct question *question, struct err *e)
{
	struct check *check = question->check;

	if (e->code == ERR_NONE && !whole(question, e))
		snprintf(e->host, sizeof e->host, "%s", host_name(host_of(check, question->what)));
	if (e->code != ERR_NONE && check->failed.code == ERR_NONE)
		check->failed = *e;
	question->settling = true;
	loop_timer_set(check->work, 0);
}

/* Feed what was saved, and put in order what has come: a little in each turn. */
static void on_work(void *ctx)
{
	struct check *check = ctx;
	size_t budget = STEPS_A_TURN;
	bool left = false;

	for (size_t i = 0; i < ASKED_COUNT; i++) {
		struct question *question = &check->questions[i];
		struct err e = { 0 };

		if (question->saved) {
			size_t n = question->saved_len < FED_A_TURN ? question->saved_len : FED_A_TURN;

			answer_feed(&question->answer, question->saved, n);
			question->saved += n;
			question->saved_len -= n;
			if (question->saved_len == 0) {
				question->saved = NULL;
				answered(question, &e);
			}
			left = true;
		} else if (question->settling) {
			if (check->failed.code == ERR_NONE && !settle(question, &budget)) {
				left = true;
				continue;
			}
			question->settling = false;
			check->open--;
		}
	}
	if (left)
		loop_timer_set(check->work, 0);
	else if (check->open == 0)
		go_on(check);
}

static void on_output(void *ctx, const char *bytes, size_t len)
{
	struct question *question = ctx;
	struct check *check = question->check;
	/* For a check of the saved process against another host. */
	const int as = question->what == INSPECT       ? CHECK_INSPECT
		       : question->what == ABLE_SOURCE ? CHECK_ABLE
		       : question->what == SUMS_SOURCE ? CHECK_SUMS
						       : -1;

	answer_feed(&question->answer, bytes, len);
	if (as >= 0 && check->judge.options->save)
		buf_append(&check->kept[as], bytes, len);
}

static void on_answer(void *ctx, const struct ssh_output *output)
{
	struct question *question = ctx;
	struct check *check = question->check;
	const struct host *host = host_of(check, question->what);
	struct err e = { 0 };

	question->run = NULL;
	if (output->how.lost)
		err_set(&e, ERR_LOST, host_name(host), "the connection to %s was lost during the check", host_name(host));
	else
		take_late(&question->answer, &output->how, host_name(host), question->what, &e);
	answered(question, &e);
}

static struct question *new_question(struct check *check, enum asked what)
{
	struct question *question = &check->questions[what];

	question->check = check;
	question->what = what;
	check->open++;
	begin_answer(question);
	return question;
}

static void ask(struct check *check, enum asked what, const char *script, const char *const args[], const char *input)
{
	struct question *question;
	struct host *host = host_of(check, what);

	if (!host_conn(host)) {
		err_set(&check->failed, ERR_LOST, host_name(host), "the connection to %s was lost during the check",
			host_name(host));
		return;
	}
	question = new_question(check, what);
	question->run = host_run(host, script, args, input, input ? strlen(input) : 0, OUTPUT_MAX, on_answer, question);
	ssh_run_take(question->run, on_output);
	/* Reading much takes as long as it takes. */
	if (what == SUMS_SOURCE || what == SUMS_DESTINATION)
		ssh_run_limit(question->run, SUMS_LIMIT_MS);
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
		check->result->nodes = verified_nodes(&check->verified);
	finish(check);
}

/* Instead of asking the source. */
static void take_saved(struct check *check, const struct check_said *saved)
{
	static const enum asked what[CHECK_SAID] = { [CHECK_INSPECT] = INSPECT, [CHECK_ABLE] = ABLE_SOURCE, [CHECK_SUMS] = SUMS_SOURCE };

	for (size_t i = 0; i < CHECK_SAID; i++) {
		struct question *question;

		/* Where nothing was summed there are no sums. */
		if (!saved[i].len && i == CHECK_SUMS)
			continue;
		question = new_question(check, what[i]);
		question->saved = saved[i].text ? saved[i].text : "";
		question->saved_len = saved[i].len;
	}
	loop_timer_set(check->work, 0);
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
	check->work = loop_timer_add(host_loop(destination ? destination : source), -1, on_work, check);
	for (size_t i = 0; i < CHECK_SAID; i++)
		buf_init(&check->kept[i], OUTPUT_MAX);
	snprintf(pid, sizeof pid, "%d", (int)proc.pid);
	if (options->saved) {
		take_saved(check, options->saved);
	} else {
		ask(check, INSPECT, "inspect", args, NULL);
		ask(check, ABLE_SOURCE, "able", NULL, NULL);
	}
	if (destination)
		ask(check, ABLE_DESTINATION, "able", NULL, NULL);
	/* No host could be asked. */
	if (check->open == 0)
		loop_timer_set(check->work, 0);
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
