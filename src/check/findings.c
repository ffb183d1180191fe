/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const struct finding_kind finding_kinds[] = {
	/* Blockers. */
	{ "no-process", FINDING_REFUSE, NULL, NULL, "refresh the column: it has ended", NULL },
	{ "other-process", FINDING_REFUSE, NULL, NULL, "refresh the column: the pid belongs to another process now", NULL },
	{ "criu-missing", FINDING_REFUSE, NULL, NULL, "install criu there (Debian: apt install criu)", NULL },
	{ "criu-old", FINDING_REFUSE, NULL, NULL, "install CRIU 3.17 or later there", NULL },
	{ "criu-backwards", FINDING_REFUSE, NULL, NULL, "install a CRIU there that is at least as new as the source's", NULL },
	{ "criu-check", FINDING_REFUSE, NULL, NULL, "run `criu check` there; a newer CRIU or kernel may be needed", NULL },
	{ "not-root", FINDING_REFUSE, NULL, NULL, "log in as root there, or let that user become root by sudo or doas: CRIU needs it", NULL },
	{ "own-only", FINDING_REFUSE, NULL, NULL, "log in as root there, or let that user become root by sudo or doas", NULL },
	{ "own-ends", FINDING_REFUSE, NULL, NULL, "set KillUserProcesses=no in logind.conf there, or move as root", NULL },
	{ "no-capability", FINDING_REFUSE, NULL, NULL, "log in to the host itself, not to a container that lacks it", NULL },
	{ "limits", FINDING_REFUSE, NULL, NULL,
	  "CRIU could not read its limits: give the login CAP_SYS_RESOURCE, or run it as root", NULL },
	{ "tool-missing", FINDING_REFUSE, NULL, NULL, "install it there", NULL },
	{ "arch", FINDING_REFUSE, NULL, NULL, "choose a host of the same architecture", NULL },
	{ "cpu", FINDING_REFUSE, NULL, NULL, "choose a host with the same or a newer CPU", NULL },
	{ "kernel-thread", FINDING_REFUSE, NULL, NULL, "it is a part of the kernel", NULL },
	{ "init", FINDING_REFUSE, NULL, NULL, "move what it runs, not the host's first process", NULL },
	{ "postcopy-not", FINDING_REFUSE, NULL, NULL, "use another mode", NULL },
	{ "zombie", FINDING_REFUSE, NULL, NULL, "it has ended; its parent has not reaped it yet", NULL },
	{ "traced", FINDING_REFUSE, NULL, NULL, "detach the debugger or strace first", NULL },
	{ "frozen", FINDING_REFUSE, NULL, NULL, "thaw it first (systemctl thaw, docker unpause, or 0 into its cgroup.freeze)", NULL },
	{ "stuck", FINDING_REFUSE, NULL, NULL, "wait until its disk or file server answers, or the program that it started by vfork(2) runs", NULL },
	{ "deaf", FINDING_REFUSE, NULL, NULL, "repair that file system there, or unmount it (umount -l)", NULL },
	{ "container", FINDING_REFUSE, NULL, NULL, "move it by its container runtime, which knows its mounts and network", NULL },
	{ "sandbox", FINDING_REFUSE, NULL, NULL, "start it without a mount namespace of its own", NULL },
	{ "unit-restarts", FINDING_REFUSE, NULL, NULL, "keep systemd from restarting it during the move: Restart=no in a drop-in", NULL },
	{ "unit-triggered", FINDING_REFUSE, NULL, NULL, "stop what starts it again", NULL },
	{ "unit-actions", FINDING_REFUSE, NULL, NULL, "take these out of the unit for the move by a drop-in", NULL },
	{ "unit-others", FINDING_REFUSE, NULL, NULL, "move what started them all, or give the unit KillMode=process in a drop-in", NULL },
	{ "unit-watchdog", FINDING_REFUSE, NULL, NULL, "give the unit a longer WatchdogSec= in a drop-in and start it anew", NULL },
	{ "pid-namespace", FINDING_REFUSE, NULL, NULL, "move the first process of that namespace, with all in it", NULL },
	{ "session-away", FINDING_REFUSE, NULL, NULL, "CRIU does not take such a process: start it there with setsid(1)", NULL },
	{ "shared-code", FINDING_REFUSE, NULL, NULL,
	  "CRIU cannot run its own code there: start it without such a buffer (PHP: opcache.jit_buffer_size=0)", NULL },
	{ "odd-descriptor", FINDING_REFUSE, NULL, NULL, "CRIU cannot restore it", NULL },
	{ "device", FINDING_REFUSE, NULL, NULL, "CRIU cannot restore a device's state: close it", NULL },
	{ "sysv-shm", FINDING_REFUSE, NULL, NULL,
	  "System V shared memory belongs to the host: run it in an IPC namespace of its own", NULL },
	{ "unreadable", FINDING_REFUSE, NULL, NULL,
	  "log in as root of the host itself there: what a process has open must be seen before it can move", NULL },
	{ "unix-forged", FINDING_REFUSE, NULL, NULL, "find the name with a line break in /proc/net/unix there, and end the process that made it", NULL },
	{ "removed-dir", FINDING_REFUSE, NULL, NULL, "CRIU makes such a directory and removes it again: have it leave one that was removed", NULL },
	{ "far-mount", FINDING_REFUSE, NULL, NULL, "restart it with files of its own host", NULL },
	{ "socket-kind", FINDING_REFUSE, NULL, NULL, "CRIU cannot restore such a socket", NULL },
	{ "unix-outside", FINDING_REFUSE, NULL, NULL, "move its other end with it, or have it close the connection", NULL },
	{ "address-missing", FINDING_REFUSE, NULL, NULL,
	  "add the address there, have it move too (--hook), or let the process listen on all addresses", NULL },
	{ "port-taken", FINDING_REFUSE, NULL, NULL, "stop what listens there", NULL },
	{ "pid-alone", FINDING_REFUSE, NULL, NULL, "wait until the pid is free (--wait-pid), end the process that has it there, or choose another host", NULL },
	{ "pid-range", FINDING_REFUSE, NULL, NULL, "raise kernel.pid_max there", NULL },
	{ "file-differs", FINDING_REFUSE, NULL, NULL, "make the file the same at both ends", NULL },
	{ "file-elsewhere", FINDING_REFUSE, NULL, NULL,
	  "have what it leads to mounted there in its place (mount --bind), or give the process names without links", NULL },
	{ "file-absent", FINDING_REFUSE, NULL, NULL, "put them there as they were: a saved file holds the process, not its files", NULL },
	{ "lock-shared", FINDING_REFUSE, NULL, NULL,
	  "the copy cannot take the lock while the process holds it; release it for the move", NULL },
	{ "label", FINDING_REFUSE, NULL, NULL, "load the same security profile there, or run it unconfined", NULL },
	{ "no-room", FINDING_REFUSE, NULL, NULL, "make room there: for images in /dev/shm or /var/lib, for files where they come to and in /var/lib", NULL },
	{ "no-hugepages", FINDING_REFUSE, NULL, NULL, "reserve more huge pages there (vm.nr_hugepages)", NULL },
	{ "no-lock-tool", FINDING_REFUSE, NULL, NULL, "install nftables or iptables there: established connections need it", NULL },
	{ "no-tmux", FINDING_REFUSE, NULL, NULL, "install tmux there: a shell job needs a terminal to live in", NULL },
	/* Questions to the operator. */
	{ "file-missing", FINDING_CHOICE, NULL, NULL, "bring the files along (--with-files), or install them there",
	  "Bring them along?" },
	{ "pid-taken", FINDING_CHOICE, "--external pid[...]:pferry", "--inherit-fd fd[9]:pferry",
	  "run it in a pid namespace there (--accept pid-taken), wait until the pid is free (--wait-pid), or choose another host",
	  "Run it in a pid namespace of its own there, where it has its pid?" },
	{ "file-replace", FINDING_CHOICE, NULL, NULL, "replace it with the source's (--accept file-replace), or make them the same",
	  "Replace it with the source's? The old one is restored if the move is undone." },
	{ "file-executed", FINDING_CHOICE, NULL, NULL,
	  "let them be placed there (--accept file-executed), or install them there",
	  "Place them there? Others on that host, root too, may execute them." },
	{ "odd-name", FINDING_CHOICE, NULL, NULL, "rename it, or see that it is there and try (--accept odd-name)",
	  "Try it? If the restore fails, it keeps running where it is." },
	{ "tcp-close", FINDING_CHOICE, "--tcp-close", "--tcp-close",
	  "have the connections closed (--accept tcp-close), or have their address move too (--hook)",
	  "Close them? The other side sees them end and may connect again." },
	{ "socket-place", FINDING_CHOICE, NULL, NULL,
	  "put its socket into a directory that only root writes to, or trust that user during the move (--accept socket-place)",
	  "Trust that user during the move?" },
	{ "pipe-outside", FINDING_CHOICE, NULL, NULL, "move it with its pipeline, or have the pipe closed (--accept pipe-outside)",
	  "Move it without? It will find the pipe closed." },
	{ "criu-sockets", FINDING_CHOICE, NULL, NULL,
	  "install CRIU 4.2 or later there, or try it if the distribution backported the fix (--accept criu-sockets)",
	  "Try it? If the dump fails, it keeps running where it is." },
	{ "supervised", FINDING_CHOICE, NULL, NULL,
	  "end that process first, move it instead with all it started, or move without it (--accept supervised)",
	  "Move it anyway? First make sure that no second one is started." },
	{ "other-user", FINDING_CHOICE, NULL, NULL,
	  "give them the same numbers at both ends, or accept the rights that these have there (--accept other-user)",
	  "Move it anyway? There it has the rights of these users, and they control it." },
	/* Options added automatically. */
	{ "own", FINDING_OPTION, "--unprivileged --manage-cgroups=ignore", "--unprivileged --manage-cgroups=ignore",
	  "it lands in the cgroup of the login there", NULL },
	{ "bring-files", FINDING_OPTION, NULL, NULL, "", NULL },
	{ "session-outside", FINDING_OPTION, "--shell-job", "--shell-job", "", NULL },
	{ "tty", FINDING_OPTION, "--shell-job", "--shell-job", "attach to its tmux session there", NULL },
	{ "tcp-established", FINDING_OPTION, "--tcp-established", "--tcp-established", "", NULL },
	{ "tcp-listen", FINDING_OPTION, "--skip-in-flight", NULL,
	  "a client that connects at that moment is disconnected, and has to connect again", NULL },
	{ "unix-datagram", FINDING_OPTION, "--ext-unix-sk", "--ext-unix-sk", "", NULL },
	{ "file-locks", FINDING_OPTION, "--file-locks", "--file-locks", "", NULL },
	{ "deleted-files", FINDING_OPTION, "--link-remap --ghost-limit", NULL, "", NULL },
	{ "watches", FINDING_OPTION, "--force-irmap", NULL, "", NULL },
	{ "network-lock", FINDING_OPTION, "--network-lock nftables", "--network-lock nftables", "", NULL },
	{ "cgroup-layout", FINDING_OPTION, "--manage-cgroups=ignore", "--manage-cgroups=ignore", "", NULL },
	/* Notes. */
	{ "criu-differs", FINDING_OK, NULL, NULL, "if the restore fails, use the same version of CRIU at both ends", NULL },
	{ "features", FINDING_OK, NULL, NULL, "few processes need these", NULL },
	{ "cpu-unknown", FINDING_OK, NULL, NULL, "see that both have the same CPU features", NULL },
	{ "namespaces", FINDING_OK, NULL, NULL, "", NULL },
	{ "unit", FINDING_OK, NULL, NULL, "the unit at the source will count as ended; the copy is in no unit", NULL },
	{ "unit-enabled", FINDING_OK, NULL, NULL, "disable it there (systemctl disable), or a second one starts at boot", NULL },
	{ "no-name", FINDING_OK, NULL, NULL, "", NULL },
	{ "controllers", FINDING_OK, NULL, NULL, "limits set by these are not moved", NULL },
	{ "unix-unknown", FINDING_OK, NULL, NULL, "install iproute2 there, so that its unix sockets can be looked at", NULL },
	{ "seccomp", FINDING_OK, NULL, NULL, "", NULL },
	{ "stopped", FINDING_OK, NULL, NULL, "it stays stopped", NULL },
	{ "compared", FINDING_OK, NULL, NULL, "", NULL },
	{ "no-ahead", FINDING_OK, NULL, NULL, "install perl there, so that memory can be compared", NULL },
	{ "postcopy", FINDING_OK, NULL, NULL, "", NULL },
	{ "fills", FINDING_OK, NULL, NULL, "", NULL },
	{ "can-move", FINDING_OK, NULL, NULL, "", NULL },
	{ NULL, FINDING_OK, NULL, NULL, NULL, NULL },
};

