/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define DEPTH_MAX 8

/* ---- finding the line ---- */

static const char *skip_blank(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
	}
	return *p ? p + 1 : p;
}

static const char *skip_value(const char *p)
{
	size_t depth = 0;

	do {
		p = skip_blank(p);
		if (*p == '"') {
			p = skip_string(p);
		} else if (*p == '{' || *p == '[') {
			depth++;
			p++;
		} else if (*p == '}' || *p == ']') {
			depth--;
			p++;
		} else if (*p == ',' || *p == ':') {
			p++;
		} else {
			p += strcspn(p, " \t\r\n,:]}");
		}
	} while (depth > 0 && *p);
	return p;
}

/* Whether the string that begins at `p` says `key`, however it is written. */
static bool says(const char *p, const char *key)
{
	json_t *s = json_loadb(p, (size_t)(skip_string(p) - p), JSON_DECODE_ANY, NULL);
	bool same = s && strcmp(json_string_value(s), key) == 0;

	json_decref(s);
	return same;
}

/* The member `key` of the value at `p`; *at gets its value. NULL: not there. */
static const char *member(const char *p, const char *key, const char **at)
{
	bool object = *p == '{';
	unsigned long number = strtoul(key, NULL, 10);

	if (!object && *p != '[')
		return NULL;
	p = skip_blank(p + 1);
	for (unsigned long i = 0; *p && *p != '}' && *p != ']'; i++) {
		const char *start = p;
		bool found = object ? says(p, key) : i == number;

		if (object)
			p = skip_blank(skip_blank(skip_string(p)) + 1);
		*at = p;
		if (found)
			return start;
		p = skip_blank(skip_value(p));
		p = skip_blank(p + (*p == ','));
	}
	return NULL;
}

size_t json_line(const char *text, const char *const keys[])
{
	const char *at = skip_blank(text), *found = at;
	size_t line = 1;

	for (size_t i = 0; keys[i]; i++) {
		const char *here = member(at, keys[i], &at);

		if (!here)
			break;
		found = here;
	}
	for (const char *p = text; p < found; p++)
		line += *p == '\n';
	return line;
}

/* ---- checking ---- */

struct checker {
	const char *text;
	const char *keys[DEPTH_MAX + 1];
	size_t depth;
	struct err *e;
};

