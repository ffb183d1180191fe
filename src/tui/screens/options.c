/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of options: CRIU's command lines for the process under the
 * cursor, as they will be run, what is added to them, and the profiles. */
#include <stdio.h>
#include <string.h>

#include "tui/model/options.h"
#include "tui/model/peek.h"
#include "tui/screens/prompt.h"
#include "tui/screens/screens.h"

/* Changed: look again what CRIU will be told. */
static unsigned changed(struct ui *ui)
{
	peek_again(ui);
	return FX_DRAW;
}

/* ---- editing ---- */

static void edit_changed(struct ui *ui, struct prompt *prompt)
{
	struct err e;

	prompt->warn = !options_ok(prompt->line.text, &e);
}

static void edit_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	struct err e;

	if (options_ok(prompt->line.text, &e))
		snprintf(out, size, "options of criu(8), as for a shell; empty: none  Enter use  Esc back");
	else
		snprintf(out, size, "%s", e.text);
}

static unsigned edit_accept(struct ui *ui, struct prompt *prompt)
{
	struct err e;

	if (!options_ok(prompt->line.text, &e)) {
		ui_notice(ui, NOTICE_BAD, "Not used: %s.", e.text);
		return FX_DRAW;
	}
	snprintf(prompt->data, OPTIONS_TEXT, "%s", prompt->line.text);
	ui->options.profile[0] = '\0';
	ui_clear_notice(ui);
	return changed(ui);
}

/* The options for dump or for restore, at a prompt. */
static void edit(struct ui *ui, bool restore)
{
	static const struct prompt_ops ops = {
		.changed = edit_changed, .accept = edit_accept, .hint = edit_hint, .history = "options"};
	char *text = restore ? ui->options.restore : ui->options.dump;
	struct prompt prompt = {.ops = &ops, .data = text};

	snprintf(prompt.label, sizeof prompt.label,
		 restore ? "Also for criu restore: " : "Also for criu dump: ");
	prompt_open(ui, &prompt, text);
}

unsigned options_give(struct ui *ui, bool restore, const char *text)
{
	struct err e;

	if (!text) {
		edit(ui, restore);
		return FX_DRAW;
	}
	if (strcmp(text, "none") == 0)
		text = "";
	if (!options_ok(text, &e)) {
		ui_notice(ui, NOTICE_BAD, "Not used: %s.", e.text);
		return FX_DRAW;
	}
	snprintf(restore ? ui->options.restore : ui->options.dump, OPTIONS_TEXT, "%s", text);
	ui->options.profile[0] = '\0';
	ui_notice(ui, NOTICE_INFO, "The next moves give criu %s %s beside its own options.",
		  restore ? "restore" : "dump", *text ? text : "nothing");
	return changed(ui);
}

/* ---- the screen ---- */

static void fill_lines(struct ui *ui, struct page *page)
{
	const struct move_info *info = peek_info(ui);
	char label[LABEL_MAX];

	if (!info) {
		page_heading(page, "Command lines");
		page_add(page, ROLE_DIM,
			 "They are shown for a process under the cursor that has a host to go to.");
		return;
	}
	ui_job_label(ui, info, label, sizeof label);
	page_heading(page, "Command lines");
	page_add(page, ROLE_NORMAL, "for %s from %s to %s%s", label, info->source, info->destination,
		 info->ended ? "" : ", being worked out");
	if (info->ended && info->reason.code != ERR_NONE) {
		page_item(page, ROLE_FAIL, "", "%s", info->reason.text);
		return;
	}
	if (info->dump_command)
		page_item(page, ROLE_NORMAL, "dump", "%s", info->dump_command);
	if (info->restore_command)
		page_item(page, ROLE_NORMAL, "restore", "%s", info->restore_command);
}

