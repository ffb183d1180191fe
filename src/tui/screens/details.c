/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/options.h"
#include "tui/model/peek.h"
#include "tui/screens/screens.h"

static const char *state_word(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "waiting for a device";
	case 'Z':
		return "ended, not reaped";
	case 'T':
		return "stopped";
	case 't':
		return "stopped by a tracer";
	case 'I':
		return "idle";
	case 'X':
		return "ended";
	default:
		return "unknown";
	}
}

/* "2 d 3 h" or shorter, of seconds. */
static void age(double seconds, char *out, size_t size)
{
	uint64_t s = seconds > 0 ? (uint64_t)seconds : 0;

	if (s < 120)
		snprintf(out, size, "%" PRIu64 " s", s);
	else if (s < 7200)
		snprintf(out, size, "%" PRIu64 " min", s / 60);
	else if (s < 172800)
		snprintf(out, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s % 3600 / 60);
	else
		snprintf(out, size, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s % 86400 / 3600);
}

static void add_started(struct ui *ui, struct page *page, const struct column *col, const struct proc *proc)
{
	uint32_t hz = tree_clock_hz(col->tree);
	double ran = hz ? tree_uptime(col->tree) - (double)proc->key.start / hz : 0;
	time_t when = ui->wall - (time_t)ran - (col->age_ms > 0 ? col->age_ms / 1000 : 0);
	char text[32], since[32];
	struct tm tm;

	localtime_r(&when, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
	age(ran, since, sizeof since);
	page_item(page, ROLE_NORMAL, "started", "%s, %s ago", text, since);
}

/* The newest check or move that looked at this process; NULL when none has. */
static const struct move_info *looked_at(const struct ui *ui, const struct column *col,
					 const struct proc *proc)
{
	for (size_t i = ui->njobs; i > 0; i--) {
		const struct move_info *at = ui->jobs[i - 1].info;

		if (strcmp(at->source, col->name) == 0 && at->proc.pid == proc->key.pid &&
		    (at->proc.start == 0 || at->proc.start == proc->key.start))
			return at;
	}
	return NULL;
}

/* "12 files, 6 sockets": those there are. */
static void put_count(char *out, size_t size, uint32_t n, const char *word)
{
	size_t used = strlen(out);

	if (n > 0)
		snprintf(out + used, size - used, "%s%" PRIu32 " %s", used ? ", " : "", n, word);
}

static void add_inside(struct page *page, const struct move_info *info)
{
	const struct move_inside *in = info->inside;
	char text[256] = "", sockets[256] = "";

	put_count(text, sizeof text, in->files, "files");
	put_count(text, sizeof text, in->pipes, "pipes");
	put_count(text, sizeof text, in->sockets, "sockets");
	put_count(text, sizeof text, in->terminals, "terminals");
	put_count(text, sizeof text, in->anonymous, "event, timer and other");
	put_count(text, sizeof text, in->deleted, "of them deleted");
	page_item(page, ROLE_NORMAL, "open", "%" PRIu32 "%s%s", in->fds, *text ? ": " : "", text);
	put_count(sockets, sizeof sockets, in->tcp_established, "tcp established");
	put_count(sockets, sizeof sockets, in->tcp_listening, "tcp listening");
	put_count(sockets, sizeof sockets, in->unix_sockets, "unix");
	put_count(sockets, sizeof sockets, in->other_sockets, "other");
	if (*sockets)
		page_item(page, ROLE_NORMAL, "sockets", "%s", sockets);
	if (in->locks)
		page_item(page, ROLE_NORMAL, "locks", "%" PRIu32 " on files", in->locks);
	page_item(page, ROLE_NORMAL, "own", "%s%s%s%s", *in->namespaces ? "namespaces " : "no namespaces",
		  in->namespaces, in->seccomp ? ", seccomp" : "", in->traced ? ", traced" : "");
}

/* What was found for a move of it. */
static void add_findings(struct ui *ui, struct page *page, const struct column *col, const struct proc *proc)
{
	static const char *const levels[] = {"ok  ", "+   ", "?   ", "no  "};
	static const enum role roles[] = {ROLE_OK, ROLE_WARN, ROLE_WARN, ROLE_FAIL};
	const struct move_info *info = looked_at(ui, col, proc);
	char memory[32];

	if (!info || (!info->inside && info->ended && info->reason.code == ERR_NONE)) {
		page_item(page, ROLE_DIM, "check", "not checked yet; c does");
		return;
	}
	if (info->inside) {
		text_bytes(memory, sizeof memory, info->memory_bytes, false);
		page_item(page, ROLE_NORMAL, "to send", "about %s", memory);
		add_inside(page, info);
	}
	if (info->findings_count == 0) {
		page_item(page, info->ended ? ROLE_FAIL : ROLE_DIM, "check", "%s",
			  info->ended ? info->reason.text : "under way");
		return;
	}
	page_item(page, ROLE_NORMAL, "check", "for a move to %s", info->destination);
	for (size_t i = 0; i < info->findings_count; i++) {
		const struct finding *finding = &info->findings[i];

		page_item(page, roles[finding->level], "", "%s%s%s%s", levels[finding->level], finding->text,
			  *finding->remedy ? " " : "", finding->remedy);
		for (size_t k = 0; k < finding->files_count; k++)
			page_item(page, ROLE_DIM, "", "      %s", finding->files[k]);
	}
}

/* Who started it and looks after it, as far as its cgroup tells: a unit or a container. */
static void add_owner(struct page *page, const char *path)
{
	static const struct {
		const char *begins, *ends, *what;
	} kinds[] = {
		{"docker-", ".scope", "docker container"},
		{"libpod-", ".scope", "podman container"},
		{"crio-", ".scope", "cri-o container"},
		{"cri-containerd-", ".scope", "containerd container"},
		{"lxc.payload.", "", "lxc container"},
		{"machine-", ".scope", "machine"},
		{"session-", ".scope", "login session"},
		{"", ".service", "systemd unit"},
		{"", ".scope", "systemd scope"},
	};
	const char *end = path + strlen(path);

	/* From the innermost part outwards. */
	while (end > path) {
		const char *slash = memrchr(path, '/', (size_t)(end - path)),
			   *name = slash ? slash + 1 : path;
		size_t len = (size_t)(end - name);

		for (size_t i = 0; i < countof(kinds); i++) {
			size_t b = strlen(kinds[i].begins), e = strlen(kinds[i].ends);

			if (len <= b + e || strncmp(name, kinds[i].begins, b) != 0 ||
			    strncmp(name + len - e, kinds[i].ends, e) != 0)
				continue;
			page_item(page, ROLE_NORMAL, "owner", "%s %.*s", kinds[i].what,
				  (int)(b && i < 6 ? (len - b - e > 12 ? 12 : len - b - e) : len),
				  b && i < 6 ? name + b : name);
			return;
		}
		end = slash ? slash : path;
	}
}

static void fill_proc(struct ui *ui, struct page *page, const struct column *col, const struct proc *proc)
{
	struct tree_sum sum = tree_sum(proc);
	char rss[32], all[32], name[LABEL_MAX];

	text_bytes(rss, sizeof rss, proc->rss_bytes, false);
	text_bytes(all, sizeof all, sum.rss_bytes, false);
	proc_name(proc, name, sizeof name);
	page_add(page, ROLE_TITLE, "%s  pid %d", name, (int)proc->key.pid);
	if (strcmp(name, proc->name) != 0)
		page_item(page, ROLE_NORMAL, "run by", "%s", proc->name);
	page_item(page, ROLE_NORMAL, "host", "%s", col->name);
	page_item(page, ROLE_NORMAL, "user", "%s", proc->user);
	page_item(page, ROLE_NORMAL, "cgroup", "%s", proc->cgroup->path);
	add_owner(page, proc->cgroup->path);
	add_started(ui, page, col, proc);
	page_item(page, ROLE_NORMAL, "state", "%s, %u thread%s", state_word(proc->state), proc->threads,
		  proc->threads == 1 ? "" : "s");
	page_item(page, ROLE_NORMAL, "memory", "%s resident", rss);
	if (sum.processes > 1)
		page_item(page, ROLE_NORMAL, "tree", "%u processes with those below it, %s", sum.processes,
			  all);
	page_item(page, ROLE_NORMAL, "cpu", "%.1f %%", proc->cpu_percent);
	page_item(page, ROLE_NORMAL, "tty", "%s", *proc->tty_name ? proc->tty_name : "none");
	if (proc->parent)
		page_item(page, ROLE_NORMAL, "parent", "%s(%d)", proc->parent->name,
			  (int)proc->parent->key.pid);
	page_item(page, ROLE_NORMAL, "command", "%s", proc->args);
	add_findings(ui, page, col, proc);
}

static void fill_cgroup(struct page *page, const struct column *col, const struct cgroup *cgroup)
{
	char rss[32];

	text_bytes(rss, sizeof rss, cgroup->all_rss_bytes, false);
	page_add(page, ROLE_TITLE, "%s", cgroup->name);
	page_item(page, ROLE_NORMAL, "host", "%s", col->name);
	page_item(page, ROLE_NORMAL, "cgroup", "%s", cgroup->path);
	page_item(page, ROLE_NORMAL, "processes", "%u, %u of them directly in it", cgroup->all_processes,
		  cgroup->own_processes);
	page_item(page, ROLE_NORMAL, "memory", "%s resident", rss);
	page_item(page, ROLE_NORMAL, "cpu", "%.1f %%", cgroup->all_cpu_percent);
	page_item(page, ROLE_DIM, "", "Space marks all processes in it.");
}

void details_fill(struct ui *ui, struct page *page)
{
	const struct row *row = ui_row(ui);

	if (!row)
		page_add(page, ROLE_DIM, "Nothing is under the cursor.");
	else if (row->kind == ROW_PROC)
		fill_proc(ui, page, ui->columns[ui->focus], row->proc);
	else
		fill_cgroup(page, ui->columns[ui->focus], row->cgroup);
}

static void fill(struct ui *ui, struct page *page, const void *data)
{
	details_fill(ui, page);
}

static unsigned key(struct ui *ui, void *state, const void *data, const struct key *pressed)
{
	if (pressed->code == 'o')
		options_open(ui);
	else if (pressed->code == 'c')
		peek_now(ui);
	else
		return 0;
	return FX_DRAW;
}

void details_open(struct ui *ui)
{
	static const struct pager_ops ops = {
		.title = "Details",
		.fill = fill,
		.key = key,
		.hints = "j/k scroll  / search  c check again  o options  Esc back"};

	peek_row(ui);
	pager_open(ui, &ops, NULL);
}
