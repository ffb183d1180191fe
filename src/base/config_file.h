/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internals that config.c and config_write.c share. */
#ifndef BASE_CONFIG_FILE_H
#define BASE_CONFIG_FILE_H

#include <jansson.h>
#include <pferry/config.h>

struct config_file {
	json_t *root; /* all of the file */
};

/* A configuration's text, checked; NULL with `e` filled. */
json_t *config_parse(const char *text, struct err *e);
/* The file's content, checked; an empty object when it is missing and need not be there. */
json_t *config_read_json(const char *path, bool must, struct err *e);
/* Whether this may be written. */
bool config_check_json(json_t *root, struct err *e);
/* Make `root` (taken) what the struct says. */
void config_fill(struct config *config, json_t *root);
void config_empty(struct config *config);

#endif
