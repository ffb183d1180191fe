/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of filter and search: terms that must all match. */
#include <pferry/tree.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static bool has_upper(const char *s)
{
	for (; *s; s++) {
		if (isupper((unsigned char)*s))
			return true;
	}
	return false;
}

static bool holds(const char *hay, const char *needle, bool fold)
{
	return hay && text_find(hay, needle, fold) != NULL;
}

static bool plain_matches(const struct proc *p, const struct cgroup *cg, const char *text)
{
	bool fold = !has_upper(text);
	char pid[16];

	if (!p)
		return holds(cg->path, text, fold);
	snprintf(pid, sizeof pid, "%d", (int)p->key.pid);
	return holds(p->name, text, fold) || holds(p->args, text, fold) || holds(p->user, text, fold) ||
	       strncmp(pid, text, strlen(text)) == 0 || holds(cg ? cg->path : NULL, text, fold);
}

static bool term_matches(const struct proc *p, const struct cgroup *cg, const char *term)
{
	if (strncmp(term, "pid:", 4) == 0)
		return p && atoi(term + 4) == (int)p->key.pid;
	if (strncmp(term, "user:", 5) == 0)
		return p && strcmp(p->user, term + 5) == 0;
	if (strncmp(term, "cg:", 3) == 0)
		return cg && holds(cg->path, term + 3, !has_upper(term + 3));
	if (strcmp(term, "mark:") == 0)
		return true; /* the view knows */
	return plain_matches(p, cg, term);
}

bool tree_match(const struct proc *proc, const struct cgroup *cgroup, const char *pattern)
{
	char *copy = mem_strdup(pattern), *at = copy, *term;
	bool all = true;

	while (all && (term = strsep(&at, " "))) {
		bool negate = term[0] == '!' && term[1];

		if (*term == '\0')
			continue;
		all = term_matches(proc, cgroup, term + negate) != negate;
	}
	free(copy);
	return all;
}
