/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading who started a tree, and of which unit and container it is. */
#include "check/survey_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define STAT_MAX 4096
#define ARGS_MAX 2048

/* ---- parents ---- */

static struct survey_parent *parent_of(struct survey *s, pid_t pid)
{
	struct survey_owner *o = &s->owner;

	for (size_t i = 0; i < o->nparents; i++) {
		if (o->parents[i].pid == pid)
			return &o->parents[i];
	}
	if (o->nparents == SURVEY_PARENTS || pid <= 0)
		return NULL;
	o->parents[o->nparents] = (struct survey_parent){ .pid = pid };
	return &o->parents[o->nparents++];
}

void survey_take_parent(struct survey *s, char *line)
{
	struct survey_parent *p = parent_of(s, (pid_t)survey_number(&line));
	struct survey_stat_name name;
	char *rest;

	if (!p || p->name[0] || (p->stat && strlen(p->stat) > STAT_MAX))
		return;
	rest = survey_join_stat(&p->stat, line, &name);
	if (!rest)
		return;
	survey_word(&rest); /* skips its state */
	survey_word(&rest); /* skips its parent's pid */
	p->pgid = (pid_t)survey_number(&rest);
	p->sid = (pid_t)survey_number(&rest);
	p->tty = survey_number(&rest);
	if (!*rest)
		return; /* not all of it yet */
	survey_copy_stat_name(&name, p->name, sizeof p->name);
}

void survey_take_parent_pid(struct survey *s, char *line)
{
	struct survey_parent *p = parent_of(s, (pid_t)survey_number(&line));

	if (p)
		p->inner = (pid_t)survey_number(&line);
}

void survey_take_parent_args(struct survey *s, char *line)
{
	survey_word(&line);
	if (s->owner.args || strlen(line) > ARGS_MAX)
		return;
	s->owner.args = mem_strdup(line);
	for (char *c = s->owner.args; *c; c++) {
		if (*c == '\001')
			*c = '\n';
	}
}

void survey_take_respawn(struct survey *s, char *line)
{
	survey_word(&line);
	survey_copy(s->owner.respawn_by, sizeof s->owner.respawn_by, survey_word(&line));
	survey_copy(s->owner.respawn, sizeof s->owner.respawn, line);
}

/* ---- the unit ---- */

void survey_take_owner_unit(struct survey *s, char *line)
{
	struct survey_unit *u = &s->owner.unit;

	survey_word(&line);
	survey_copy(u->manager, sizeof u->manager, survey_word(&line));
	survey_copy(u->name, sizeof u->name, line);
}

uint64_t survey_span_ms(const char *text)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = { { "us", 1e-3 }, { "ms", 1 }, { "s", 1e3 }, { "min", 6e4 }, { "h", 36e5 }, { "d", 864e5 }, { "w", 6048e5 },
		      { "month", 2629800e3 }, { "y", 315576e5 } };
	double ms = 0;

	while (*text) {
		char *end;
		double n = strtod(text, &end);
		size_t len = strcspn(end, " "), i = 0;

		if (end == text || !(n >= 0 && n < 1e9))
			return 0;
		while (i < countof(units) && (strlen(units[i].name) != len || memcmp(units[i].name, end, len) != 0))
			i++;
		if (i == countof(units))
			return 0;
		ms += n * units[i].ms;
		text = end + len;
		text += strspn(text, " ");
	}
	return ms > 0 && ms < 1 ? 1 : (uint64_t)ms;
}

/* "PID KEY=VALUE" */
void survey_take_unit_is(struct survey *s, char *line)
{
	struct survey_unit *u = &s->owner.unit;
	const struct {
		const char *key;
		char *to;
		size_t size;
	} texts[] = {
		{ "Restart", u->restart, sizeof u->restart },
		{ "RestartForceExitStatus", u->force_restart, sizeof u->force_restart },
		{ "FailureAction", u->fail_action, sizeof u->fail_action },
		{ "SuccessAction", u->success_action, sizeof u->success_action },
		{ "ActiveState", u->state, sizeof u->state },
		{ "ExecStop", u->stop, sizeof u->stop },
		{ "ExecStopPost", u->stop_post, sizeof u->stop_post },
		{ "OnFailure", u->on_failure, sizeof u->on_failure },
		{ "OnSuccess", u->on_success, sizeof u->on_success },
		{ "TriggeredBy", u->triggered, sizeof u->triggered },
		{ "UpheldBy", u->upheld, sizeof u->upheld },
		{ "BoundBy", u->bound, sizeof u->bound },
		{ "PropagatesStopTo", u->stopped, sizeof u->stopped },
	};
	char *value;

	survey_word(&line);
	value = strchr(line, '=');
	if (!value)
		return;
	*value++ = '\0';
	u->said = true;
	for (size_t i = 0; i < countof(texts); i++) {
		if (strcmp(line, texts[i].key) == 0) {
			survey_copy(texts[i].to, texts[i].size, value);
			return;
		}
	}
	if (strcmp(line, "MainPID") == 0)
		u->main = (pid_t)survey_number(&value);
	else if (strcmp(line, "ControlPID") == 0)
		u->control = (pid_t)survey_number(&value);
	else if (strcmp(line, "WatchdogUSec") == 0)
		u->watchdog_ms = survey_span_ms(value);
	else if (strcmp(line, "UnitFileState") == 0)
		u->enabled = survey_begins(value, "enabled");
	else if (strcmp(line, "KillMode") == 0)
		u->process_only = strcmp(value, "process") == 0 || strcmp(value, "none") == 0;
}

void survey_take_unit_silent(struct survey *s, char *line)
{
	(void)line;
	s->owner.unit.silent = true;
}

void survey_take_unit_other(struct survey *s, char *line)
{
	const char *pid;
	char *text;

	survey_word(&line);
	pid = line;
	survey_word(&line);
	if (s->owner.unit.other[0])
		return;
	text = mem_printf("%s(%s)", line, pid);
	survey_copy(s->owner.unit.other, sizeof s->owner.unit.other, text);
	free(text);
}

/* ---- the container ---- */

void survey_take_root(struct survey *s, char *line)
{
	survey_word(&line);
	survey_copy(s->owner.root, sizeof s->owner.root, line);
}

void survey_take_own_root(struct survey *s, char *line)
{
	survey_copy(s->owner.own_root, sizeof s->owner.own_root, line);
}

void survey_take_container(struct survey *s, char *line)
{
	survey_word(&line);
	if (s->owner.runtime[0])
		return;
	survey_copy(s->owner.runtime, sizeof s->owner.runtime, survey_word(&line));
	survey_copy(s->owner.container, sizeof s->owner.container, line);
}

void survey_owner_free(struct survey_owner *o)
{
	for (size_t i = 0; i < o->nparents; i++)
		free(o->parents[i].stat);
	free(o->args);
}
