/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/action.h"
#include "tui/screens/screens.h"

static const struct job *find(const struct ui *ui, uint32_t number)
{
	for (size_t i = 0; i < ui->njobs; i++)
		if (ui->jobs[i].info->number == number)
			return &ui->jobs[i];
	return NULL;
}

static const char *outcome_word(const struct move_info *info)
{
	if (!info->ended)
		return info->cancelling		       ? "being undone"
		       : info->outcome == MOVE_WAITING ? "waiting"
						       : "under way";
	return move_outcome_name(info->outcome);
}

static void fill_summary(struct ui *ui, struct page *page, const struct job *job)
{
	const struct move_info *info = job->info;
	char sentence[MOVE_SENTENCE_MAX], label[LABEL_MAX], a[32], b[32];

	ui_job_label(ui, info, label, sizeof label);
	page_add(page, ROLE_TITLE, "#%u %s  %s > %s", info->number, label, info->source, info->destination);
	ui->port->sentence(ui->port_ctx, job->move, sentence, sizeof sentence);
	page_wrap(page, info->outcome == MOVE_IN_DOUBT || info->outcome == MOVE_LOST ? ROLE_FAIL : ROLE_NORMAL, 0, sentence);
	for (size_t i = 0; i < info->warnings_count; i++)
		page_wrap(page, ROLE_WARN, 0, info->warnings[i]);
	page_item(page, ROLE_NORMAL, "outcome", "%s", outcome_word(info));
	page_item(page, ROLE_NORMAL, "how", "%s, %s", move_mode_name(info->mode), move_via_name(info->via));
	if (info->plan[0])
		page_item(page, ROLE_NORMAL, "planned", "%s", info->plan);
	if (info->processes)
		page_item(page, ROLE_NORMAL, "what", "%u process%s, about %s", info->processes,
			  info->processes == 1 ? "" : "es",
			  text_bytes(a, sizeof a, info->memory_bytes, false));
	if (info->bytes)
		page_item(page, ROLE_NORMAL, "sent", "%s", text_bytes(a, sizeof a, info->bytes, false));
	if (info->frozen_ms >= 0)
		page_item(page, ROLE_NORMAL, "frozen", "%s%s", text_duration(b, sizeof b, info->frozen_ms),
			  info->frozen ? " so far" : "");
	page_item(page, ROLE_NORMAL, "in all", "%s", text_duration(b, sizeof b, info->total_ms));
	if (info->session[0])
		page_item(page, ROLE_NORMAL, "terminal", "tmux session %s on %s; A shows it", info->session,
			  info->destination);
	if (info->id[0])
		page_item(page, ROLE_DIM, "id", "%s", info->id);
}

/* One line a phase: when it began, how long it took, as a bar of the whole. */
static void fill_phases(const struct ui *ui, struct page *page, const struct move_info *info)
{
	int64_t whole = info->total_ms > 0 ? info->total_ms : 1;
	int room = page->width > 60 ? page->width - 44 : 16;

	if (room > 60)
		room = 60;
	page_heading(page, "Phases");
	for (int i = 0; i < PHASE_COUNT; i++) {
		const struct move_phase_info *phase = &info->phases[i];
		char took[32], bytes[32] = "", bar[256] = "";
		int from, len;

		if (phase->began_ms < 0)
			continue;
		from = (int)(phase->began_ms * room / whole);
		len = (int)(phase->ms * room / whole);
		if (len < 1)
			len = 1;
		if (from + len > room)
			from = room > len ? room - len : 0;
		for (int k = 0; k < len && k < room; k++)
			strncat(bar, ui->theme.glyph[GLYPH_DONE], sizeof bar - strlen(bar) - 1);
		if (phase->bytes)
			text_bytes(bytes, sizeof bytes, phase->bytes, false);
		page_add(page, !info->ended && (int)info->phase == i ? ROLE_TITLE : ROLE_NORMAL,
			 "%-8s %10s %9s  %*s%s", move_phase_name((enum move_phase)i),
			 text_duration(took, sizeof took, phase->ms), bytes, from, "", bar);
	}
}

