/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging the processes that wait for a tree's root to end.  Its parent sees that, and whoever
 * waits does something then: a supervisor starts another, make and cron take it
 * for failed, a script goes on with its next line.  Parents that do not are listed;
 * any other is asked about.  Who waits without being its parent (a pidfd, a
 * debugger, a pid file) cannot be seen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/findings.h"

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && strcmp(s + a - b, end) == 0;
}

static bool is_shell(const char *name)
{
	static const char *const shells[] = { "sh",   "bash", "rbash", "dash", "ash",	 "busybox", "ksh",  "ksh93", "mksh", "lksh", "oksh", "pdksh",
					      "loksh", "zsh",  "fish",  "csh",  "tcsh",	 "yash",    "posh", "osh",   "nu",   "elvish", "rc", "es" };

	return is_one_of(name, shells, countof(shells));
}

/* Opens a session for a login, and starts nothing again in it. */
static bool is_login(const char *name)
{
	static const char *const logins[] = { "sshd",   "sshd-session", "sshd-auth",   "dropbear", "dropbearmulti", "tinysshd",
					      "login",  "telnetd",	"in.telnetd", "utelnetd", "rlogind",	   "in.rlogind" };

	return is_one_of(name, logins, countof(logins));
}

/* Opens a terminal for a program, and closes it when that ends. */
static bool is_terminal(const char *name)
{
	static const char *const terminals[] = { "tmux: server", "tmux",  "screen",  "SCREEN",	"dtach", "abduco",   "zellij", "mosh-server", "xterm",
						 "rxvt",	 "urxvt", "konsole", "kitty",	"foot",	 "alacritty", "st",	"gnome-terminal-" };

	return is_one_of(name, terminals, countof(terminals));
}

/* ---- interactive shells ---- */

/* The next word of a parent's arguments, of which `*at` has the rest; false at their end. */
static bool next_word(const char **at, char *word, size_t size)
{
	size_t len = strcspn(*at, "\n");

	if (!**at)
		return false;
	snprintf(word, size, "%.*s", (int)len, *at);
	*at += len + ((*at)[len] == '\n');
	return true;
}

/* Whether a shell with these arguments reads a terminal, and not a script or a command. */
static bool reads_terminal(const char *args)
{
	static const char *const with_value[] = { "--rcfile", "--init-file", "-o", "+o", "-O", "+O" };
	char word[64], skipped[64];

	if (!args || !next_word(&args, word, sizeof word))
		return false;
	if (ends_with(word, "busybox") && !next_word(&args, word, sizeof word))
		return false;
	while (next_word(&args, word, sizeof word)) {
		if (word[0] != '-' && word[0] != '+')
			return false;
		if (word[0] == '-' && word[1] != '-' && strchr(word, 'c'))
			return false;
		if (is_one_of(word, with_value, countof(with_value)))
			next_word(&args, skipped, sizeof skipped);
	}
	return true;
}

/* A shell with job control gives each of its jobs a process group; a script that runs another program does
 * not. */
static bool is_job_of(const struct survey_proc *root, const struct survey_parent *parent, const char *args)
{
	return is_shell(parent->name) && parent->tty && root->pgid != parent->pgid && reads_terminal(args);
}

/* ---- parents that adopt ---- */

/* The first process of a pid namespace that starts nothing again; "dinit" and "finit" do. */
static bool is_idle_init(const char *name, const char *args)
{
	static const char *const inits[] = { "systemd", "tini", "tini-static", "catatonit", "runit", "s6-svscan", "pause", "sleep", "tail", "cat" };

	if (strcmp(name, "dinit") == 0 || strcmp(name, "finit") == 0)
		return false;
	/* pferry's own, of a namespace that it made. */
	return ends_with(name, "init") || is_one_of(name, inits, countof(inits)) || (args && strstr(args, "\npferry-init\n"));
}

/*
 * A session is a parent's or a process's own.  A root in another's was begun by one that has ended since.
 * Whoever adopts without being the first process has asked for it (PR_SET_CHILD_SUBREAPER), and so may wait.
 */
static bool is_adopted(const struct survey_proc *root, const struct survey_parent *parent)
{
	return parent->inner == 1 && root->sid && root->sid != root->pid && root->sid != parent->sid;
}

static bool is_harmless(const struct survey_owner *o, const struct survey_proc *root)
{
	const struct survey_parent *parent = &o->parents[0];

	if (o->respawn[0])
		return false;
	/* A user's systemd adopts, and looks after units only: judge_owner(). */
	if (is_login(parent->name) || strcmp(parent->name, "systemd") == 0)
		return true;
	/* A shell job that pferry moved here has CRIU for a parent. */
	if (strcmp(parent->name, "criu") == 0 || is_adopted(root, parent))
		return true;
	/* The program that opened a terminal for a shell closes it then. */
	if (root->tty && root->sid == root->pid && (is_shell(root->name) || is_terminal(parent->name)))
		return true;
	if (parent->inner == 1 && is_idle_init(parent->name, o->args))
		return true;
	return is_job_of(root, parent, o->args);
}

/* ", the main process of x.service," when what sees it end is what systemd starts again. */
static char *words_of_unit(const struct survey_owner *o)
{
	const struct survey_unit *u = &o->unit;

	for (size_t i = 0; u->main && i < o->nparents; i++) {
		if (o->parents[i].pid == u->main && u->restart[0] && strcmp(u->restart, "no") != 0)
			return mem_printf(" of %s, which has Restart=%s,", u->name, u->restart);
	}
	return mem_strdup("");
}

void judge_supervised(struct check_result *r, const struct judge *j)
{
	const struct survey_owner *o = &r->survey.owner;
	const struct survey_proc *root = survey_root(&r->survey);
	const char *host = host_name(j->source);
	char *unit;

	/* A saved process has no parent any more. */
	if (root->pid == 1 || (j->options && j->options->saved))
		return;
	if (o->nparents == 0) {
		if (root->ppid == 0)
			findings_add(r, j, "supervised", host, "its parent is outside of what %s shows: it will see it end and may start another",
				     host);
		return;
	}
	if (is_harmless(o, root))
		return;
	unit = words_of_unit(o);
	if (o->respawn[0])
		findings_add(r, j, "supervised", host, "on %s %s has \"%s\": %s(%d) will see it end and may start another", host,
			     o->respawn_by, o->respawn, o->parents[0].name, (int)o->parents[0].pid);
	else
		findings_add(r, j, "supervised", host, "on %s its parent %s(%d)%s will see it end and may start another", host,
			     o->parents[0].name, (int)o->parents[0].pid, unit);
	free(unit);
}
