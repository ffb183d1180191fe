/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the protocol with an endpoint, unfolded from protocol.def; what
 * they mean is in doc/protocol.md.
 */
#ifndef HANDOVER_PROTOCOL_H
#define HANDOVER_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

enum decision {
	DECISION_NONE,
#define DECISION(NAME, word, says) DECISION_##NAME,
#include "handover/protocol.def"
};

/* The facts of an endpoint. */
struct end_facts {
#define STATE(NAME, word, told, source, destination, says) bool word;
#define FACT(type, name, says) type name;
#include "handover/protocol.def"
};

/* Commands that handover_decide() gives to an endpoint. */
enum order {
	ORDER_NONE,
#define ORDER(NAME, word, says) ORDER_##NAME,
#include "handover/protocol.def"
};

/* Other commands to an endpoint. */
enum command {
#define COMMAND(NAME, word, says) COMMAND_##NAME,
#include "handover/protocol.def"
};

/* Reports of an endpoint: its states and events, or that its facts changed by another line. */
enum notice {
	NOTICE_NONE,
#define STATE(NAME, word, told, source, destination, says) NOTICE_##NAME,
#define EVENT(NAME, word, told, source, destination, says) NOTICE_##NAME,
#include "handover/protocol.def"
	NOTICE_DECISION,
	NOTICE_LIVE,
	NOTICE_CLEANED,
	NOTICE_COUNT
};

/* The first word of a line of an endpoint's. */
enum line {
	LINE_NONE, /* it says nothing */
#define LINE(NAME, word, says) LINE_##NAME,
#include "handover/protocol.def"
};

enum failure {
	FAILURE_UNKNOWN, /* a code that is not in the table */
#define FAILURE(NAME, code, says) FAILURE_##NAME,
#include "handover/protocol.def"
};

const char *order_name(enum order order);
const char *command_name(enum command command);
/* The word of its line: "held". */
const char *notice_name(enum notice notice);
/* Whether it is always news; else it may be what is told again on asking. */
bool notice_told_once(enum notice notice);
/* "exit" has its number behind a dash, others a blank. */
char notice_joint(enum notice notice);

/* Which line it is; `rest` is what follows the word and its blank. */
enum line line_of(const char *line, const char **rest);
/* The notice of a line "state TEXT", NOTICE_NONE when its word is not in the table; `rest` is what follows the word. */
enum notice notice_of(const char *text, const char **rest);
/* DECISION_NONE when it is none. */
enum decision decision_of(const char *word);
/* Set the fact of a state; an event has none. */
void notice_set_fact(enum notice notice, struct end_facts *facts);
/* Splits "CODE SENTENCE"; without a code of the table all of it is the sentence. */
enum failure failure_of(const char *text, const char **sentence);
/* The first line "fail CODE SENTENCE" in `text`: its sentence, which the next newline ends; NULL when there is none. */
const char *failure_in(const char *text, enum failure *failure);

#endif
