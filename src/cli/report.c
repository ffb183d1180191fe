/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/report.h"

#include <stddef.h>

const char *report_level(enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok", [FINDING_OPTION] = "option", [FINDING_CHOICE] = "choice", [FINDING_REFUSE] = "refuse",
	};

	return names[level];
}

json_t *report_finding(const struct finding *f)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "event", "finding", "code", f->code, "level", report_level(f->level),
			 "text", f->text, "remedy", f->remedy);
}

json_t *report_phase(const struct move_info *info)
{
	return json_pack("{s:s, s:s, s:s, s:I}", "event", "phase", "id", info->id, "phase", move_phase_name(info->phase), "ms",
			 (json_int_t)info->phases[info->phase].began_ms);
}

json_t *report_progress(const struct move_info *info)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I}", "event", "progress", "id", info->id, "bytes", (json_int_t)info->bytes,
			 "bytes_total", (json_int_t)info->bytes_total, "frozen_ms", (json_int_t)info->frozen_ms);
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
		json_array_append_new(list, json_pack("{s:I, s:s}", "us", (json_int_t)info->marks[i].us, "what",
						      info->marks[i].what));
	return list;
}

static json_t *findings(const struct move_info *info)
{
	json_t *list = json_array();

	for (size_t i = 0; i < info->findings_count; i++)
		json_array_append_new(list, report_finding(&info->findings[i]));
	return list;
}

json_t *report_result(const struct move_info *info)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:s, s:o, s:o}", "event",
			 "result", "id", info->id, "source", info->source, "destination", info->destination, "pid",
			 (int)info->proc.pid, "new_pid", (int)info->new_pid, "outcome", move_outcome_name(info->outcome),
			 "reason", info->reason.text, "mode", move_mode_name(info->mode), "via", move_via_name(info->via),
			 "frozen_ms", (json_int_t)(info->frozen_ms < 0 ? 0 : info->frozen_ms), "total_ms",
			 (json_int_t)info->total_ms, "bytes", (json_int_t)info->bytes, "phases", phases(info), "warning",
			 info->warning, "findings", findings(info), "timeline", timeline(info));
}

json_t *report_no_move(const char *source, const char *destination, pid_t pid, const char *reason)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:[]}", "event", "result", "id", "",
			 "source", source, "destination", destination, "pid", (int)pid, "new_pid", 0, "outcome",
			 "rolled-back", "reason", reason, "mode", "plain", "via", "relay", "frozen_ms", 0, "total_ms", 0,
			 "bytes", 0, "phases");
}
