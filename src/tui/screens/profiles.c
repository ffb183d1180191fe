/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profiles of options: one is used, kept and forgotten by its name. */
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

unsigned profile_use(struct ui *ui, const char *name)
{
	if (name)
		return use(ui, name);
	ask_name(ui, "Use profile: ", use_accept);
	return FX_DRAW;
}

unsigned profile_keep(struct ui *ui, const char *text)
{
	if (text)
		return keep(ui, text);
	ask_name(ui, "Keep as profile: ", keep_accept);
	return FX_DRAW;
}

void profile_forget(struct ui *ui)
{
	ask_name(ui, "Forget profile: ", forget_accept);
}
