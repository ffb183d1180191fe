/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/glance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/check.h"
#include "check/findings.h"

#define OUTPUT_MAX (2u << 20)

struct glance {
	struct host *host;
	glance_done_fn *done;
	void *ctx;
	struct ssh_run *run;
	struct proc_key keys[GLANCE_MAX];
	size_t count;
	struct glance_result results[GLANCE_MAX];
	struct answer answer;
	struct reader *reader;
};

/* ---- its results ---- */

/* The code of the blocker, NULL when none was found. */
static const char *judge_one(struct check_result *r, const struct judge *j)
{
	judge_process(r, j);
	judge_files(r, j);
	return r->refused && !r->choice ? r->findings[r->stands].code : NULL;
}

/* State of reading the answer: section by section: one for each process. */
struct reader {
	const struct host *host;
	const struct proc_key *keys;
	size_t count;
	struct able able;
	struct check_result *section; /* the one that is being read, or NULL */
	struct answer lines;          /* lines of that section */
	struct glance_result *results;
	size_t found;
};

static void drop_section(struct reader *reader)
{
	check_result_free(reader->section);
	answer_free(&reader->lines);
	reader->section = NULL;
}

static void end_section(struct reader *reader)
{
	const struct judge judge = { .source = reader->host, .able_source = &reader->able };
	struct check_result *r = reader->section;
	const struct survey_proc *root = survey_root(&r->survey);
	size_t budget = SIZE_MAX;

	for (size_t i = 0; root && i < reader->count; i++) {
		if (root->pid != reader->keys[i].pid || root->start != reader->keys[i].start)
			continue;
		survey_step(&r->survey, &budget);
		r->proc = reader->keys[i];
		snprintf(r->name, sizeof r->name, "%s", root->name);
		reader->results[reader->found++] =
			(struct glance_result){ .proc = reader->keys[i], .code = judge_one(r, &judge) };
		break;
	}
	drop_section(reader);
}

static void take_line(void *ctx, char *line)
{
	struct reader *reader = ctx;

	if (strcmp(line, "pferry-inspect 2") == 0) {
		drop_section(reader);
		if (reader->found == reader->count)
			return;
		reader->section = mem_new(struct check_result);
		survey_begin(&reader->lines, &reader->section->survey);
	} else if (!reader->section) {
		if (strncmp(line, "cap ", 4) == 0)
			reader->able.capabilities = strtoull(line + 4, NULL, 16);
	} else if (strcmp(line, "end") == 0) {
		end_section(reader);
	} else {
		reader->lines.take(reader->lines.ctx, line);
	}
}

static void reader_begin(struct answer *answer, struct reader *reader)
{
	answer_init(answer, "pferry-glance 1", take_line, reader);
	answer->end = "over";
	reader->able.capabilities = UINT64_MAX;
}

size_t glance_parse(const char *text, size_t len, const struct host *host, const struct proc_key *keys, size_t count,
		    struct glance_result *results)
{
	struct reader reader = { .host = host, .keys = keys, .count = count, .results = results };
	struct answer answer;

	reader_begin(&answer, &reader);
	answer_feed(&answer, text, len);
	answer_free(&answer);
	drop_section(&reader);
	return reader.found;
}

/* ---- asking ---- */

static void glance_free(struct glance *glance)
{
	answer_free(&glance->answer);
	drop_section(glance->reader);
	free(glance->reader);
	free(glance);
}

static void on_output(void *ctx, const char *bytes, size_t len)
{
	answer_feed(&((struct glance *)ctx)->answer, bytes, len);
}

static void on_answer(void *ctx, const struct ssh_output *output)
{
	struct glance *glance = ctx;

	glance->run = NULL;
	glance->done(glance->ctx, glance->host, glance->results, output->how.lost ? 0 : glance->reader->found);
	glance_free(glance);
}

struct glance *glance_start(struct host *host, const struct proc_key *keys, size_t count, glance_done_fn *done, void *ctx)
{
	struct glance *glance = mem_new(struct glance);
	char pids[GLANCE_MAX][16];
	const char *args[GLANCE_MAX + 1];

	if (count > GLANCE_MAX)
		count = GLANCE_MAX;
	for (size_t i = 0; i < count; i++) {
		snprintf(pids[i], sizeof pids[i], "%d", (int)keys[i].pid);
		args[i] = pids[i];
	}
	args[count] = NULL;
	*glance = (struct glance){ .host = host, .done = done, .ctx = ctx, .count = count };
	memcpy(glance->keys, keys, count * sizeof *keys);
	glance->reader = mem_new(struct reader);
	*glance->reader = (struct reader){ .host = host, .keys = glance->keys, .count = count, .results = glance->results };
	reader_begin(&glance->answer, glance->reader);
	glance->run = host_run(host, "glance", args, NULL, 0, OUTPUT_MAX, on_answer, glance);
	ssh_run_take(glance->run, on_output);
	return glance;
}

void glance_stop(struct glance **glance)
{
	struct glance *g = *glance;

	if (!g)
		return;
	*glance = NULL;
	ssh_run_cancel(&g->run);
	glance_free(g);
}
