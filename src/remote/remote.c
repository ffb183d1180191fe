/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

const char *remote_script(const char *name)
{
	for (const struct remote_script *s = remote_scripts; s->name; s++) {
		if (strcmp(s->name, name) == 0)
			return s->text;
	}
	fprintf(stderr, "pferry: no script named %s\n", name);
	abort();
}

/* Append `text` without its comment lines, blank lines and indentation: what
 * is sent over a slow link each time should be what runs.  The scripts have
 * no here-documents or multi-line strings whose indentation would matter. */
static void append_stripped(struct buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), indent = strspn(text, "\t");
		const char *line = text + indent;

		if (len > indent && *line != '#') {
			buf_append(out, line, len - indent);
			buf_puts(out, "\n");
		}
		text += len + (text[len] == '\n');
	}
}

char *remote_script_bare(const char *name)
{
	struct buf out;

	buf_init(&out, 0);
	append_stripped(&out, remote_script(name));
	return buf_take(&out);
}

/* ---- command lines ---- */

struct remote_line {
	char *text;
};

static const char *const frames[] = {
	[REMOTE_PLAIN] = "exec sh -c",
	/* Not whatever sh the login's PATH leads to. */
	[REMOTE_SUDO] = "exec sudo -n -- /bin/sh -c",
	[REMOTE_DOAS] = "exec doas -n -- /bin/sh -c",
	[REMOTE_PASSWORD] = "LC_ALL=C exec sudo -k -S -p '' -- /bin/sh -c",
	[REMOTE_SUDO_TTY] = "exec sudo -- /bin/sh -c",
	[REMOTE_DOAS_TTY] = "exec doas -- /bin/sh -c",
};

/* They run before another, or only measure. */
static const char *const without_common[] = { "await", "input", "long", "pack", "sink", "uid", "zeros" };

static bool wants_common(const char *name)
{
	for (size_t i = 0; i < countof(without_common); i++) {
		if (strcmp(name, without_common[i]) == 0)
			return false;
	}
	return true;
}

/* " SCRIPT pferry-NAME ARG...": what follows `sh -c`. */
static void append_script(struct buf *out, const char *name, const char *const args[])
{
	struct buf script;

	buf_init(&script, 0);
	if (wants_common(name))
		append_stripped(&script, remote_script("common"));
	append_stripped(&script, remote_script(name));
	buf_puts(out, " ");
	text_shell_quote(out, buf_str(&script));
	buf_puts(out, " pferry-");
	buf_puts(out, name);
	for (size_t i = 0; args && args[i]; i++) {
		buf_puts(out, " ");
		text_shell_quote(out, args[i]);
	}
	buf_free(&script);
}

static struct remote_line *line_of(struct buf *text)
{
	struct remote_line *line = mem_new(struct remote_line);

	line->text = buf_take(text);
	return line;
}

struct remote_line *remote_line(enum remote_frame frame, const char *script, const char *const args[])
{
	struct buf out;

	buf_init(&out, 0);
	buf_puts(&out, frames[frame]);
	append_script(&out, script, args);
	return line_of(&out);
}

struct remote_line *remote_line_bytes(const char *script, size_t bytes, const char *word)
{
	char number[24];

	snprintf(number, sizeof number, "%zu", bytes);
	return remote_line(REMOTE_PLAIN, script, (const char *const[]){ number, word, NULL });
}

struct remote_line *remote_line_password(const char *script, const char *const args[])
{
	struct buf out;

	buf_init(&out, 0);
	buf_puts(&out, frames[REMOTE_PASSWORD]);
	append_script(&out, "input", NULL);
	append_script(&out, script, args);
	return line_of(&out);
}

struct remote_line *remote_line_await(const struct remote_line *line)
{
	return remote_line(REMOTE_PLAIN, "await", (const char *const[]){ line->text, NULL });
}

struct remote_line *remote_line_direct(const char *const args[5], const struct remote_line *sender,
				       const struct remote_line *receiver, bool both)
{
	const char *const all[] = { args[0], args[1], args[2], args[3], args[4], sender->text, receiver->text, both ? "both" : NULL,
				    NULL };

	return remote_line(REMOTE_PLAIN, "direct", all);
}

struct remote_line *remote_line_by_input(const struct remote_line *line, struct buf *input)
{
	buf_printf(input, "%s\npferry-script\n", line->text);
	return remote_line(REMOTE_PLAIN, "long", NULL);
}

void remote_line_free(struct remote_line **line)
{
	if (*line)
		free((*line)->text);
	free(*line);
	*line = NULL;
}

size_t remote_line_length(const struct remote_line *line)
{
	return strlen(line->text);
}

const char *remote_line_text(const struct remote_line *line)
{
	return line->text;
}

char *remote_overview(void)
{
	struct buf out;

	buf_init(&out, 0);
	buf_puts(&out, "# All that pferry runs on hosts.  Of a script only what is no comment is sent, each time it is needed, and\n"
		       "# started by one of\n");
	for (size_t i = 0; i < countof(frames); i++)
		buf_printf(&out, "#     %s SCRIPT pferry-NAME ARG...\n", frames[i]);
	buf_puts(&out, "# Before SCRIPT stands common.sh, but for");
	for (size_t i = 0; i < countof(without_common); i++)
		buf_printf(&out, "%s %s", i ? "," : "", without_common[i]);
	buf_puts(&out, ".\n"
		       "# Scripts that lie in a move's directory while it lasts (hand, lazy, the .pl) run from there.\n"
		       "# hand.sh runs CRIU: `pferry move --dry-run` prints its command lines.\n"
		       "# With --via scp the SSH library runs besides\n"
		       "#     scp -pf IMAGE\n"
		       "#     scp -pt IMAGE\n");
	return buf_take(&out);
}
