/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a move: check, questions, time, cancel, and its end.  What
 * happens between staging and the end is in flow.c.
 */
#include "move/move_priv.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "criu/command.h"
#include "move/slow.h"

#define TICK_MS 100
#define MARKS_MAX 200

int64_t move_clock_us(const struct move *move)
{
	return loop_clock_us() - move->began_us;
}

void move_tell(struct move *move, enum move_change change)
{
	move->setup.changed(move->setup.ctx, move, change);
}

void move_set_status(struct move *move, const char *text)
{
	move->info.lost[0] = '\0';
	if (strcmp(move->status, text) == 0)
		return;
	snprintf(move->status, sizeof move->status, "%s", text);
	move_tell(move, MOVE_CHANGE_STATUS);
}

void move_set_lost(struct move *move, const char *host)
{
	char text[160];

	snprintf(text, sizeof text, "connection to %s lost, reconnecting", host);
	move_set_status(move, text);
	snprintf(move->info.lost, sizeof move->info.lost, "%s", host);
}

/*
 * For the fault tests: stop this whole program at a named point of the time
 * line, as a debugger would, until SIGCONT. The hosts go on meanwhile.
 */
static void stop_for_test(const char *what)
{
	const char *at = getenv("PFERRY_STOP_AT");
	static bool stopped; /* once: the mark may come again after a reconnect */

	if (at && !stopped && strncmp(what, at, strlen(at)) == 0) {
		stopped = true;
		raise(SIGSTOP);
	}
}

void move_mark(struct move *move, const char *fmt, ...)
{
	struct move_mark *mark;
	va_list ap;

	if (move->info.marks_count == MARKS_MAX)
		return;
	move->marks = mem_resize(move->marks, move->info.marks_count + 1, sizeof *move->marks);
	mark = &move->marks[move->info.marks_count++];
	mark->us = move_clock_us(move);
	va_start(ap, fmt);
	vsnprintf(mark->what, sizeof mark->what, fmt, ap);
	va_end(ap);
	move->info.marks = move->marks;
	stop_for_test(mark->what);
}

void move_set_phase(struct move *move, enum move_phase phase)
{
	struct move_info *info = &move->info;
	int64_t now = move_clock_us(move);

	if (phase < info->phase || (phase == info->phase && info->phases[phase].began_ms >= 0))
		return;
	if (info->phases[info->phase].began_ms >= 0)
		info->phases[info->phase].ms = (now - move->phase_us) / 1000;
	info->phase = phase;
	info->phases[phase].began_ms = now / 1000;
	move->phase_us = now;
	move_mark(move, "%s", move_phase_name(phase));
	move_tell(move, MOVE_CHANGE_STATUS);
}

