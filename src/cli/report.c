/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/report.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

json_t *report_text(const char *text)
{
	char *safe = text_sanitize(text ? text : "", text ? strlen(text) : 0, 0);
	json_t *string = json_string(safe);

	free(safe);
	return string;
}

/* ---- moves ---- */

static const char *level_word(enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok", [FINDING_OPTION] = "option", [FINDING_CHOICE] = "choice", [FINDING_REFUSE] = "refuse",
	};

	return names[level];
}

static json_t *finding_fields(const struct finding *f)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "code", f->code, "level", level_word(f->level), "text",
				   report_text(f->text), "remedy", report_text(f->remedy));

	if (f->option)
		json_object_set_new(object, "option", report_text(f->option));
	if (f->restore_option)
		json_object_set_new(object, "restore_option", report_text(f->restore_option));
	if (f->files_count) {
		json_t *files = json_array();

		for (size_t i = 0; i < f->files_count; i++)
			json_array_append_new(files, report_text(f->files[i]));
		json_object_set_new(object, "files", files);
	}
	return object;
}

json_t *report_finding(const char *id, const struct finding *f)
{
	json_t *event = json_pack("{s:s, s:o}", "event", "finding", "id", report_text(id));
	json_t *fields = finding_fields(f);

	json_object_update(event, fields);
	json_decref(fields);
	return event;
}

json_t *report_phase(const struct move_info *info, enum move_phase phase)
{
	return json_pack("{s:s, s:o, s:s, s:I}", "event", "phase", "id", report_text(info->id), "phase", move_phase_name(phase),
			 "ms", (json_int_t)info->phases[phase].began_ms);
}

json_t *report_waiting(const struct move_info *info)
{
	return json_pack("{s:s, s:o, s:o}", "event", "waiting", "id", report_text(info->id), "for", report_text(info->status));
}

json_t *report_progress(const struct move_info *info)
{
	return json_pack("{s:s, s:o, s:I, s:I, s:I}", "event", "progress", "id", report_text(info->id), "bytes",
			 (json_int_t)info->bytes, "bytes_total", (json_int_t)info->bytes_total, "frozen_ms",
			 (json_int_t)info->frozen_ms);
}

static json_t *round_fields(const struct move_info *info, size_t i)
{
	const struct move_round *r = &info->rounds[i];

	return json_pack("{s:i, s:I, s:I, s:I}", "round", (int)i + 1, "bytes", (json_int_t)r->bytes, "ms", (json_int_t)r->ms,
			 "expected_ms", (json_int_t)r->expected_ms);
}

json_t *report_round(const struct move_info *info, size_t i)
{
	json_t *event = json_pack("{s:s, s:o}", "event", "round", "id", report_text(info->id));

	json_object_update_new(event, round_fields(info, i));
	return event;
}

static json_t *rounds(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->rounds_count; i++)
		json_array_append_new(list, round_fields(info, i));
	return list;
}

static json_t *phases(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < PHASE_COUNT; i++) {
		const struct move_phase_info *p = &info->phases[i];

		if (p->began_ms >= 0)
			json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "name", move_phase_name((enum move_phase)i),
							      "ms", (json_int_t)p->ms, "bytes", (json_int_t)p->bytes));
	}
	return list;
}

static json_t *timeline(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->marks_count; i++)
		json_array_append_new(list, json_pack("{s:I, s:o}", "us", (json_int_t)info->marks[i].us, "what",
						      report_text(info->marks[i].what)));
	return list;
}

static json_t *findings(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->findings_count; i++)
		json_array_append_new(list, finding_fields(&info->findings[i]));
	return list;
}

static json_t *warnings(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->warnings_count; i++)
		json_array_append_new(list, report_text(info->warnings[i]));
	return list;
}

/* All of them in one string, for programs that know of no list. */
static json_t *joined(const struct move_info *info)
{
	struct buf all;
	json_t *text;

	buf_init(&all, 0);
	for (size_t i = 0; i < info->warnings_count; i++)
		buf_printf(&all, "%s%s", i ? " " : "", info->warnings[i]);
	text = report_text(buf_str(&all));
	buf_free(&all);
	return text;
}

