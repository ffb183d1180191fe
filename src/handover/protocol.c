/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handover/protocol.h"

#include <string.h>

#include "base/mem.h"

enum told { AGAIN, ONCE };

static const struct notice_words {
	const char *word;
	enum told told;
	bool is_state;
	size_t fact; /* of a state: where it is in the facts */
} notices[NOTICE_COUNT] = {
#define STATE(NAME, word, told, source, destination, says) [NOTICE_##NAME] = { #word, told, true, offsetof(struct end_facts, word) },
#define EVENT(NAME, word, told, source, destination, says) [NOTICE_##NAME] = { #word, told, false, 0 },
#include "handover/protocol.def"
	[NOTICE_NONE] = { "", AGAIN, false, 0 },
	[NOTICE_DECISION] = { "decision", AGAIN, false, 0 },
	[NOTICE_LIVE] = { "live", AGAIN, false, 0 },
	[NOTICE_CLEANED] = { "cleaned", AGAIN, false, 0 },
};

static const char *const lines[] = {
	[LINE_NONE] = "",
#define LINE(NAME, word, says) [LINE_##NAME] = #word,
#include "handover/protocol.def"
};

static const char *const failures[] = {
	[FAILURE_UNKNOWN] = "",
#define FAILURE(NAME, code, says) [FAILURE_##NAME] = #code,
#include "handover/protocol.def"
};

static const char *const decisions[] = {
	[DECISION_NONE] = "",
#define DECISION(NAME, word, says) [DECISION_##NAME] = #word,
#include "handover/protocol.def"
};

const char *order_name(enum order order)
{
	static const char *const names[] = {
		[ORDER_NONE] = "none",
#define ORDER(NAME, word, says) [ORDER_##NAME] = #word,
#include "handover/protocol.def"
	};

	return names[order];
}

const char *command_name(enum command command)
{
	static const char *const names[] = {
#define COMMAND(NAME, word, says) [COMMAND_##NAME] = #word,
#include "handover/protocol.def"
	};

	return names[command];
}

const char *notice_name(enum notice notice)
{
	return notices[notice].word;
}

bool notice_told_once(enum notice notice)
{
	return notices[notice].told == ONCE;
}

char notice_joint(enum notice notice)
{
	return notice == NOTICE_EXIT ? '-' : ' ';
}

/* Whether `word` begins the text, and `joint` or the end follows. */
static bool begins(const char *text, const char *word, char joint, const char **rest)
{
	size_t len = strlen(word);

	if (len == 0 || strncmp(text, word, len) != 0 || (text[len] != joint && text[len] != '\0'))
		return false;
	*rest = text[len] ? text + len + 1 : text + len;
	return true;
}

enum line line_of(const char *line, const char **rest)
{
	*rest = "";
	for (size_t i = 0; i < countof(lines); i++) {
		if (begins(line, lines[i], ' ', rest))
			return (enum line)i;
	}
	return LINE_NONE;
}

enum notice notice_of(const char *text, const char **rest)
{
	*rest = "";
	for (size_t i = NOTICE_NONE + 1; i < NOTICE_DECISION; i++) {
		if (begins(text, notices[i].word, notice_joint((enum notice)i), rest))
			return (enum notice)i;
	}
	return NOTICE_NONE;
}

enum decision decision_of(const char *word)
{
	for (size_t i = DECISION_NONE + 1; i < countof(decisions); i++) {
		if (strcmp(word, decisions[i]) == 0)
			return (enum decision)i;
	}
	return DECISION_NONE;
}

void notice_set_fact(enum notice notice, struct end_facts *facts)
{
	const struct notice_words *n = &notices[notice];

	if (n->is_state)
		*(bool *)((char *)facts + n->fact) = true;
}

enum failure failure_of(const char *text, const char **sentence)
{
	for (size_t i = FAILURE_UNKNOWN + 1; i < countof(failures); i++) {
		if (begins(text, failures[i], ' ', sentence))
			return (enum failure)i;
	}
	*sentence = text;
	return FAILURE_UNKNOWN;
}

const char *failure_in(const char *text, enum failure *failure)
{
	const char *sentence, *rest;

	for (const char *line = text; line; line = (line = strchr(line, '\n')) ? line + 1 : NULL) {
		if (begins(line, lines[LINE_FAIL], ' ', &rest) && *rest) {
			*failure = failure_of(rest, &sentence);
			return sentence;
		}
	}
	return NULL;
}
