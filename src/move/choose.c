/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a person must choose before a move: asked once, remembered per program. */
#include <stdlib.h>
#include <string.h>
#include <pferry/config.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/findings.h"
#include "move/move_priv.h"

static void accept(struct move *move, const char *code)
{
	size_t n = 0;

	while (move->accept && move->accept[n]) {
		if (strcmp(move->accept[n++], code) == 0)
			return;
	}
	move->accept = mem_resize(move->accept, n + 2, sizeof *move->accept);
	move->accept[n] = mem_strdup(code);
	move->accept[n + 1] = NULL;
	move->check_options.accept = (const char *const *)move->accept;
}

/* What is another thing each time is asked each time. */
static bool may_remember(const struct move *move, const char *code)
{
	static const char *const each_time[] = { "file-replace", "file-executed", "pid-taken", "other-user" };

	for (size_t i = 0; i < countof(each_time); i++) {
		if (strcmp(code, each_time[i]) == 0)
			return false;
	}
	return move->setup.config != NULL;
}

static bool accept_remembered(struct move *move, const char *code)
{
	const char *answer = may_remember(move, code) ? config_answer(move->setup.config, move->info.name, code) : NULL;

	if (!answer || strcmp(answer, "yes") != 0)
		return false;
	log_add(LOG_NOTE, NULL, "#%u %s for %s, as chosen before", move->info.number, code, move->info.name);
	accept(move, code);
	return true;
}

void choose_begin(struct move *move)
{
	struct check_options *options = &move->check_options;

	options->with_files = move->request.with_files;
	options->hook = move->request.hook != NULL;
	options->accept = (const char *const *)move->accept;
	for (const struct finding_kind *k = finding_kinds; k->code; k++) {
		if (k->level == FINDING_CHOICE)
			accept_remembered(move, k->code);
	}
}

bool choose_remembered(struct move *move)
{
	const char *code = move->result->choice;

	/* The name may be known only since the check. */
	return code && accept_remembered(move, code);
}

void choose_yes(struct move *move)
{
	const char *code = move->result->choice;
	struct err e = { 0 };

	accept(move, code);
	if (may_remember(move, code) && !config_remember(move->setup.config, move->info.name, code, "yes", &e))
		log_add(LOG_WARN, NULL, "the answer could not be remembered: %s", e.text);
}
