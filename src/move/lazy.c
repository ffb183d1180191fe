/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Post-copy: the tree runs at the destination as soon as it stands there, and
 * its memory follows, what it touches first.
 *
 * CRIU at the source, which serves memory, and the daemon at the destination
 * (lazy.sh) are each given a socket that only root can reach.  join.pl joins
 * these to the two ends of the source's ssh, by the direct way, or of two channels
 * that are joined here, by relay.  Where the source has no perl, CRIU serves on a
 * port of its loopback address, and the daemon connects to one of its own, which
 * sshd opens for us: others on the hosts could be quicker to connect.
 * There is no second try: CRIU serves one connection.  When it ends, the daemon
 * says whether it had all; the facts of the ends decide, not what is seen here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pferry/log.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/text.h"
#include "transport/direct.h"
#include "check/findings.h"
#include "move/move_priv.h"
#include "remote/remote.h"

#define SAID_MAX 160

struct lazy {
	struct move *move;
	struct ssh_listen *listen;          /* the port at the destination */
	struct ssh_chan *taker, *giver;     /* the daemon's connection, CRIU's at the source */
	struct ssh_splice *asked, *given;   /* from one to the other, and back */
	struct loop_timer *broke;
	int port;                           /* at the source; 0: it does not serve yet */
	struct direct *direct;              /* or straight from host to host */
	bool joined;                        /* that is up: both ends are to be told */
	bool told_source, told_destination; /* and have been */
	struct lines said;                  /* by the source's end of it */
	bool by_ports;                      /* that cannot be had by relay */
	bool ready, ended;
	uint64_t total;                     /* bytes that follow */
	uint64_t bytes;                     /* have */
};

const char *lazy_unfit(const struct check_result *r)
{
	if (r->tcp)
		return "has established connections, which could not be taken back should its memory not arrive";
	if (r->deleted)
		return "has deleted files open";
	if (r->tty || r->shell_job)
		return "belongs to a terminal";
	return r->pidns ? "needs a pid namespace of its own there" : NULL;
}

void lazy_judge(struct move *move)
{
	const struct judge judge = { .options = &move->check_options };
	struct move_info *info = &move->info;
	struct check_result *r = move->result;
	const char *what = lazy_unfit(r);

	if (info->mode != MODE_POSTCOPY || (r->refused && !r->choice))
		return;
	if (what)
		findings_add(r, &judge, "postcopy-not", NULL, "post-copy is not for %s(%d): it %s", r->name,
			     (int)r->proc.pid, what);
	else
		findings_add(r, &judge, "postcopy", NULL, "should a connection break while its memory follows, it goes on on %s as "
			     "it was at the freeze, and what it did on %s since is lost", info->source,
			     *info->destination ? info->destination : "the other host");
	info->findings = r->findings;
	info->findings_count = r->count;
}

bool lazy_pending(const struct move *move)
{
	return move->info.mode == MODE_POSTCOPY && !move->recovering && !(move->lazy && move->lazy->ready);
}

/* ---- the two connections ---- */

static void let_go(struct lazy *l)
{
	ssh_splice_stop(&l->asked);
	ssh_splice_stop(&l->given);
	ssh_chan_free(&l->taker);
	ssh_chan_free(&l->giver);
}

static void begin_relay(struct lazy *l);

/* From the loop: whoever called may be what is freed. */
static void on_broke(void *ctx)
{
	struct lazy *l = ctx;

	let_go(l);
	if (!l->ended && !l->joined && !l->move->finishing)
		begin_relay(l);
}

static void ended(struct lazy *l)
{
	if (l->ended)
		return;
	l->ended = true;
	move_mark(l->move, "no more memory comes");
	loop_timer_set(l->broke, 0);
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)data;
	(void)len;
}

static void on_closed(void *ctx, const struct ssh_exit *how)
{
	struct lazy *l = ctx;
	struct err e = { 0 };

	ended(l);
	if (!how->why[0] || l->move->info.committed)
		return;
	/* sshd would not connect at all. */
	err_set(&e, ERR_REMOTE, l->move->info.source, "%s, and post-copy needs it (AllowTcpForwarding)", how->why);
	move_fail(l->move, &e);
}

static void on_given(void *ctx, uint64_t bytes)
{
	struct lazy *l = ctx;
	struct move_info *info = &l->move->info;

	l->bytes = bytes;
	info->phases[PHASE_FILL].bytes = bytes;
	sending_progress(l->move, info->phases[PHASE_SEND].bytes + bytes);
	if (info->phase == PHASE_FILL && !l->ended) {
		char status[128], left[32];

		text_bytes(left, sizeof left, bytes < l->total ? l->total - bytes : 0, false);
		snprintf(status, sizeof status, "runs there, %s to come", left);
		move_set_status(l->move, status);
	}
}

static void on_asked_done(void *ctx, bool ok, uint64_t bytes)
{
	(void)ok;
	(void)bytes;
	((struct lazy *)ctx)->asked = NULL;
}

