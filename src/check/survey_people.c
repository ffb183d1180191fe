/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading whose the numbers of users and groups are. */
#include "check/survey_people.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check/survey_priv.h"

struct survey_person *survey_person(const struct survey_people *people, bool group, uint32_t id)
{
	for (size_t i = 0; i < people->count; i++) {
		if (people->list[i].group == group && people->list[i].id == id)
			return &people->list[i];
	}
	return NULL;
}

static struct survey_person *add(struct survey_people *people, bool group, char **line)
{
	uint64_t id = survey_number(line);
	struct survey_person *p;

	/* A list is searched for each line: so the lines are bounded too. */
	if (id > UINT32_MAX || people->lines++ > 4 * SURVEY_PEOPLE_MAX)
		return NULL;
	p = survey_person(people, group, (uint32_t)id);
	if (p)
		return p;
	if (people->count == SURVEY_PEOPLE_MAX) {
		people->more = true;
		return NULL;
	}
	people->list = mem_grow(people->list, people->count, sizeof *people->list);
	p = &people->list[people->count++];
	*p = (struct survey_person){ .group = group, .id = (uint32_t)id };
	return p;
}

/* "N WHO" */
static void take_number(struct survey_people *people, bool group, char *line)
{
	struct survey_person *p = add(people, group, &line);

	if (p)
		p->process |= strcmp(line, "process") == 0;
}

void survey_people_name(struct survey_people *people, bool group, char *line)
{
	struct survey_person *p = add(people, group, &line);

	if (p)
		survey_copy(p->name, sizeof p->name, line);
}

void survey_people_free(struct survey_people *people)
{
	free(people->list);
}

void survey_take_user(struct survey *s, char *line)
{
	take_number(&s->people, false, line);
}

void survey_take_group(struct survey *s, char *line)
{
	take_number(&s->people, true, line);
}

void survey_take_user_name(struct survey *s, char *line)
{
	survey_people_name(&s->people, false, line);
}

void survey_take_group_name(struct survey *s, char *line)
{
	survey_people_name(&s->people, true, line);
}

void survey_take_people_more(struct survey *s, char *line)
{
	(void)line;
	s->people.more = true;
}

/* ---- owners of files ---- */

/* "UID GID PATH" */
void survey_take_owned(struct survey *s, char *line)
{
	struct survey_owned *o;

	if (s->nowned == SURVEY_OWNED_MAX)
		return;
	s->owned = mem_grow(s->owned, s->nowned, sizeof *s->owned);
	o = &s->owned[s->nowned++];
	*o = (struct survey_owned){ .uid = (uint32_t)survey_number(&line) };
	o->gid = (uint32_t)survey_number(&line);
	o->path = mem_strdup(line);
	survey_strip_prefix(s, o->path);
}

int survey_owned_by_path(const void *a, const void *b, void *ctx)
{
	(void)ctx;
	return strcmp(((const struct survey_owned *)a)->path, ((const struct survey_owned *)b)->path);
}

void survey_owned_free(struct survey *s)
{
	for (size_t i = 0; i < s->nowned; i++)
		free(s->owned[i].path);
	free(s->owned);
}
