/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging the processes of a tree: what they are, who owns them, their terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/findings.h"

#define CAP_SYS_RESOURCE 24

static void judge_state(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct survey_proc *root = survey_root(s);
	const char *name = host_name(j->source);
	bool stopped = false;

	if (root->kthread)
		findings_add(r, j, "kernel-thread", name, "%s(%d) is a kernel thread", root->name, (int)root->pid);
	if (root->pid == 1)
		findings_add(r, j, "init", name, "pid 1 on %s cannot move", name);
	for (size_t i = 0; i < s->nprocs; i++) {
		const struct survey_proc *p = &s->procs[i];

		stopped |= p->state == 'T';
		/* A zombie below another process is carried over like any. */
		if ((p->state == 'Z' || p->state == 'X') && i == 0)
			findings_add(r, j, "zombie", name, "%s(%d) has ended already", p->name, (int)p->pid);
	}
	if (stopped)
		findings_add(r, j, "stopped", name, "it is stopped");
	if (s->traced)
		findings_add(r, j, "traced", name, "%s(%d) is being traced", root->name, (int)root->pid);
	if (s->frozen[0])
		findings_add(r, j, "frozen", name, "the cgroup %s on %s, which it is in, is frozen", s->frozen, name);
	if (s->stuck)
		findings_add(r, j, "stuck", name, "thread %d of %s waits in the kernel of %s and cannot be stopped (%s)", (int)s->stuck,
			     root->name, name, s->stuck_where);
	if (s->deaf[0])
		findings_add(r, j, "deaf", name, "%s does not answer on %s, and it uses that", s->deaf, name);
	if (s->seccomp)
		findings_add(r, j, "seccomp", name, "it has a seccomp filter, which is carried over");
}

/* Without CAP_SYS_RESOURCE another user's limits cannot be read (prlimit(2)). */
static void judge_limits(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;

	if (able_has(j->able_source, CAP_SYS_RESOURCE) || !host_facts(j->source)->root)
		return;
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].other_user && !s->procs[i].kthread) {
			findings_add(r, j, "limits", host_name(j->source),
				     "%s(%d) is not root's, and the login on %s lacks CAP_SYS_RESOURCE", s->procs[i].name,
				     (int)s->procs[i].pid, host_name(j->source));
			return;
		}
	}
}

static void judge_namespaces(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;

	/* With all else the host's own it is one that we made, or might have. */
	if (strstr(s->namespaces, "pid") && !s->nspid_init && (strstr(s->namespaces, "mnt") || strstr(s->namespaces, "user")))
		findings_add(r, j, "pid-namespace", host_name(j->source),
			     "it is in a pid namespace whose first process is another");
	else if (s->namespaces[0])
		findings_add(r, j, "namespaces", host_name(j->source), "it has namespaces of its own: %s", s->namespaces);
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].session_away && s->procs[i].pid != 1) {
			findings_add(r, j, "session-away", host_name(j->source), "the leader of %s(%d)'s session is outside of its pid namespace",
				     s->procs[i].name, (int)s->procs[i].pid);
			break;
		}
	}
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].code_shared) {
			findings_add(r, j, "shared-code", host_name(j->source),
				     "the first code of %s(%d) lies in shared memory that cannot be written, as a JIT compiler's buffer does",
				     s->procs[i].name, (int)s->procs[i].pid);
			break;
		}
	}
	if (s->sysv_shm && !strstr(s->namespaces, "ipc"))
		findings_add(r, j, "sysv-shm", host_name(j->source), "it uses System V shared memory");
}

static bool in_list(const char *list, const char *word, size_t len, char end)
{
	for (; *list; list += strcspn(list, (char[]){ end, '\0' }), list += *list == end) {
		if (strncmp(list, word, len) == 0 && (list[len] == end || list[len] == '\0'))
			return true;
	}
	return false;
}

static void judge_cgroups(struct check_result *r, const struct judge *j)
{
	const char *want = r->survey.hierarchies, *name;
	char lacks[128] = "";

	if (!j->able_destination)
		return;
	for (const char *h = want; *h; h += strcspn(h, ";"), h += *h == ';') {
		size_t len = strcspn(h, ";");

		if (!in_list(j->able_destination->hierarchies, h, len, ';')) {
			r->cgroup_ignore = true;
			findings_add(r, j, "cgroup-layout", NULL, "%s has no cgroup hierarchy \"%.*s\": its cgroups do not come along",
				     host_name(j->destination), len ? (int)len : 2, len ? h : "v2");
			return;
		}
	}
	for (const char *c = j->able_source->controllers; *c; c += strcspn(c, " "), c += *c == ' ') {
		size_t len = strcspn(c, " "), at = strlen(lacks);

		if (!in_list(j->able_destination->controllers, c, len, ' ') && at + len + 2 < sizeof lacks)
			snprintf(lacks + at, sizeof lacks - at, "%s%.*s", at ? " " : "", (int)len, c);
	}
	if (lacks[0])
		findings_add(r, j, "controllers", NULL, "%s lacks the cgroup controllers %s", host_name(j->destination), lacks);
	name = host_name(j->destination);
	/* Without root it stays in the cgroup of the login. */
	if (j->verified && j->verified->frozen[0] && !host_own_only(j->source) && !host_own_only(j->destination))
		findings_add(r, j, "frozen", name, "the cgroup %s on %s, which it would come into, is frozen", j->verified->frozen, name);
}