json_t *report_result(const struct move_info *info)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:i, s:s, s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "event",
			 "result", "id", report_text(info->id), "source", report_text(info->source), "destination",
			 report_text(info->destination), "pid", (int)info->proc.pid, "new_pid", (int)info->new_pid, "outcome",
			 move_outcome_name(info->outcome), "reason", report_text(info->reason.text), "mode",
			 move_mode_name(info->mode), "via", move_via_name(info->via), "frozen_ms",
			 (json_int_t)(info->frozen_ms < 0 ? 0 : info->frozen_ms), "expected_ms",
			 (json_int_t)info->estimate_ms, "total_ms", (json_int_t)info->total_ms,
			 "bytes", (json_int_t)info->bytes, "phases", phases(info), "warning", joined(info),
			 "warnings", warnings(info), "code", info->code ? info->code : "", "findings", findings(info), "timeline", timeline(info), "rounds", rounds(info), "plan", report_text(info->plan));
}

json_t *report_check(const struct move_info *info)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:b, s:o, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "event", "check", "id",
			 report_text(info->id), "source", report_text(info->source), "destination", report_text(info->destination), "pid",
			 (int)info->proc.pid, "can_move", info->reason.code == ERR_NONE, "reason", report_text(info->reason.text), "code",
			 info->code ? info->code : "", "mode", move_mode_name(info->mode), "via", move_via_name(info->via), "expected_ms",
			 (json_int_t)info->estimate_ms, "plan", report_text(info->plan), "warnings", warnings(info), "findings",
			 findings(info));
}

json_t *report_no_move(const char *source, const char *destination, pid_t pid, const struct err *e)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:i, s:i, s:s, s:o, s:s, s:s, s:s, s:i, s:i, s:i, s:[], s:[]}", "event", "result", "id",
			 "", "source", report_text(source), "destination", report_text(destination), "pid", (int)pid, "new_pid", 0,
			 "outcome", "rolled-back", "reason", report_text(e->text), "code", err_code_name(e->code), "mode", "auto", "via",
			 "auto", "frozen_ms", 0, "total_ms", 0, "bytes", 0, "phases", "warnings");
}

json_t *report_no_check(const char *source, const char *destination, pid_t pid, const struct err *e)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:i, s:b, s:o, s:s, s:[], s:[]}", "event", "check", "id", "", "source",
			 report_text(source), "destination", report_text(destination), "pid", (int)pid, "can_move", 0, "reason",
			 report_text(e->text), "code", err_code_name(e->code), "warnings", "findings");
}

/* ---- hosts ---- */

static json_t *proc_fields(const struct proc *p)
{
	return json_pack("{s:i, s:i, s:o, s:o, s:o, s:I, s:s#, s:I}", "pid", (int)p->key.pid, "ppid", (int)p->ppid, "name",
			 report_text(p->name), "args", report_text(p->args), "user", report_text(p->user), "rss",
			 (json_int_t)p->rss_bytes, "state", &p->state, 1, "start", (json_int_t)p->key.start);
}

/* The next process of a cgroup, parents before their children; `from` NULL: the first. */
static const struct proc *next_in_cgroup(const struct cgroup *cgroup, const struct proc *from)
{
	if (!from)
		return cgroup->procs;
	if (from->in_child)
		return from->in_child;
	while (from && !from->in_next)
		from = from->in_parent;
	return from ? from->in_next : NULL;
}

static json_t *cgroup_fields(const struct cgroup *cgroup)
{
	json_t *processes = json_array();

	for (const struct proc *p = next_in_cgroup(cgroup, NULL); p; p = next_in_cgroup(cgroup, p)) {
		if (!p->kernel && p->gone_ms == 0)
			json_array_append_new(processes, proc_fields(p));
	}
	return json_pack("{s:o, s:o}", "path", report_text(cgroup->path), "processes", processes);
}

json_t *report_host(const struct host *host)
{
	const struct tree *tree = host_tree(host);
	json_t *cgroups = json_array();

	for (size_t i = 0; i < tree_cgroup_count(tree); i++)
		json_array_append_new(cgroups, cgroup_fields(tree_cgroup_at(tree, i)));
	return json_pack("{s:s, s:o, s:b, s:I, s:o}", "event", "host", "host", report_text(host_name(host)), "ok", 1,
			 "processes", (json_int_t)tree_processes(tree), "cgroups", cgroups);
}

json_t *report_no_host(const char *name, const char *error)
{
	return json_pack("{s:s, s:o, s:b, s:o, s:i, s:[]}", "event", "host", "host", report_text(name), "ok", 0, "error",
			 report_text(error), "processes", 0, "cgroups");
}
