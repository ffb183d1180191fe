/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration file: the table of its keys, and reading. config_write.c changes it. */
#include "base/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/shape.h"

#define FILE_MAX_BYTES (1u << 20)
#define HANDSHAKES 8
#define REFRESH_MS 2000

/* ---- the table ---- */

static const struct shape text = { .kind = SHAPE_TEXT };
static const struct shape list = { .kind = SHAPE_LIST, .of = &text };
static const struct shape answers = { .kind = SHAPE_MAP, .of = &text };

static const char *const bells[] = { "fail", "all", "never", NULL };
static const char *const themes[] = { "auto", "dark", "light", "mono", NULL };
static const char *const modes[] = { "auto", "plain", "precopy", "postcopy", NULL };
static const char *const vias[] = { "auto", "relay", "direct", "scp", NULL };

/* NOLINTBEGIN(bugprone-macro-parentheses): what stands in an initialiser cannot be in parentheses */
#define KEY(key, ...)                                                                                         \
	{                                                                                                     \
		key, { __VA_ARGS__ }                                                                          \
	}
/* NOLINTEND(bugprone-macro-parentheses) */
#define KEY_LIST(key, says) KEY(key, .kind = SHAPE_LIST, .of = &text, .help = (says))
#define KEY_WORD(key, list_of, says) KEY(key, .kind = SHAPE_WORD, .words = (list_of), .help = (says))
#define KEY_INTEGER(key, least, most, says) KEY(key, .kind = SHAPE_INTEGER, .min = (least), .max = (most), .help = (says))
#define KEY_BOOL(key, says) KEY(key, .kind = SHAPE_BOOL, .help = (says))
#define KEY_TEXT(key, says) KEY(key, .kind = SHAPE_TEXT, .help = (says))

static const struct shape_key defaults_keys[] = {
	KEY_WORD("mode", modes, "how memory is copied, as --mode"),
	KEY_WORD("via", vias, "the route of images, as --via"),
	KEY_BOOL("with_files", "bring missing files along, as --with-files"),
	KEY_BOOL("whole", "resume only after all memory is restored, as --whole"),
	KEY_INTEGER("max_frozen_s", 1, 1000000, "give up a move that freezes longer, as --max-frozen"),
	KEY_INTEGER("lease_s", 1, 1000000, "a frozen process resumes by itself after so long, as --lease"),
	{ 0 },
};

static const struct shape_key match_keys[] = {
	KEY_TEXT("name", "a pattern of process names"),
	KEY_TEXT("cgroup", "a pattern of cgroup paths"),
	{ 0 },
};

static const struct shape_key profile_keys[] = {
	KEY_LIST("dump_options", "given to CRIU's dump too"),
	KEY_LIST("restore_options", "given to CRIU's restore too"),
	{ "match", { .kind = SHAPE_OBJECT, .keys = match_keys, .help = "processes it is for; all that is named must match" } },
	{ 0 },
};
static const struct shape profile = { .kind = SHAPE_OBJECT, .keys = profile_keys };

static const struct shape_key top_keys[] = {
	KEY_TEXT("$schema", "for editors"),
	KEY_LIST("hosts", "opened when no host is named; :save writes it"),
	{ "groups", { .kind = SHAPE_MAP, .of = &list, .help = "lists of hosts by name: pferry @web opens the group web" } },
	KEY_INTEGER("handshakes", 1, 100, "connections set up at once; 8 by default"),
	{ "refresh_s", { .kind = SHAPE_NUMBER, .min = 0.5, .max = 3600, .help = "seconds between two looks at a host; 2 by default" } },
	KEY_BOOL("mouse", "enable mouse support at startup"),
	KEY_WORD("bell", bells, "ring when a move fails, when any ends, or never"),
	KEY_BOOL("title", "show moves in the terminal's title"),
	KEY_WORD("theme", themes, "colours"),
	{ "defaults", { .kind = SHAPE_OBJECT, .keys = defaults_keys, .help = "defaults for moves" } },
	{ "profiles", { .kind = SHAPE_MAP, .of = &profile, .help = "kept options of CRIU, by name" } },
	{ "programs", { .kind = SHAPE_MAP, .of = &answers, .help = "remembered answers, by program and finding" } },
	{ 0 },
};
static const struct shape top = { .kind = SHAPE_OBJECT, .keys = top_keys, .help = "The configuration file of pferry" };

