/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/move.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "tui/model/label.h"

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

static char **copy(const struct config_list *list)
{
	char **words = mem_array(list->n + 1, sizeof *words);

	for (size_t i = 0; i < list->n; i++)
		words[i] = mem_strdup(list->v[i]);
	return words;
}

/* By the name the kernel knows it by, else by that of the script it is. */
static const struct config_profile *match(const struct config *config, const struct proc *proc)
{
	const struct config_profile *profile = config_profile_for(config, proc->name, proc->cgroup->path);
	char name[LABEL_MAX];

	if (profile)
		return profile;
	proc_name(proc, name, sizeof name);
	return config_profile_for(config, name, proc->cgroup->path);
}

void options_for(const struct options *options, const struct proc *proc, struct options_words *words)
{
	const struct config_profile *profile = NULL;
	struct err e;

	*words = (struct options_words){0};
	if (!*options->dump && !*options->restore && !*options->profile && options->config && proc)
		profile = match(options->config, proc);
	if (profile) {
		snprintf(words->profile, sizeof words->profile, "%s", profile->name);
		words->dump = (const char *const *)copy(&profile->dump_options);
		words->restore = (const char *const *)copy(&profile->restore_options);
		return;
	}
	words->dump = (const char *const *)split(options->dump, &e);
	words->restore = (const char *const *)split(options->restore, &e);
}

void options_words_free(struct options_words *words)
{
	free_words(words->dump);
	free_words(words->restore);
	*words = (struct options_words){0};
}

/* ---- profiles ---- */

const struct config_profile *options_profile_at(const struct options *options, size_t i)
{
	return options->config && i < options->config->nprofiles ? &options->config->profiles[i] : NULL;
}

void options_join(const struct config_list *list, char *out, size_t size)
{
	struct buf text;

	buf_init(&text, 0);
	for (size_t i = 0; i < list->n; i++) {
		buf_puts(&text, i ? " " : "");
		if (*list->v[i] && !strpbrk(list->v[i], " \t'\"\\"))
			buf_puts(&text, list->v[i]);
		else
			text_shell_quote(&text, list->v[i]);
	}
	snprintf(out, size, "%s", buf_str(&text));
	buf_free(&text);
}

bool options_use(struct options *options, const char *name)
{
	const struct config_profile *profile = options->config ? config_profile(options->config, name) : NULL;

	if (!profile)
		return false;
	options_join(&profile->dump_options, options->dump, sizeof options->dump);
	options_join(&profile->restore_options, options->restore, sizeof options->restore);
	snprintf(options->profile, sizeof options->profile, "%s", profile->name);
	return true;
}

void options_clear(struct options *options)
{
	options->dump[0] = options->restore[0] = options->profile[0] = '\0';
}

static size_t length(char **words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

bool options_keep(struct options *options, const char *name, const char *pattern, struct err *e)
{
	char **dump = split(options->dump, e), **restore = split(options->restore, e);
	char *own = mem_strdup(name), *own_match = mem_strdup(pattern);
	struct config_profile profile = {
		.name = own,
		.dump_options = {dump, length(dump)},
		.restore_options = {restore, length(restore)},
		.match_name = own_match && *own_match != '/' ? own_match : NULL,
		.match_cgroup = own_match && *own_match == '/' ? own_match : NULL,
	};
	bool ok = false;

	if (!options->config)
		err_set(e, ERR_USAGE, NULL, "there is no configuration file to keep it in");
	else if (!*own || strpbrk(own, " \t") || strcmp(own, "none") == 0 ||
		 strlen(own) >= sizeof options->profile)
		err_set(e, ERR_USAGE, NULL, "a profile's name is one word, and not none");
	else if (dump && restore && move_options_ok((const char *const *)dump, e) &&
		 move_options_ok((const char *const *)restore, e))
		ok = config_save_profile(options->config, &profile, e);
	if (ok && pattern)
		options_clear(options); /* it goes by itself from now on */
	else if (ok)
		snprintf(options->profile, sizeof options->profile, "%s", name);
	free_words((const char *const *)dump);
	free_words((const char *const *)restore);
	free(own);
	free(own_match);
	return ok;
}

bool options_forget(struct options *options, const char *name, struct err *e)
{
	if (!options->config || !config_profile(options->config, name))
		return err_set(e, ERR_USAGE, NULL, "there is no profile \"%s\"", name);
	if (!config_forget_profile(options->config, name, e))
		return false;
	if (strcmp(options->profile, name) == 0)
		options->profile[0] = '\0';
	return true;
}
