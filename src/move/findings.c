/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

const struct finding_kind finding_kinds[] = {
	{ "no-process", FINDING_REFUSE, NULL, NULL, "refresh the column: it has ended" },
	{ "other-process", FINDING_REFUSE, NULL, NULL, "refresh the column: the pid belongs to another process now" },
	{ "criu-missing", FINDING_REFUSE, NULL, NULL, "install criu there (Debian: apt install criu)" },
	{ "criu-old", FINDING_REFUSE, NULL, NULL, "install CRIU 3.17 or later there" },
	{ "criu-differs", FINDING_OK, NULL, NULL, "should the restore fail, try the same version of CRIU at both ends" },
	{ "not-root", FINDING_REFUSE, NULL, NULL, "log in as root there, or let that user become root by sudo or doas: CRIU needs it" },
	{ "tool-missing", FINDING_REFUSE, NULL, NULL, "install it there" },
	{ "arch", FINDING_REFUSE, NULL, NULL, "choose a host of the same architecture" },
	{ "kernel-thread", FINDING_REFUSE, NULL, NULL, "it is a part of the kernel" },
	{ "init", FINDING_REFUSE, NULL, NULL, "move what it runs, not the host's first process" },
	{ "zombie", FINDING_REFUSE, NULL, NULL, "it has ended; its parent has not taken notice yet" },
	{ "traced", FINDING_REFUSE, NULL, NULL, "detach the debugger or strace first" },
	{ "odd-descriptor", FINDING_REFUSE, NULL, NULL, "CRIU has no way to carry it over" },
	{ "pid-taken", FINDING_REFUSE, NULL, NULL, "end the process that has it there, or choose another host" },
	{ "file-missing", FINDING_REFUSE, NULL, NULL, "bring the files along (--with-files), or install them there" },
	{ "file-differs", FINDING_REFUSE, NULL, NULL, "make the file the same at both ends" },
	{ "lock-shared", FINDING_REFUSE, NULL, NULL,
	  "the copy could not take the lock before the process lets go of it; release it for the move" },
	{ "directory-missing", FINDING_REFUSE, NULL, NULL, "make the directory there" },
	{ "bring-files", FINDING_OPTION, NULL, NULL, "" },
	{ "no-room", FINDING_REFUSE, NULL, NULL, "make room in /dev/shm or /var/lib there" },
	{ "no-lock-tool", FINDING_REFUSE, NULL, NULL, "install nftables or iptables there: established connections need it" },
	{ "no-tmux", FINDING_REFUSE, NULL, NULL, "install tmux there: a shell job needs a terminal to live in" },
	{ "session-outside", FINDING_OPTION, "--shell-job", "--shell-job", "" },
	{ "tty", FINDING_OPTION, "--shell-job", "--shell-job", "attach to its tmux session there" },
	{ "tcp-established", FINDING_OPTION, "--tcp-established", "--tcp-established",
	  "the connections only go on if their address moves too" },
	{ "file-locks", FINDING_OPTION, "--file-locks", "--file-locks", "" },
	{ "deleted-files", FINDING_OPTION, "--link-remap", NULL, "" },
	{ "network-lock", FINDING_OPTION, "--network-lock nftables", "--network-lock nftables", "" },
	{ "namespaces", FINDING_OK, NULL, NULL, "if its owner is a container runtime, move it by that" },
	{ "seccomp", FINDING_OK, NULL, NULL, "" },
	{ "can-move", FINDING_OK, NULL, NULL, "" },
	{ NULL, FINDING_OK, NULL, NULL, NULL },
};

static const struct finding_kind *kind_of(const char *code)
{
	for (const struct finding_kind *k = finding_kinds; k->code; k++) {
		if (strcmp(k->code, code) == 0)
			return k;
	}
	fprintf(stderr, "pferry: no finding named %s\n", code);
	abort();
}