/* "defaults" -> "mode", for a sentence. */
static bool wrong(struct checker *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(struct checker *c, const char *fmt, ...)
{
	va_list ap;
	char *what;
	struct buf way;

	va_start(ap, fmt);
	what = mem_vprintf(fmt, ap);
	va_end(ap);
	buf_init(&way, 300);
	c->keys[c->depth] = NULL;
	for (size_t i = 0; i < c->depth; i++)
		buf_printf(&way, "%s\"%.80s\"", i ? " " : "", c->keys[i]);
	err_set(c->e, ERR_USAGE, NULL, "line %zu: %s%s%s", json_line(c->text, c->keys), buf_str(&way),
		way.len > 0 ? " " : "", what);
	buf_free(&way);
	free(what);
	return false;
}

static bool check(struct checker *c, const struct shape *shape, json_t *value);

static const struct shape_key *find_key(const struct shape *shape, const char *name)
{
	for (const struct shape_key *k = shape->keys; k->name; k++) {
		if (strcmp(k->name, name) == 0)
			return k;
	}
	return NULL;
}

static bool no_such_key(struct checker *c, const struct shape *shape)
{
	struct buf known;
	bool ok;

	buf_init(&known, 0);
	for (const struct shape_key *k = shape->keys; k->name; k++)
		buf_printf(&known, "%s%s", known.len > 0 ? ", " : "", k->name);
	ok = wrong(c, "is not a key that is known here; these are: %s", buf_str(&known));
	buf_free(&known);
	return ok;
}

static bool check_members(struct checker *c, const struct shape *shape, json_t *value)
{
	const char *name;
	json_t *member_value;

	if (c->depth == DEPTH_MAX)
		return wrong(c, "is nested too deeply");
	json_object_foreach(value, name, member_value)
	{
		const struct shape_key *key = shape->kind == SHAPE_OBJECT ? find_key(shape, name) : NULL;
		bool ok;

		c->keys[c->depth++] = name;
		if (shape->kind == SHAPE_OBJECT)
			ok = key ? check(c, &key->shape, member_value) : no_such_key(c, shape);
		else
			ok = name[0] ? check(c, shape->of, member_value) : wrong(c, "is an empty name");
		c->depth--;
		if (!ok)
			return false;
	}
	return true;
}

static bool check_list(struct checker *c, const struct shape *shape, const json_t *value)
{
	char number[24];
	size_t i;
	json_t *entry;

	json_array_foreach(value, i, entry)
	{
		bool ok;

		snprintf(number, sizeof number, "%zu", i);
		c->keys[c->depth++] = number;
		ok = check(c, shape->of, entry);
		c->keys[--c->depth] = NULL;
		if (!ok)
			return false;
	}
	return true;
}

static bool check_word(struct checker *c, const struct shape *shape, const json_t *value)
{
	const char *word = json_string_value(value);
	struct buf list;
	bool ok;

	for (size_t i = 0; word && shape->words[i]; i++) {
		if (strcmp(word, shape->words[i]) == 0)
			return true;
	}
	buf_init(&list, 0);
	for (size_t i = 0; shape->words[i]; i++)
		buf_printf(&list, "%s\"%s\"", i ? ", " : "", shape->words[i]);
	ok = wrong(c, "must be one of %s", buf_str(&list));
	buf_free(&list);
	return ok;
}

static bool check(struct checker *c, const struct shape *shape, json_t *value)
{
	switch (shape->kind) {
	case SHAPE_BOOL:
		return json_is_boolean(value) || wrong(c, "must be true or false");
	case SHAPE_INTEGER:
	case SHAPE_NUMBER:
		if ((shape->kind == SHAPE_NUMBER ? json_is_number(value) : json_is_integer(value)) &&
		    json_number_value(value) >= shape->min && json_number_value(value) <= shape->max)
			return true;
		return wrong(c, "must be a %snumber from %g to %g",
			     shape->kind == SHAPE_INTEGER ? "whole " : "", shape->min, shape->max);
	case SHAPE_WORD:
		return check_word(c, shape, value);
	case SHAPE_TEXT:
		return (json_is_string(value) && json_string_length(value) > 0) ||
		       wrong(c, "must be a text in quotes, and not empty");
	case SHAPE_LIST:
		return json_is_array(value) ? check_list(c, shape, value)
					    : wrong(c, "must be a list in square brackets");
	case SHAPE_OBJECT:
	case SHAPE_MAP:
		return json_is_object(value) ? check_members(c, shape, value)
					     : wrong(c, "must be an object in curly brackets");
	}
	return false;
}

bool shape_check(const struct shape *shape, json_t *root, const char *text, struct err *e)
{
	struct checker c = { .text = text, .e = e };

	return check(&c, shape, root);
}

/* ---- the schema ---- */

static void put_limit(json_t *schema, const char *name, double limit)
{
	json_object_set_new(schema, name,
			    limit == (double)(long)limit ? json_integer((long)limit) : json_real(limit));
}

static void put_keys(json_t *schema, const struct shape *shape)
{
	json_t *properties = json_object();

	for (const struct shape_key *k = shape->keys; k->name; k++)
		json_object_set_new(properties, k->name, shape_schema(&k->shape));
	json_object_set_new(schema, "properties", properties);
	json_object_set_new(schema, "additionalProperties", json_false());
}

json_t *shape_schema(const struct shape *shape)
{
	static const char *const types[] = {
		[SHAPE_BOOL] = "boolean", [SHAPE_INTEGER] = "integer", [SHAPE_NUMBER] = "number",
		[SHAPE_WORD] = "string",  [SHAPE_TEXT] = "string",     [SHAPE_LIST] = "array",
		[SHAPE_OBJECT] = "object", [SHAPE_MAP] = "object",
	};
	json_t *schema = json_object(), *words;

	if (shape->help)
		json_object_set_new(schema, "description", json_string(shape->help));
	json_object_set_new(schema, "type", json_string(types[shape->kind]));
	switch (shape->kind) {
	case SHAPE_BOOL:
		break;
	case SHAPE_INTEGER:
	case SHAPE_NUMBER:
		put_limit(schema, "minimum", shape->min);
		put_limit(schema, "maximum", shape->max);
		break;
	case SHAPE_WORD:
		words = json_array();
		for (size_t i = 0; shape->words[i]; i++)
			json_array_append_new(words, json_string(shape->words[i]));
		json_object_set_new(schema, "enum", words);
		break;
	case SHAPE_TEXT:
		json_object_set_new(schema, "minLength", json_integer(1));
		break;
	case SHAPE_LIST:
		json_object_set_new(schema, "items", shape_schema(shape->of));
		break;
	case SHAPE_OBJECT:
		put_keys(schema, shape);
		break;
	case SHAPE_MAP:
		json_object_set_new(schema, "additionalProperties", shape_schema(shape->of));
		break;
	}
	return schema;
}
