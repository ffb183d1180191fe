/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "tui/model/fields.h"
#include "tui/model/history.h"
#include "tui/model/sorting.h"

#define FILE_MAX_BYTES (4 << 20)
#define FOLDS_MAX 2000 /* of one host */
#define HOSTS_MAX 300

struct keep {
	char *path;
	json_t *root; /* as read, with what was noted since */
};

/* ---- the file ---- */

static char *find_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && state[0] == '/')
		return mem_printf("%s/pferry/browser.json", state);
	if (home && home[0] == '/')
		return mem_printf("%s/.local/state/pferry/browser.json", home);
	return NULL;
}

static json_t *read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	json_error_t error;
	struct stat st;
	json_t *root = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    st.st_size <= FILE_MAX_BYTES) {
		root = json_loadfd(fd, 0, &error);
		if (!root)
			log_add(LOG_WARN, NULL, "%s cannot be read, and is made anew: line %d: %s", path,
				error.line, error.text);
	}
	close(fd);
	if (json_is_object(root))
		return root;
	json_decref(root);
	return NULL;
}

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

static void write_file(const char *path, const json_t *root)
{
	char *temporary = mem_printf("%s.XXXXXX", path);
	int fd = -1;
	bool ok;

	make_way(path);
	fd = mkostemp(temporary, O_CLOEXEC);
	ok = fd >= 0 && json_dumpfd(root, fd, JSON_INDENT(1)) == 0;
	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	ok = ok && rename(temporary, path) == 0;
	if (!ok) {
		log_add(LOG_WARN, NULL, "%s cannot be written: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(temporary);
	}
	free(temporary);
}

struct keep *keep_open(void)
{
	char *path = find_path();
	struct keep *keep;

	if (!path)
		return NULL;
	keep = mem_new(struct keep);
	keep->path = path;
	keep->root = read_file(path);
	if (!keep->root)
		keep->root = json_object();
	return keep;
}

void keep_free(struct keep *keep)
{
	if (!keep)
		return;
	json_decref(keep->root);
	free(keep->path);
	free(keep);
}

/* ---- how rows are shown ---- */

void keep_apply(const struct keep *keep, struct ui *ui)
{
	const json_t *view = json_object_get(keep->root, "view"),
		     *history = json_object_get(keep->root, "history");
	const char *sort = json_string_value(json_object_get(view, "sort"));
	const char *fields = json_string_value(json_object_get(view, "fields"));
	char wrong[64];

	if (sort)
		sorting_parse(sort, &ui->sort);
	if (fields)
		fields_parse(fields, &ui->fields, wrong, sizeof wrong);
	ui->sort_reverse = json_is_true(json_object_get(view, "reverse"));
	ui->kernel = json_is_true(json_object_get(view, "kernel"));
	ui->flat = json_is_true(json_object_get(view, "flat"));
	ui->full = json_is_true(json_object_get(view, "full"));
	for (size_t i = 0; i < json_array_size(history); i++) {
		const json_t *entry = json_array_get(history, i);
		const char *list = json_string_value(json_object_get(entry, "at"));
		const char *text = json_string_value(json_object_get(entry, "text"));

		if (list && text)
			history_add(list, text);
	}
}

static void note_view(struct keep *keep, const struct ui *ui)
{
	char fields[128];
	json_t *view = json_object(), *history = json_array();
	const char *list, *text;

	fields_text(ui->fields, fields, sizeof fields);
	json_object_set_new(view, "sort", json_string(sorting_name(ui->sort)));
	json_object_set_new(view, "reverse", json_boolean(ui->sort_reverse));
	json_object_set_new(view, "kernel", json_boolean(ui->kernel));
	json_object_set_new(view, "flat", json_boolean(ui->flat));
	json_object_set_new(view, "full", json_boolean(ui->full));
	json_object_set_new(view, "fields", json_string(fields));
	json_object_set_new(keep->root, "view", view);
	for (size_t i = 0; history_at(i, &list, &text); i++)
		json_array_append_new(history, json_pack("{s:s, s:s}", "at", list, "text", text));
	json_object_set_new(keep->root, "history", history);
}

/* ---- folds ---- */

void keep_recall(const struct keep *keep, struct column *col)
{
	const json_t *folds = json_object_get(json_object_get(keep->root, "folds"), col->name);

	for (size_t i = 0; i < json_array_size(folds) && i < FOLDS_MAX; i++) {
		const json_t *fold = json_array_get(folds, i);
		const char *cgroup = json_string_value(json_object_get(fold, "cgroup"));

		if (cgroup)
			view_fold_named(col->view, cgroup,
					json_string_value(json_object_get(fold, "process")));
	}
}

static void note_fold(void *ctx, const char *cgroup, const char *process)
{
	json_t *fold;

	if (json_array_size(ctx) >= FOLDS_MAX)
		return;
	fold = json_object();
	json_object_set_new(fold, "cgroup", json_string(cgroup));
	if (process)
		json_object_set_new(fold, "process", json_string(process));
	json_array_append_new(ctx, fold);
}

void keep_note(struct keep *keep, const struct column *col)
{
	json_t *hosts = json_object_get(keep->root, "folds"), *folds;

	/* Never seen: what was kept of it still holds. */
	if (col->age_ms < 0)
		return;
	if (!json_is_object(hosts)) {
		hosts = json_object();
		json_object_set_new(keep->root, "folds", hosts);
	}
	folds = json_array();
	view_each_fold(col->view, col->tree, note_fold, folds);
	if (json_array_size(folds) == 0 ||
	    (json_object_size(hosts) >= HOSTS_MAX && !json_object_get(hosts, col->name))) {
		json_object_del(hosts, col->name);
		json_decref(folds);
		return;
	}
	json_object_set_new(hosts, col->name, folds);
}

void keep_save(struct keep *keep, struct ui *ui)
{
	note_view(keep, ui);
	for (size_t i = 0; i < ui->ncolumns; i++) {
		/* Of the tree as it is now: rows are built when they are looked at. */
		ui_fresh(ui, ui->columns[i]);
		keep_note(keep, ui->columns[i]);
	}
	write_file(keep->path, keep->root);
}
