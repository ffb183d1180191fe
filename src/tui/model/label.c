/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/label.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static bool is_interpreter(const char *name, size_t len)
{
	static const char *const names[] = {"python", "perl", "ruby", "node", "sh",	"bash",
					    "dash",   "java", "lua",  "php",  "busybox"};

	for (size_t i = 0; i < countof(names); i++) {
		size_t n = strlen(names[i]);

		if (len >= n && strncmp(name, names[i], n) == 0 && strspn(name + n, "0123456789.") >= len - n)
			return true;
	}
	return false;
}

static const char *base_name(const char *word, size_t len)
{
	const char *slash = memrchr(word, '/', len);

	return slash && slash + 1 < word + len ? slash + 1 : word;
}

/* Options after which comes a word of theirs, and those after which comes code
 * and no script. */
static bool takes_word(const char *option, size_t len)
{
	static const char *const names[] = {"-W", "-X", "-I", "-cp", "-classpath", "-r"};

	for (size_t i = 0; i < countof(names); i++)
		if (len == strlen(names[i]) && strncmp(option, names[i], len) == 0)
			return true;
	return false;
}

/* The script (or module, or archive) that an interpreter with these arguments
 * after its own name runs; its length in *len, NULL when there is none. */
static const char *script_of(const char *args, size_t *len)
{
	while (*args == ' ')
		args++;
	while (*args == '-') {
		size_t n = strcspn(args, " ");
		bool names_it = (n == 2 && args[1] == 'm') || (n == 4 && strncmp(args, "-jar", 4) == 0);

		if (n == 2 && (args[1] == 'c' || args[1] == 'e'))
			return NULL;
		if (takes_word(args, n)) {
			args += n + (args[n] == ' ');
			n = strcspn(args, " ");
		}
		args += n;
		while (*args == ' ')
			args++;
		if (names_it)
			break;
	}
	*len = strcspn(args, " ");
	return *len > 0 ? args : NULL;
}

void row_text(const struct row *row, bool full, char *out, size_t size)
{
	const char *args, *word, *rest;
	size_t len;

	if (row->kind == ROW_CGROUP) {
		snprintf(out, size, "%s", row->cgroup->name);
		return;
	}
	args = row->proc->args;
	if (!*args || *args == '[' || *args == ' ') {
		snprintf(out, size, "%s", *args && *args != ' ' ? args : row->proc->name);
		return;
	}
	if (full) {
		snprintf(out, size, "%s", args);
		return;
	}
	len = strcspn(args, " ");
	/* "nginx: master process /usr/sbin/nginx": a title, not a path. */
	word = args[0] == '/' || args[0] == '.' ? base_name(args, len) : args;
	len -= (size_t)(word - args);
	rest = word + len;
	if (rest[0] == ' ' && rest[1] == '/' && is_interpreter(word, len)) {
		size_t script = strcspn(rest + 1, " ");
		const char *base = base_name(rest + 1, script);

		snprintf(out, size, "%.*s %s", (int)len, word, base);
		return;
	}
	snprintf(out, size, "%s", word);
}

void proc_name(const struct proc *proc, char *out, size_t size)
{
	const char *args = proc->args, *script;
	size_t first = strcspn(args, " "), len = 0;
	const char *word = base_name(args, first);

	snprintf(out, size, "%s", proc->name);
	/* By its name and by its first argument: either may say something else. */
	if (!is_interpreter(proc->name, strlen(proc->name)) ||
	    !is_interpreter(word, first - (size_t)(word - args)))
		return;
	script = script_of(args + first, &len);
	if (!script)
		return;
	word = base_name(script, len);
	len -= (size_t)(word - script);
	if (len > size - 1) /* cut before a character, not in one */
		for (len = size - 1; len > 0 && ((unsigned char)word[len] & 0xc0) == 0x80;)
			len--;
	snprintf(out, size, "%.*s", (int)len, word);
}

void proc_label(const struct proc *proc, char *out, size_t size)
{
	char name[LABEL_MAX - 16];

	proc_name(proc, name, sizeof name);
	snprintf(out, size, "%s(%d)", name, (int)proc->key.pid);
}
