/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shape a JSON file must have, as a table: checked against a file with
 * errors that name key and line, and printed as a JSON schema.
 */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <pferry/err.h>

enum shape_kind {
	SHAPE_BOOL,
	SHAPE_INTEGER, /* from min to max */
	SHAPE_NUMBER,
	SHAPE_WORD,    /* one of `words` */
	SHAPE_TEXT,    /* not empty */
	SHAPE_LIST,    /* elements are of type `of` */
	SHAPE_OBJECT,  /* with `keys`, each at most once */
	SHAPE_MAP      /* any keys, each with an `of` */
};

struct shape_key;

struct shape {
	enum shape_kind kind;
	const char *help;
	double min, max;
	const char *const *words;      /* ends with NULL */
	const struct shape *of;
	const struct shape_key *keys;  /* ends with a NULL name */
};

struct shape_key {
	const char *name;
	struct shape shape;
};

/* Whether `root` has the shape; else `e` says what is wrong, where in `text`, of which it was made. */
bool shape_check(const struct shape *shape, json_t *root, const char *text, struct err *e);

/* A JSON schema (draft 2020-12) of it. */
json_t *shape_schema(const struct shape *shape);

/*
 * The line, from 1, on which a member stands in `text`, which must be valid
 * JSON.  `keys` leads to it from the top, NULL-terminated; a member of a list
 * is named by its number.
 */
size_t json_line(const char *text, const char *const keys[]);

#endif
