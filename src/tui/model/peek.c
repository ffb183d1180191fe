/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/peek.h"

#include <string.h>

#include "tui/model/fields.h"
#include "tui/model/movable.h"
#include "tui/model/options.h"

#define FRESH_MS 20000 /* a check is not made again for so long */
#define REST_MS 900    /* the cursor rests */
#define REST_CHECKS 500

struct column *peek_goal(struct ui *ui)
{
	struct column *last = ui_find_column(ui, ui->last_to, NULL);

	if (last && last != ui_focus(ui) && !*last->no_target)
		return last;
	for (size_t i = 1; i < ui->ncolumns; i++) {
		struct column *col = ui->columns[(ui->focus + i) % ui->ncolumns];

		if (!*col->no_target)
			return col;
	}
	return NULL;
}

static bool same(const struct ui *ui, const struct column *from, const struct column *to, struct proc_key key)
{
	return ui->peek.move && strcmp(ui->peek.from, from->name) == 0 &&
	       strcmp(ui->peek.to, to->name) == 0 && ui->peek.proc.pid == key.pid &&
	       ui->peek.proc.start == key.start;
}

const struct proc *peek_proc(struct ui *ui)
{
	const struct row *row = ui_row(ui);
	const struct proc *p = row && row->proc ? row->proc : row ? row->cgroup->procs : NULL;

	while (p && !row->proc && (p->kernel || p->ours || p->gone_ms))
		p = p->in_next;
	return p && !p->kernel && !p->gone_ms ? p : NULL;
}

enum why { LOOKED, CHANGED, TOLD };

static void start(struct ui *ui, enum why why)
{
	struct column *from = ui_focus(ui), *to = from ? peek_goal(ui) : NULL;
	const struct proc *proc = peek_proc(ui);
	struct move_request request = {
		.mode = ui->mode, .via = ui->via, .with_files = ui->with_files, .whole = ui->whole, .direct_key = ui->direct_key, .check_only = true};
	struct options_words words;
	struct err e;

	if (!to || !proc || from->state != HOST_UP) {
		ui->peek.move = NULL;
		return;
	}
	if (ui->leaving || (why != TOLD && (from->asks || to->asks)))
		return;
	if (why == LOOKED && same(ui, from, to, proc->key) && ui->now_ms - ui->peek.when_ms < FRESH_MS)
		return;
	options_for(&ui->options, proc, &words);
	request.source = from->host;
	request.destination = to->host;
	request.proc = proc->key;
	request.dump_options = words.dump;
	request.restore_options = words.restore;
	ui->peek.proc = proc->key;
	ui->peek.when_ms = ui->now_ms;
	memcpy(ui->peek.from, from->name, sizeof ui->peek.from);
	memcpy(ui->peek.to, to->name, sizeof ui->peek.to);
	ui->peek.move = ui->port->start_move(ui->port_ctx, &request, &e);
	for (size_t i = 0; ui->peek.move && i < ui->njobs; i++)
		if (ui->jobs[i].move == ui->peek.move)
			ui->jobs[i].quiet = true;
	options_words_free(&words);
}

void peek_row(struct ui *ui)
{
	start(ui, LOOKED);
}

void peek_resting(struct ui *ui)
{
	const struct row *row = ui_row(ui);
	struct proc_key key = row && row->proc ? row->proc->key : (struct proc_key){0};
	const struct move_info *last = peek_info(ui);
	enum movability known;

	if (!(ui->fields & FIELD_MOVABLE) || ui->nlayers > 0 || key.pid == 0)
		return;
	if (ui->rest.focus != ui->focus || ui->rest.proc.pid != key.pid || ui->rest.proc.start != key.start) {
		ui->rest.focus = ui->focus;
		ui->rest.proc = key;
		ui->rest.since_ms = ui->now_ms;
		return;
	}
	/* Each leaves its findings behind: a night of them must not fill the memory. */
	known = movable_known(ui, ui_focus(ui), row->proc);
	if (ui->now_ms - ui->rest.since_ms < REST_MS || (last && !last->ended) ||
	    ui->rest.checks == REST_CHECKS || (known != MOVABLE_MAYBE && known != MOVABLE_UNKNOWN))
		return;
	ui->rest.checks++;
	peek_row(ui);
}

void peek_again(struct ui *ui)
{
	if (ui->peek.move)
		start(ui, CHANGED);
}

const struct move_info *peek_info(const struct ui *ui)
{
	for (size_t i = ui->njobs; ui->peek.move && i > 0; i--)
		if (ui->jobs[i - 1].move == ui->peek.move)
			return ui->jobs[i - 1].info;
	return NULL;
}

void peek_now(struct ui *ui)
{
	start(ui, TOLD);
}
