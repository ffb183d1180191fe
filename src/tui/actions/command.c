/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ':' prompt: an action by name, with what it takes. */
#include <stdio.h>
#include <string.h>

#include "tui/actions/actions.h"
#include "tui/actions/acts.h"
#include "tui/screens/prompt.h"

/* The word typed so far that is being completed, and the action it belongs to
 * (NULL: it is the action's own name). */
static const char *current_word(const struct prompt *prompt, const struct action **action)
{
	const char *text = prompt->line.text + strspn(prompt->line.text, " ");
	size_t len = strcspn(text, " ");

	*action = NULL;
	if (text[len] == '\0')
		return text;
	*action = action_named(text, len);
	if (!*action)
		return NULL;
	text += len + strspn(text + len, " ");
	/* Of a list, what is typed last. */
	if ((*action)->args == ARGS_HOSTS || (*action)->args == ARGS_FIELDS)
		while (text[strcspn(text, " ,")])
			text += strcspn(text, " ,") + 1;
	return text;
}

/* The i-th thing that could stand there. */
static const char *candidate(const struct ui *ui, const struct action *action, size_t i)
{
	/* The table's end has no name. */
	return action ? action_word(ui, action, i) : action_table[i].name;
}

/* Bytes that all candidates beginning with `word` have in common; *first is one of them. */
static size_t common(const struct ui *ui, const struct action *action, const char *word, const char **first,
		     size_t *count)
{
	size_t len = 0;

	*first = NULL;
	*count = 0;
	for (size_t i = 0;; i++) {
		const char *name = candidate(ui, action, i);
		size_t same = 0;

		if (!name)
			return len;
		if (strncmp(name, word, strlen(word)) != 0)
			continue;
		(*count)++;
		if (!*first) {
			*first = name;
			len = strlen(name);
			continue;
		}
		while (same < len && name[same] == (*first)[same])
			same++;
		len = same;
	}
}

static void complete(struct ui *ui, struct prompt *prompt, int by)
{
	const struct action *action;
	const char *word = current_word(prompt, &action), *first;
	size_t len, count, typed;
	char text[LINE_MAX_BYTES];

	if (!word)
		return;
	len = common(ui, action, word, &first, &count);
	if (!first)
		return;
	typed = (size_t)(word - prompt->line.text);
	snprintf(text, sizeof text, "%.*s%.*s%s", (int)typed, prompt->line.text, (int)len, first,
		 count == 1 ? " " : "");
	line_set(&prompt->line, text);
}

static void changed(struct ui *ui, struct prompt *prompt)
{
	const struct action *action;
	const char *word = current_word(prompt, &action), *first = "";
	size_t count = 1;

	if (word && (!action ||
		     (action->args != ARGS_TEXT && action->args != ARGS_JOB && action->args != ARGS_OPTIONS)))
		common(ui, action, word, &first, &count);
	prompt->warn = !word || (count == 0 && *word);
}

static void hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	const struct action *action;
	const char *word = current_word(prompt, &action);
	size_t used = 0;

	if (!word) {
		snprintf(out, size, "no such action; Tab completes, ? lists them all");
		return;
	}
	if (action && action->args == ARGS_NONE) {
		snprintf(out, size, "%s", action->help);
		return;
	}
	for (size_t i = 0; used + 2 < size; i++) {
		const char *name = candidate(ui, action, i);
		int n;

		if (!name)
			break;
		if (strncmp(name, word, strlen(word)) != 0)
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? "  " : "", name);
		used += n > 0 ? (size_t)n : 0;
	}
	if (used == 0 && action)
		snprintf(out, size, "%s: %s", action_args_name(action->args), action->help);
}

static unsigned accept(struct ui *ui, struct prompt *prompt)
{
	char *text = prompt->line.text + strspn(prompt->line.text, " ");
	size_t len = strcspn(text, " "), end = strlen(text);
	const struct action *action;
	char *arg = text + len;

	while (end > len && text[end - 1] == ' ')
		text[--end] = '\0';
	arg += strspn(arg, " ");
	if (len == 0)
		return 0;
	action = action_named(text, len);
	if (!action) {
		ui_notice(ui, NOTICE_BAD, "There is no action \"%.*s\"; ? lists them.", (int)len, text);
		return FX_DRAW;
	}
	if (*arg && action->args == ARGS_NONE) {
		ui_notice(ui, NOTICE_BAD, "%s takes nothing after it.", action->name);
		return FX_DRAW;
	}
	return action_run(ui, action, *arg ? arg : NULL);
}

unsigned act_command(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {.changed = changed,
					      .accept = accept,
					      .complete = complete,
					      .hint = hint,
					      .history = "command"};

	prompt_open(ui, &(struct prompt){.ops = &ops, .label = ":"}, "");
	return FX_DRAW;
}
