/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a move.  A move that was rolled back says that the process runs
 * where it was, so the source is asked first: the process may have ended
 * meanwhile, by a watchdog of its unit's say, or by another pferry.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "host/host.h"
#include "move/move_priv.h"
#include "move/slow.h"

#define LOOK_MS 8000
#define LOOK_BYTES 4096

void move_warn(struct move *move, const char *fmt, ...)
{
	struct move_info *info = &move->info;
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < info->warnings_count; i++) {
		if (strcmp(info->warnings[i], text) == 0)
			return;
	}
	move->warnings = mem_resize(move->warnings, info->warnings_count + 2, sizeof *move->warnings);
	move->warnings[info->warnings_count++] = mem_strdup(text);
	move->warnings[info->warnings_count] = NULL;
	info->warnings = (const char *const *)move->warnings;
}

static void log_end(const struct move *move, const char *sentence)
{
	const struct move_info *info = &move->info;
	enum log_level level = info->outcome == MOVE_MOVED || info->outcome == MOVE_CHECKED ? LOG_NOTE : LOG_FAIL;

	log_add(level, NULL, "#%u %s", info->number, sentence);
	for (size_t i = 0; i < info->warnings_count; i++)
		log_add(LOG_WARN, NULL, "#%u %s", info->number, info->warnings[i]);
}

static void conclude(struct move *move)
{
	char sentence[MOVE_SENTENCE_MAX];

	move->info.total_ms = move_clock_us(move) / 1000;
	move->info.outcome = move->ending;
	move->info.ended = true;
	move->info.frozen = false;
	move->status[0] = move->info.lost[0] = '\0';
	if (move->ending == MOVE_MOVED)
		err_clear(&move->info.reason);
	if (move->ending == MOVE_MOVED && !move->recovering)
		move->endpoint->learn(move);
	move_sentence(move, sentence, sizeof sentence);
	log_end(move, sentence);
	move_tell(move, MOVE_CHANGE_END);
}

/* The process is at neither host. */
static void lose(struct move *move, const char *how)
{
	struct move_info *info = &move->info;
	char why[ERR_TEXT_MAX];

	snprintf(why, sizeof why, "%s", info->reason.text);
	err_set(&info->reason, ERR_LOST, info->source, *why ? "%s (%s)" : "%s", how, why);
	info->at_source = PRESENCE_GONE;
	move->ending = MOVE_LOST;
}

static void ask_destination(struct move *move);

static void take_presence(struct move *move, const struct ssh_output *output)
{
	struct move_info *info = &move->info;
	char how[256];

	if (output->how.lost)
		return;
	if (strcmp(output->out, "alive 1\n") == 0) {
		info->at_source = PRESENCE_RUNS;
	} else if (strcmp(output->out, "alive 0\n") == 0 && move->recovering && !move->destination_asked && move->request.destination &&
		   host_conn(move->request.destination)) {
		/* Another recover may have finished it while this one looked on. */
		ask_destination(move);
	} else if (strcmp(output->out, "alive 0\n") == 0) {
		snprintf(how, sizeof how, "it ended on %.100s, or another pferry moved it", info->source);
		lose(move, how);
	}
}

static void on_there(void *ctx, const struct ssh_output *output)
{
	struct move *move = ctx;

	move->presence_look = NULL;
	if (!output->how.lost && strcmp(output->out, "alive 1\n") == 0)
		move->ending = MOVE_MOVED;
	else if (!output->how.lost && strcmp(output->out, "alive 0\n") == 0)
		take_presence(move, output);
	/* Else it is not known whether the destination has it: nothing is called lost. */
	loop_timer_set(move->later, 0);
}

static void ask_destination(struct move *move)
{
	char pid[16];
	const char *args[] = { pid, "0", "", move->info.name, NULL };

	move->destination_asked = true;
	snprintf(pid, sizeof pid, "%d", (int)move->info.proc.pid);
	move->presence_look = host_run(move->request.destination, "alive", args, NULL, 0, LOOK_BYTES, on_there, move);
	loop_timer_set(move->later, LOOK_MS);
}

static void on_presence(void *ctx, const struct ssh_output *output)
{
	struct move *move = ctx;

	move->presence_look = NULL;
	take_presence(move, output);
	if (!move->presence_look)
		loop_timer_set(move->later, 0);
}

/* Whether the source is to be asked: it can be, and a process is what is to be seen there. */
static bool asks_source(struct move *move)
{
	const struct host *source = move->request.source;

	if (move->ending != MOVE_ROLLED_BACK || move->presence_asked)
		return false;
	return source && host_conn(source) && move->info.proc.start;
}

static void ask_source(struct move *move)
{
	char pid[16], start[24];
	const char *args[] = { pid, start, move->info.frozen_ms >= 0 || move->recovering ? "frozen" : "", NULL };

	snprintf(pid, sizeof pid, "%d", (int)move->info.proc.pid);
	/* Restored from the source's own images it has begun anew. */
	snprintf(start, sizeof start, "%" PRIu64, move->restored_back ? 0 : move->info.proc.start);
	move->presence_asked = true;
	move->presence_look = host_run(move->request.source, "alive", args, NULL, 0, LOOK_BYTES, on_presence, move);
	loop_timer_set(move->later, LOOK_MS);
}

void ending_begin(void *ctx)
{
	struct move *move = ctx;

	if (!move->finishing || move->info.ended)
		return;
	if (move->presence_look) {
		/* The source does not answer in time: it is not said that the process runs there. */
		ssh_run_cancel(&move->presence_look);
		conclude(move);
		return;
	}
	if (move->source.end) {
		const struct end_facts *facts = end_facts(move->source.end);
		char how[256];

		move->restored_back = facts->returned;
		if (move->ending == MOVE_ROLLED_BACK && facts->rebooted && move->request.source) {
			snprintf(how, sizeof how, "%.100s has booted since, and it ended with that", move->info.source);
			lose(move, how);
		}
	}
	transport_close(&move->transport);
	bring_stop(&move->bring);
	slow_free(move);
	trial_free(move);
	lazy_free(move);
	compare_free(move);
	move->endpoint->stop(move);
	end_free(move->source.end);
	end_free(move->destination.end);
	move->source.end = move->destination.end = NULL;
	loop_timer_set(move->tick, -1);
	loop_timer_set(move->renew, -1);
	if (move->info.phases[move->info.phase].began_ms >= 0)
		move->info.phases[move->info.phase].ms = (move_clock_us(move) - move->phase_us) / 1000;
	if (asks_source(move))
		ask_source(move);
	else
		conclude(move);
}

void move_finish(struct move *move, enum move_outcome outcome)
{
	if (move->finishing)
		return;
	move->finishing = true;
	move->ending = outcome;
	check_stop(&move->check);
	pidwait_stop(move);
	ask_no_more(move);
	/* From the next turn: a callback of what is freed then may be running now. */
	loop_timer_set(move->later, 0);
}

void ending_free(struct move *move)
{
	ssh_run_cancel(&move->presence_look);
}
