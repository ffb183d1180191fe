/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Post-copy: the tree runs at the destination as soon as it stands there, and
 * its memory follows, what it touches first.
 *
 * CRIU at the source serves memory on a port of its loopback address, and the
 * daemon at the destination (lazy.sh) connects to one of its own, which sshd
 * opens for us; here the two connections are joined.  There is no second try:
 * CRIU serves one connection.  When it ends, the daemon says whether it had all;
 * the facts of the ends decide, not what is seen here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "move/findings.h"
#include "move/move_priv.h"

struct lazy {
	struct move *move;
	struct ssh_listen *listen;          /* the port at the destination */
	struct ssh_chan *taker, *giver;     /* the daemon's connection, CRIU's at the source */
	struct ssh_splice *asked, *given;   /* from one to the other, and back */
	struct loop_timer *broke;
	int port;                           /* at the source; 0: it does not serve yet */
	bool begun, ready, ended;
	uint64_t total;                     /* bytes that follow */
};

void lazy_judge(struct move *move)
{
	const struct judge judge = { .options = &move->check_options };
	struct move_info *info = &move->info;
	struct check_result *r = move->result;
	const char *what = NULL;

	if (info->mode != MODE_POSTCOPY || (r->refused && !r->choice))
		return;
	if (r->tcp)
		what = "has established connections, which could not be taken back should its memory not arrive";
	else if (r->deleted)
		what = "has deleted files open";
	else if (r->tty || r->shell_job)
		what = "belongs to a terminal";
	else if (r->pidns)
		what = "needs a pid namespace of its own there";
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

/* From the loop: whoever called may be what is freed. */
static void on_broke(void *ctx)
{
	let_go(ctx);
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

static void join(struct lazy *l)
{
	static const struct ssh_chan_ops ops = { .data = on_data, .closed = on_closed };
	static const struct ssh_splice_ops asked = { .done = on_asked_done };
	static const struct ssh_splice_ops given = { .progress = on_given, .done = on_given_done };
	struct ssh_conn *conn = host_conn(l->move->request.source);

	if (!l->port || !l->taker || l->giver || l->ended)
		return;
	if (!conn) {
		ended(l);
		return;
	}
	l->giver = ssh_connect(conn, l->port, &ops, l);
	l->asked = ssh_splice(l->taker, l->giver, &asked, l);
	l->given = ssh_splice(l->giver, l->taker, &given, l);
	move_mark(l->move, "memory joined");
}

/* ---- the port at the destination ---- */

static void on_ready(void *ctx, int port)
{
	struct lazy *l = ctx;
	char word[32];

	snprintf(word, sizeof word, "port %d", port);
	end_say(l->move->destination.end, word);
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

void lazy_begin(struct move *move)
{
	static const struct ssh_chan_ops chan_ops = { .data = on_data, .closed = on_closed };
	static const struct ssh_listen_ops ops = { .ready = on_ready, .accepted = on_accepted, .failed = on_failed,
						   .chan_ops = &chan_ops };
	struct ssh_conn *conn = host_conn(move->request.destination);

	if (move->lazy || !conn)
		return;
	move->lazy = mem_new(struct lazy);
	move->lazy->move = move;
	move->lazy->broke = loop_timer_add(move->loop, -1, on_broke, move->lazy);
	move->lazy->listen = ssh_listen(conn, &ops, move->lazy);
}

void lazy_free(struct move *move)
{
	struct lazy *l = move->lazy;

	if (!l)
		return;
	move->lazy = NULL;
	ssh_listen_stop(&l->listen);
	let_go(l);
	loop_timer_remove(&l->broke);
	free(l);
}

/* ---- what the ends say ---- */

/* "serving PORT BYTES" */
void lazy_source_word(struct move *move, const char *word, const char *rest)
{
	struct lazy *l = move->lazy;
	uint64_t bytes = 0;
	int port = 0;

	(void)word;
	if (!l || l->port || sscanf(rest, "%d %" SCNu64, &port, &bytes) != 2 || port <= 0 || port > 65535)
		return;
	l->port = port;
	l->total = bytes;
	join(l);
}

void lazy_destination_word(struct move *move, const char *word)
{
	struct lazy *l = move->lazy;
	struct err e = { 0 };

	if (!l)
		return;
	if (strcmp(word, "port") == 0) {
		l->ready = true;
	} else if (strncmp(word, "running", 7) == 0) {
		move->info.committed = true;
		move->info.bytes_total = move->info.bytes + l->total;
		move_set_phase(move, PHASE_FILL);
	} else if (strcmp(word, "filled") == 0) {
		move_set_status(move, "");
	} else if (strcmp(word, "discarded") == 0 && move->info.reason.code == ERR_NONE &&
		   (end_facts(move->destination.end)->running ||
		    (l->ended && end_facts(move->source.end)->decision != DECISION_ABORT))) {
		err_set(&e, ERR_LOST, NULL, "its memory stopped coming before all of it was on %s, so that copy was given up",
			move->info.destination);
		move_fail(move, &e);
	}
}
