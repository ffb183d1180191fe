/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/move.h>

#include "base/mem.h"

#define WORDS_MAX 64

/* Take the next word off *at into `out` (as long as the rest of the text);
 * 0 at the end, -1 when a quote is not closed. */
static int next_word(const char **at, char *out)
{
	const char *s = *at + strspn(*at, " \t");
	char quote = 0;

	if (!*s)
		return 0;
	for (; *s && (quote || (*s != ' ' && *s != '\t')); s++) {
		if (quote ? *s == quote : *s == '\'' || *s == '"')
			quote = quote ? 0 : *s;
		else if (*s == '\\' && quote != '\'' && s[1])
			*out++ = *++s;
		else
			*out++ = *s;
	}
	*out = '\0';
	*at = s;
	return quote ? -1 : 1;
}

/* Words of `text` as a list; NULL with `e` filled when it cannot be one. */
static char **split(const char *text, struct err *e)
{
	char **words = mem_array(WORDS_MAX + 1, sizeof *words);
	char *word = mem_alloc(strlen(text) + 1);
	size_t n = 0;
	int got;

	while ((got = next_word(&text, word)) > 0 && n < WORDS_MAX)
		words[n++] = mem_strdup(word);
	free(word);
	if (got == 0)
		return words;
	err_set(e, ERR_USAGE, NULL, got < 0 ? "a quote is not closed" : "more than 64 words");
	for (size_t i = 0; i < n; i++)
		free(words[i]);
	free(words);
	return NULL;
}

static void free_words(const char *const *words)
{
	char **list = (char **)(uintptr_t)words;

	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

bool options_ok(const char *text, struct err *e)
{
	char **words = split(text, e);
	bool ok = words && move_options_ok((const char *const *)words, e);

	free_words((const char *const *)words);
	return ok;
}

static const struct profile *match(const struct options *options, const struct proc *proc)
{
	for (size_t i = 0; proc && i < options->nprofiles; i++)
		if (options->profiles[i].match[0] && tree_match(proc, proc->cgroup, options->profiles[i].match))
			return &options->profiles[i];
	return NULL;
}

void options_for(const struct options *options, const struct proc *proc, struct options_words *words)
{
	const char *dump = options->dump, *restore = options->restore;
	struct err e;

	*words = (struct options_words){0};
	if (!*dump && !*restore && !*options->profile)
		words->profile = match(options, proc);
	if (words->profile) {
		dump = words->profile->dump;
		restore = words->profile->restore;
	}
	words->dump = (const char *const *)split(dump, &e);
	words->restore = (const char *const *)split(restore, &e);
}

void options_words_free(struct options_words *words)
{
	free_words(words->dump);
	free_words(words->restore);
	*words = (struct options_words){0};
}

void options_free(struct options *options)
{
	free(options->profiles);
	options->profiles = NULL;
	options->nprofiles = 0;
}

/* ---- profiles ---- */

static size_t place(const struct options *options, const char *name)
{
	size_t i = 0;

	while (i < options->nprofiles && strcmp(options->profiles[i].name, name) < 0)
		i++;
	return i;
}

const struct profile *options_profile(const struct options *options, const char *name)
{
	size_t at = place(options, name);

	return at < options->nprofiles && strcmp(options->profiles[at].name, name) == 0 ? &options->profiles[at] : NULL;
}

bool options_keep(struct options *options, const struct profile *profile, struct err *e)
{
	size_t at = place(options, profile->name);

	if (!profile->name[0] || strpbrk(profile->name, " \t"))
		return err_set(e, ERR_USAGE, NULL, "a profile's name is one word");
	if (strcmp(profile->name, "none") == 0)
		return err_set(e, ERR_USAGE, NULL, "\"none\" stands for no profile");
	if (!options_ok(profile->dump, e) || !options_ok(profile->restore, e))
		return false;
	if (!options_profile(options, profile->name)) {
		if (options->nprofiles == PROFILES_MAX)
			return err_set(e, ERR_USAGE, NULL, "there are %d profiles already", PROFILES_MAX);
		options->profiles = mem_resize(options->profiles, options->nprofiles + 1, sizeof *options->profiles);
		memmove(options->profiles + at + 1, options->profiles + at,
			(options->nprofiles - at) * sizeof *options->profiles);
		options->nprofiles++;
	}
	options->profiles[at] = *profile;
	return true;
}

bool options_forget(struct options *options, const char *name)
{
	size_t at = place(options, name);

	if (!options_profile(options, name))
		return false;
	memmove(options->profiles + at, options->profiles + at + 1,
		(options->nprofiles - at - 1) * sizeof *options->profiles);
	options->nprofiles--;
	if (strcmp(options->profile, name) == 0)
		options->profile[0] = '\0';
	return true;
}
