/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/job_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"

#define STRIP_COLS 140 /* from this width on all phases are named */

struct out {
	char *text;
	size_t size, len;
};

static void put(struct out *out, const char *text)
{
	int n = snprintf(out->text + out->len, out->size - out->len, "%s", text);

	out->len += (size_t)n < out->size - out->len ? (size_t)n : out->size - out->len - 1;
}

/* "check ok | SEND | restore": what is done, what is going on, what comes. */
static void put_phases(struct out *out, const struct move_info *info)
{
	static const enum move_phase shown[] = {PHASE_CHECK, PHASE_STAGE,   PHASE_PRECOPY, PHASE_FREEZE,
						PHASE_SEND,  PHASE_RESTORE, PHASE_GO,      PHASE_FILL};
	bool lazy = info->mode == MODE_POSTCOPY || info->phases[PHASE_FILL].began_ms >= 0;
	enum move_phase last = lazy ? PHASE_FILL : PHASE_GO;

	put(out, "  ");
	for (size_t i = 0; i < countof(shown); i++) {
		char word[32];
		bool now = shown[i] == info->phase || (shown[i] == PHASE_GO && info->phase == PHASE_COMMIT) ||
			   (shown[i] == last && info->phase > last);

		if ((shown[i] == PHASE_PRECOPY && info->phases[PHASE_PRECOPY].began_ms < 0) || shown[i] > last)
			continue;
		snprintf(word, sizeof word, "%s", move_phase_name(shown[i]));
		for (char *c = word; now && *c; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		put(out, word);
		if (shown[i] < info->phase)
			put(out, " ok");
		if (shown[i] < last)
			put(out, " | ");
	}
}

/* The parts of a move's progress in its line; when that is too long, they are dropped from the last on. */
enum detail { DETAIL_FROZEN, DETAIL_PERCENT, DETAIL_RATE, DETAIL_BYTES, DETAIL_ETA, DETAIL_BAR };

static void put_bar(const struct ui *ui, struct out *out, const struct move_info *info, int cells)
{
	int done = (int)(info->bytes * (uint64_t)cells / info->bytes_total);

	put(out, "  [");
	for (int i = 0; i < cells; i++)
		put(out, ui->theme.glyph[i < done ? GLYPH_DONE : GLYPH_TODO]);
	put(out, "]");
}

/* How much has been sent, of how much, how fast. */
static void put_progress(const struct ui *ui, struct out *out, const struct move_info *info,
			 enum detail detail)
{
	bool total = info->bytes_total >= info->bytes && info->bytes_total > 0;
	char a[32], b[32], text[128];

	if (info->bytes == 0)
		return;
	if (total && detail >= DETAIL_BAR)
		put_bar(ui, out, info, 10);
	if (total && detail >= DETAIL_PERCENT) {
		snprintf(text, sizeof text, " %d%%", (int)(info->bytes * 100 / info->bytes_total));
		put(out, text);
	}
	if (detail >= DETAIL_BYTES) {
		text_bytes(a, sizeof a, info->bytes, true);
		snprintf(text, sizeof text, " %s%s%s", a, total ? "/" : "",
			 total ? text_bytes(b, sizeof b, info->bytes_total, true) : "");
		put(out, text);
	}
	if (info->bytes_per_s < 1)
		return;
	if (detail >= DETAIL_RATE) {
		snprintf(text, sizeof text, " %s/s",
			 text_bytes(a, sizeof a, (uint64_t)info->bytes_per_s, true));
		put(out, text);
	}
	if (detail >= DETAIL_ETA && (info->phase <= PHASE_SEND || info->phase == PHASE_FILL) && info->bytes_total > info->bytes) {
		snprintf(text, sizeof text, " ETA %.0fs",
			 (double)(info->bytes_total - info->bytes) / info->bytes_per_s);
		put(out, text);
	}
}

/* A bar for each round of memory copied ahead, as high as what was sent then; the first sends all of it. */
static void put_rounds(const struct ui *ui, struct out *out, const struct move_info *info)
{
	uint64_t most = 1;

	if (info->rounds_count == 0 || info->phase != PHASE_PRECOPY)
		return;
	for (size_t i = 0; i < info->rounds_count; i++)
		most = info->rounds[i].bytes > most ? info->rounds[i].bytes : most;
	put(out, " ");
	for (size_t i = 0; i < info->rounds_count; i++)
		put(out, ui->theme.glyph[GLYPH_SPARK + (int)((SPARKS - 1) * info->rounds[i].bytes / most)]);
}

static void put_frozen(struct out *out, const struct move_info *info)
{
	char text[64];

	if (info->frozen_ms < 0)
		return;
	snprintf(text, sizeof text, "  %s %.1f s", info->frozen ? "FROZEN" : "frozen",
		 (double)info->frozen_ms / 1000);
	put(out, text);
}

static void put_ended(struct out *out, const struct move_info *info)
{
	char text[ERR_TEXT_MAX + 128], total[32], frozen[32], bytes[32];

	text_duration(total, sizeof total, info->total_ms);
	text_bytes(bytes, sizeof bytes, info->bytes, false);
	if (info->outcome == MOVE_MOVED && info->frozen_ms >= 0)
		snprintf(text, sizeof text, "  moved in %s, frozen %s, %s", total,
			 text_duration(frozen, sizeof frozen, info->frozen_ms), bytes);
	else if (info->outcome == MOVE_CHECKED && info->reason.code == ERR_NONE)
		snprintf(text, sizeof text, "  checked in %s", total);
	else
		snprintf(text, sizeof text, "  %s: %s", move_outcome_name(info->outcome), info->reason.text);
	put(out, text);
}

static void put_line(const struct ui *ui, struct out *out, const struct move_info *info, int cells,
		     enum detail detail)
{
	if (info->outcome == MOVE_WAITING) {
		put(out, "  waiting");
	} else if (info->cancelling) {
		put(out, "  being undone");
	} else if (cells >= STRIP_COLS) {
		put_phases(out, info);
	} else {
		put(out, "  ");
		put(out, move_phase_name(info->phase));
	}
	put_rounds(ui, out, info);
	put_progress(ui, out, info, detail);
	put_frozen(out, info);
	if (info->status && *info->status) {
		put(out, "  ");
		put(out, info->status);
	}
}

void job_line(const struct ui *ui, const struct move_info *info, int cells, char *out, size_t size)
{
	for (int detail = DETAIL_BAR; detail >= DETAIL_FROZEN; detail--) {
		struct out o = {.text = out, .size = size};
		char who[ERR_HOST_MAX * 2 + LABEL_MAX + 32], label[LABEL_MAX];

		ui_job_label(ui, info, label, sizeof label);
		snprintf(who, sizeof who, "#%" PRIu32 " %s %s>%s", info->number, label, info->source,
			 info->destination);
		put(&o, who);
		if (info->ended) {
			put_ended(&o, info);
			return;
		}
		put_line(ui, &o, info, cells, (enum detail)detail);
		if ((int)text_width(out) <= cells)
			return;
	}
}
