/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of filter and search: terms that must all match. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tree/view_priv.h"

static bool has_upper(const char *s)
{
	for (; *s; s++) {
		if (isupper((unsigned char)*s))
			return true;
	}
	return false;
}

static bool holds(const char *hay, const struct term *term)
{
	return text_find(hay, term->text, term->ignore_case) != NULL;
}

static bool plain_matches(const struct proc *p, const struct cgroup *cg, const struct term *term)
{
	char pid[16];

	if (cg && holds(cg->path, term))
		return true;
	if (!p)
		return false;
	if (holds(p->name, term) || holds(p->args, term) || holds(p->user, term))
		return true;
	if (!isdigit((unsigned char)term->text[0]))
		return false;
	snprintf(pid, sizeof pid, "%d", (int)p->key.pid);
	return strncmp(pid, term->text, strlen(term->text)) == 0;
}

/* Terms about processes are never true of a cgroup, negated or not. */
static bool term_matches(const struct proc *p, const struct cgroup *cg, const struct term *term, enum mark_known mark)
{
	bool yes = false;

	switch (term->kind) {
	case TERM_PID:
		if (!p)
			return false;
		yes = term->pid == (uint64_t)p->key.pid;
		break;
	case TERM_USER:
		if (!p)
			return false;
		yes = strcmp(p->user, term->text) == 0;
		break;
	case TERM_MARK:
		if (mark == MARK_UNKNOWN)
			return true;
		if (!p)
			return false;
		yes = mark == MARK_YES;
		break;
	case TERM_CGROUP:
		yes = cg && holds(cg->path, term);
		break;
	case TERM_PLAIN:
		yes = plain_matches(p, cg, term);
		break;
	}
	return yes != term->negate;
}

static void term_init(struct term *term, const char *text)
{
	*term = (struct term){ .kind = TERM_PLAIN };
	if (text[0] == '!' && text[1]) {
		term->negate = true;
		text++;
	}
	if (strncmp(text, "pid:", 4) == 0) {
		term->kind = TERM_PID;
		text += 4;
		if (!text_u64(text, text + strlen(text), &term->pid))
			term->pid = UINT64_MAX; /* nobody's */
	} else if (strncmp(text, "user:", 5) == 0) {
		term->kind = TERM_USER;
		text += 5;
	} else if (strncmp(text, "cg:", 3) == 0) {
		term->kind = TERM_CGROUP;
		text += 3;
	} else if (strcmp(text, "mark:") == 0) {
		term->kind = TERM_MARK;
	}
	term->text = text;
	term->ignore_case = !has_upper(text);
}

void pattern_init(struct pattern *pattern, const char *text)
{
	char *at, *word;

	*pattern = (struct pattern){ .copy = mem_strdup(text) };
	/* A word and a space each, at least. */
	pattern->terms = mem_array(strlen(text) / 2 + 1, sizeof *pattern->terms);
	for (at = pattern->copy; (word = strsep(&at, " "));) {
		if (*word)
			term_init(&pattern->terms[pattern->count++], word);
	}
}

void pattern_free(struct pattern *pattern)
{
	free(pattern->copy);
	free(pattern->terms);
}

bool pattern_matches(const struct pattern *pattern, const struct proc *proc, const struct cgroup *cgroup,
		     enum mark_known mark)
{
	for (size_t i = 0; i < pattern->count; i++) {
		if (!term_matches(proc, cgroup, &pattern->terms[i], mark))
			return false;
	}
	return true;
}

bool tree_match(const struct proc *proc, const struct cgroup *cgroup, const char *text)
{
	struct pattern pattern;
	bool yes;

	pattern_init(&pattern, text);
	yes = pattern_matches(&pattern, proc, cgroup, MARK_UNKNOWN);
	pattern_free(&pattern);
	return yes;
}

struct tree_pattern {
	struct pattern pattern;
};

struct tree_pattern *tree_pattern_new(const char *text)
{
	struct tree_pattern *pattern = mem_new(struct tree_pattern);

	pattern_init(&pattern->pattern, text);
	return pattern;
}

void tree_pattern_free(struct tree_pattern *pattern)
{
	if (!pattern)
		return;
	pattern_free(&pattern->pattern);
	free(pattern);
}

bool tree_pattern_matches(const struct tree_pattern *pattern, const struct proc *proc, const struct cgroup *cgroup)
{
	return pattern_matches(&pattern->pattern, proc, cgroup, MARK_UNKNOWN);
}
