/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CRIU is given beside what pferry works out: extra options for dump and
 * restore.  Those in use go with every move from now on; kept under a name in
 * the configuration they are a profile, and a profile that says what it is for
 * goes with the moves of such processes when nothing else is in use.
 */
#ifndef TUI_MODEL_OPTIONS_H
#define TUI_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/config.h>
#include <pferry/err.h>
#include <pferry/tree.h>

#define OPTIONS_TEXT 512

struct options {
	char profile[64]; /* where those in use come from, "" */
	char dump[OPTIONS_TEXT], restore[OPTIONS_TEXT];
	struct config *config; /* with the profiles, or NULL; borrowed */
};

/* Lists of words as a move takes them; NULL: none. */
struct options_words {
	const char *const *dump, *const *restore;
	char profile[64]; /* that went with it by itself, "" */
};

/* Whether CRIU may be given this, words as a shell would make of it. */
bool options_ok(const char *text, struct err *e);
/* What a process is moved with; `proc` may be NULL. */
void options_for(const struct options *options, const struct proc *proc, struct options_words *words);
void options_words_free(struct options_words *words);

/* Profiles by place; NULL past the last. Good until one is kept or forgotten. */
const struct config_profile *options_profile_at(const struct options *options, size_t i);
/* Use a profile's options; false when there is none of that name. */
bool options_use(struct options *options, const char *name);
/* Use none. */
void options_clear(struct options *options);
/* Keep those in use as a profile, for processes of such a name or, when it
 * begins with '/', of such a cgroup; `match` NULL: only used by name. */
bool options_keep(struct options *options, const char *name, const char *match, struct err *e);
bool options_forget(struct options *options, const char *name, struct err *e);
/* A list of words as one would type it, into `out`. */
void options_join(const struct config_list *list, char *out, size_t size);

#endif
