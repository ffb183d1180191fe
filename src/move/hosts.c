/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A move from host to host. */
#include <stdio.h>

#include "base/mem.h"
#include "move/endpoint.h"
#include "move/move_priv.h"

#define IMAGES_LIMIT_MS 45000

struct end *endpoint_host(struct move *move, const struct move_end *side, struct host *host, const struct end_ops *ops)
{
	return end_new(move->loop, host, side->dir, ops, move);
}

struct end *endpoint_host_attach(struct move *move, const struct move_end *side, struct host *host, bool absent,
				 const struct end_ops *ops)
{
	struct end *end = endpoint_host(move, side, host, ops);

	if (host) {
		end_attach(end);
	} else {
		end_facts_edit(end)->known = absent;
		end_facts_edit(end)->absent = absent;
	}
	return end;
}

static struct check *hosts_check(struct move *move, check_done_fn *done)
{
	return check_start(move->request.source, move->request.destination, move->request.proc, &move->check_options, done, move);
}

static void hosts_make(struct move *move, const struct end_ops *ops)
{
	move->source.end = endpoint_host(move, &move->source, move->request.source, ops);
	move->destination.end = endpoint_host(move, &move->destination, move->request.destination, ops);
}

static void hosts_stage(struct move *move)
{
	if (move->intent == INTENT_MOVE)
		stage_end(move, &move->source, "source");
	if (move->intent == INTENT_MOVE)
		stage_end(move, &move->destination, "dest");
}

static void hosts_attach(struct move *move, bool source_absent, bool destination_absent, const struct end_ops *ops)
{
	move->source.end = endpoint_host_attach(move, &move->source, move->request.source, source_absent, ops);
	move->destination.end = endpoint_host_attach(move, &move->destination, move->request.destination, destination_absent, ops);
}

static char *hosts_record(const struct move *move)
{
	(void)move;
	return mem_strdup("");
}

/* The source prints it when it is asked to; the destination has to know that one comes. */
static const char *hosts_fingerprint(bool source, bool unseen)
{
	return source || unseen ? NULL : "expects";
}

static bool hosts_tried(struct move *move)
{
	if (trial_over(move))
		return true;
	trial_begin(move);
	return false;
}

static void hosts_open(struct move *move, const struct transport_setup *setup, const struct transport_ops *ops)
{
	move->transport = transport_open(move->loop, setup, ops, move);
}

static const char *hosts_recover_hosts(const struct move *move, char *out, size_t size)
{
	snprintf(out, size, "%s %s", move->info.source, move->info.destination);
	return out;
}

static bool hosts_forget(struct move *move)
{
	(void)move;
	return false;
}

static void hosts_away(const struct move *move, char *out, size_t size)
{
	const char *away = !end_facts(move->source.end)->known ? move->info.source : move->info.destination;

	snprintf(out, size, "%.100s could not be asked: run recover again when it is back", away);
}

static bool hosts_sentence(const struct move *move, const char *name, char *out, size_t size)
{
	(void)move;
	(void)name;
	(void)out;
	(void)size;
	return false;
}

static void nothing(struct move *move)
{
	(void)move;
}

const struct endpoint endpoint_hosts = {
	.check = hosts_check,
	.make = hosts_make,
	.stage = hosts_stage,
	.attach = hosts_attach,
	.record = hosts_record,
	.fingerprint = hosts_fingerprint,
	.tried = hosts_tried,
	.open = hosts_open,
	.images_limit_ms = IMAGES_LIMIT_MS,
	.learn = auto_learn,
	.recover_hosts = hosts_recover_hosts,
	.forget = hosts_forget,
	.away = hosts_away,
	.sentence = hosts_sentence,
	.stop = nothing,
	.free = nothing,
};
