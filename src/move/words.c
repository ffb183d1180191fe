/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for what a move is, does and became. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "move/move_priv.h"

static const char *const phase_names[] = {
	[PHASE_CHECK] = "check", [PHASE_STAGE] = "stage",     [PHASE_PRECOPY] = "precopy",
	[PHASE_FREEZE] = "freeze", [PHASE_SEND] = "send",     [PHASE_RESTORE] = "restore",
	[PHASE_COMMIT] = "commit", [PHASE_GO] = "go",         [PHASE_FILL] = "fill",
	[PHASE_CLEAN] = "clean",
};
static const char *const outcome_names[] = {
	[MOVE_RUNNING] = "running", [MOVE_WAITING] = "waiting",   [MOVE_MOVED] = "moved",
	[MOVE_ROLLED_BACK] = "rolled-back", [MOVE_IN_DOUBT] = "in-doubt", [MOVE_LOST] = "lost",
	[MOVE_CHECKED] = "checked",
};
static const char *const mode_names[] = {
	[MODE_AUTO] = "auto", [MODE_PLAIN] = "plain", [MODE_PRECOPY] = "precopy", [MODE_POSTCOPY] = "postcopy",
};
static const char *const via_names[] = {
	[VIA_AUTO] = "auto", [VIA_RELAY] = "relay", [VIA_DIRECT] = "direct", [VIA_SCP] = "scp",
};

const char *move_phase_name(enum move_phase phase)
{
	return (size_t)phase < countof(phase_names) ? phase_names[phase] : "done";
}

const char *move_outcome_name(enum move_outcome outcome)
{
	return outcome_names[outcome];
}

const char *move_mode_name(enum move_mode mode)
{
	return mode_names[mode];
}

const char *move_via_name(enum move_via via)
{
	return via_names[via];
}

bool move_mode_parse(const char *word, enum move_mode *mode)
{
	for (size_t i = 0; i < countof(mode_names); i++) {
		if (strcmp(word, mode_names[i]) == 0) {
			*mode = (enum move_mode)i;
			return true;
		}
	}
	return false;
}

bool move_via_parse(const char *word, enum move_via *via)
{
	for (size_t i = 0; i < countof(via_names); i++) {
		if (strcmp(word, via_names[i]) == 0) {
			*via = (enum move_via)i;
			return true;
		}
	}
	return false;
}

/* "redis-server(881)" or "redis-server(881)+3" with its descendants. */
static void who(const struct move_info *info, char *out, size_t size)
{
	if (info->processes > 1)
		snprintf(out, size, "%s(%d)+%u", info->name, (int)info->proc.pid, info->processes - 1);
	else
		snprintf(out, size, "%s(%d)", info->name, (int)info->proc.pid);
}

void words_presence(const struct move_info *info, const char *name, char *out, size_t size)
{
	*out = '\0';
	if (info->at_source == PRESENCE_RUNS)
		snprintf(out, size, " %s still runs on %s.", name, info->source);
	else if (info->at_source == PRESENCE_UNKNOWN && info->frozen_ms >= 0)
		snprintf(out, size, " %s could not be asked whether %s still runs there.", info->source, name);
}

static void recovery_sentence(const struct move *move, const char *name, char *out, size_t size)
{
	const struct move_info *info = &move->info;

	if (info->outcome == MOVE_MOVED)
		snprintf(out, size, "Finished: %s runs on %s.", name, info->destination);
	else if (info->outcome == MOVE_LOST)
		snprintf(out, size, "Lost: %s %s -> %s: %s.", name, info->source, info->destination, info->reason.text);
	else if (info->outcome == MOVE_ROLLED_BACK && info->at_source != PRESENCE_RUNS)
		snprintf(out, size, "Undone: nothing of %s is on %s; %s could not be asked whether it still runs there.", name,
			 info->destination, info->source);
	else if (info->outcome == MOVE_ROLLED_BACK)
		snprintf(out, size, "Undone: %s is where it was, on %s.", name, info->source);
	else
		snprintf(out, size, "Left alone: %s %s -> %s: %s.", name, info->source, info->destination,
			 info->reason.text);
}

static void outcome_sentence(struct move *move, char *out, size_t size)
{
	const struct move_info *info = move_info(move);
	char name[96], total[32], frozen[32], bytes[32], still[256];

	who(info, name, sizeof name);
	text_duration(total, sizeof total, info->total_ms);
	text_duration(frozen, sizeof frozen, info->frozen_ms < 0 ? 0 : info->frozen_ms);
	text_bytes(bytes, sizeof bytes, info->bytes, false);
	words_presence(info, name, still, sizeof still);
	if (move->endpoint->sentence(move, name, out, size))
		return;
	if (move->recovering && info->outcome != MOVE_RUNNING) {
		recovery_sentence(move, name, out, size);
		return;
	}
	switch (info->outcome) {
	case MOVE_WAITING:
		snprintf(out, size, "%s %s -> %s waits for its turn.", name, info->source, info->destination);
		break;
	case MOVE_RUNNING:
		snprintf(out, size, "%s %s -> %s: %s.", name, info->source, info->destination,
			 info->status[0] ? info->status : move_phase_name(info->phase));
		break;
	case MOVE_MOVED:
		snprintf(out, size, "Moved %s %s -> %s in %s, frozen %s, %s.", name, info->source, info->destination, total, frozen,
			 bytes);
		break;
	case MOVE_ROLLED_BACK:
		if (!move->result || move->result->survey.gone)
			snprintf(out, size, "Not moved: %s.", info->reason.text);
		else
			snprintf(out, size, "Not moved: %s%s%s.%s", info->reason.text, info->frozen_ms >= 0 ? ", frozen " : "",
				 info->frozen_ms >= 0 ? frozen : "", still);
		break;
	case MOVE_CHECKED:
		if (info->reason.code == ERR_NONE)
			snprintf(out, size, "%s can move%s%s.", name, *info->destination ? " to " : "", info->destination);
		else
			snprintf(out, size, "%s cannot move: %s.", name, info->reason.text);
		break;
	case MOVE_LOST:
		snprintf(out, size, "Lost: %s no longer runs on %s: %s.", name, info->source, info->reason.text);
		break;
	case MOVE_IN_DOUBT:
		snprintf(out, size, "In doubt: %s %s -> %s: %s.", name, info->source, info->destination,
			 info->reason.text);
		break;
	}
}

void move_sentence(struct move *move, char *out, size_t size)
{
	const struct move_info *info = &move->info;

	outcome_sentence(move, out, size);
	for (size_t i = 0; info->ended && i < info->warnings_count; i++) {
		size_t len = strlen(out);

		snprintf(out + len, size - len, " %s", info->warnings[i]);
	}
}
