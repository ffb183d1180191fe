/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/sync.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* ---- columns ---- */

static void copy_host(struct column *col, struct host *host)
{
	const struct host_facts *facts = host_facts(host);
	const struct tree *tree = host_tree(host);

	col->host = host;
	col->state = host_state(host);
	col->age_ms = host_tree_age_ms(host);
	if (col->tree != tree)
		col->stale = true;
	col->tree = tree;
	col->mem_available = facts->mem_available;
	col->asks = facts->known && facts->root_way == ROOT_PASSWORD && !facts->root;
	snprintf(col->state_text, sizeof col->state_text, "%s", host_state_text(host));
	snprintf(col->error, sizeof col->error, "%s",
		 host_err(host)->code != ERR_NONE ? host_err(host)->text : "");
	col->no_target[0] = '\0';
	if (col->state != HOST_UP)
		snprintf(col->no_target, sizeof col->no_target, "not connected");
	else if (facts->known && !host_may_move(host) && facts->root_way != ROOT_PASSWORD)
		snprintf(col->no_target, sizeof col->no_target, "no root there: %.70s", facts->root_why);
	else if (facts->known && !facts->criu[0])
		snprintf(col->no_target, sizeof col->no_target, "no criu there");
}

/* A connection that broke, or came back, is news wherever the cursor is. */
static void say_change(struct ui *ui, struct column *col, enum host_state before)
{
	if (before != HOST_LOST && col->state == HOST_LOST && col->age_ms >= 0) {
		col->was_lost = true;
		ui_notice(ui, NOTICE_BAD, "%s: connection lost; it is tried again by itself, r tries now. %s",
			  col->name, col->error);
	} else if (col->was_lost && col->state == HOST_UP) {
		col->was_lost = false;
		ui_notice(ui, NOTICE_GOOD, "%s is connected again.", col->name);
	}
}

static bool is_there(struct engine *engine, const struct host *host)
{
	for (size_t i = 0; i < engine_hosts(engine); i++)
		if (engine_host(engine, i) == host)
			return true;
	return false;
}

static struct column *column_of(struct ui *ui, const struct host *host)
{
	for (size_t i = 0; i < ui->ncolumns; i++)
		if (ui->columns[i]->host == host)
			return ui->columns[i];
	return NULL;
}

static void sync_columns(struct ui *ui, struct engine *engine)
{
	for (size_t i = ui->ncolumns; i > 0; i--)
		if (!is_there(engine, ui->columns[i - 1]->host))
			ui_remove_column(ui, i - 1);
	for (size_t i = 0; i < engine_hosts(engine); i++) {
		struct host *host = engine_host(engine, i);
		struct column *col = column_of(ui, host);
		enum host_state before;

		if (!col)
			col = ui_add_column(ui, host_name(host));
		before = col->state;
		copy_host(col, host);
		say_change(ui, col, before);
	}
}

/* While its process is still where it was. */
static void name_job(struct ui *ui, struct job *job)
{
	const struct column *col = ui_find_column(ui, job->info->source, NULL);
	const struct proc *proc = col && col->tree ? tree_find_pid(col->tree, job->info->proc.pid) : NULL;

	if (proc && (job->info->proc.start == 0 || job->info->proc.start == proc->key.start))
		proc_label(proc, job->label, sizeof job->label);
}

static void sync_jobs(struct ui *ui, struct engine *engine)
{
	size_t count = engine_moves(engine);

	ui->jobs = mem_resize(ui->jobs, count ? count : 1, sizeof *ui->jobs);
	for (size_t i = 0; i < count; i++) {
		struct move *one = engine_move_at(engine, i);

		if (i >= ui->njobs)
			ui->jobs[i] = (struct job){.move = one};
		ui->jobs[i].info = move_info(one);
		if (i >= ui->njobs)
			name_job(ui, &ui->jobs[i]);
	}
	ui->njobs = count;
}

void sync_engine(struct ui *ui, struct engine *engine)
{
	sync_columns(ui, engine);
	sync_jobs(ui, engine);
}

/* ---- the end of a move ---- */

bool sync_move_ended(struct ui *ui, struct move *move)
{
	const struct move_info *info = move_info(move);
	char sentence[MOVE_SENTENCE_MAX] = "";

	if (move == ui->peek.move)
		return false;
	if (info->check_only && move != ui->check)
		return false;
	if (move == ui->check) {
		ui->check = NULL;
		ui_clear_notice(ui);
		/* Not under the hands of someone who types something else by now. */
		if (ui->nlayers > 0)
			ui_notice(ui, NOTICE_INFO, "#%u, the check of %s(%d), is done; J lists it.",
				  info->number, info->name, (int)info->proc.pid);
		return ui->nlayers == 0;
	}
	move_sentence(move, sentence, sizeof sentence);
	if (ui->bell == BELL_ALL || (ui->bell == BELL_FAIL && info->outcome != MOVE_MOVED))
		ui->port->bell(ui->port_ctx);
	ui->ended++;
	ui->ended_well += info->outcome == MOVE_MOVED;
	/* The engine has put it in the log. Of several, a bad end is not covered by a good one. */
	if (ui->ended == 1)
		snprintf(ui->notice, sizeof ui->notice, "%s", sentence);
	else
		snprintf(ui->notice, sizeof ui->notice, "%s [%zu ended: %zu moved, %zu not. J lists them]",
			 sentence, ui->ended, ui->ended_well, ui->ended - ui->ended_well);
	ui->notice_level = ui->ended_well == ui->ended ? NOTICE_GOOD : NOTICE_BAD;
	if (info->outcome == MOVE_MOVED) {
		ui->last_moved.valid = true;
		ui->last_moved.proc = info->proc;
		ui->last_moved.new_pid = info->new_pid;
		snprintf(ui->last_moved.source, sizeof ui->last_moved.source, "%s", info->source);
		snprintf(ui->last_moved.destination, sizeof ui->last_moved.destination, "%s",
			 info->destination);
		snprintf(ui->last_moved.name, sizeof ui->last_moved.name, "%s", info->name);
	}
	for (size_t i = 0; i < ui->ncolumns; i++)
		if (strcmp(ui->columns[i]->name, info->source) == 0 ||
		    strcmp(ui->columns[i]->name, info->destination) == 0)
			ui->port->look(ui->port_ctx, ui->columns[i]->host);
	return false;
}
