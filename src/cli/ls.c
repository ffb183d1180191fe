/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pferry ls: the trees of hosts, as text or JSON. */
#include <langinfo.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/report.h"
#include "cli/session.h"

#define REFRESH_ONCE_MS 3600000

static void print_row(struct buf *out, const struct row *row, bool ascii)
{
	const char *bar = ascii ? "|" : "│", *tee = ascii ? "|-" : "├─", *last = ascii ? "`-" : "└─";
	char rss[16];

	for (uint32_t d = 1; d < row->depth && d < ROW_DEPTH_MAX; d++)
		buf_printf(out, "%s ", row->last_mask >> d & 1 ? " " : bar);
	if (row->depth > 0)
		buf_printf(out, "%s",
			   row->last_mask >> (row->depth < ROW_DEPTH_MAX ? row->depth : ROW_DEPTH_MAX - 1) & 1 ? last : tee);
	if (row->kind == ROW_CGROUP)
		buf_printf(out, "%s\n", row->depth ? row->cgroup->name : row->cgroup->path);
	else
		buf_printf(out, "%d %s %s %s\n", (int)row->proc->key.pid, row->proc->user,
			   text_bytes(rss, sizeof rss, row->proc->rss_bytes, true), row->proc->args);
}

static void print_host(struct out *out, const struct host *host, bool ascii)
{
	struct view *view = view_new();
	struct buf text;

	buf_init(&text, 0);
	buf_printf(&text, "%s: %zu processes\n", host_name(host), tree_processes(host_tree(host)));
	view_build(view, host_tree(host), 0);
	for (size_t i = 0; i < view_rows(view); i++)
		print_row(&text, view_row(view, i), ascii);
	out_write(out, buf_data(&text), text.len);
	buf_free(&text);
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

static int print_failure(struct session *s, const struct host *host)
{
	struct err e = { 0 };
	int code = session_up(s, host, &e);

	if (code == EXIT_DONE) {
		e = *host_err(host);
		code = EXIT_NOT_DONE;
	}
	if (s->options->json)
		session_json(s, report_no_host(host_name(host), e.text));
	else
		cli_error(&e);
	return code;
}

static int list(struct session *s)
{
	bool ascii = s->options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	int code = EXIT_DONE;

	while (!s->interrupted && !all_shown(s))
		loop_turn(s->loop, -1);
	for (size_t i = 0; i < engine_hosts(s->engine); i++) {
		const struct host *host = engine_host(s->engine, i);

		if (host_state(host) != HOST_UP || host_tree_age_ms(host) < 0)
			code = cli_worse(code, print_failure(s, host));
		else if (s->options->json)
			session_json(s, report_host(host));
		else
			print_host(s->out, host, ascii);
	}
	return code;
}

int cli_ls(const struct cli_options *options)
{
	struct session s;
	struct err e = { 0 };
	int code;

	if (!session_begin(&s, options, REFRESH_ONCE_MS))
		return EXIT_NOT_DONE;
	code = session_hosts(&s, options->args, &e) ? list(&s) : EXIT_USAGE;
	if (e.code != ERR_NONE)
		cli_error(&e);
	return session_end(&s) ? code : cli_worse(code, EXIT_NOT_DONE);
}
