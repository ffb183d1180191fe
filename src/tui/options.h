/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU is given beside what pferry works out: extra options for dump and
 * restore.  Those in use go with every move from now on; kept under a name
 * they are a profile, and a profile that says what it is for goes with the
 * moves of such processes when nothing else is in use.
 */
#ifndef TUI_OPTIONS_H
#define TUI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>
#include <pferry/tree.h>

#define OPTIONS_TEXT 512
#define PROFILES_MAX 100

struct ui;

struct profile {
	char name[64];
	char match[256]; /* in the filter's language; "": only used when asked for */
	char dump[OPTIONS_TEXT], restore[OPTIONS_TEXT];
};

struct options {
	char profile[64]; /* where those in use come from, "" */
	char dump[OPTIONS_TEXT], restore[OPTIONS_TEXT];
	struct profile *profiles; /* by name */
	size_t nprofiles;
};

void options_free(struct options *options);

/* Lists of words as a move takes them; NULL: none. */
struct options_words {
	const char *const *dump, *const *restore;
	const struct profile *profile; /* that went with it by itself, or NULL */
};

/* Whether CRIU may be given this, words as a shell would make of it. */
bool options_ok(const char *text, struct err *e);
/* What a process is moved with; `proc` may be NULL. */
void options_for(const struct options *options, const struct proc *proc, struct options_words *words);
void options_words_free(struct options_words *words);

/* Keep a profile (replacing one of that name); false with a sentence when it is not right. */
bool options_keep(struct options *options, const struct profile *profile, struct err *e);
const struct profile *options_profile(const struct options *options, const char *name);
bool options_forget(struct options *options, const char *name);

/* The screen: command lines as they will be run, what is in use, profiles. */
void options_open(struct ui *ui);

#endif