char *config_schema(void)
{
	json_t *schema = json_object(), *shape = shape_schema(&top);
	char *result;

	json_object_set_new(schema, "$schema", json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(schema, "$comment", json_string("SPDX-License-Identifier: GPL-2.0-or-later"));
	json_object_update(schema, shape);
	result = json_dumps(schema, JSON_INDENT(2));
	json_decref(shape);
	json_decref(schema);
	return result;
}

/* ---- reading ---- */

/* The file's text; NULL: `e`, or it is missing and may be. */
static char *read_text(const char *path, bool must, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	struct buf got;
	ssize_t n = 1;

	if (fd < 0) {
		if (must || errno != ENOENT)
			err_errno(e, errno, "the configuration %s cannot be read", path);
		return NULL;
	}
	buf_init(&got, FILE_MAX_BYTES);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		err_set(e, ERR_USAGE, NULL, "the configuration %s is not a file", path);
	else if ((st.st_uid != 0 && st.st_uid != getuid()) || (st.st_mode & 022) != 0)
		err_set(e, ERR_USAGE, NULL, "others may write to the configuration %s, which decides what runs as root: "
			"make it yours and chmod go-w it", path);
	else
		while (n > 0) {
			char *at = buf_space(&got, 4096);

			n = at ? read(fd, at, 4096) : -1;
			if (n < 0)
				err_set(e, ERR_USAGE, NULL, "the configuration %s cannot be read, or is larger than 1 MiB", path);
			else
				buf_grew(&got, (size_t)n);
		}
	close(fd);
	if (n != 0) {
		buf_free(&got);
		return NULL;
	}
	return got.len > 0 ? buf_take(&got) : mem_strdup("");
}

json_t *config_parse(const char *words, struct err *e)
{
	json_error_t bad;
	json_t *root;

	/* An empty file says nothing. */
	if (words[strspn(words, " \t\r\n")] == '\0')
		return json_object();
	root = json_loads(words, JSON_REJECT_DUPLICATES, &bad);
	if (!root) {
		err_set(e, ERR_USAGE, NULL, "line %d: %s", bad.line, bad.text);
	} else if (!shape_check(&top, root, words, e)) {
		json_decref(root);
		root = NULL;
	}
	return root;
}

json_t *config_read_json(const char *path, bool must, struct err *e)
{
	struct err why = { 0 };
	char *words = read_text(path, must, &why);
	json_t *root = words ? config_parse(words, &why) : NULL;

	if (!words && why.code == ERR_NONE)
		return json_object();
	if (words && !root)
		err_prefix(&why, "the configuration %s, ", path);
	free(words);
	if (!root && e)
		*e = why;
	return root;
}

bool config_check_json(json_t *root, struct err *e)
{
	char *words = json_dumps(root, JSON_INDENT(2));
	bool ok = words && shape_check(&top, root, words, e);

	free(words);
	return ok;
}

/* ---- filling ---- */

static void list_fill(struct config_list *to, const json_t *from)
{
	size_t n = json_array_size(from);

	to->v = mem_array(n + 1, sizeof *to->v);
	for (to->n = 0; to->n < n; to->n++)
		to->v[to->n] = mem_strdup(json_string_value(json_array_get(from, to->n)));
}

static void list_free(struct config_list *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->v[i]);
	free(words->v);
}

