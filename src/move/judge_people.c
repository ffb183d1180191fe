/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging whose a tree would be.  What moves has numbers of users and groups, not
 * names: where a number is another person's, that person's files are the tree's,
 * and the tree is that person's.  Root is the same everywhere.  A number that
 * nobody has at either end, as a container's or a systemd DynamicUser='s, gives
 * nobody's rights to anybody: that is only noted, since the destination might
 * hand it out later.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "move/findings.h"

#define SHOWN 4

/* What comes along brings the numbers of its owners, and of those of the directories on the way to it. */
static void mark_brought(const struct check_result *r)
{
	const struct survey *s = &r->survey;
	struct survey_person *p;

	for (size_t i = 0; s->nowned && i < r->nbring; i++) {
		char *path = mem_strdup(r->bring[i]), *end = path + strlen(path);

		for (; end && end > path; end = strrchr(path, '/')) {
			struct survey_owned *o;

			*end = '\0';
			o = survey_owned(s, path);
			if (o)
				o->brought = true;
		}
		free(path);
	}
	for (size_t i = 0; i < s->nowned; i++) {
		if (!s->owned[i].brought)
			continue;
		if ((p = survey_person(&s->people, false, s->owned[i].uid)) != NULL)
			p->brought = true;
		if ((p = survey_person(&s->people, true, s->owned[i].gid)) != NULL)
			p->brought = true;
	}
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
	for (size_t i = 0; i < here->count; i++) {
		const struct survey_person *p = &here->list[i], *there = survey_person(&j->verified->people, p->group, p->id);
		const char *other = there ? there->name : "";

		if (p->id == 0 || (p->name[0] && strcmp(p->name, other) == 0) || !(p->process || p->brought))
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
