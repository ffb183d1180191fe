/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/names.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/names_list.h"

#define WORD_MAX 1024
#define GROUPS_DEEP 8

/* ---- the list ---- */

static bool has(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], name) == 0)
			return true;
	}
	return false;
}

void names_append(struct names *names, const char *name)
{
	names->v = mem_resize(names->v, names->n + 2, sizeof *names->v);
	names->v[names->n++] = mem_strdup(name);
	names->v[names->n] = NULL;
}

static void cut(struct names *names, size_t n)
{
	while (names->n > n) {
		free(names->v[--names->n]);
		names->v[names->n] = NULL;
	}
}

void names_free(struct names *names)
{
	cut(names, 0);
	free(names->v);
	*names = (struct names){ 0 };
}

/* ---- braces ---- */

struct expansion {
	struct names *names;
	const struct config *config;
	const char *word; /* as given, for messages */
	unsigned groups;
	size_t made; /* names, those that were there too */
	struct err *e;
};

static bool expand(struct expansion *x, const char *text);

/* The brace that closes the one at `p`, NULL: none. */
static const char *closing(const char *p)
{
	size_t depth = 0;

	for (; *p; p++) {
		if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

/* The end of the alternative that begins at `p`. */
static const char *alternative_end(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end && (depth > 0 || *p != ','); p++) {
		depth += *p == '{';
		depth -= *p == '}';
	}
	return p;
}

static bool put(struct expansion *x, const char *text, size_t before, const char *middle, size_t len, const char *after)
{
	char *whole = mem_printf("%.*s%.*s%s", (int)before, text, (int)len, middle, after);
	bool ok = strlen(whole) <= WORD_MAX && expand(x, whole);

	free(whole);
	return ok;
}

static bool digits(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)p[i]))
			return false;
	}
	return len > 0 && len <= 9;
}

/* "01..40" or "a..f" between the braces; false when it is no such thing. */
static bool range(const char *body, size_t len, long *from, long *to, int *width, bool *letters)
{
	const char *dots = memmem(body, len, "..", 2);
	size_t left = dots ? (size_t)(dots - body) : 0, right = dots ? len - left - 2 : 0;

	if (!dots)
		return false;
	*letters = left == 1 && right == 1 && isalpha((unsigned char)body[0]) && isalpha((unsigned char)dots[2]);
	if (*letters) {
		*from = (unsigned char)body[0];
		*to = (unsigned char)dots[2];
		return true;
	}
	if (!digits(body, left) || !digits(dots + 2, right))
		return false;
	*from = strtol(body, NULL, 10);
	*to = strtol(dots + 2, NULL, 10);
	*width = (body[0] == '0' && left > 1) || (dots[2] == '0' && right > 1) ? (int)(left > right ? left : right) : 0;
	return true;
}

static bool put_range(struct expansion *x, const char *text, size_t before, long from, long to, int width, bool letters,
		      const char *after)
{
	for (long i = from;; i += from < to ? 1 : -1) {
		char one[24];
		int len = letters ? snprintf(one, sizeof one, "%c", (char)i) : snprintf(one, sizeof one, "%0*ld", width, i);

		if (!put(x, text, before, one, (size_t)len, after))
			return false;
		if (i == to)
			return true;
	}
}

static bool expand_braces(struct expansion *x, const char *text, const char *open)
{
	const char *close = closing(open), *p = open + 1;
	size_t before = (size_t)(open - text);
	long from, to;
	int width = 0;
	bool letters;

	if (!close)
		return err_set(x->e, ERR_USAGE, NULL, "\"%.80s\" has a { without its }", x->word);
	if (range(p, (size_t)(close - p), &from, &to, &width, &letters))
		return put_range(x, text, before, from, to, width, letters, close + 1);
	for (;;) {
		const char *end = alternative_end(p, close);

		if (!put(x, text, before, p, (size_t)(end - p), close + 1))
			return false;
		if (end == close)
			return true;
		p = end + 1;
	}
}

static bool expand_group(struct expansion *x, const char *name)
{
	const struct config_list *group = x->config ? config_group(x->config, name) : NULL;

	if (!group)
		return err_set(x->e, ERR_USAGE, NULL, "there is no group \"%.80s\" in %s", name,
			       x->config ? x->config->path : "the configuration");
	if (++x->groups > GROUPS_DEEP)
		return err_set(x->e, ERR_USAGE, NULL, "the group \"%.80s\" contains itself", name);
	for (size_t i = 0; i < group->n; i++) {
		if (!expand(x, group->v[i]))
			return false;
	}
	x->groups--;
	return true;
}

static bool expand(struct expansion *x, const char *text)
{
	const char *open = strchr(text, '{');

	if (open)
		return expand_braces(x, text, open);
	if (text[0] == '@')
		return expand_group(x, text + 1);
	if (x->made++ == NAMES_MAX || x->names->n == NAMES_MAX)
		return err_set(x->e, ERR_USAGE, NULL, "\"%.80s\" stands for more than %d hosts", x->word, NAMES_MAX);
	if (!has(x->names, text))
		names_append(x->names, text);
	return true;
}

bool names_expand(struct names *names, const struct config *config, const char *word, struct err *e)
{
	struct expansion x = { .names = names, .config = config, .word = word, .e = e };
	size_t had = names->n;

	if (strlen(word) <= WORD_MAX && expand(&x, word))
		return true;
	cut(names, had);
	if (e && e->code == ERR_NONE)
		err_set(e, ERR_USAGE, NULL, "\"%.80s\" is too long", word);
	return false;
}
