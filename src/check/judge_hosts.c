/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging the two hosts: CRIU, privilege, CPU, room. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/findings.h"

/* linux/capability.h */
enum { CAP_KILL = 5, CAP_NET_ADMIN = 12, CAP_SYS_PTRACE = 19, CAP_SYS_ADMIN = 21 };

static unsigned version_number(const char *version)
{
	unsigned major = 0, minor = 0;

	if (sscanf(version, "%3u.%3u", &major, &minor) < 1)
		return 0;
	return major * 1000 + minor;
}

static void judge_capabilities(struct check_result *r, const struct judge *j, const struct host *host,
			       const struct able *able)
{
	static const struct {
		unsigned bit;
		const char *name;
	} needed[] = { { CAP_SYS_ADMIN, "CAP_SYS_ADMIN" }, { CAP_SYS_PTRACE, "CAP_SYS_PTRACE" },
		       { CAP_NET_ADMIN, "CAP_NET_ADMIN" }, { CAP_KILL, "CAP_KILL" } };

	for (size_t i = 0; i < countof(needed); i++) {
		if (!able_has(able, needed[i].bit)) {
			findings_add(r, j, "no-capability", host_name(host), "the login on %s lacks %s", host_name(host),
				     needed[i].name);
			return;
		}
	}
}

/*
 * CRIU before 4.2 asks every socket for SO_PASSCRED, which since Linux 6.16 only
 * unix and netlink sockets have: its dump of any other fails. A distribution may
 * have mended that in an older version, so it is a choice.
 */
static void judge_sockets_known(struct check_result *r, const struct judge *j)
{
	const struct host_facts *f = host_facts(j->source);
	const struct survey *s = &r->survey;
	unsigned version = version_number(f->criu_version);

	if ((s->ntcp || s->raw || s->icmp || s->packet) && version && version < 4002 && version_number(f->kernel) >= 6016)
		findings_add(r, j, "criu-sockets", host_name(j->source),
			     "CRIU %s on %s cannot dump the network sockets of its kernel, %s", f->criu_version,
			     host_name(j->source), f->kernel);
}

/* Only of use to a pre-copy's source: see judge_ahead(). */
#define UNTRACKED "Dirty tracking is OFF"

/* Features that `criu check --all` misses, without where in CRIU it says so. */
static void judge_features(struct check_result *r, const struct judge *j, const struct host *host, const struct able *able)
{
	char text[320] = "";
	size_t len = 0;

	if (able->check_status != 0)
		return;
	for (const char *at = able->missing; *at; at += strcspn(at, ";"), at += *at == ';') {
		size_t n = strcspn(at, ";");
		const char *said = memmem(at, n, "): ", 3);

		if (said && !memmem(at, n, UNTRACKED, strlen(UNTRACKED)) && len + n < sizeof text)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s", len ? "; " : "",
						(int)(n - (size_t)(said + 3 - at)) - (n > 0 && at[n - 1] == '.'), said + 3);
	}
	if (len)
		findings_add(r, j, "features", host_name(host), "CRIU says on %s: %s", host_name(host), text);
}

static void judge_host(struct check_result *r, const struct judge *j, const struct host *host, const struct able *able)
{
	const struct host_facts *f = host_facts(host);
	const char *name = host_name(host);
	unsigned version = version_number(f->criu_version);
	const bool own = host_own_only(host);

	if (!f->root && !own)
		findings_add(r, j, "not-root", name, "%s", host_root_why(host));
	else if (!own)
		judge_capabilities(r, j, host, able);
	if (!f->criu[0])
		findings_add(r, j, "criu-missing", name, "there is no CRIU on %s", name);
	else if (version && version < 3017)
		findings_add(r, j, "criu-old", name, "%s has CRIU %s", name, f->criu_version);
	else if (host_may_move(host) && able->checked && able->check_status != 0)
		findings_add(r, j, "criu-check", name, "CRIU %s does not work with the kernel of %s (%s): %s", f->criu_version,
			     name, f->kernel, able->check_text[0] ? able->check_text : "criu check fails");
	if (!own)
		judge_features(r, j, host, able);
	if (!f->tar)
		findings_add(r, j, "tool-missing", name, "there is no tar on %s", name);
	if (!f->setsid)
		findings_add(r, j, "tool-missing", name, "there is no setsid on %s", name);
	if (!f->mkfifo)
		findings_add(r, j, "tool-missing", name, "there is no mkfifo on %s", name);
}

