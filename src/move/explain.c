/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Patterns are parts of messages in CRIU 3.17 to 4.2; the file is named in the
 * comment.  First match wins, so the special stands before the general. */
const struct explain_entry explain_entries[] = {
	{ "exists, pid", "a pid it needs is taken", "end the process that has it, or choose another host" }, /* cr-restore.c */
	{ "Can't fork for ", "a pid it needs could not be had", "see whether it is taken there" },         /* cr-restore.c */
	{ "Pid namespace and pids do not match", "a pid it needs is taken", "choose another host" },
	{ "No space left on device", "the disk is full", "make room and try again" },
	{ "has bad size", "a file differs in size", "make it the same at both ends" },                     /* files-reg.c */
	{ "has bad build-ID", "a program or library is another build", "install the same version at both ends" },
	{ "has bad mode", "a file has another mode", "make it the same at both ends" },                    /* files-reg.c */
	{ "Can't open file ", "a file it needs is missing", "bring it along with --with-files" },          /* files-reg.c */
	{ "Can't open root", "its root directory is missing", "make it there" },
	{ "File not accessible", "a file it needs is missing", "bring it along with --with-files" },
	{ "can't find the file", "a file it needs is missing", "bring it along with --with-files" },
	{ "A session leader of", "the leader of its session stays behind", "add --shell-job, or move the leader too" },
	{ "Found dangling tty", "it is on a terminal", "it is a shell job: add --shell-job" },              /* tty.c */
	{ "tty: Found slave peer index", "its terminal's other side stays behind", "move the terminal multiplexer with it" },
	{ "Connected TCP socket", "it has established TCP connections", "add --tcp-established" },          /* sk-inet.c */
	{ "In-flight connection", "a TCP connection is just being made", "try again in a moment" },         /* sk-inet.c */
	{ "Can't lock TCP", "its connections could not be locked", "install nftables or iptables there" },
	{ "iptables-restore", "the network lock failed", "install nftables or iptables there" },           /* netfilter.c */
	{ "Can't bind inet socket", "its address or port is not there, or in use", "free the port, or bring the address over" },
	{ "Can't restore not-sent", "data it had sent did not fit the socket's buffer", "CAP_SYS_RESOURCE is needed there" },
	{ "External socket is used", "a unix socket leads outside of what moves", "move its peer too" },    /* sk-unix.c */
	{ "Unix socket without peer", "a unix socket leads outside of what moves", "move its peer too" },
	{ "Can't dump half of stream unix", "a unix socket leads outside of what moves", "move its peer too" }, /* sk-unix.c */
	{ "Some file locks are hold by dumping tasks", "it holds file locks", "add --file-locks" },
	{ "Some external file lock", "a file lock is shared with another process", "move that process too" },
	{ "Can't dump ghost file", "a deleted file it has open is too big", "add --ghost-limit SIZE" },     /* files-reg.c */
	{ "has no name and", "a deleted file with other names is open", "add --link-remap" },
	{ "Can't create link remap", "a deleted file could not be named again", "see that its file system can be written" },
	{ "with link-remap option", "a deleted file with other names is open", "add --link-remap" },       /* files-reg.c */
	{ "inotify support", "it watches a file that cannot be found again", "CRIU's --irmap-scan-path may help" },
	{ "Can't dump file ", "it has a file open that CRIU cannot carry", "close it, or use CRIU's --external" }, /* files.c */
	{ "Unknown file type", "it has a kind of file open that CRIU cannot carry", "close it" },
	{ "no handler for", "it has a kind of file open that CRIU cannot carry", "close it" },
	{ "Can't lookup mount", "a file it has open is on a mount that is not its own", "restart it with files of its own host" },
	{ "doesn't have a proper root mount", "one of its mounts cannot be carried", "use CRIU's --external mnt" }, /* mount.c */
	{ "unsupported fs", "one of its mounts cannot be carried", "use CRIU's --external mnt" },
	{ "Can't get rlimit", "its limits could not be read", "CAP_SYS_RESOURCE is needed there" },         /* cr-dump.c */
	{ "unable to seize", "it could not be stopped", "is a debugger or strace on it?" },                 /* seize.c */
	{ "Unable to interrupt task", "it could not be stopped", "is a debugger or strace on it?" },        /* seize.c */
	{ "already being traced", "a debugger is on it", "detach it first" },
	{ "Zombie", "one of its processes has ended and was not waited for", "try again in a moment" },
	{ "Will not dump", "CRIU refuses it", "see CRIU's log" },
	{ "CPU capabilities do not match", "the destination's CPU lacks features", "choose a host with the same CPU" }, /* cpuinfo.c */
	{ "cpu: FPU", "the destination's CPU lacks features", "choose a host with the same CPU" },
	{ "vdso", "CRIU is too old for this kernel's vDSO", "install CRIU 4.2 there" },                     /* vdso.c */
	{ "PTRACE_INTERRUPT", "it could not be stopped", "try again" },
	{ "Can't open a shared memory", "its shared memory could not be made", "see the room in /dev/shm" },
	{ "Cannot allocate memory", "there is not enough memory", "free memory and try again" },
	{ "Can't restore cgroup", "its cgroup could not be made", "see that the same cgroup hierarchy is mounted there" },
	{ "cg: ", "its cgroup could not be made", "see that the same cgroup hierarchy is mounted there" },  /* cgroup.c */
	{ "userns", "its user namespace could not be made", "move it by its container runtime" },
	{ "seccomp", "its seccomp filter could not be set", "see CRIU's log" },
	{ "apparmor", "its AppArmor profile is not there", "load the same profile at the destination" },
	{ "selinux", "its SELinux context could not be set", "see that both hosts have the same policy" },
	{ "Operation not permitted", "the host did not permit it", "is the login root with all capabilities?" },
	{ NULL, NULL, NULL },
};