/* The place of a word in its list; 0 when it is not given. */
static int word_index(const char *const *words, const json_t *from)
{
	const char *word = json_string_value(from);

	for (int i = 0; word && words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return 0;
}

static int whole(const json_t *from, int otherwise)
{
	return from ? (int)json_integer_value(from) : otherwise;
}

static void fill_profiles(struct config *c, json_t *from)
{
	const char *name;
	json_t *value;

	c->profiles = mem_array(json_object_size(from) + 1, sizeof *c->profiles);
	json_object_foreach(from, name, value)
	{
		struct config_profile *p = &c->profiles[c->nprofiles++];
		const json_t *match = json_object_get(value, "match");

		p->name = mem_strdup(name);
		list_fill(&p->dump_options, json_object_get(value, "dump_options"));
		list_fill(&p->restore_options, json_object_get(value, "restore_options"));
		p->match_name = mem_strdup(json_string_value(json_object_get(match, "name")));
		p->match_cgroup = mem_strdup(json_string_value(json_object_get(match, "cgroup")));
	}
}

static void fill_groups(struct config *c, json_t *from)
{
	const char *name;
	json_t *value;

	c->groups = mem_array(json_object_size(from) + 1, sizeof *c->groups);
	json_object_foreach(from, name, value)
	{
		c->groups[c->ngroups].name = mem_strdup(name);
		list_fill(&c->groups[c->ngroups++].hosts, value);
	}
}

void config_fill(struct config *c, json_t *root)
{
	const json_t *refresh = json_object_get(root, "refresh_s"), *defaults = json_object_get(root, "defaults");

	config_empty(c);
	c->file->root = root;
	list_fill(&c->hosts, json_object_get(root, "hosts"));
	fill_groups(c, json_object_get(root, "groups"));
	fill_profiles(c, json_object_get(root, "profiles"));
	c->handshakes = whole(json_object_get(root, "handshakes"), HANDSHAKES);
	c->refresh_ms = refresh ? (int)(json_number_value(refresh) * 1000) : REFRESH_MS;
	c->mouse = json_is_true(json_object_get(root, "mouse"));
	c->title = json_is_true(json_object_get(root, "title"));
	c->bell = (enum config_bell)word_index(bells, json_object_get(root, "bell"));
	c->theme = (enum config_theme)word_index(themes, json_object_get(root, "theme"));
	c->mode = modes[word_index(modes, json_object_get(defaults, "mode"))];
	c->via = vias[word_index(vias, json_object_get(defaults, "via"))];
	c->with_files = json_is_true(json_object_get(defaults, "with_files"));
	c->whole = json_is_true(json_object_get(defaults, "whole"));
	c->max_frozen_s = whole(json_object_get(defaults, "max_frozen_s"), 0);
	c->lease_s = whole(json_object_get(defaults, "lease_s"), 0);
}

void config_empty(struct config *c)
{
	struct config kept = { .path = c->path, .file = c->file };

	list_free(&c->hosts);
	for (size_t i = 0; i < c->ngroups; i++) {
		free(c->groups[i].name);
		list_free(&c->groups[i].hosts);
	}
	free(c->groups);
	for (size_t i = 0; i < c->nprofiles; i++) {
		struct config_profile *p = &c->profiles[i];

		free(p->name);
		list_free(&p->dump_options);
		list_free(&p->restore_options);
		free(p->match_name);
		free(p->match_cgroup);
	}
	free(c->profiles);
	json_decref(c->file->root);
	c->file->root = NULL;
	*c = kept;
}

static char *default_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* The standard has a relative path ignored. */
	if (xdg && xdg[0] == '/')
		return mem_printf("%s/pferry/config.json", xdg);
	return mem_printf("%s/.config/pferry/config.json", home ? home : "");
}

struct config *config_load(const char *path, struct err *e)
{
	char *where = path ? mem_strdup(path) : default_path();
	json_t *root = config_read_json(where, path != NULL, e);
	struct config *c;

	if (!root) {
		free(where);
		return NULL;
	}
	c = mem_new(struct config);
	c->path = where;
	c->file = mem_new(struct config_file);
	config_fill(c, root);
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	config_empty(c);
	free(c->file);
	free(c->path);
	free(c);
}

/* ---- looking up ---- */

const struct config_list *config_group(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->ngroups; i++) {
		if (strcmp(c->groups[i].name, name) == 0)
			return &c->groups[i].hosts;
	}
	return NULL;
}

const struct config_profile *config_profile(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->nprofiles; i++) {
		if (strcmp(c->profiles[i].name, name) == 0)
			return &c->profiles[i];
	}
	return NULL;
}

const struct config_profile *config_profile_for(const struct config *c, const char *process, const char *cgroup)
{
	for (size_t i = 0; i < c->nprofiles; i++) {
		const struct config_profile *p = &c->profiles[i];

		if ((p->match_name || p->match_cgroup) && (!p->match_name || fnmatch(p->match_name, process, 0) == 0) &&
		    (!p->match_cgroup || fnmatch(p->match_cgroup, cgroup, 0) == 0))
			return p;
	}
	return NULL;
}

const char *config_answer(const struct config *c, const char *program, const char *finding)
{
	const json_t *programs = json_object_get(c->file->root, "programs");

	return json_string_value(json_object_get(json_object_get(programs, program), finding));
}