static void on_given_done(void *ctx, bool ok, uint64_t bytes)
{
	(void)ok;
	(void)bytes;
	((struct lazy *)ctx)->given = NULL;
}

static void join_channels(struct lazy *l)
{
	static const struct ssh_splice_ops asked = { .done = on_asked_done };
	static const struct ssh_splice_ops given = { .progress = on_given, .done = on_given_done };

	l->asked = ssh_splice(l->taker, l->giver, &asked, l);
	l->given = ssh_splice(l->giver, l->taker, &given, l);
	/* Whoever touches what is missing waits for it. */
	ssh_splice_hurry(l->asked);
	ssh_splice_hurry(l->given);
}

static void join(struct lazy *l)
{
	static const struct ssh_chan_ops ops = { .data = on_data, .closed = on_closed };
	struct ssh_conn *conn = host_conn(l->move->request.source);

	if (!l->port || !l->taker || l->giver || l->ended)
		return;
	if (!conn) {
		ended(l);
		return;
	}
	l->giver = ssh_connect(conn, l->port, &ops, l);
	join_channels(l);
	move_mark(l->move, "memory joined");
}

/* ---- the port at the destination ---- */

static void on_ready(void *ctx, int port)
{
	struct lazy *l = ctx;
	char number[16];

	snprintf(number, sizeof number, "%d", port);
	end_say(l->move->destination.end, COMMAND_PORT, number);
}

static void on_accepted(void *ctx, struct ssh_chan *chan)
{
	struct lazy *l = ctx;

	l->taker = chan;
	if (l->ended)
		loop_timer_set(l->broke, 0); /* nothing will come */
	join(l);
}

static void on_failed(void *ctx, const char *why)
{
	struct lazy *l = ctx;
	struct err e = { 0 };

	if (end_facts(l->move->source.end)->launched) {
		ended(l);
		return;
	}
	err_set(&e, ERR_REMOTE, l->move->info.destination, "%s, and post-copy needs it", why);
	move_fail(l->move, &e);
}

static void begin_ports(struct lazy *l)
{
	static const struct ssh_chan_ops chan_ops = { .data = on_data, .closed = on_closed };
	static const struct ssh_listen_ops ops = { .ready = on_ready, .accepted = on_accepted, .failed = on_failed,
						   .chan_ops = &chan_ops };
	struct ssh_conn *conn = host_conn(l->move->request.destination);

	if (!conn)
		return;
	l->listen = ssh_listen(conn, &ops, l);
	move_mark(l->move, "memory goes by ports");
}

/* ---- or a program at each end, and a socket that only root can reach ---- */

/* Said again when a connection went before it was heard. */
static void tell_joined(struct lazy *l)
{
	if (!l->told_source)
		end_say(l->move->source.end, COMMAND_JOINED, NULL);
	if (!l->told_destination)
		end_say(l->move->destination.end, COMMAND_JOINED, NULL);
}

static void on_joined(void *ctx)
{
	struct lazy *l = ctx;

	l->joined = true;
	move_mark(l->move, "memory joined");
	tell_joined(l);
}

/* Nobody else on the hosts can come between, and sshd need not forward. */
static void on_joiner_closed(void *ctx, const struct ssh_exit *how)
{
	struct lazy *l = ctx;
	struct err e = { 0 };

	if (!l->joined) {
		/* A connection that went comes back, and lazy_begin() is called. */
		l->by_ports |= !how->lost;
		loop_timer_set(l->broke, 0);
		return;
	}
	ended(l);
	if (end_facts(l->move->source.end)->launched || l->move->finishing)
		return;
	err_set(&e, how->lost ? ERR_LOST : ERR_REMOTE, NULL, "the way for its memory from %s to %s ended before it was frozen",
		l->move->info.source, l->move->info.destination);
	move_fail(l->move, &e);
}

/* What the source's end tells us, beside the memory. */
static void on_joiner_data(void *ctx, int stream, const char *data, size_t len)
{
	struct lazy *l = ctx;
	char *line;

	while (stream == 1 && !l->joined && (line = lines_next(&l->said, &data, &len))) {
		if (strcmp(line, "ready") == 0)
			on_joined(l);
		free(line);
	}
}

static void begin_joined(struct lazy *l)
{
	static const struct ssh_chan_ops from_ops = { .data = on_joiner_data, .closed = on_joiner_closed };
	static const struct ssh_chan_ops to_ops = { .data = on_data, .closed = on_joiner_closed };
	const struct move *move = l->move;
	const char *const from[] = { "from", move->source.dir, NULL };
	const char *const to[] = { "to", move->destination.dir, NULL };

	lines_clear(&l->said);
	l->giver = host_exec(move->request.source, "carry", from, &from_ops, l);
	l->taker = host_exec(move->request.destination, "carry", to, &to_ops, l);
	join_channels(l);
}

static void begin_relay(struct lazy *l)
{
	const struct host *source = l->move->request.source;

	if (!host_conn(source) || !host_conn(l->move->request.destination) || l->listen || l->giver)
		return;
	if (!l->by_ports && host_facts(source)->perl)
		begin_joined(l);
	else
		begin_ports(l);
}

