/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for a pid that another process has at the destination. One short
 * question a second, and now and then the whole check again, since the process
 * itself may have changed. A move that waits has no place in the queue; it takes
 * one again when the pid is free.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "move/move_priv.h"

#define LOOK_MS 1000
#define CHECK_AFTER 60 /* looks */
#define OUTPUT_MAX 65536

struct pid_wait {
	struct move *move;
	struct loop_timer *timer;
	struct ssh_run *run;
	unsigned looks;
};

static bool is_over(struct move *move)
{
	int64_t waited_ms = (move_clock_us(move) - move->pid_waited_us) / 1000;
	char limit[32];
	struct err e = { 0 };

	if (move->request.wait_pid_s <= 0 || waited_ms < (int64_t)move->request.wait_pid_s * 1000)
		return false;
	err_set(&e, ERR_REFUSED, move->info.destination, "it was not free within %s: %s",
		text_duration(limit, sizeof limit, (int64_t)move->request.wait_pid_s * 1000), move->result->why.text);
	move_fail(move, &e);
	return true;
}

/* Have the engine start it again, which checks it again. */
static void go_on(struct move *move)
{
	pidwait_stop(move);
	move_set_status(move, "");
	move->info.outcome = MOVE_WAITING;
	move_tell(move, MOVE_CHANGE_QUEUED);
}

static void on_answer(void *ctx, const struct ssh_output *output)
{
	struct pid_wait *wait = ctx;
	struct move *move = wait->move;
	struct verified v = { 0 };
	struct err e = { 0 };
	char status[160];

	wait->run = NULL;
	if (output->how.lost || !verified_parse(output->out, output->out_len, &v, &e)) {
		loop_timer_set(wait->timer, LOOK_MS);
		return;
	}
	if (v.taken_count == 0 || ++wait->looks % CHECK_AFTER == 0) {
		verified_free(&v);
		go_on(move);
		return;
	}
	snprintf(status, sizeof status, "waiting for pid %d on %.60s, which %.60s has", (int)v.taken_pid, move->info.destination,
		 v.taken_name[0] ? v.taken_name : "another process");
	verified_free(&v);
	loop_timer_set(wait->timer, LOOK_MS);
	move_set_status(move, status);
}

static void on_time(void *ctx)
{
	struct pid_wait *wait = ctx;
	struct move *move = wait->move;
	struct host *host = move->request.destination;
	char status[160], *input;

	if (is_over(move))
		return;
	if (!host || !host_conn(host)) {
		snprintf(status, sizeof status, "waiting for %.100s, then for a pid there", move->info.destination);
		loop_timer_set(wait->timer, LOOK_MS);
		move_set_status(move, status);
		return;
	}
	input = survey_pid_questions(&move->result->survey);
	wait->run = host_run(host, "verify", NULL, input, strlen(input), OUTPUT_MAX, on_answer, wait);
	free(input);
}

void pidwait_begin(struct move *move)
{
	struct pid_wait *wait = mem_new(struct pid_wait);

	pidwait_stop(move);
	wait->move = move;
	move->pid_wait = wait;
	if (!move->pid_waited_us) {
		move->pid_waited_us = move_clock_us(move);
		move_mark(move, "waiting for a pid");
	}
	wait->timer = loop_timer_add(move->loop, 0, on_time, wait);
	/* Others may have its place. */
	move_tell(move, MOVE_CHANGE_QUEUED);
}

void pidwait_stop(struct move *move)
{
	struct pid_wait *wait = move->pid_wait;

	if (!wait)
		return;
	move->pid_wait = NULL;
	ssh_run_cancel(&wait->run);
	loop_timer_remove(&wait->timer);
	free(wait);
}