_Static_assert(countof(finding_kinds) <= FINDINGS_KINDS, "more kinds than are counted");

static const struct finding_kind *kind_of(const char *code)
{
	for (const struct finding_kind *k = finding_kinds; k->code; k++) {
		if (strcmp(k->code, code) == 0)
			return k;
	}
	fprintf(stderr, "pferry: no finding named %s\n", code);
	abort();
}

bool findings_accepted(const struct judge *judge, const char *code)
{
	const char *const *accept = judge->options ? judge->options->accept : NULL;

	if (judge->options && judge->options->saved && strcmp(code, "file-missing") == 0)
		return false; /* a file that was saved has no source to bring files from */
	if (judge->options && judge->options->with_files && strcmp(code, "file-missing") == 0)
		return true;
	for (size_t i = 0; accept && accept[i]; i++) {
		if (strcmp(accept[i], code) == 0)
			return true;
	}
	return false;
}

/* The finding that was added last. */
static void say_why(struct check_result *r, const struct finding_kind *kind, const char *text, const char *host)
{
	r->stands = r->count - 1;
	err_set(&r->why, ERR_REFUSED, host, "%s; %s", text, kind->remedy);
}

static void refuse(struct check_result *r, const struct finding_kind *kind, const char *text, const char *host)
{
	bool pids = strcmp(kind->code, "pid-taken") == 0 || strcmp(kind->code, "pid-alone") == 0;

	r->only_pids = pids && (r->only_pids || !r->refused);
	if (kind->level == FINDING_REFUSE) {
		/* A choice must not hide what no choice can mend. */
		if (!r->refused || r->choice)
			say_why(r, kind, text, host);
		r->choice = NULL;
	} else if (!r->refused) {
		say_why(r, kind, text, host);
		r->choice = kind->code;
		r->question = mem_printf("%s. %s", text, kind->question);
	}
	r->refused = true;
}