/* ---- straight from host to host ---- */

static void no_direct_way(struct lazy *l, const struct err *e)
{
	sending_by_relay(l->move, e);
	begin_relay(l);
}

static void on_direct_done(void *ctx, const struct err *e)
{
	struct lazy *l = ctx;
	struct move *move = l->move;
	struct err gone = { 0 };

	l->direct = NULL;
	if (!l->joined) {
		err_set(&gone, ERR_REMOTE, move->info.source, "straight from %s to %s: it ended at once", move->info.source,
			move->info.destination);
		no_direct_way(l, e ? e : &gone);
		return;
	}
	ended(l);
	if (!e)
		return; /* one of the two CRIU ended it, and knows */
	if (!move->info.committed) {
		move_fail(move, e);
		return;
	}
	/* The destination may not see for long that nothing comes any more. What it says to this, "filled" or
	 * "discarded", stands. */
	log_add(LOG_WARN, NULL, "#%u %s", move->info.number, e->text);
	move->intent = INTENT_ABORT;
	flow_advance(move);
}

static void begin_direct(struct lazy *l)
{
	static const struct direct_ops ops = { .ready = on_joined, .progress = on_given, .done = on_direct_done };
	struct move *move = l->move;
	const char *const from_args[] = { "from", move->source.dir, host_name(move->request.source), NULL };
	const char *const to_args[] = { "to", move->destination.dir, host_name(move->request.destination), NULL };
	struct remote_line *from = remote_line(REMOTE_PLAIN, "carry", from_args), *to = remote_line(REMOTE_PLAIN, "carry", to_args);
	const struct direct_setup setup = { .source = move->request.source, .destination = move->request.destination,
					    .dir = move->source.dir, .sender = from, .receiver = to, .both = true,
					    .key = move->request.direct_key };
	struct err e = { 0 };

	l->direct = direct_open(move->loop, &setup, &ops, l, &e);
	remote_line_free(&from);
	remote_line_free(&to);
	if (!l->direct)
		no_direct_way(l, &e);
}

void lazy_begin(struct move *move)
{
	struct lazy *l = move->lazy;

	if (l && l->joined)
		tell_joined(l);
	else if (l && !l->direct)
		begin_relay(l);
	if (l || !host_conn(move->request.source) || !host_conn(move->request.destination))
		return;
	move->lazy = l = mem_new(struct lazy);
	l->move = move;
	lines_init(&l->said, SAID_MAX);
	l->broke = loop_timer_add(move->loop, -1, on_broke, l);
	if (move->info.via == VIA_DIRECT)
		begin_direct(l);
	else
		begin_relay(l);
}

void lazy_free(struct move *move)
{
	struct lazy *l = move->lazy;

	if (!l)
		return;
	move->lazy = NULL;
	ssh_listen_stop(&l->listen);
	direct_close(&l->direct);
	let_go(l);
	loop_timer_remove(&l->broke);
	lines_free(&l->said);
	free(l);
}

/* ---- what the ends say ---- */

static void one_told(struct lazy *l, bool *told)
{
	*told = true;
	l->ready = l->told_source && l->told_destination;
}

/* "PORT BYTES", port 0 when it was given a socket */
void lazy_serving(struct move *move, const char *rest)
{
	struct lazy *l = move->lazy;
	uint64_t bytes = 0;
	int port = 0;

	if (!l || l->total || sscanf(rest, "%d %" SCNu64, &port, &bytes) != 2 || port < 0 || port > 65535)
		return;
	l->port = port;
	l->total = bytes;
	join(l);
}

void lazy_source_joined(struct move *move, const char *rest)
{
	(void)rest;
	if (move->lazy)
		one_told(move->lazy, &move->lazy->told_source);
}

void lazy_destination_joined(struct move *move, const char *rest)
{
	(void)rest;
	if (move->lazy)
		one_told(move->lazy, &move->lazy->told_destination);
}

void lazy_port(struct move *move, const char *rest)
{
	(void)rest;
	if (move->lazy)
		move->lazy->ready = true;
}

void lazy_running(struct move *move)
{
	if (!move->lazy)
		return;
	move->info.committed = true;
	move->info.bytes_total = move->info.bytes + move->lazy->total;
	move_set_phase(move, PHASE_FILL);
}

void lazy_filled(struct move *move)
{
	struct lazy *l = move->lazy;

	if (!l)
		return;
	if (l->bytes < l->total)
		on_given(l, l->total); /* what went straight is told now and then */
	move_set_status(move, "");
}

void lazy_discarded(struct move *move, const char *rest)
{
	struct lazy *l = move->lazy;
	struct err e = { 0 };

	(void)rest;
	if (!l || move->info.reason.code != ERR_NONE ||
	    (!end_facts(move->destination.end)->running &&
	     !(l->ended && end_facts(move->source.end)->decision != DECISION_ABORT)))
		return;
	err_set(&e, ERR_LOST, NULL, "its memory stopped coming before all of it was on %s, so that copy was given up",
		move->info.destination);
	move_fail(move, &e);
}
