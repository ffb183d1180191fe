/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of options: CRIU's command lines for the process under the
 * cursor, as they will be run, what is added to them, and the profiles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/actions/acts.h"
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

static void edit(struct ui *ui, bool restore, const char *text);

static unsigned edit_accept(struct ui *ui, struct prompt *prompt)
{
	bool restore = strstr(prompt->label, "restore") != NULL;
	struct err e;

	if (!options_ok(prompt->line.text, &e)) {
		ui_notice(ui, NOTICE_BAD, "Not used: %s.", e.text);
		return FX_DRAW;
	}
	snprintf(restore ? ui->options.restore : ui->options.dump, OPTIONS_TEXT, "%s", prompt->line.text);
	ui->options.profile[0] = '\0';
	ui_clear_notice(ui);
	return changed(ui);
}

static void edit(struct ui *ui, bool restore, const char *text)
{
	static const struct prompt_ops ops = {
		.changed = edit_changed, .accept = edit_accept, .hint = edit_hint, .history = "options"};
	struct prompt prompt = {.ops = &ops};

	snprintf(prompt.label, sizeof prompt.label,
		 restore ? "Also for criu restore: " : "Also for criu dump: ");
	prompt_open(ui, &prompt, text);
}

static unsigned set(struct ui *ui, bool restore, const char *arg)
{
	struct err e;

	if (!arg) {
		edit(ui, restore, restore ? ui->options.restore : ui->options.dump);
		return FX_DRAW;
	}
	if (strcmp(arg, "none") == 0)
		arg = "";
	if (!options_ok(arg, &e)) {
		ui_notice(ui, NOTICE_BAD, "Not used: %s.", e.text);
		return FX_DRAW;
	}
	snprintf(restore ? ui->options.restore : ui->options.dump, OPTIONS_TEXT, "%s", arg);
	ui->options.profile[0] = '\0';
	ui_notice(ui, NOTICE_INFO, "The next moves give criu %s %s beside its own options.",
		  restore ? "restore" : "dump", *arg ? arg : "nothing");
	return changed(ui);
}

unsigned act_dump_options(struct ui *ui, const char *arg)
{
	return set(ui, false, arg);
}

unsigned act_restore_options(struct ui *ui, const char *arg)
{
	return set(ui, true, arg);
}

/* ---- profiles ---- */

static unsigned use(struct ui *ui, const char *name)
{
	if (strcmp(name, "none") == 0) {
		options_clear(&ui->options);
		ui_notice(ui, NOTICE_INFO,
			  "Nothing is added to CRIU's options; profiles go with what they are for.");
		return changed(ui);
	}
	if (!options_use(&ui->options, name)) {
		ui_notice(ui, NOTICE_BAD, "There is no profile \"%s\".", name);
		return FX_DRAW;
	}
	ui_notice(ui, NOTICE_INFO, "The next moves go with profile %s.", name);
	return changed(ui);
}

static void names_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	size_t used = 0;

	const struct config_profile *profile;

	snprintf(out, size, "none");
	used = 4;
	for (size_t i = 0; (profile = options_profile_at(&ui->options, i)) && used + 2 < size; i++) {
		int n = snprintf(out + used, size - used, "  %s", profile->name);

		used += n > 0 ? (size_t)n : 0;
	}
}

/* Tab goes through the profiles. */
static void names_complete(struct ui *ui, struct prompt *prompt, int by)
{
	size_t n = 0, at;

	while (options_profile_at(&ui->options, n))
		n++;
	if (n == 0)
		return;
	at = by > 0 ? n - 1 : 0;
	for (size_t i = 0; i < n; i++)
		if (strcmp(options_profile_at(&ui->options, i)->name, prompt->line.text) == 0)
			at = i;
	line_set(&prompt->line, options_profile_at(&ui->options, (at + (by > 0 ? 1 : n - 1)) % n)->name);
	prompt->proposed = true;
}

static unsigned use_accept(struct ui *ui, struct prompt *prompt)
{
	return prompt->line.len ? use(ui, prompt->line.text) : FX_DRAW;
}

static unsigned forget_accept(struct ui *ui, struct prompt *prompt)
{
	struct err e;

	if (prompt->line.len == 0)
		return FX_DRAW;
	if (options_forget(&ui->options, prompt->line.text, &e))
		ui_notice(ui, NOTICE_INFO, "Profile %s is forgotten.", prompt->line.text);
	else
		ui_notice(ui, NOTICE_BAD, "Not forgotten: %s.", e.text);
	return changed(ui);
}

/* "NAME" or "NAME for WHAT" */
static unsigned keep(struct ui *ui, const char *text)
{
	const char *what = strstr(text, " for ");
	size_t len = what ? (size_t)(what - text) : strlen(text);
	char name[OPTIONS_TEXT];
	struct err e;

	snprintf(name, sizeof name, "%.*s", (int)len, text);
	if (what)
		what += 5 + strspn(what + 5, " ");
	if (!options_keep(&ui->options, name, what && *what ? what : NULL, &e)) {
		ui_notice(ui, NOTICE_BAD, "Not kept: %s.", e.text);
		return FX_DRAW;
	}
	if (what && *what)
		ui_notice(ui, NOTICE_INFO, "Profile %s is kept; it goes with moves of %s %s.", name,
			  *what == '/' ? "cgroup" : "processes named", what);
	else
		ui_notice(ui, NOTICE_INFO, "Profile %s is kept.", name);
	return changed(ui);
}

static unsigned keep_accept(struct ui *ui, struct prompt *prompt)
{
	return prompt->line.len ? keep(ui, prompt->line.text) : FX_DRAW;
}

static void keep_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size,
		 "NAME, or \"NAME for WHAT\" to use it by itself: redis-* for processes, /db/* for cgroups");
}

static void ask_name(struct ui *ui, const char *label,
		     unsigned (*accept)(struct ui *ui, struct prompt *prompt))
{
	static const struct prompt_ops use_ops = {
		.accept = use_accept, .complete = names_complete, .hint = names_hint};
	static const struct prompt_ops forget_ops = {
		.accept = forget_accept, .complete = names_complete, .hint = names_hint};
	static const struct prompt_ops keep_ops = {
		.accept = keep_accept, .complete = names_complete, .hint = keep_hint};
	struct prompt prompt = {.ops = accept == use_accept	 ? &use_ops
				       : accept == forget_accept ? &forget_ops
								 : &keep_ops};

	snprintf(prompt.label, sizeof prompt.label, "%s", label);
	prompt_open(ui, &prompt, "");
}

unsigned act_profile(struct ui *ui, const char *arg)
{
	if (arg)
		return use(ui, arg);
	ask_name(ui, "Use profile: ", use_accept);
	return FX_DRAW;
}

unsigned act_keep_profile(struct ui *ui, const char *arg)
{
	if (arg)
		return keep(ui, arg);
	ask_name(ui, "Keep as profile: ", keep_accept);
	return FX_DRAW;
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
		return set(ui, pressed->code == 'r', NULL);
	case 'p':
		return act_profile(ui, NULL);
	case 'w':
		return act_keep_profile(ui, NULL);
	case 'x':
		ask_name(ui, "Forget profile: ", forget_accept);
		return FX_DRAW;
	case 'c':
		return use(ui, "none");
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

unsigned act_options(struct ui *ui, const char *arg)
{
	options_open(ui);
	return FX_DRAW;
}