/* Lines that every log has and that mean nothing. */
static bool is_harmless(const char *line, size_t len)
{
	static const char *const noise[] = {
		"RLIMIT_NOFILE", "exited, status=", "One of more action scripts", "One or more action scripts", "Dumping FAILED", "Restoring FAILED",
		"Could not process rule", "delete table inet CRIU", "Script /", "Post dump script", "Unable to detach from",
	};

	for (size_t i = 0; i < countof(noise); i++) {
		if (memmem(line, len, noise[i], strlen(noise[i])))
			return true;
	}
	return false;
}

/* The first error line with something in it; else NULL. */
static const char *telling_line(const char *log, size_t *len)
{
	while (*log) {
		size_t n = strcspn(log, "\n");

		if (memmem(log, n, "Error (", 7) && !is_harmless(log, n)) {
			*len = n;
			return log;
		}
		log += n + (log[n] == '\n');
	}
	return NULL;
}

/* The message after "(00.012345) Error (criu/files.c:123): ". */
static const char *message(const char *line, size_t *len)
{
	const char *at = memmem(line, *len, "): ", 3);

	if (!at)
		return line;
	*len -= (size_t)(at + 3 - line);
	return at + 3;
}

void explain_log(const char *log, int exit_status, char *out, size_t size)
{
	size_t len = 0;
	const char *line = telling_line(log ? log : "", &len);

	if (!line) {
		if (exit_status > 128)
			snprintf(out, size, "CRIU was killed by signal %d", exit_status - 128);
		else if (exit_status == 127)
			snprintf(out, size, "CRIU could not be run");
		else
			snprintf(out, size, "CRIU exited with status %d and said nothing of use", exit_status);
		return;
	}
	for (const struct explain_entry *x = explain_entries; x->pattern; x++) {
		if (memmem(line, len, x->pattern, strlen(x->pattern))) {
			line = message(line, &len);
			snprintf(out, size, "%s (%.*s): %s", x->cause, len > 160 ? 160 : (int)len, line, x->remedy);
			return;
		}
	}
	line = message(line, &len);
	snprintf(out, size, "CRIU says: %.*s", len > 200 ? 200 : (int)len, line);
}
