/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a save or a restore ended, in a sentence. */
#include <stdio.h>

#include "base/text.h"
#include "save/save.h"

static bool recovery_sentence(const struct move *move, const char *name, char *out, size_t size)
{
	const struct move_info *info = &move->info;
	const bool restores = save_of(move)->restores;

	if (info->outcome == MOVE_MOVED && !restores)
		snprintf(out, size, "Finished: %s is saved in %s.", name, info->destination);
	else if (info->outcome == MOVE_ROLLED_BACK && restores)
		snprintf(out, size, "Undone: %s is where it was, in %s.", name, info->source);
	else
		return false;
	return true;
}

bool save_sentence(const struct move *move, const char *name, char *out, size_t size)
{
	const struct move_info *info = &move->info;
	const bool restores = save_of(move)->restores;
	char total[32], frozen[32], bytes[32], still[256];

	if (move->recovering)
		return recovery_sentence(move, name, out, size);
	text_duration(total, sizeof total, info->total_ms);
	text_duration(frozen, sizeof frozen, info->frozen_ms < 0 ? 0 : info->frozen_ms);
	text_bytes(bytes, sizeof bytes, info->bytes, false);
	words_presence(info, name, still, sizeof still);
	if (info->outcome == MOVE_MOVED && restores)
		snprintf(out, size, "Restored %s %s -> %s in %s, %s.", name, info->source, info->destination, total, bytes);
	else if (info->outcome == MOVE_MOVED)
		snprintf(out, size, "Saved %s %s -> %s in %s, frozen %s, %s.", name, info->source, info->destination, total, frozen, bytes);
	else if (info->outcome == MOVE_ROLLED_BACK && restores)
		snprintf(out, size, "Not restored: %s. %s is as it was.", info->reason.text, info->source);
	else if (info->outcome == MOVE_ROLLED_BACK && (!move->result || move->result->survey.gone))
		snprintf(out, size, "Not saved: %s.", info->reason.text);
	else if (info->outcome == MOVE_ROLLED_BACK)
		snprintf(out, size, "Not saved: %s%s%s.%s", info->reason.text, info->frozen_ms >= 0 ? ", frozen " : "",
			 info->frozen_ms >= 0 ? frozen : "", still);
	else
		return false;
	return true;
}
