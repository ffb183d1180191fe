/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/engine.h>

#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "host/host.h"
#include "engine/engine_priv.h"
#include "check/glance.h"
#include "move/move_priv.h"
#include "engine/queue.h"
#include "save/save.h"
#include "remote/remote.h"
#include "ssh/ssh.h"

#define LISTENERS_MAX 4
#define NAME_MAX_BYTES 255

struct engine {
	struct loop *loop;
	struct engine_options options;
	char *ssh_config;
	struct gate *gate;
	struct host **hosts;
	size_t nhosts;
	struct queue *queue; /* all moves */
	struct {
		engine_listener_fn *fn;
		void *ctx;
	} listeners[LISTENERS_MAX];
	size_t nlisteners;
	struct rates *rates;
	struct glance *glance; /* the one that is under way */
	struct host *glance_host;
	engine_glance_fn *glance_done;
	void *glance_ctx;
};

static void tell(struct engine *engine, enum event_kind kind, struct host *host, struct move *move)
{
	const struct event event = { kind, host, move };

	for (size_t i = 0; i < engine->nlisteners; i++)
		engine->listeners[i].fn(engine->listeners[i].ctx, &event);
}

int engine_askpass(int argc, char **argv)
{
	return ssh_askpass(argc, argv);
}

struct engine *engine_new(struct loop *loop, const struct engine_options *options, struct err *e)
{
	struct engine *engine;

	if (!ssh_global_init(e))
		return NULL;
	engine = mem_new(struct engine);
	engine->loop = loop;
	engine->options = *options;
	if (options->askpass)
		ssh_askpass_allow();
	engine->ssh_config = mem_strdup(options->ssh_config);
	engine->rates = rates_new();
	engine->queue = queue_new(loop);
	engine->options.ssh_config = engine->ssh_config;
	if (engine->options.refresh_ms == 0)
		engine->options.refresh_ms = 2000;
	if (engine->options.lease_ms == 0)
		engine->options.lease_ms = 15000;
	engine->gate = gate_new(options->handshakes > 0 ? options->handshakes : 8);
	return engine;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	glance_stop(&engine->glance);
	queue_free(engine->queue);
	for (size_t i = 0; i < engine->nhosts; i++)
		host_free(engine->hosts[i]);
	rates_free(engine->rates);
	free(engine->hosts);
	gate_free(engine->gate);
	free(engine->ssh_config);
	free(engine);
	ssh_global_exit();
}

void engine_listen(struct engine *engine, engine_listener_fn *fn, void *ctx)
{
	if (engine->nlisteners == LISTENERS_MAX)
		abort();
	engine->listeners[engine->nlisteners].fn = fn;
	engine->listeners[engine->nlisteners++].ctx = ctx;
}


/* ---- hosts ---- */

static void on_host(void *ctx, struct host *host, enum host_change change)
{
	static const enum event_kind kinds[] = {
		[HOST_CHANGE_STATE] = EVENT_HOST,
		[HOST_CHANGE_TREE] = EVENT_TREE,
		[HOST_CHANGE_QUESTION] = EVENT_QUESTION,
	};
	struct engine *engine = ctx;

	tell(engine, kinds[change], host, NULL);
	/* A move may have waited for root, or until one sees whose tree it is in. */
	if (change != HOST_CHANGE_QUESTION)
		queue_start(engine->queue);
}

struct host *engine_find_host(const struct engine *engine, const char *name)
{
	for (size_t i = 0; i < engine->nhosts; i++) {
		if (strcmp(host_name(engine->hosts[i]), name) == 0)
			return engine->hosts[i];
	}
	return NULL;
}

static bool name_ok(const char *name, struct err *e)
{
	size_t len = strlen(name);

	/* A leading dash would be an option to ssh(1); the rest no host has. */
	if (len == 0 || len > NAME_MAX_BYTES || name[0] == '-')
		return err_set(e, ERR_USAGE, NULL, "\"%.60s\" cannot be the name of a host", name);
	for (; *name; name++) {
		if ((unsigned char)*name <= ' ' || *name == 0x7f || strchr("'\"`$\\;&|<>(){}*?", *name))
			return err_set(e, ERR_USAGE, NULL, "a host's name has no such character: \"%.60s\"", name);
	}
	return true;
}

struct host *engine_add_host(struct engine *engine, const char *name, struct err *e)
{
	struct host_setup setup = {
		.ssh_config = engine->ssh_config,
		.refresh_ms = engine->options.refresh_ms,
		.once = engine->options.once,
		.look_only = engine->options.look_only,
		.gate = engine->gate,
		.changed = on_host,
		.ctx = engine,
	};
	struct host *host;

	if (!name_ok(name, e))
		return NULL;
	if (engine_find_host(engine, name)) {
		err_set(e, ERR_USAGE, name, "%s is there already", name);
		return NULL;
	}
	host = host_new(engine->loop, name, &setup);
	engine->hosts = mem_resize(engine->hosts, engine->nhosts + 1, sizeof(struct host *));
	engine->hosts[engine->nhosts++] = host;
	tell(engine, EVENT_HOST, host, NULL);
	return host;
}