bool findings_add(struct check_result *r, const struct judge *judge, const char *code, const char *host,
		  const char *fmt, ...)
{
	const struct finding_kind *kind = kind_of(code);
	size_t *times = &r->times[kind - finding_kinds];
	bool accepted = kind->level == FINDING_CHOICE && findings_accepted(judge, code);
	struct finding *f;
	va_list ap;
	char *raw, *clean;

	/* A host may have a hundred thousand of one kind: all are judged, and the first are listed. */
	if (++*times > FINDINGS_OF_A_KIND)
		return accepted || kind->level == FINDING_OK || kind->level == FINDING_OPTION;
	va_start(ap, fmt);
	raw = mem_vprintf(fmt, ap);
	va_end(ap);
	clean = text_sanitize(raw, strlen(raw), 400);
	free(raw);
	r->findings = mem_grow(r->findings, r->count, sizeof *r->findings);
	f = &r->findings[r->count++];
	*f = (struct finding){ .code = kind->code,
			       .level = accepted ? FINDING_OPTION : kind->level,
			       .text = clean,
			       .remedy = mem_strdup(accepted ? "" : kind->remedy),
			       .option = kind->dump_option,
			       .restore_option = kind->restore_option };
	if (accepted || kind->level == FINDING_OK || kind->level == FINDING_OPTION)
		return true;
	refuse(r, kind, clean, host);
	return false;
}