/* What each round of a pre-copy sent, and what the pause would have been after it. */
static void fill_rounds(const struct ui *ui, struct page *page, const struct move_info *info)
{
	uint64_t most = 1;

	if (info->rounds_count == 0)
		return;
	page_heading(page, "Memory copied ahead");
	for (size_t i = 0; i < info->rounds_count; i++)
		most = info->rounds[i].bytes > most ? info->rounds[i].bytes : most;
	for (size_t i = 0; i < info->rounds_count; i++) {
		const struct move_round *round = &info->rounds[i];
		char bytes[32], took[32], pause[32], frozen[48], bar[128] = "";

		snprintf(frozen, sizeof frozen, "%s frozen", text_duration(pause, sizeof pause, round->expected_ms));
		for (uint64_t k = 0; k < 1 + round->bytes * 17 / most; k++)
			strncat(bar, ui->theme.glyph[GLYPH_DONE], sizeof bar - strlen(bar) - 1);
		page_add(page, ROLE_NORMAL, "round %-2zu %10s in %-9s %7s %-16s %s", i + 1,
			 text_bytes(bytes, sizeof bytes, round->bytes, false), text_duration(took, sizeof took, round->ms),
			 i == 0 ? "at most" : "then", frozen, bar);
	}
}

static void fill_findings(struct page *page, const struct move_info *info)
{
	static const char *const levels[] = {"ok", "option", "choice", "no"};
	static const enum role roles[] = {ROLE_OK, ROLE_NORMAL, ROLE_WARN, ROLE_FAIL};

	if (info->findings_count == 0)
		return;
	page_heading(page, "What the check found");
	for (size_t i = 0; i < info->findings_count; i++) {
		const struct finding *finding = &info->findings[i];
		const char *option = finding->option ? finding->option : finding->restore_option;

		page_item(page, roles[finding->level], levels[finding->level], "%s%s%s%s%s", finding->text,
			  *finding->remedy ? " " : "", finding->remedy, option ? "  " : "",
			  option ? option : "");
		for (size_t k = 0; k < finding->files_count; k++)
			page_item(page, ROLE_DIM, "", "  %s", finding->files[k]);
	}
}

static void fill_marks(struct page *page, const struct move_info *info)
{
	if (info->marks_count == 0)
		return;
	page_heading(page, "Time line");
	for (size_t i = 0; i < info->marks_count; i++)
		page_add(page, ROLE_NORMAL, "%9.3f s  %s", (double)info->marks[i].us / 1e6,
			 info->marks[i].what);
}

/* CRIU's log, line by line; the first that tells why has a sign before it. */
static void fill_log(struct page *page, const char *heading, const char *text)
{
	bool told = false;

	if (!text || !*text)
		return;
	page_heading(page, heading);
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = text_sanitize(text, len, 4096);
		bool error = strstr(line, "Error") != NULL, tells = error && !told;
		char *all = mem_printf("%s%s", tells ? "> " : "  ", line);

		told |= error;
		page_wrap(page,
			  tells			 ? ROLE_FAIL
			  : error		 ? ROLE_WARN
			  : strstr(line, "Warn") ? ROLE_WARN
						 : ROLE_DIM,
			  6, all);
		free(all);
		free(line);
		text += len + (text[len] == '\n');
	}
}

void job_fill(struct ui *ui, struct page *page, uint32_t number)
{
	const struct job *job = find(ui, number);

	if (!job) {
		page_add(page, ROLE_DIM, "This move is not known any more.");
		return;
	}
	fill_summary(ui, page, job);
	fill_phases(ui, page, job->info);
	fill_rounds(ui, page, job->info);
	fill_findings(page, job->info);
	if (job->info->dump_command) {
		page_heading(page, "Command line at the source");
		page_wrap(page, ROLE_NORMAL, 4, job->info->dump_command);
	}
	if (job->info->restore_command) {
		page_heading(page, "Command line at the destination");
		page_wrap(page, ROLE_NORMAL, 4, job->info->restore_command);
	}
	fill_marks(page, job->info);
	fill_log(page, "CRIU's log at the source", job->info->dump_log);
	fill_log(page, "CRIU's log at the destination", job->info->restore_log);
}

static void fill(struct ui *ui, struct page *page, const void *data)
{
	job_fill(ui, page, *(const uint32_t *)data);
}

static unsigned key(struct ui *ui, void *state, const void *data, const struct key *pressed)
{
	const struct action *action = action_of_key(ui->actions, pressed->code);
	char number[16];

	if (pressed->code == 'w') {
		job_write(ui, *(const uint32_t *)data);
		return FX_DRAW;
	}
	if (!action || (action->id != ACT_CANCEL && action->id != ACT_ATTACH))
		return 0;
	snprintf(number, sizeof number, "%" PRIu32, *(const uint32_t *)data);
	return action_run(ui, action, number);
}

void job_open(struct ui *ui, uint32_t number)
{
	static const struct pager_ops ops = {
		.title = "One move",
		.fill = fill,
		.key = key,
		.hints = "j/k scroll  / search  X cancel  A attach  w write to a file  Esc back"};
	uint32_t *data = mem_new(uint32_t);

	*data = number;
	pager_open(ui, &ops, data);
}