bool engine_close_host(struct engine *engine, struct host *host, struct err *e)
{
	size_t at = 0;

	for (size_t i = 0; i < queue_count(engine->queue); i++) {
		struct move *move = queue_at(engine->queue, i);

		if (!move->info.ended && (move_source(move) == host || move_destination(move) == host))
			return err_set(e, ERR_USAGE, host_name(host), "move #%u uses %s: X cancels it",
				       move->info.number, host_name(host));
	}
	if (engine->glance_host == host)
		engine_glance_stop(engine);
	for (size_t i = 0; i < queue_count(engine->queue); i++)
		move_forget_host(queue_at(engine->queue, i), host);
	while (at < engine->nhosts && engine->hosts[at] != host)
		at++;
	if (at == engine->nhosts)
		return err_set(e, ERR_USAGE, NULL, "there is no such host");
	memmove(&engine->hosts[at], &engine->hosts[at + 1], (engine->nhosts - at - 1) * sizeof(struct host *));
	engine->nhosts--;
	tell(engine, EVENT_HOST_GONE, host, NULL);
	host_free(host);
	return true;
}

size_t engine_hosts(const struct engine *engine)
{
	return engine->nhosts;
}

struct host *engine_host(const struct engine *engine, size_t i)
{
	return i < engine->nhosts ? engine->hosts[i] : NULL;
}

/* ---- moves ---- */

static bool on_turn(void *ctx, const struct move *move)
{
	const struct engine *engine = ctx;

	return queue_turn(engine->queue, move);
}

static struct host *on_host_named(void *ctx, const char *name, struct err *e)
{
	struct host *host = engine_find_host(ctx, name);

	return host ? host : engine_add_host(ctx, name, e);
}

static void on_move(void *ctx, struct move *move, enum move_change change)
{
	static const enum event_kind kinds[] = {
		[MOVE_CHANGE_STATUS] = EVENT_MOVE,
		[MOVE_CHANGE_PROGRESS] = EVENT_PROGRESS,
		[MOVE_CHANGE_QUESTION] = EVENT_QUESTION,
		[MOVE_CHANGE_END] = EVENT_MOVE_END,
		[MOVE_CHANGE_QUEUED] = EVENT_MOVE,
	};
	struct engine *engine = ctx;

	if (change == MOVE_CHANGE_END) {
		if (move_source(move))
			host_refresh(move_source(move));
		if (move_destination(move))
			host_refresh(move_destination(move));
	}
	tell(engine, kinds[change], NULL, move);
	queue_heard(engine->queue, move, change);
	if (change == MOVE_CHANGE_QUEUED)
		queue_start(engine->queue);
	if (change != MOVE_CHANGE_END)
		return;
	if (move->recovered)
		move->recovered(move->recovered_ctx, move);
	queue_start(engine->queue);
}

/* libssh2's SCP runs as whoever logs in, and images are root's. */
static bool scp_ok(const struct host *host, struct err *e)
{
	const struct host_facts *f = host ? host_facts(host) : NULL;

	return !f || !f->known || f->root_way == ROOT_SELF || host_own_only(host) ||
	       err_set(e, ERR_USAGE, host_name(host), "scp needs a login as root on %s, and this one is %s: relay does not need it",
		       host_name(host), f->user);
}

static bool request_ok(const struct move_request *r, struct err *e)
{
	if (r->file && (!r->source == !r->destination || r->mode != MODE_PLAIN || r->check_only || r->with_files || r->hook ||
			r->keep_source_stopped))
		return err_set(e, ERR_USAGE, NULL, "a file is one end of a plain move, the other is a host");
	if (r->file && r->destination)
		return true;
	if (!r->source || (!r->destination && !r->check_only && !r->file))
		return err_set(e, ERR_USAGE, NULL, "a move needs a source and a destination");
	if (r->source == r->destination)
		return err_set(e, ERR_USAGE, NULL, "it is on %s already", host_name(r->source));
	if (r->proc.pid <= 0)
		return err_set(e, ERR_USAGE, NULL, "%d is no process id", (int)r->proc.pid);
	if (r->mode == MODE_POSTCOPY && r->via == VIA_SCP)
		return err_set(e, ERR_USAGE, NULL, "post-copy goes by relay or direct, not by scp");
	if (r->mode == MODE_PRECOPY && r->via == VIA_SCP)
		return err_set(e, ERR_USAGE, NULL, "pre-copy goes by relay, not by scp");
	if (r->via == VIA_SCP && !(scp_ok(r->source, e) && scp_ok(r->destination, e)))
		return false;
	return true;
}

