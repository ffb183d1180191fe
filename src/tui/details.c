/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "tui/screens.h"

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

/* What the last check or move of this process found. */
static void add_findings(struct ui *ui, struct page *page, const struct column *col, const struct proc *proc)
{
	static const char *const levels[] = {"ok  ", "+   ", "?   ", "no  "};
	static const enum role roles[] = {ROLE_OK, ROLE_WARN, ROLE_WARN, ROLE_FAIL};
	const struct move_info *info = NULL;

	for (size_t i = 0; i < ui->njobs; i++) {
		const struct move_info *at = ui->jobs[i].info;

		if (at->findings_count && strcmp(at->source, col->name) == 0 &&
		    at->proc.pid == proc->key.pid &&
		    (at->proc.start == 0 || at->proc.start == proc->key.start))
			info = at;
	}
	if (!info) {
		page_item(page, ROLE_DIM, "check", "not checked yet; c does");
		return;
	}
	page_item(page, ROLE_NORMAL, "check", "for a move to %s", info->destination);
	for (size_t i = 0; i < info->findings_count; i++) {
		const struct finding *finding = &info->findings[i];

		page_item(page, roles[finding->level], "", "%s%s%s%s", levels[finding->level], finding->text,
			  *finding->remedy ? " " : "", finding->remedy);
	}
}

static void fill_proc(struct ui *ui, struct page *page, const struct column *col, const struct proc *proc)
{
	struct tree_sum sum = tree_sum(proc);
	char rss[32], all[32];

	text_bytes(rss, sizeof rss, proc->rss_bytes, false);
	text_bytes(all, sizeof all, sum.rss_bytes, false);
	page_add(page, ROLE_TITLE, "%s  pid %d", proc->name, (int)proc->key.pid);
	page_item(page, ROLE_NORMAL, "host", "%s", col->name);
	page_item(page, ROLE_NORMAL, "user", "%s", proc->user);
	page_item(page, ROLE_NORMAL, "cgroup", "%s", proc->cgroup->path);
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

void details_open(struct ui *ui)
{
	static const struct pager_ops ops = {.title = "Details", .fill = fill};

	pager_open(ui, &ops, NULL);
}
