/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "criu/command.h"

#include <pferry/move.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

/* hand.sh knows where they are: the host picks the name. */
#define IMAGES " -D \"$I\""
/* Shell function of the supervisor: a clean environment, and no configuration of the host's
 * (src/remote/parts/criu.sh). */
#define RUN "criu_exec"

static void word(struct buf *out, const char *text)
{
	buf_puts(out, " ");
	text_shell_quote(out, text);
}

static void words(struct buf *out, const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++)
		word(out, list[i]);
}

/* Options that dump and restore share. */
static void common(struct buf *out, const struct command_setup *s, const char *verb, bool nft)
{
	const char *criu = host_facts(s->host)->criu;

	buf_puts(out, RUN);
	/* The wrapper that serves its pages: nothing, unless memory was pre-copied by comparing. */
	if (s->precopy)
		buf_puts(out, " $AHEAD");
	/* The wrapper that gives it a connection for them, if they go straight. */
	if (s->lazy && strcmp(verb, "dump") == 0)
		buf_puts(out, " $JOIN");
	if (s->check->timens && strcmp(verb, "dump") == 0)
		buf_puts(out, " unshare --time --fork --kill-child");
	word(out, criu[0] ? criu : "criu");
	word(out, verb);
	buf_puts(out, IMAGES);
	words(out, (const char *const[]){ "-W", s->dir, "-o", "criu.log", "-v3",
					  s->check->cgroup_ignore ? "--manage-cgroups=ignore" : "--manage-cgroups", NULL });
	buf_puts(out, " --action-script \"$ACT\"");
	if (host_own_only(s->host))
		word(out, "--unprivileged");
	if (s->check->shell_job)
		word(out, "--shell-job");
	if (s->check->tcp)
		word(out, "--tcp-established");
	else if (s->check->tcp_close)
		word(out, "--tcp-close");
	if (s->check->ext_unix)
		word(out, "--ext-unix-sk");
	/* Without a connection there is nothing to lock, which takes its time too. */
	if (!s->check->tcp && !s->check->tcp_close && host_facts(s->host)->criu_version[0] >= '4')
		words(out, (const char *const[]){ "--network-lock", "skip", NULL });
	else if (nft && s->check->tcp)
		words(out, (const char *const[]){ "--network-lock", "nftables", NULL });
	if (s->check->locks)
		word(out, "--file-locks");
}

/* Watched files are found again by name, in the directories that the process uses. */
static void watch_paths(struct buf *out, const struct survey *s)
{
	word(out, "--force-irmap");
	for (size_t i = 0, n = 0; i < s->nfiles && n < 16; i++) {
		if (S_ISDIR(s->files[i].mode) && s->files[i].path[1]) {
			words(out, (const char *const[]){ "--irmap-scan-path", s->files[i].path, NULL });
			n++;
		}
	}
}

char *command_dump(const struct command_setup *s)
{
	struct buf out;
	char pid[16];

	buf_init(&out, 0);
	common(&out, s, "dump", s->check->nft_source);
	snprintf(pid, sizeof pid, "%d", (int)s->check->proc.pid);
	words(&out, (const char *const[]){ "-t", pid, NULL });
	if (s->check->pidns) {
		char external[64];

		snprintf(external, sizeof external, "pid[%llu]:pferry", (unsigned long long)s->check->pidns);
		words(&out, (const char *const[]){ "--external", external, NULL });
	}
	if (s->check->skip_in_flight)
		word(&out, "--skip-in-flight");
	if (s->check->deleted) {
		char limit[32];

		/* A deleted file may grow before the dump. */
		snprintf(limit, sizeof limit, "%lluM", (unsigned long long)s->check->ghost_max_kb / 512 + 64);
		words(&out, (const char *const[]){ "--link-remap", "--ghost-limit", limit, NULL });
	}
	if (s->check->watches)
		watch_paths(&out, &s->check->survey);
	if (s->keep_stopped || s->lazy)
		word(&out, "--leave-stopped");
	if (s->precopy)
		buf_puts(&out, " $PREV");
	words(&out, s->extra);
	if (s->lazy)
		buf_printf(&out, " --lazy-pages --address 127.0.0.1 --status-fd 7 7>%s/st", s->dir);
	return buf_take(&out);
}