struct move *engine_move(struct engine *engine, const struct move_request *request, struct err *e)
{
	struct move_setup setup = {
		.request = request,
		.number = (uint32_t)queue_count(engine->queue) + 1,
		.lease_ms = engine->options.lease_ms,
		.rates = engine->rates,
		.alone = engine_moves_active(engine) == 0,
		.config = engine->options.config,
		.changed = on_move,
		.turn = on_turn,
		.host = on_host_named,
		.ctx = engine,
	};
	struct move *move;

	if (!request_ok(request, e))
		return NULL;
	move = move_new(engine->loop, &setup);
	if (request->file && !save_begin(move, e)) {
		move_free(move);
		return NULL;
	}
	queue_add(engine->queue, move);
	tell(engine, EVENT_MOVE, NULL, move);
	queue_start(engine->queue);
	return move;
}

int64_t engine_expected_pause(const struct engine *engine, const struct host *source, const struct host *destination,
			      enum move_mode mode, uint64_t bytes)
{
	/* Not checked yet: the kernel may track memory, perl compares it. */
	return rates_pause_in(engine->rates, host_name(source), host_name(destination), VIA_RELAY, mode, host_facts(source)->perl, bytes);
}

static void on_glance(void *ctx, struct host *host, const struct glance_result *results, size_t count)
{
	struct engine *engine = ctx;

	engine->glance = NULL;
	engine->glance_host = NULL;
	engine->glance_done(engine->glance_ctx, host, results, count);
}

bool engine_glance(struct engine *engine, struct host *host, const struct proc_key *keys, size_t count, engine_glance_fn *done, void *ctx)
{
	if (engine->glance || count == 0 || !host_conn(host))
		return false;
	if (queue_uses(engine->queue, host))
		return false;
	engine->glance_host = host;
	engine->glance_done = done;
	engine->glance_ctx = ctx;
	engine->glance = glance_start(host, keys, count, on_glance, engine);
	return true;
}

void engine_glance_stop(struct engine *engine)
{
	glance_stop(&engine->glance);
	engine->glance_host = NULL;
}

/* ---- for recovery ---- */

struct loop *engine_loop(const struct engine *engine)
{
	return engine->loop;
}

bool engine_host_scanned(const struct engine *engine, const char *name, const char *base)
{
	const struct host *host = engine_find_host(engine, name);

	if (!host || !host_conn(host))
		return false;
	/* Root's place is seen by root only, a user's by that user. */
	if (!*base || strcmp(base, HOST_ROOT_BASE) == 0)
		return host_facts(host)->root;
	return host_may_move(host) && strcmp(base, host_own_base(host)) == 0;
}

bool engine_moves_id(const struct engine *engine, const char *id)
{
	for (size_t i = 0; i < queue_count(engine->queue); i++) {
		if (!queue_at(engine->queue, i)->info.ended && strcmp(queue_at(engine->queue, i)->info.id, id) == 0)
			return true;
	}
	return false;
}

void engine_start_recovery(struct engine *engine, const struct move_recovery *recovery)
{
	struct move_request request = {
		.source = recovery->source,
		.destination = recovery->destination,
		.proc = recovery->proc,
		.mode = MODE_PLAIN,
		.file = *recovery->file ? recovery->file : NULL,
	};
	struct move_setup setup = {
		.request = &request,
		.number = (uint32_t)queue_count(engine->queue) + 1,
		.lease_ms = engine->options.lease_ms,
		.rates = engine->rates,
		.config = engine->options.config,
		.changed = on_move,
		.ctx = engine,
		.recovery = recovery,
	};
	struct move *move = move_new(engine->loop, &setup);

	if (request.file)
		save_recover(move, recovery);
	queue_add(engine->queue, move);
	tell(engine, EVENT_MOVE, NULL, move);
	move_recover(move, recovery);
}

size_t engine_moves(const struct engine *engine)
{
	return queue_count(engine->queue);
}

struct move *engine_move_at(const struct engine *engine, size_t i)
{
	return queue_at(engine->queue, i);
}

size_t engine_moves_active(const struct engine *engine)
{
	size_t active = 0;

	for (size_t i = 0; i < queue_count(engine->queue); i++) {
		const struct move *move = queue_at(engine->queue, i);

		/* A move that waits in a held queue will never start. */
		active += !move->info.ended && !(queue_held(engine->queue) && move->info.outcome == MOVE_WAITING);
	}
	return active;
}

bool engine_frozen(const struct engine *engine)
{
	for (size_t i = 0; i < queue_count(engine->queue); i++) {
		if (!queue_at(engine->queue, i)->info.ended && queue_at(engine->queue, i)->info.frozen)
			return true;
	}
	return false;
}

void engine_hold_queue(struct engine *engine)
{
	queue_hold(engine->queue);
}

char *engine_scripts_overview(void)
{
	return remote_overview();
}

const char *engine_script(size_t i, const char **text)
{
	for (size_t k = 0; k <= i; k++) {
		if (!remote_scripts[k].name)
			return NULL;
	}
	*text = remote_scripts[i].text;
	return remote_scripts[i].name;
}