static void fill_profiles(struct ui *ui, struct page *page)
{
	const struct config_profile *profile;
	char dump[OPTIONS_TEXT], restore[OPTIONS_TEXT];

	page_heading(page, "Profiles");
	for (size_t i = 0; (profile = options_profile_at(&ui->options, i)); i++) {
		options_join(&profile->dump_options, dump, sizeof dump);
		options_join(&profile->restore_options, restore, sizeof restore);
		page_item(page, strcmp(profile->name, ui->options.profile) == 0 ? ROLE_TITLE : ROLE_NORMAL,
			  profile->name, "%s%s%s%s%sdump: %s  restore: %s",
			  profile->match_name || profile->match_cgroup ? "for " : "",
			  profile->match_name ? profile->match_name : "",
			  profile->match_name && profile->match_cgroup ? " in " : "",
			  profile->match_cgroup ? profile->match_cgroup : "",
			  profile->match_name || profile->match_cgroup ? "  " : "", *dump ? dump : "-",
			  *restore ? restore : "-");
	}
	if (!options_profile_at(&ui->options, 0))
		page_add(page, ROLE_DIM, "None is kept yet; w keeps what is in use under a name.");
}

static void fill(struct ui *ui, struct page *page, const void *data)
{
	struct options_words words;

	page_add(page, ROLE_TITLE, "What the next moves go with");
	page_item(page, ROLE_NORMAL, "m mode", "%s", move_mode_name(ui->mode));
	if (ui->mode == MODE_POSTCOPY)
		page_item(page, ROLE_WARN, "", "%s", POSTCOPY_WARNING);
	page_item(page, ROLE_NORMAL, "v via", "%s", move_via_name(ui->via));
	page_item(page, ROLE_NORMAL, "f files", "%s",
		  ui->with_files ? "missing ones are brought along"
				 : "asked before missing ones are brought along");
	page_item(page, ROLE_NORMAL, "i place", "%s",
		  ui->whole ? "all memory is put in place before it runs"
			    : "memory is put in place while it runs there, where that is quicker");
	page_item(page, ROLE_NORMAL, "d dump", "%s",
		  ui->options.dump[0] ? ui->options.dump : "nothing beside pferry's own");
	page_item(page, ROLE_NORMAL, "r restore", "%s",
		  ui->options.restore[0] ? ui->options.restore : "nothing beside pferry's own");
	options_for(&ui->options, peek_proc(ui), &words);
	if (ui->options.profile[0])
		page_item(page, ROLE_NORMAL, "p profile", "%s", ui->options.profile);
	else if (words.profile[0])
		page_item(page, ROLE_NORMAL, "p profile", "%s, since it is for such a process",
			  words.profile);
	else
		page_item(page, ROLE_NORMAL, "p profile", "none");
	options_words_free(&words);
	fill_lines(ui, page);
	fill_profiles(ui, page);
}

static unsigned key(struct ui *ui, void *state, const void *data, const struct key *pressed)
{
	switch (pressed->code) {
	case 'm':
		ui->mode = (enum move_mode)(((int)ui->mode + 1) % (MODE_POSTCOPY + 1));
		return changed(ui);
	case 'v':
		ui->via = (enum move_via)(((int)ui->via + 1) % (VIA_SCP + 1));
		return changed(ui);
	case 'f':
		ui->with_files = !ui->with_files;
		return changed(ui);
	case 'i':
		ui->whole = !ui->whole;
		return changed(ui);
	case 'd':
	case 'r':
		return options_give(ui, pressed->code == 'r', NULL);
	case 'p':
		return profile_use(ui, NULL);
	case 'w':
		return profile_keep(ui, NULL);
	case 'x':
		profile_forget(ui);
		return FX_DRAW;
	case 'c':
		return profile_use(ui, "none");
	case 'o':
		ui_pop(ui, state);
		return FX_DRAW;
	default:
		return 0;
	}
}

void options_open(struct ui *ui)
{
	static const struct pager_ops ops = {
		.title = "Options",
		.fill = fill,
		.key = key,
		.hints = "w keep  x forget  c clear  Esc back",
	};

	peek_row(ui);
	pager_open(ui, &ops, NULL);
}
