/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing one value in the configuration file. */
#include "base/config_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/write.h"

/* Make the directories that lead to `path`. */
static void make_way(const char *path)
{
	char *way = mem_strdup(path);

	for (char *slash = strchr(way + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(way, 0700);
		*slash = '/';
	}
	free(way);
}

/* In one step: a reader finds the old file or the new one. Not synced:
 * a disk that takes its time must not delay a move. */
static bool replace(const char *path, const char *text, struct err *e)
{
	/* A link (into a repository of dot files) stays one. */
	char *real = realpath(path, NULL), *temporary = mem_printf("%s.XXXXXX", real ? real : path);
	int fd = mkostemp(temporary, 0), errnum = 0;
	bool ok = fd >= 0;

	if (ok) {
		ok = write_all(fd, text, strlen(text)) && write_all(fd, "\n", 1);
		errnum = errno;
		ok = close(fd) == 0 && ok;
		ok = ok && rename(temporary, real ? real : path) == 0;
		errnum = ok || errnum ? errnum : errno;
		if (!ok)
			unlink(temporary);
	} else {
		errnum = errno;
	}
	free(real);
	free(temporary);
	return ok || err_errno(e, errnum, "the configuration %s cannot be written", path);
}

/*
 * Set the value that `keys` (NULL-terminated) lead to; null removes it, and
 * what becomes empty by that.  False for a key that is no UTF-8.
 */
static bool put(json_t *in, const char *const keys[], json_t *value)
{
	json_t *below = json_object_get(in, keys[0]);
	bool ok;

	if (!keys[1] || (json_is_null(value) && !below)) {
		if (!json_is_null(value))
			return json_object_set(in, keys[0], value) == 0;
		json_object_del(in, keys[0]);
		return true;
	}
	if (!below) {
		below = json_object();
		if (json_object_set_new(in, keys[0], below) < 0)
			return false;
	}
	ok = put(below, keys + 1, value);
	if (json_object_size(below) == 0)
		json_object_del(in, keys[0]);
	return ok;
}

/* Takes `value`. */
static bool save(struct config *c, const char *const keys[], json_t *value, struct err *e)
{
	json_t *root = config_read_json(c->path, false, e);
	char *text = NULL;
	bool ok = false;

	if (root && (!value || !put(root, keys, value)))
		err_set(e, ERR_USAGE, NULL, "this cannot be kept in the configuration: it is not UTF-8");
	else if (root && config_check_json(root, e))
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(value);
	if (text) {
		make_way(c->path);
		ok = replace(c->path, text, e);
	}
	free(text);
	if (ok)
		config_fill(c, root);
	else
		json_decref(root);
	return ok;
}

static json_t *to_array(const char *const *words)
{
	json_t *array = json_array();

	for (size_t i = 0; words && words[i]; i++)
		json_array_append_new(array, json_string(words[i]));
	return array;
}

bool config_save_hosts(struct config *c, const char *const *hosts, struct err *e)
{
	const char *const keys[] = { "hosts", NULL };

	return save(c, keys, to_array(hosts), e);
}

bool config_remember(struct config *c, const char *program, const char *finding, const char *answer, struct err *e)
{
	const char *const keys[] = { "programs", program, finding, NULL };

	return save(c, keys, answer ? json_string(answer) : json_null(), e);
}

static void put_options(json_t *profile, const char *key, const struct config_list *options)
{
	if (options->v && options->n > 0)
		json_object_set_new(profile, key, to_array((const char *const *)options->v));
}

bool config_save_profile(struct config *c, const struct config_profile *p, struct err *e)
{
	const char *const keys[] = { "profiles", p->name, NULL };
	json_t *profile = json_object(), *match = json_object();

	put_options(profile, "dump_options", &p->dump_options);
	put_options(profile, "restore_options", &p->restore_options);
	if (p->match_name)
		json_object_set_new(match, "name", json_string(p->match_name));
	if (p->match_cgroup)
		json_object_set_new(match, "cgroup", json_string(p->match_cgroup));
	if (json_object_size(match) > 0)
		json_object_set(profile, "match", match);
	json_decref(match);
	return save(c, keys, profile, e);
}

bool config_forget_profile(struct config *c, const char *name, struct err *e)
{
	const char *const keys[] = { "profiles", name, NULL };

	return save(c, keys, json_null(), e);
}