/* Images are read by newer versions, not by older ones: of 4.2's, 4.1 restores no vDSO. */
static void judge_pair(struct check_result *r, const struct judge *j)
{
	const struct host_facts *s = host_facts(j->source), *d = host_facts(j->destination);
	unsigned here = version_number(s->criu_version), there = version_number(d->criu_version);

	if (!here || !there || here == there)
		return;
	if (here / 1000 > there / 1000 || (here >= 4002 && there < 4002))
		findings_add(r, j, "criu-backwards", host_name(j->destination),
			     "CRIU is %s on %s and only %s on %s, which cannot read its images", s->criu_version,
			     host_name(j->source), d->criu_version, host_name(j->destination));
	else
		findings_add(r, j, "criu-differs", NULL, "CRIU is %s on %s and %s on %s", s->criu_version,
			     host_name(j->source), d->criu_version, host_name(j->destination));
}

static void judge_cpu(struct check_result *r, const struct judge *j)
{
	const char *name = host_name(j->destination);

	if (!j->verified)
		return;
	if (!j->able_source->cpu || !j->verified->cpu_asked)
		findings_add(r, j, "cpu-unknown", NULL, "the CPUs of %s and %s could not be compared", host_name(j->source), name);
	else if (j->verified->cpu_status != 0)
		findings_add(r, j, "cpu", name, "the CPU of %s lacks what %s has%s%s", name, host_name(j->source),
			     j->verified->cpu_text[0] ? ": " : "", j->verified->cpu_text);
}

/* Judge whether memory can be pre-copied. Where the kernel does not say what was written to since, perl
 * compares it. */
static void judge_ahead(struct check_result *r, const struct judge *j)
{
	const struct host_facts *f = host_facts(j->source);
	const char *name = host_name(j->source);

	if (j->options && (j->options->save || j->options->saved))
		return; /* a file takes it as it is */
	r->ahead = true;
	if (!strstr(j->able_source->missing, UNTRACKED))
		return;
	r->ahead = f->perl;
	if (f->perl)
		findings_add(r, j, "compared", name,
			     "the kernel of %s does not track dirty pages: memory is compared in userspace to pre-copy it", name);
	else
		findings_add(r, j, "no-ahead", name,
			     "memory cannot be pre-copied: the kernel of %s does not track dirty pages, and there is no perl to compare them",
			     name);
}

void judge_hosts(struct check_result *r, const struct judge *j)
{
	const struct host_facts *s = host_facts(j->source), *d;

	judge_host(r, j, j->source, j->able_source);
	judge_ahead(r, j);
	judge_sockets_known(r, j);
	if (!j->destination)
		return;
	d = host_facts(j->destination);
	judge_host(r, j, j->destination, j->able_destination);
	if (strcmp(s->arch, d->arch) != 0)
		findings_add(r, j, "arch", host_name(j->destination), "%s is %s and %s is %s", host_name(j->source), s->arch,
			     host_name(j->destination), d->arch);
	else if (host_may_move(j->source) && host_may_move(j->destination) && s->criu[0] && d->criu[0])
		judge_cpu(r, j);
	judge_pair(r, j);
}

/* Images go to tmpfs where that leaves memory for the process itself too. */
void judge_room(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;
	uint64_t kb = s->anon_kb + s->ghost_kb, need = kb + kb / 8 + 4096 + s->nprocs * 512;
	const char *name = host_name(j->source);
	char text[32];

	text_bytes(text, sizeof text, need * 1024, false);
	/* logind may remove a user's files from /dev/shm when the last login ends. */
	r->shm_source = !host_own_only(j->source) && s->shm_room_kb > need && s->mem_kb > need + need / 4;
	if (!r->shm_source && s->lib_room_kb < need)
		findings_add(r, j, "no-room", name, "%s has no room for %s of images", name, text);
	if (!v)
		return;
	name = host_name(j->destination);
	r->shm_destination = !host_own_only(j->destination) && v->shm_room_kb > need && v->mem_kb > 2 * need + need / 4;
	if (!r->shm_destination && v->lib_room_kb < need)
		findings_add(r, j, "no-room", name, "%s has no room for %s of images", name, text);
	else if (v->mem_kb < kb)
		findings_add(r, j, "no-room", name, "%s has less memory left than the %s it takes", name, text);
	/* Memory once, what is copied again at most as much, and the dump. */
	r->room_ahead = (r->shm_source ? s->shm_room_kb > 3 * need && s->mem_kb > 3 * need : s->lib_room_kb > 3 * need) &&
			(r->shm_destination ? v->shm_room_kb > 3 * need && v->mem_kb > 4 * need : v->lib_room_kb > 3 * need);
	if (s->huge_kb > j->able_destination->huge_free_kb)
		findings_add(r, j, "no-hugepages", name, "it uses %s of huge pages, %s has fewer free",
			     text_bytes(text, sizeof text, s->huge_kb * 1024, false), name);
}