char *command_predump(const struct command_setup *s)
{
	const char *criu = host_facts(s->host)->criu;
	struct buf out;
	char pid[16];

	buf_init(&out, 0);
	buf_puts(&out, RUN);
	word(&out, criu[0] ? criu : "criu");
	word(&out, "pre-dump");
	snprintf(pid, sizeof pid, "%d", (int)s->check->proc.pid);
	words(&out, (const char *const[]){ "-t", pid, "-W", s->dir, "-o", "predump.log", "-v3", NULL });
	buf_puts(&out, IMAGES "/r\"$ROUND\" ${PREV:---track-mem}");
	if (s->check->shell_job)
		word(&out, "--shell-job");
	return buf_take(&out);
}

char *command_pages(const struct command_setup *s)
{
	const char *criu = host_facts(s->host)->criu;
	struct buf out;

	buf_init(&out, 0);
	buf_puts(&out, RUN " $JOIN");
	word(&out, criu[0] ? criu : "criu");
	words(&out, (const char *const[]){ "lazy-pages", "-W", s->dir, "-o", "lazy.log", "-v2", "--page-server",
					   "--address", "127.0.0.1", NULL });
	if (s->fills)
		buf_printf(&out, " -D %s/view", s->dir); /* filler.pl makes that */
	else
		buf_puts(&out, IMAGES);
	buf_puts(&out, " --port \"${PORT:-1}\"");
	return buf_take(&out);
}

char *command_restore(const struct command_setup *s)
{
	struct buf out;

	buf_init(&out, 0);
	common(&out, s, "restore", s->check->nft_destination);
	if (!s->check->tty)
		word(&out, "-d");
	if (s->check->pidns)
		words(&out, (const char *const[]){ "--inherit-fd", "fd[9]:pferry", NULL });
	if (s->lazy)
		word(&out, "--lazy-pages");
	if (s->fills)
		buf_puts(&out, " $FILLS");
	words(&out, s->extra);
	return buf_take(&out);
}

bool move_options_ok(const char *const *options, struct err *e)
{
	return command_options_ok(options, e);
}

/* Whether CRIU takes `option` for `name`, which it does if a long one is cut short or a short one has its value with it. */
static bool means(const char *option, const char *name)
{
	if (strncmp(option, "--", 2) != 0 || name[1] != '-')
		return strncmp(option, name, 2) == 0 && option[1] != '-' && name[2] == '\0';
	return strcspn(option, "=") > 2 && strncmp(option, name, strcspn(option, "=")) == 0;
}

bool command_options_ok(const char *const *options, struct err *e)
{
	static const char *const owned[] = {
		"-D", "--images-dir", "-t", "--tree", "-W", "--work-dir", "-o", "--log-file", "--action-script", "-d",
		"--restore-detached", "-R", "--leave-running", "-s", "--leave-stopped", "--pidfile",
		"--page-server", "--lazy-pages", "--address", "--port", "--status-fd", "--ps-socket", "--track-mem", "--prev-images-dir", "--stream", "--config",
		"--no-default-config",
	};

	for (size_t i = 0; options && options[i]; i++) {
		for (size_t k = 0; k < countof(owned); k++) {
			if (means(options[i], owned[k]))
				return err_set(e, ERR_USAGE, NULL, "the CRIU option %s is pferry's own: leave it out",
					       owned[k]);
		}
		if (options[i][0] != '-' && (i == 0 || options[i - 1][0] != '-'))
			return err_set(e, ERR_USAGE, NULL, "%s is no CRIU option", options[i]);
	}
	return true;
}

const char *command_shown(const char *command)
{
	while (command && (strncmp(command, RUN " ", strlen(RUN " ")) == 0 || *command == '$'))
		command += strcspn(command, " ") + 1;
	return command;
}