static void found(struct check_result *r, const char *code, const char *host, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Add a finding; `host` (may be NULL) is the host that the sentence is about. */
static void found(struct check_result *r, const char *code, const char *host, const char *fmt, ...)
{
	const struct finding_kind *kind = kind_of(code);
	struct finding *f;
	va_list ap;
	char *raw, *clean;

	va_start(ap, fmt);
	raw = mem_vprintf(fmt, ap);
	va_end(ap);
	clean = text_sanitize(raw, strlen(raw), 400);
	free(raw);
	r->findings = mem_resize(r->findings, r->count + 1, sizeof *r->findings);
	f = &r->findings[r->count++];
	*f = (struct finding){ .code = kind->code,
			       .level = kind->level,
			       .text = clean,
			       .remedy = mem_strdup(kind->remedy),
			       .option = kind->dump_option,
			       .restore_option = kind->restore_option };
	if (kind->level != FINDING_REFUSE)
		return;
	if (!r->refused)
		err_set(&r->why, ERR_REFUSED, host, "%s; %s", clean, kind->remedy);
	r->refused = true;
}

static unsigned version_number(const char *version)
{
	unsigned major = 0, minor = 0;

	if (sscanf(version, "%u.%u", &major, &minor) < 1)
		return 0;
	return major * 1000 + minor;
}

static void judge_host(struct check_result *r, const struct host *host)
{
	const struct host_facts *f = host_facts(host);
	const char *name = host_name(host);
	unsigned version = version_number(f->criu_version);

	if (!f->root)
		found(r, "not-root", name, "%s", host_root_why(host));
	if (!f->criu[0])
		found(r, "criu-missing", name, "there is no CRIU on %s", name);
	else if (version && version < 3017)
		found(r, "criu-old", name, "%s has CRIU %s", name, f->criu_version);
	if (!f->tar)
		found(r, "tool-missing", name, "there is no tar on %s", name);
	if (!f->setsid)
		found(r, "tool-missing", name, "there is no setsid on %s", name);
}

bool findings_hosts(struct check_result *r, const struct host *source, const struct host *destination)
{
	const struct host_facts *s = host_facts(source), *d;

	judge_host(r, source);
	if (!destination)
		return !r->refused;
	d = host_facts(destination);
	judge_host(r, destination);
	if (strcmp(s->arch, d->arch) != 0)
		found(r, "arch", host_name(destination), "%s is %s and %s is %s", host_name(source), s->arch,
		      host_name(destination), d->arch);
	if (s->criu[0] && d->criu[0] && version_number(s->criu_version) != version_number(d->criu_version))
		found(r, "criu-differs", NULL, "CRIU is %s on %s and %s on %s", s->criu_version, host_name(source),
		      d->criu_version, host_name(destination));
	return !r->refused;
}

static void judge_process(struct check_result *r, const struct host *source)
{
	const struct survey *s = &r->survey;
	const struct survey_proc *root = survey_root(s);
	const char *name = host_name(source);

	if (root->kthread)
		found(r, "kernel-thread", name, "%s(%d) is a kernel thread", root->name, (int)root->pid);
	if (root->pid == 1)
		found(r, "init", name, "pid 1 on %s cannot move", name);
	if (root->state == 'Z' || root->state == 'X')
		found(r, "zombie", name, "%s(%d) has ended already", root->name, (int)root->pid);
	if (s->traced)
		found(r, "traced", name, "%s(%d) is being traced", root->name, (int)root->pid);
	if (s->odd_fd[0])
		found(r, "odd-descriptor", name, "%s(%d) has %s open", root->name, (int)root->pid, s->odd_fd);
	if (s->namespaces[0])
		found(r, "namespaces", name, "it has namespaces of its own: %s", s->namespaces);
	if (s->seccomp)
		found(r, "seccomp", name, "it has a seccomp filter, which is carried over");
	if (s->deleted) {
		r->deleted = true;
		found(r, "deleted-files", name, "%u deleted files are open", s->deleted);
	}
	if (s->locks) {
		r->locks = true;
		found(r, "file-locks", name, "it holds %u file locks", s->locks);
	}
}

/* A shell job: on a terminal whose other side stays behind, or in a session
 * whose leader does. CRIU's --shell-job is for both. */
static void judge_terminal(struct check_result *r, const struct host *source, const struct host *destination)
{
	const struct survey *s = &r->survey;
	const char *name = destination ? host_name(destination) : "the other host";

	for (size_t i = 0; i < s->nprocs && !r->shell_job; i++) {
		const struct survey_proc *p = &s->procs[i];

		r->tty = p->tty != 0 && !s->ptmx;
		r->shell_job = r->tty || (p->sid != 0 && !survey_find(s, p->sid));
		if (r->tty)
			found(r, "tty", host_name(source), "%s(%d) is a shell job: it gets a new terminal in tmux", p->name,
			      (int)p->pid);
		else if (r->shell_job)
			found(r, "session-outside", host_name(source), "%s(%d) belongs to a session begun elsewhere",
			      p->name, (int)p->pid);
	}
	if (r->tty && destination && !host_facts(destination)->tmux)
		found(r, "no-tmux", name, "there is no tmux on %s", name);
}

static void judge_network(struct check_result *r, const struct host *source, const struct host *destination)
{
	const struct host_facts *f = host_facts(source), *d = destination ? host_facts(destination) : f;

	if (r->survey.tcp_established) {
		r->tcp = true;
		found(r, "tcp-established", host_name(source), "%u TCP connections are established",
		      r->survey.tcp_established);
	}
	/* The lock goes along and is taken away by name, which only nftables has;
	 * and CRIU unlocks in the way that it locked. */
	r->nft_source = r->nft_destination = f->nft && d->nft;
	if (!r->tcp)
		return;
	if (!f->nft && !f->iptables)
		found(r, "no-lock-tool", host_name(source), "there is no nft and no iptables on %s",
		      host_name(source));
	if (!d->nft && !d->iptables)
		found(r, "no-lock-tool", destination ? host_name(destination) : NULL,
		      "there is no nft and no iptables on %s", destination ? host_name(destination) : "the other host");
	if (r->nft_source)
		found(r, "network-lock", NULL, "the network is locked by nftables while it moves");
}

static void add_bring(struct check_result *r, const char *path)
{
	r->bring = mem_resize(r->bring, r->nbring + 1, sizeof *r->bring);
	r->bring[r->nbring++] = mem_strdup(path);
}

/* Whether the file there will do in place of the one here. The same inode, or
 * a growing file on storage that both see, is the same file; else the size
 * must be equal, which is what CRIU checks (criu/files-reg.c). */
static bool same_file(const struct survey_file *here, const struct survey_file *there)
{
	if (here->type != there->type)
		return false;
	return here->type != 'f' || here->size == there->size || here->inode == there->inode;
}

/* A lock on a file that both hosts see as the same: held here while the copy
 * there waits for it, for ever. */
static bool is_locked(const struct survey *s, const struct survey_file *file)
{
	for (uint32_t i = 0; i < s->locks && i < SURVEY_LOCKS; i++) {
		if (s->locked[i] == file->inode)
			return true;
	}
	return false;
}

static void judge_files(struct check_result *r, const struct host *destination, const struct verified *v,
			bool with_files)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(destination), *first = NULL;
	char size_here[32], size_there[32];
	size_t at = 0, missing = 0;
	bool directory = false;

	for (size_t i = 0; i < s->nfiles; i++) {
		const struct survey_file *here = &s->files[i], *there;

		if (!here->type)
			continue; /* deleted, or a name that cannot be asked for */
		if (at >= v->nfiles)
			break;
		there = &v->files[at++];
		if (there->type == 0) {
			missing++;
			if (!first)
				first = here->path;
			if (here->type == 'f')
				add_bring(r, here->path);
			else
				directory = true;
			if (here->type == 'd' && !with_files)
				found(r, "directory-missing", name, "there is no directory %s on %s", here->path, name);
		} else if (!same_file(here, there)) {
			found(r, "file-differs", name, "%s is %s on the source and %s on %s", here->path,
			      text_bytes(size_here, sizeof size_here, here->size, false),
			      text_bytes(size_there, sizeof size_there, there->size, false), name);
		} else if (here->type == 'f' && here->inode == there->inode && is_locked(s, here)) {
			found(r, "lock-shared", name, "it holds a lock on %s, which is the same file on %s", here->path, name);
		}
	}
	if (missing == 0)
		return;
	if (with_files) {
		found(r, "bring-files", name, "%zu files that %s lacks are brought along, %s first", missing, name, first);
		return;
	}
	r->files_missing = !r->refused && !directory;
	if (r->nbring)
		found(r, "file-missing", name, "%s lacks %zu files it needs, %s first", name, r->nbring, r->bring[0]);
}

