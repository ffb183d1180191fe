/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading what a survey says of memory: how much there is to be dumped, and
 * where there is room for it.
 *
 * A process's status counts what it shares with others, so those of a tree tell
 * the same memory several times, and with it what is a file on tmpfs, which is not
 * dumped.  "shared" is the size of all segments that have no file, each once: more
 * than that cannot be dumped of them, though they may be there in part only.
 */
#include "check/survey_priv.h"

void survey_take_memory(struct survey *s, const char *key, char *value)
{
	uint64_t kb = survey_number(&value);

	if (strcmp(key, "HugetlbPages:") == 0) {
		s->huge_kb += kb;
	} else if (survey_begins(key, "Rss") || strcmp(key, "VmSwap:") == 0) {
		s->anon_kb += kb;
		s->shared_kb += strcmp(key, "RssShmem:") == 0 ? kb : 0;
	}
}

void survey_take_shared(struct survey *s, char *line)
{
	s->segments_kb = survey_number(&line);
	s->segments_known = true;
}

void survey_count_shared_once(struct survey *s)
{
	uint64_t over = s->segments_known && s->shared_kb > s->segments_kb ? s->shared_kb - s->segments_kb : 0;

	s->shared_kb -= over;
	s->anon_kb -= over;
}

void survey_take_free(struct survey *s, char *line)
{
	survey_take_room(&s->shm_room_kb, &s->lib_room_kb, line);
}

void survey_take_available(struct survey *s, char *line)
{
	s->mem_kb = survey_number(&line);
}
