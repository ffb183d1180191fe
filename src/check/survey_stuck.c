/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads and file systems that would keep CRIU waiting: see inspect.sh. */
#include "check/survey_priv.h"

/* "PID CGROUP" */
void survey_take_frozen(struct survey *s, char *line)
{
	survey_word(&line);
	if (!s->frozen[0])
		survey_copy(s->frozen, sizeof s->frozen, *line ? line : "/");
}

/* "TID WHERE" */
void survey_take_stuck(struct survey *s, char *line)
{
	uint64_t tid = survey_number(&line);

	if (s->stuck || tid == 0 || tid > INT32_MAX)
		return;
	s->stuck = (pid_t)tid;
	survey_copy(s->stuck_where, sizeof s->stuck_where, line);
}

void survey_copy_deaf(char *to, size_t size, const char *line)
{
	if (!to[0])
		survey_copy(to, size, strncmp(line, "- ", 2) == 0 ? line + 2 : line);
}

/* "TYPE NAME", TYPE "-" when there is no mount to be named. */
void survey_take_deaf(struct survey *s, char *line)
{
	survey_copy_deaf(s->deaf, sizeof s->deaf, line);
}