/* Images go to tmpfs where that leaves memory for the process itself too. */
static void judge_room(struct check_result *r, const struct host *source, const struct host *destination,
		       const struct verified *v)
{
	const struct survey *s = &r->survey;
	uint64_t need = s->anon_kb + s->anon_kb / 8 + 4096 + s->nprocs * 512;
	char text[32];

	r->shm_source = s->shm_room_kb > need && s->mem_kb > need + need / 4;
	if (!r->shm_source && s->lib_room_kb < need)
		found(r, "no-room", host_name(source), "%s has no room for %s of images", host_name(source),
		      text_bytes(text, sizeof text, need * 1024, false));
	if (!v)
		return;
	r->shm_destination = v->shm_room_kb > need && v->mem_kb > 2 * need + need / 4;
	if (!r->shm_destination && v->lib_room_kb < need)
		found(r, "no-room", host_name(destination), "%s has no room for %s of images",
		      host_name(destination), text_bytes(text, sizeof text, need * 1024, false));
}

void findings_judge(struct check_result *r, const struct host *source, const struct host *destination,
		    const struct verified *v, bool with_files)
{
	const struct survey_proc *root = survey_root(&r->survey);

	if (r->survey.gone || !root) {
		found(r, "no-process", host_name(source), "there is no process %d on %s", (int)r->proc.pid,
		      host_name(source));
		return;
	}
	if (r->proc.start && root->start != r->proc.start) {
		found(r, "other-process", host_name(source), "pid %d on %s is another process now: %s", (int)r->proc.pid,
		      host_name(source), root->name);
		return;
	}
	r->proc.start = root->start;
	snprintf(r->name, sizeof r->name, "%s", root->name);
	r->memory_bytes = r->survey.anon_kb * 1024;
	judge_process(r, source);
	judge_terminal(r, source, destination);
	judge_network(r, source, destination);
	if (v && v->taken_count)
		found(r, "pid-taken", host_name(destination), "pid %d is taken on %s by %s", (int)v->taken_pid,
		      host_name(destination), v->taken_name[0] ? v->taken_name : "another process");
	if (v)
		judge_files(r, destination, v, with_files);
	judge_room(r, source, destination, v);
	if (!r->refused)
		found(r, "can-move", NULL, "%s(%d) can move", r->name, (int)r->proc.pid);
}