static char **copy_list(const char *const *list)
{
	size_t n = 0;
	char **copy;

	while (list && list[n])
		n++;
	copy = mem_array(n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = mem_strdup(list[i]);
	return copy;
}

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

/* ---- giving up ---- */

void move_fail(struct move *move, const struct err *why)
{
	if (move->info.reason.code == ERR_NONE) {
		move->info.reason = *why;
		log_add(LOG_WARN, NULL, "#%u %s", move->info.number, why->text);
	}
	move->intent = INTENT_ABORT;
	if (!move->source.end)
		move_finish(move, move->request.check_only ? MOVE_CHECKED : MOVE_ROLLED_BACK);
	else
		flow_advance(move);
}

bool move_cancel(struct move *move, struct err *e)
{
	struct err why = { 0 };

	if (move->info.ended || move->finishing)
		return err_set(e, ERR_USAGE, NULL, "it is over already");
	if (move->info.committed)
		return err_set(e, ERR_USAGE, NULL, "too late: %s is past the point of no return and will run on %s",
			       move->info.name, move->info.destination);
	err_set(&why, ERR_CANCELLED, NULL, "cancelled");
	move->info.cancelling = true;
	move->cancels++;
	move_set_status(move, "cancelling: waiting for CRIU to let go");
	move_fail(move, &why);
	return true;
}

/* ---- check ---- */

static void take_inside(struct move *move, const struct survey *s)
{
	struct move_inside *in = &move->inside;

	*in = (struct move_inside){
		.threads = (uint32_t)s->ntids, .fds = s->fds, .files = s->fd_files, .pipes = s->pipes,
		.sockets = s->fd_sockets, .terminals = s->fd_terminals, .anonymous = s->fd_anonymous,
		.deleted = s->deleted, .tcp_established = s->tcp_established, .tcp_listening = s->tcp_listen,
		.unix_sockets = s->unix_sockets, .other_sockets = s->other_sockets, .devices = s->devices,
		.locks = s->locks, .traced = s->traced, .seccomp = s->seccomp,
	};
	snprintf(in->namespaces, sizeof in->namespaces, "%s", s->namespaces);
	move->info.inside = in;
}

static void take_result(struct move *move, struct check_result *result)
{
	struct move_info *info = &move->info;

	check_result_free(move->result);
	move->result = result;
	info->findings = result->findings;
	info->findings_count = result->count;
	info->processes = (uint32_t)result->survey.nprocs;
	info->memory_bytes = result->memory_bytes;
	info->proc = result->proc;
	take_inside(move, &result->survey);
	if (result->name[0])
		snprintf(info->name, sizeof info->name, "%s", result->name);
}

/* All is known that is to be known before it begins. */
static void go_on_checked(struct move *move)
{
	struct check_result *result = move->result;
	struct err bad = { 0 };

	move->checked = false;
	auto_choose(move);
	unit_judge_pause(move);
	lazy_judge(move);
	fill_judge(move);
	if (move->request.check_only) {
		if (result->refused)
			move->info.reason = result->why;
		else if (move->request.destination)
			stage_commands_shown(move);
		move_finish(move, MOVE_CHECKED);
		return;
	}
	if (result->refused) {
		if (result->only_pids && move->request.wait_pid_s)
			pidwait_begin(move);
		else if ((result->choice || result->only_pids) && move->request.ask)
			ask_for_choice(move);
		else
			move_fail(move, &result->why);
		return;
	}
	if (!command_options_ok((const char *const *)move->dump_options, &bad) ||
	    !command_options_ok((const char *const *)move->restore_options, &bad)) {
		move_fail(move, &bad);
		return;
	}
	flow_stage(move);
}

static void on_checked(void *ctx, struct check_result *result, const struct err *e)
{
	struct move *move = ctx;

	move->check = NULL;
	if (e) {
		move_fail(move, e);
		return;
	}
	take_result(move, result);
	if (choose_remembered(move)) {
		move_check(move);
		return;
	}
	move->checked = true;
	if (slow_over(move))
		go_on_checked(move);
}

void move_checked(struct move *move)
{
	if (move->checked)
		go_on_checked(move);
}

void move_check(struct move *move)
{
	struct host *source = move->request.source, *destination = move->request.destination;
	struct err e = { 0 };
	const struct host *down = NULL;

	if (source && !host_conn(source))
		down = source;
	else if (destination && !host_conn(destination))
		down = destination;
	if (down) {
		err_set(&e, ERR_CONNECT, host_name(down), "%s is not connected: %s", host_name(down),
			host_err(down)->text[0] ? host_err(down)->text : host_state_text(down));
		move_fail(move, &e);
		return;
	}
	move_set_phase(move, PHASE_CHECK);
	slow_begin(move);
	move->check = move->endpoint->check(move, on_checked);
}

/* ---- time ---- */

static void on_tick(void *ctx)
{
	struct move *move = ctx;
	struct move_info *info = &move->info;

	loop_timer_set(move->tick, TICK_MS);
	info->total_ms = move_clock_us(move) / 1000;
	if (info->frozen)
		info->frozen_ms = (move_clock_us(move) - move->frozen_us) / 1000;
	if (info->phases[info->phase].began_ms >= 0)
		info->phases[info->phase].ms = (move_clock_us(move) - move->phase_us) / 1000;
	limits_tick(move);
	waits_tick(move);
	if (move->source.end && !move->finishing)
		flow_tick(move);
	move_tell(move, MOVE_CHANGE_PROGRESS);
}

static void on_renew(void *ctx)
{
	struct move *move = ctx;

	/* Both, so that a recover by someone else sees that we are at it. */
	if (move->source.end)
		end_renew(move->source.end);
	if (move->destination.end)
		end_renew(move->destination.end);
	loop_timer_set(move->renew, move->setup.lease_ms / 8);
}

/* ---- the move ---- */

static const char *end_named(const struct move *move, const struct host *host)
{
	return host ? host_name(host) : move->request.file ? move->request.file : "";
}

struct move *move_new(struct loop *loop, const struct move_setup *setup)
{
	struct move *move = mem_new(struct move);
	struct move_info *info = &move->info;
	unsigned char salt[4] = { 0 };
	struct tm tm;
	time_t now = time(NULL);
	char stamp[24];

	move->loop = loop;
	move->endpoint = &endpoint_hosts;
	move->setup = *setup;
	move->request = *setup->request;
	move->setup.request = &move->request;
	move->dump_options = copy_list(setup->request->dump_options);
	move->restore_options = copy_list(setup->request->restore_options);
	move->accept = copy_list(setup->request->accept);
	move->hook = mem_strdup(setup->request->hook);
	move->request.hook = move->hook;
	move->direct_key = mem_strdup(setup->request->direct_key);
	move->request.direct_key = move->direct_key;
	if (getrandom(salt, sizeof salt, 0) < 0)
		salt[0] = (unsigned char)setup->number;
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &tm);
	snprintf(info->id, sizeof info->id, "%s-%02x%02x%02x%02x", stamp, salt[0], salt[1], salt[2], salt[3]);
	info->number = setup->number;
	/* Copies: an ended move outlives its hosts in the list of moves. */
	move->source_name = mem_strdup(setup->recovery ? setup->recovery->source_name : end_named(move, move->request.source));
	move->destination_name = mem_strdup(setup->recovery ? setup->recovery->destination_name
							    : end_named(move, move->request.destination));
	info->source = move->source_name;
	info->destination = move->destination_name;
	info->proc = move->request.proc;
	info->check_only = move->request.check_only;
	snprintf(info->name, sizeof info->name, "pid");
	info->mode = move->request.mode == MODE_AUTO ? MODE_PLAIN : move->request.mode;
	info->via = move->request.via == VIA_AUTO ? VIA_RELAY : move->request.via;
	info->outcome = MOVE_WAITING;
	info->frozen_ms = info->estimate_ms = -1;
	info->status = move->status;
	for (size_t i = 0; i < PHASE_COUNT; i++)
		info->phases[i].began_ms = -1;
	buf_init(&move->source.log, 65536);
	buf_init(&move->destination.log, 65536);
	move->began_us = loop_clock_us();
	move->tick = loop_timer_add(loop, -1, on_tick, move);
	move->renew = loop_timer_add(loop, -1, on_renew, move);
	move->later = loop_timer_add(loop, -1, ending_begin, move);
	return move;
}

