/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The people of a tree: the numbers of users and groups that its processes and files
 * have, and the names that those have on a host.
 */
#ifndef CHECK_SURVEY_PEOPLE_H
#define CHECK_SURVEY_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SURVEY_PEOPLE_MAX 1024
#define SURVEY_OWNED_MAX 20000

/* A number of a user or group. */
struct survey_person {
	bool group;
	bool process;    /* a process of the tree has it; else only files */
	bool brought;    /* a file that comes along has it */
	uint32_t id;
	char name[64];   /* "" for none, "~NAME" for a subordinate id of NAME's; sanitised */
};

struct survey_people {
	struct survey_person *list;
	size_t count;
	size_t lines;    /* lines that were read */
	bool more;       /* the list was too short for all numbers */
};

/* A file or directory that is not wholly root's. */
struct survey_owned {
	uint32_t uid, gid;
	char *path;
};

/* "N NAME": a line of inspect.sh or verify.sh without its first word. */
void survey_people_name(struct survey_people *people, bool group, char *line);
/* NULL when the number is not in the list. */
struct survey_person *survey_person(const struct survey_people *people, bool group, uint32_t id);
void survey_people_free(struct survey_people *people);

#endif
