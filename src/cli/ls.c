/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry ls: the trees of hosts, as text or JSON. */
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/session.h"

#define REFRESH_ONCE_MS 3600000

static json_t *proc_json(const struct proc *p)
{
	return json_pack("{s:i, s:i, s:s, s:s, s:s, s:I, s:s#, s:I}", "pid", (int)p->key.pid, "ppid", (int)p->ppid, "name",
			 p->name, "args", p->args, "user", p->user, "rss", (json_int_t)p->rss_bytes, "state", &p->state, 1,
			 "start", (json_int_t)p->key.start);
}

static json_t *host_json(const struct host *host)
{
	const struct tree *tree = host_tree(host);
	json_t *cgroups = json_array();

	for (size_t i = 0; i < tree_cgroup_count(tree); i++) {
		const struct cgroup *cg = tree_cgroup_at(tree, i);
		json_t *processes = json_array();

		for (size_t k = 0; k < tree_count(tree); k++) {
			const struct proc *p = tree_at(tree, k);

			if (p->cgroup == cg && !p->kernel && p->gone_ms == 0)
				json_array_append_new(processes, proc_json(p));
		}
		json_array_append_new(cgroups, json_pack("{s:s, s:o}", "path", cg->path, "processes", processes));
	}
	return json_pack("{s:s, s:s, s:b, s:I, s:o}", "event", "host", "host", host_name(host), "ok", 1, "processes",
			 (json_int_t)tree_processes(tree), "cgroups", cgroups);
}

static void print_row(const struct row *row, bool ascii)
{
	const char *bar = ascii ? "|" : "│", *tee = ascii ? "|-" : "├─", *last = ascii ? "`-" : "└─";
	char rss[16];

	for (uint32_t d = 1; d < row->depth && d < ROW_DEPTH_MAX; d++)
		printf("%s ", row->last_mask >> d & 1 ? " " : bar);
	if (row->depth > 0)
		fputs(row->last_mask >> (row->depth < ROW_DEPTH_MAX ? row->depth : ROW_DEPTH_MAX - 1) & 1 ? last : tee, stdout);
	if (row->kind == ROW_CGROUP)
		printf("%s\n", row->depth ? row->cgroup->name : row->cgroup->path);
	else
		printf("%d %s %s %s\n", (int)row->proc->key.pid, row->proc->user,
		       text_bytes(rss, sizeof rss, row->proc->rss_bytes, true), row->proc->args);
}

static void print_host(const struct host *host, bool ascii)
{
	struct view *view = view_new();

	printf("%s: %zu processes\n", host_name(host), tree_processes(host_tree(host)));
	view_build(view, host_tree(host), 0);
	for (size_t i = 0; i < view_rows(view); i++)
		print_row(view_row(view, i), ascii);
	view_free(view);
}

/* Every host has shown its tree, or cannot. */
static bool all_shown(const struct session *s)
{
	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);

		if (host_state(host) == HOST_UP ? host_tree_age_ms(host) < 0 && host_err(host)->code == ERR_NONE
						: host_state(host) != HOST_REFUSED && host_state(host) != HOST_LOST)
			return false;
	}
	return true;
}

static void print_failure(const struct host *host, bool json)
{
	if (json)
		session_print(json_pack("{s:s, s:s, s:b, s:s, s:i, s:[]}", "event", "host", "host", host_name(host), "ok", 0,
					"error", host_err(host)->text, "processes", 0, "cgroups"));
	else
		cli_error(host_err(host));
}

int cli_ls(const struct cli_options *options)
{
	bool ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	struct session s;
	struct err e = { 0 };
	int code = EXIT_DONE;

	if (!session_begin(&s, options, REFRESH_ONCE_MS))
		return EXIT_NOT_DONE;
	for (size_t i = 0; i < options->nargs; i++) {
		if (!session_host(&s, options->args[i], &e)) {
			cli_error(&e);
			session_end(&s);
			return EXIT_USAGE;
		}
	}
	while (!s.interrupted && !all_shown(&s))
		loop_turn(s.loop, -1);
	for (size_t i = 0; i < engine_hosts(s.engine); i++) {
		const struct host *host = engine_host(s.engine, i);

		if (host_state(host) != HOST_UP || host_tree_age_ms(host) < 0) {
			print_failure(host, options->json);
			code = EXIT_UNREACHABLE;
		} else if (options->json) {
			session_print(host_json(host));
		} else {
			print_host(host, ascii);
		}
	}
	session_end(&s);
	return code;
}
