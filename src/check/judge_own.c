/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging what a host without root lets its user move: CRIU's --unprivileged. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "check/findings.h"

#define PORT_PRIVILEGED 1024
#define CAP_SETPCAP 8

/* But for blanks at their ends. */
static bool same_groups(const char *a, const char *b)
{
	size_t na, nb;

	a += strspn(a, " ");
	b += strspn(b, " ");
	na = strlen(a);
	nb = strlen(b);
	while (na > 0 && a[na - 1] == ' ')
		na--;
	while (nb > 0 && b[nb - 1] == ' ')
		nb--;
	return na == nb && memcmp(a, b, na) == 0;
}

/* A process that is not that user's in all its ids; NULL when there is none. */
static const struct survey_proc *others(const struct survey *s, uint32_t uid)
{
	for (size_t i = 0; i < s->nprocs; i++) {
		const struct survey_proc *p = &s->procs[i];

		if (p->uid != uid || p->ids_differ)
			return p;
	}
	return NULL;
}

static bool has_low_port(const struct survey *s)
{
	for (size_t i = 0; i < s->ntcp; i++) {
		if (s->tcp[i].local_port > 0 && s->tcp[i].local_port < PORT_PRIVILEGED)
			return true;
	}
	return false;
}

/* A process that is not dumpable hides everything from the login, its program too. */
static bool is_hidden(const struct survey *s)
{
	for (size_t i = 0; i < s->nfiles; i++) {
		if (s->files[i].use & USE_EXE)
			return false;
	}
	return true;
}

/* Groups and bounding set are restored only where that changes nothing, or CRIU may. */
static const char *creds(const struct survey *s, const struct host_facts *f, const struct able *able)
{
	uint64_t full = (2ull << able->cap_last) - 1;

	for (size_t i = 0; i < s->nprocs; i++) {
		if (!same_groups(s->procs[i].groups, f->groups))
			return "its groups are not those of the login there";
		if ((s->procs[i].bound & full) != full && !((able->criu_capabilities >> CAP_SETPCAP) & 1))
			return "its bounding set of capabilities is not full, and CRIU there lacks cap_setpcap";
	}
	return NULL;
}

/* The reason, in words, why the tree takes root; NULL when nothing does. */
static const char *needs_root(const struct check_result *r)
{
	const struct survey *s = &r->survey;
	const struct {
		bool is;
		const char *words;
	} table[] = {
		{ is_hidden(s), "it hides what it is made of (it is not dumpable)" },
		{ s->namespaces[0] != '\0', "it has namespaces of its own" },
		{ r->pidns || r->timens, "it would need a namespace there" },
		{ r->tcp || r->tcp_close, "it has established connections" },
		{ has_low_port(s), "it has a port below 1024" },
		{ s->raw || s->icmp || s->packet, "it has raw sockets" },
		{ r->tty || r->shell_job, "it belongs to a terminal or session that stays behind" },
		{ r->watches, "it watches files" },
		{ r->nbring > 0, "files would have to come along" },
	};

	for (size_t i = 0; i < countof(table); i++) {
		if (table[i].is)
			return table[i].words;
	}
	return NULL;
}

static void judge_end(struct check_result *r, const struct judge *j, const struct host *host, const struct able *able)
{
	const struct host_facts *f = host_facts(host);
	const char *name = host_name(host), *why = needs_root(r);
	const char *creds_why = creds(&r->survey, f, able);
	const struct survey_proc *other = others(&r->survey, f->uid);

	if (!why)
		why = creds_why;
	r->cgroup_ignore = true;
	if (other)
		findings_add(r, j, "own-only", name, "%s on %s may only move processes of its own, and %s(%d) is none", f->user,
			     name, other->name, (int)other->pid);
	else if (why)
		findings_add(r, j, "own-only", name, "%s on %s may only move what needs no root: %s", f->user, name, why);
	else if (able->ends && host == j->destination)
		findings_add(r, j, "own-ends", name, "logind on %s kills the processes of %s at logout", name, f->user);
	else
		findings_add(r, j, "own", name, "on %s it moves as %s's own process, without root", name, f->user);
}

void judge_own(struct check_result *r, const struct judge *j)
{
	if (host_own_only(j->source))
		judge_end(r, j, j->source, j->able_source);
	if (j->destination && host_own_only(j->destination))
		judge_end(r, j, j->destination, j->able_destination);
}
