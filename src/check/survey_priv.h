/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of reading a survey: survey.c, survey_memory.c, and survey_sockets.c for sockets and pipes. */
#ifndef CHECK_SURVEY_PRIV_H
#define CHECK_SURVEY_PRIV_H

#include <string.h>

#include "check/survey.h"

#define SURVEY_SOCKETS_MAX 65536

static inline bool survey_begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* The parentheses around the name in /proc/PID/stat, which may itself hold any. */
struct survey_stat_name {
	char *open, *close;
};

/* Add a line of /proc/PID/stat to `*stat`, which is allocated: a newline in the name cuts it into several lines.
 * The fields behind the name, up to the last ")" so far; NULL when there are none yet. Callers bound the length. */
char *survey_join_stat(char **stat, const char *line, struct survey_stat_name *name);
/* The name, "?" for an empty one; ends `*stat` there. */
void survey_copy_stat_name(const struct survey_stat_name *name, char *out, size_t size);

/* A name that the tree uses, with enum survey_use. */
void survey_add_name(struct survey *survey, const char *path, unsigned use);

/* Lines of inspect.sh, without their first word. */
void survey_take_tcp(struct survey *survey, char *line);
void survey_take_udp(struct survey *survey, char *line);
void survey_take_unix(struct survey *survey, char *line);
void survey_take_peer(struct survey *survey, char *line);
void survey_take_socket(struct survey *survey, char *line);
void survey_take_outside(struct survey *survey, char *line);
void survey_take_shared(struct survey *survey, char *line);
void survey_take_free(struct survey *survey, char *line);
void survey_take_frozen(struct survey *survey, char *line);
void survey_take_stuck(struct survey *survey, char *line);
void survey_take_deaf(struct survey *survey, char *line);
void survey_take_available(struct survey *survey, char *line);

void survey_take_owned(struct survey *survey, char *line);
void survey_take_user(struct survey *survey, char *line);
void survey_take_group(struct survey *survey, char *line);
void survey_take_user_name(struct survey *survey, char *line);
void survey_take_group_name(struct survey *survey, char *line);
void survey_take_people_more(struct survey *survey, char *line);
/* To sort those by. */
int survey_owned_by_path(const void *a, const void *b, void *ctx);
void survey_owned_free(struct survey *survey);
/* A path without the directory below which the source looked it up. */
void survey_strip_prefix(const struct survey *survey, char *path);

/* A line of a process's status, if it is about its memory. */
void survey_take_memory(struct survey *survey, const char *key, char *value);
/* After the last line. */
void survey_count_shared_once(struct survey *survey);

/* Process `pid`, made when it is new; NULL when there are too many. */
struct survey_proc *survey_proc_of(struct survey *survey, pid_t pid);

#endif