/* "docker-default (enforce)" or "system_u:system_r:...:s0". */
static void judge_label(struct check_result *r, const struct judge *j)
{
	const char *label = r->survey.label;
	const struct able *d = j->able_destination;
	bool selinux = strchr(label, ':') && !strchr(label, '(');

	if (!label[0] || !d || strstr(label, "unconfined"))
		return;
	if (selinux ? !d->selinux : !d->apparmor)
		findings_add(r, j, "label", host_name(j->destination), "it runs as \"%s\", and %s has no %s", label,
			     host_name(j->destination), selinux ? "SELinux" : "AppArmor");
}

/* A shell job: on a terminal whose other side stays behind, or in a session
 * whose leader does. CRIU's --shell-job is for both. */
static void judge_terminal(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = j->destination ? host_name(j->destination) : "the other host";
	const struct survey_proc *who = survey_root(s);
	bool outside = false;

	r->tty = s->tty_outside > 0;
	for (size_t i = 0; i < s->nprocs; i++) {
		const struct survey_proc *p = &s->procs[i];

		if (p->tty != 0 && !survey_owns_tty(s, p->tty)) {
			r->tty = true;
			who = p;
		}
		if (p->sid != 0 && !survey_find(s, p->sid)) {
			outside = true;
			if (!r->tty)
				who = p;
		}
	}
	r->shell_job = r->tty || outside;
	if (r->tty)
		findings_add(r, j, "tty", host_name(j->source), "%s(%d) is a shell job: it gets a new terminal in tmux", who->name,
			     (int)who->pid);
	else if (r->shell_job)
		findings_add(r, j, "session-outside", host_name(j->source), "%s(%d) belongs to a session begun elsewhere",
			     who->name, (int)who->pid);
	if (r->tty && j->destination && !host_facts(j->destination)->tmux)
		findings_add(r, j, "no-tmux", name, "there is no tmux on %s", name);
}

/* The words for what keeps a tree from having a pid namespace there; "" when nothing does. */
static void no_pidns(struct check_result *r, const struct judge *j, char *why, size_t size)
{
	const char *here = host_name(j->source), *there = host_name(j->destination);

	why[0] = '\0';
	/* A saved process was dumped already: its namespaces are settled. */
	if (j->options && j->options->saved)
		snprintf(why, size, "what was saved without");
	/* Session and group of a shell job have no number in the namespace. */
	else if (r->tty)
		snprintf(why, size, "a shell job, whose terminal is outside,");
	else if (r->shell_job)
		snprintf(why, size, "a process of a session begun elsewhere");
	else if (!strstr(r->survey.namespaces, "pid") && !r->timens && r->survey.nprocs > 1)
		snprintf(why, size, "a tree of %zu processes (without a time namespace, which %s cannot make)", r->survey.nprocs,
			 j->able_source->timens > 1 ? there : here);
}

/*
 * A pid that is taken there: with a pid namespace of its own it has it all the
 * same. A tree that CRIU takes no namespace of along is restored by the /proc of
 * the host: there the children are not found by the pids that they have in their
 * namespace (cr-restore.c, mount_proc()). So let it take one along: seen from
 * another time namespace the host's is one, and a restore makes one in any case.
 */
static void judge_taken(struct check_result *r, const struct judge *j)
{
	const struct verified *v = j->verified;
	const char *name = host_name(j->destination), *who = v->taken_name[0] ? v->taken_name : "another process";
	char why[128];

	r->timens = !strstr(r->survey.namespaces, "pid") && j->able_source->timens > 1 && j->able_destination->timens > 0;
	no_pidns(r, j, why, sizeof why);
	if (why[0])
		findings_add(r, j, "pid-alone", name, "pid %d is taken on %s by %s, and %s cannot have a pid namespace of its own",
			     (int)v->taken_pid, name, who, why);
	else
		r->pidns_new = findings_add(r, j, "pid-taken", name, "pid %d is taken on %s by %s", (int)v->taken_pid, name, who);
}

static void judge_pids(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;

	if (s->nspid_init)
		return; /* the tree brings a namespace of its own along */
	r->pidns_back_new = strstr(s->namespaces, "pid") != NULL;
	if (v && v->taken_count)
		judge_taken(r, j);
	if (r->pidns_back_new || r->pidns_new)
		r->pidns = strtoull(s->pidns + strcspn(s->pidns, "0123456789"), NULL, 10);
	if (r->pidns_back_new && r->tty)
		findings_add(r, j, "pid-alone", host_name(j->source),
			     "it is in a pid namespace, and the terminal of a shell job is outside of it");
	if (!v)
		return;
	for (size_t i = 0; i < s->ntids; i++) {
		if (j->able_destination->pid_max && (uint64_t)s->tids[i] >= j->able_destination->pid_max) {
			findings_add(r, j, "pid-range", host_name(j->destination), "pid %d is beyond what %s can give", (int)s->tids[i],
				     host_name(j->destination));
			return;
		}
	}
}

void judge_process(struct check_result *r, const struct judge *j)
{
	judge_state(r, j);
	if (r->survey.procs[0].kthread)
		return;
	judge_limits(r, j);
	judge_owner(r, j);
	judge_supervised(r, j);
	judge_namespaces(r, j);
	judge_cgroups(r, j);
	judge_label(r, j);
	judge_terminal(r, j);
	judge_pids(r, j);
}
