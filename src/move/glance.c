/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/glance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "move/check.h"
#include "move/findings.h"

#define OUTPUT_MAX (2u << 20)

struct glance {
	struct host *host;
	glance_done_fn *done;
	void *ctx;
	struct ssh_run *run;
	struct proc_key keys[GLANCE_MAX];
	size_t count;
};

/* ---- what it says ---- */

/* The code of what stands in the way, NULL when nothing was seen. */
static const char *judge_one(struct check_result *r, const struct judge *j)
{
	judge_process(r, j);
	judge_files(r, j);
	return r->refused && !r->choice ? r->findings[r->stands].code : NULL;
}

static bool take_section(const char *text, size_t len, const struct judge *judge, const struct proc_key *keys, size_t count,
			 struct glance_result *result)
{
	struct check_result *r = mem_new(struct check_result);
	const struct survey_proc *root;
	struct err e = { 0 };
	bool found = false;

	if (survey_parse(text, len, &r->survey, &e) && (root = survey_root(&r->survey)) && root->start) {
		for (size_t i = 0; i < count && !found; i++) {
			if (root->pid == keys[i].pid && root->start == keys[i].start) {
				r->proc = keys[i];
				snprintf(r->name, sizeof r->name, "%s", root->name);
				*result = (struct glance_result){ .proc = keys[i], .code = judge_one(r, judge) };
				found = true;
			}
		}
	}
	check_result_free(r);
	return found;
}

size_t glance_parse(const char *text, size_t len, const struct host *host, const struct proc_key *keys, size_t count,
		    struct glance_result *results)
{
	static const char begin[] = "pferry-inspect 2\n";
	struct able able = { .capabilities = UINT64_MAX };
	const struct judge judge = { .source = host, .able_source = &able };
	const char *at = memmem(text, len, begin, sizeof begin - 1), *cap = memmem(text, len, "\ncap ", 5), *end = text + len, *next;
	size_t n = 0;

	if (cap && at && cap < at)
		able.capabilities = strtoull(cap + 5, NULL, 16);
	for (; at && n < count; at = next) {
		next = memmem(at + 1, (size_t)(end - at - 1), begin, sizeof begin - 1);
		n += take_section(at, (size_t)((next ? next : end) - at), &judge, keys, count, &results[n]);
	}
	return n;
}

/* ---- asking ---- */

static void on_answer(void *ctx, const struct ssh_output *output)
{
	struct glance *glance = ctx;
	struct glance_result results[GLANCE_MAX];
	size_t count = 0;

	glance->run = NULL;
	if (!output->how.lost)
		count = glance_parse(output->out, output->out_len, glance->host, glance->keys, glance->count, results);
	glance->done(glance->ctx, glance->host, results, count);
	free(glance);
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
	glance->run = host_run(host, "glance", args, NULL, 0, OUTPUT_MAX, on_answer, glance);
	return glance;
}

void glance_stop(struct glance **glance)
{
	struct glance *g = *glance;

	if (!g)
		return;
	*glance = NULL;
	ssh_run_cancel(&g->run);
	free(g);
}