void move_start(struct move *move)
{
	const struct host *source = move->request.source;
	const struct proc *proc = source ? tree_find_pid(host_tree(source), move->request.proc.pid) : NULL;

	if (proc)
		snprintf(move->info.name, sizeof move->info.name, "%s", proc->name);
	/* It may have begun before, and waited. */
	if (!move->pid_waited_us)
		move->began_us = loop_clock_us();
	move->info.outcome = MOVE_RUNNING;
	loop_timer_set(move->tick, TICK_MS);
	loop_timer_set(move->renew, move->setup.lease_ms / 8);
	choose_begin(move);
	move_check(move);
}

void move_recover(struct move *move, const struct move_recovery *recovery)
{
	snprintf(move->info.id, sizeof move->info.id, "%s", recovery->id);
	snprintf(move->info.name, sizeof move->info.name, "%s", recovery->name);
	move->recovering = true;
	move->recovered = recovery->done;
	move->recovered_ctx = recovery->ctx;
	move->intent = INTENT_ABORT;
	move->began_us = loop_clock_us();
	move->heard_ms = loop_now_ms(move->loop);
	move->info.outcome = MOVE_RUNNING;
	move->info.phase = PHASE_CLEAN;
	loop_timer_set(move->tick, TICK_MS);
	loop_timer_set(move->renew, 0);
	move->source.dir = mem_printf("%s/%s", recovery->source_base, recovery->id);
	move->destination.dir = mem_printf("%s/%s", recovery->destination_base, recovery->id);
	flow_recover(move, recovery->source_asked && !recovery->source,
		     recovery->destination_asked && !recovery->destination);
}

void move_free(struct move *move)
{
	check_stop(&move->check);
	pidwait_stop(move);
	transport_close(&move->transport);
	bring_stop(&move->bring);
	lazy_free(move);
	compare_free(move);
	move->endpoint->free(move);
	end_free(move->source.end);
	end_free(move->destination.end);
	check_result_free(move->result);
	loop_timer_remove(&move->tick);
	loop_timer_remove(&move->renew);
	loop_timer_remove(&move->later);
	loop_timer_remove(&move->pre.later);
	ending_free(move);
	slow_free(move);
	trial_free(move);
	buf_free(&move->source.log);
	buf_free(&move->destination.log);
	free_list(move->dump_options);
	free_list(move->restore_options);
	free_list(move->accept);
	free(move->hook);
	free(move->direct_key);
	free(move->source.images);
	free(move->destination.images);
	free(move->dump_command);
	free(move->predump_command);
	free(move->restore_command);
	free(move->back_command);
	free(move->pages_command);
	free(move->question);
	free(move->marks);
	free_list(move->warnings);
	free(move->source.dir);
	free(move->destination.dir);
	free(move->source_name);
	free(move->destination_name);
	free(move);
}

struct host *move_source(const struct move *move)
{
	return move->request.source;
}

struct host *move_destination(const struct move *move)
{
	return move->request.destination;
}

void move_forget_host(struct move *move, const struct host *host)
{
	if (move->request.source == host)
		move->request.source = NULL;
	if (move->request.destination == host)
		move->request.destination = NULL;
}

/* A refusal by the check has the finding's code, which says more than that it was refused. */
static const char *reason_code(const struct move *move)
{
	const struct err *reason = &move->info.reason;

	if (reason->code == ERR_NONE)
		return "";
	if (reason->code == ERR_REFUSED && move->result && move->result->refused)
		return move->result->findings[move->result->stands].code;
	return err_code_name(reason->code);
}

const struct move_info *move_info(struct move *move)
{
	struct move_info *info = &move->info;

	info->code = reason_code(move);
	info->question = move->question;
	info->waits = (move->pid_wait || move->wait.said) && move->status[0];
	info->may_wait = move->question && move->asks == ASKS_CHOICE && move->result->only_pids;
	info->dump_command = command_shown(move->dump_command);
	info->restore_command = command_shown(move->restore_command);
	info->dump_log = move->source.log.len ? buf_str(&move->source.log) : NULL;
	info->restore_log = move->destination.log.len ? buf_str(&move->destination.log) : NULL;
	return info;
}