/* A living process must show what it has: nothing open and nothing readable look alike. */
static void judge_seen(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(j->source);

	for (size_t i = 0; i < s->nprocs && !host_own_only(j->source); i++) {
		const struct survey_proc *p = &s->procs[i];

		if (p->start && !p->exe_seen && !p->ended && !p->kthread && p->state != 'Z' && p->state != 'X') {
			findings_add(r, j, "unreadable", name, "the login on %s may not see what %s(%d) has open", name, p->name, (int)p->pid);
			break;
		}
	}
}

void findings_add_file(struct check_result *r, const char *path)
{
	struct finding *f = &r->findings[r->count - 1];

	f->files = mem_grow(f->files, f->files_count, sizeof *f->files);
	f->files[f->files_count++] = text_sanitize(path, strlen(path), 0);
}

void findings_set_remedy(struct check_result *r, const char *host, const char *fmt, ...)
{
	struct finding *f = &r->findings[r->count - 1];
	va_list ap;
	char *raw;

	va_start(ap, fmt);
	raw = mem_vprintf(fmt, ap);
	va_end(ap);
	free(f->remedy);
	f->remedy = text_sanitize(raw, strlen(raw), 400);
	free(raw);
	if (r->refused && r->stands == r->count - 1)
		err_set(&r->why, ERR_REFUSED, host, "%s; %s", f->text, f->remedy);
}

void findings_judge(struct check_result *r, const struct judge *judge)
{
	const struct survey_proc *root = survey_root(&r->survey);
	const char *name = host_name(judge->source);
	char bytes[32];

	if (r->survey.gone || !root) {
		findings_add(r, judge, "no-process", name, "there is no process %d on %s", (int)r->proc.pid, name);
		return;
	}
	if (r->proc.start && root->start != r->proc.start) {
		findings_add(r, judge, "other-process", name, "pid %d on %s is another process now: %s", (int)r->proc.pid,
			     name, root->name);
		return;
	}
	r->proc.start = root->start;
	snprintf(r->name, sizeof r->name, "%s", root->name);
	r->memory_bytes = (r->survey.anon_kb + r->survey.ghost_kb) * 1024;
	judge_hosts(r, judge);
	judge_process(r, judge);
	judge_seen(r, judge);
	judge_sockets(r, judge);
	judge_files(r, judge);
	judge_people(r, judge);
	judge_room(r, judge);
	judge_bring(r, judge);
	judge_own(r, judge);
	if (!r->refused)
		findings_add(r, judge, "can-move", NULL, "%s(%d) can move: about %s of memory in %zu process%s", r->name,
			     (int)r->proc.pid, text_bytes(bytes, sizeof bytes, r->memory_bytes, false), r->survey.nprocs,
			     r->survey.nprocs == 1 ? "" : "es");
}
