/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging whose a tree would be.  What moves has numbers of users and groups, not
 * names: where a number is another person's, that person's files are the tree's,
 * and the tree is that person's.  Root is the same everywhere.  A number that
 * no one has at either end, as a container's or a systemd DynamicUser='s, gives
 * no one's rights to anyone: that is only a note, since the destination might
 * hand it out later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "check/findings.h"

#define SHOWN 4

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The first of the sorted names that is not before `name`. */
static size_t lower_bound(char *const *names, size_t count, const char *name)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names[middle], name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether that file comes along, or something below that directory. */
static bool comes(char *const *names, size_t count, const char *path)
{
	size_t at = lower_bound(names, count, path);
	char *below;
	bool is_above;

	if (at < count && strcmp(names[at], path) == 0)
		return true;
	below = mem_printf("%s/", path);
	at = lower_bound(names, count, below);
	is_above = at < count && strncmp(names[at], below, strlen(below)) == 0;
	free(below);
	return is_above;
}

/* Files that come along bring the numbers of its owners, and of those of the directories on the way to it. */
static void mark_brought(const struct check_result *r)
{
	const struct survey *s = &r->survey;
	struct survey_person *p;
	char **names;

	if (!s->nowned || !r->nbring)
		return;
	/* The bytes of all names are bounded, their depth is not: no path is climbed. */
	names = mem_array(r->nbring, sizeof *names);
	memcpy(names, r->bring, r->nbring * sizeof *names);
	qsort(names, r->nbring, sizeof *names, by_name);
	for (size_t i = 0; i < s->nowned; i++) {
		if (!comes(names, r->nbring, s->owned[i].path))
			continue;
		if ((p = survey_person(&s->people, false, s->owned[i].uid)) != NULL)
			p->brought = true;
		if ((p = survey_person(&s->people, true, s->owned[i].gid)) != NULL)
			p->brought = true;
	}
	free(names);
}

static void add_name(struct buf *out, const char *verb, const char *name, const char *host)
{
	if (!name[0])
		buf_printf(out, "has no name on %s", host);
	else if (name[0] == '~')
		buf_printf(out, "%sa subordinate id of %s on %s", verb, name + 1, host);
	else
		buf_printf(out, "%s%s on %s", verb, name, host);
}

void judge_people(struct check_result *r, const struct judge *j)
{
	const struct survey_people *here = &r->survey.people;
	size_t differ = 0, unnamed = 0;
	const char *source = host_name(j->source), *name;
	uint32_t first = 0;
	struct buf text;
	char *said;

	if (!j->verified)
		return;
	name = host_name(j->destination);
	mark_brought(r);
	buf_init(&text, 0);
	/* Users before groups. */
	for (size_t n = 0; n < 2 * here->count; n++) {
		const struct survey_person *p = &here->list[n % here->count], *there = survey_person(&j->verified->people, p->group, p->id);
		const char *other = there ? there->name : "";

		if (p->group != (n >= here->count) || p->id == 0 || (p->name[0] && strcmp(p->name, other) == 0) || !(p->process || p->brought))
			continue;
		if (!p->name[0] && !other[0]) {
			if (unnamed++ == 0)
				first = p->id;
			continue;
		}
		if (differ++ >= SHOWN)
			continue;
		buf_printf(&text, "%s%s %u%s ", text.len ? "; " : "", p->group ? "group" : "user", (unsigned)p->id,
			   p->process ? "" : " of a file that comes along");
		add_name(&text, "is ", p->name, source);
		buf_puts(&text, " and ");
		add_name(&text, p->name[0] ? "" : "is ", other, name);
	}
	if (differ > SHOWN)
		buf_printf(&text, "; and %zu more", differ - SHOWN);
	if (here->more)
		buf_printf(&text, "%sit has too many numbers of users and groups to compare them all with %s's", text.len ? "; " : "", name);
	said = buf_take(&text);
	if (said && said[0])
		findings_add(r, j, "other-user", name, "%s", said);
	if (unnamed)
		findings_add(r, j, "no-name", name, "%u%s has no name, neither on %s nor on %s: nobody's there now, but who is given it later has "
			     "the process too", (unsigned)first, unnamed > 1 ? " (and others)" : "", source, name);
	free(said);
}
