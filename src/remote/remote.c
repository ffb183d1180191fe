/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "remote/remote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
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

char *remote_command(const char *name, const char *prelude, const char *const args[])
{
	struct buf script, out;

	buf_init(&script, 0);
	buf_init(&out, 0);
	if (prelude)
		append_stripped(&script, remote_script(prelude));
	append_stripped(&script, remote_script(name));
	buf_puts(&out, "exec sh -c ");
	text_shell_quote(&out, buf_str(&script));
	buf_puts(&out, " pferry-");
	buf_puts(&out, name);
	for (size_t i = 0; args && args[i]; i++) {
		buf_puts(&out, " ");
		text_shell_quote(&out, args[i]);
	}
	buf_free(&script);
	return buf_take(&out);
}
