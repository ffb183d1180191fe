/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/recover.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/host.h"
#include "engine/engine_priv.h"
#include "move/move_priv.h"

#define SCAN_MAX (1u << 20)
#define MOVES_MAX 512
#define RESCAN_MS 1000

enum { ROLE_SOURCE, ROLE_DESTINATION };
enum { OWN_ROOT, OWN_LOGIN }; /* whose directory: root's, or that of a login without root */

/* A directory of a move. */
struct place {
	struct host *host;
	char base[256];
};

/* One move that some host has a directory of. */
struct cut {
	struct recovered item;
	uint64_t start;
	struct host *source, *destination; /* where its two directories are */
	char source_base[256], destination_base[256];
	struct place places[2][2]; /* by ROLE_ and OWN_: what the scans have found */
	char told[2][256];   /* by ROLE_: the bases that the record names */
	bool by_root;        /* a record of root's was read: it is believed before a user's */
	char file[512], machine[128]; /* one end is a file there; "" when both are hosts */
	int64_t lease_left;  /* seconds until its lease is over, the longer of both */
	int64_t first_left;  /* as it was at the first look */
	bool reported, told_waiting;
};

struct scan {
	struct recover *recover;
	struct host *host;
	char base[256]; /* it looked below that */
	struct ssh_run *run;
};

struct recover {
	struct engine *engine;
	struct loop *loop;
	bool act, asked; /* asked: for root, where that takes a password */
	recover_fn *fn;
	void *ctx;
	struct scan *scans;
	size_t nscans, waiting;
	struct cut *cuts; /* room for MOVES_MAX, so that they stay where they are */
	size_t ncuts;
	struct hash by_id;
	struct loop_timer *again;
	int looks;
	size_t acting;
	bool swept, ended;
};

const char *recover_result_name(enum recover_result result)
{
	static const char *const names[] = {
		[RECOVER_FOUND] = "found", [RECOVER_FINISHED] = "finished", [RECOVER_UNDONE] = "undone", [RECOVER_LEFT] = "left",
		[RECOVER_WAITING] = "waiting", [RECOVER_LOST] = "lost", [RECOVER_SWEPT] = "swept",
	};

	return names[result];
}

static void tell(struct recover *r, struct cut *cut, enum recover_result result, const char *sentence)
{
	cut->reported = true;
	cut->item.result = result;
	snprintf(cut->item.sentence, sizeof cut->item.sentence, "%s", sentence);
	r->fn(r->ctx, &cut->item);
}

/* Its pferry may be gone, or not: its lease will show. */
static void tell_waiting(struct recover *r, struct cut *cut)
{
	char text[512];

	if (cut->told_waiting)
		return;
	cut->told_waiting = true;
	snprintf(text, sizeof text, "%.63s(%d) from %.60s to %.60s: waiting up to %d s, until it is sure that no pferry is at it.",
		 cut->item.name, (int)cut->item.pid, cut->item.source, cut->item.destination, (int)cut->lease_left);
	tell(r, cut, RECOVER_WAITING, text);
	cut->reported = false;
}

static void on_end(void *ctx)
{
	struct recover *r = ctx;

	r->fn(r->ctx, NULL);
	loop_timer_remove(&r->again);
	free(r->scans);
	free(r->cuts);
	hash_free(&r->by_id);
	free(r);
}

static bool sweep(struct recover *r);

static void end_if_over(struct recover *r)
{
	if (r->ended || r->acting || r->waiting)
		return;
	for (size_t i = 0; i < r->ncuts; i++) {
		if (!r->cuts[i].reported)
			return;
	}
	if (r->act && !r->swept && sweep(r))
		return;
	r->ended = true;
	loop_timer_remove(&r->again);
	r->again = loop_timer_add(r->loop, 0, on_end, r);
}

/* ---- reading what is there ---- */

static struct cut *find_cut(struct recover *r, const char *id)
{
	uint64_t hash = hash_bytes(id, strlen(id));
	size_t at = hash_get_text(&r->by_id, id, hash);
	struct cut *cut;

	if (at != HASH_NONE)
		return &r->cuts[at];
	if (r->ncuts == MOVES_MAX)
		return NULL;
	if (!r->cuts)
		r->cuts = mem_array(MOVES_MAX, sizeof *r->cuts);
	cut = &r->cuts[r->ncuts++];
	memset(cut, 0, sizeof *cut);
	cut->first_left = -1;
	snprintf(cut->item.id, sizeof cut->item.id, "%s", id);
	hash_add_text(&r->by_id, cut->item.id, hash, r->ncuts - 1);
	return cut;
}

/* The id names a directory that is removed in the end: nothing but ours will do. */
static bool id_ok(const char *id)
{
	return strlen(id) > 8 && strlen(id) < 40 && id[strspn(id, "0123456789abcdef-")] == '\0';
}

/* A directory that others can write to says nothing, and nothing in it is run. */
static void tell_refused(const struct scan *scan, const char *path)
{
	struct recovered item = { .result = RECOVER_LEFT };
	const char *host = host_name(scan->host), *id = strrchr(path, '/');

	if (!scan->recover->act || scan->recover->looks != 1)
		return;
	snprintf(item.id, sizeof item.id, "%.39s", id ? id + 1 : path);
	snprintf(item.source, sizeof item.source, "%.127s", host);
	snprintf(item.sentence, sizeof item.sentence,
		 "%.200s on %.100s was left alone: another user made it or can write to it. Look at it and remove it.", path, host);
	scan->recover->fn(scan->recover->ctx, &item);
}

/*
 * What a login left below its home is written by that login's user, who need not be root.  It never stands for what
 * root has seen: not for another place than root's record names, and none of its lines for one of root's.
 * Both ends of a move can lie in places of either kind.
 */
static void settle_places(struct cut *cut)
{
	for (int role = ROLE_SOURCE; role <= ROLE_DESTINATION; role++) {
		struct host **host = role == ROLE_SOURCE ? &cut->source : &cut->destination;
		char *base = role == ROLE_SOURCE ? cut->source_base : cut->destination_base;
		const struct place *place = &cut->places[role][OWN_ROOT], *own = &cut->places[role][OWN_LOGIN];

		if (!place->host && own->host && (!cut->by_root || strcmp(cut->told[role], own->base) == 0))
			place = own;
		*host = place->host;
		snprintf(base, sizeof cut->source_base, "%s", place->host ? place->base : cut->told[role]);
	}
}

/* What the record in that directory says; `line` is its first word. */
static void take_record(struct cut *cut, const char *line, const char *value)
{
	struct recovered *item = &cut->item;
	long age, good;

	if (strcmp(line, "lease") == 0 && sscanf(value, "%ld %ld", &age, &good) == 2)
		cut->lease_left = good - age > cut->lease_left ? good - age : cut->lease_left;
	else if (strcmp(line, "source-base") == 0)
		snprintf(cut->told[ROLE_SOURCE], sizeof cut->told[0], "%.255s", value);
	else if (strcmp(line, "destination-base") == 0)
		snprintf(cut->told[ROLE_DESTINATION], sizeof cut->told[0], "%.255s", value);
	else if (strcmp(line, "source") == 0)
		snprintf(item->source, sizeof item->source, "%.127s", value);
	else if (strcmp(line, "destination") == 0)
		snprintf(item->destination, sizeof item->destination, "%.127s", value);
	else if (strcmp(line, "file") == 0 && value[0] == '/')
		snprintf(cut->file, sizeof cut->file, "%.511s", value);
	else if (strcmp(line, "machine") == 0)
		snprintf(cut->machine, sizeof cut->machine, "%.127s", value);
	else if (strcmp(line, "name") == 0)
		snprintf(item->name, sizeof item->name, "%.63s", value);
	else if (strcmp(line, "pid") == 0)
		item->pid = (pid_t)atoi(value);
	else if (strcmp(line, "start") == 0)
		cut->start = strtoull(value, NULL, 10);
}

static void take_line(struct recover *r, const struct scan *scan, struct cut **cut, char *line)
{
	int own = strcmp(scan->base, HOST_ROOT_BASE) == 0 ? OWN_ROOT : OWN_LOGIN;
	char *value = strchr(line, ' ');
	struct place *place;

	if (!value)
		return;
	*value++ = '\0';
	if (strcmp(line, "refused") == 0) {
		tell_refused(scan, value);
	} else if (strcmp(line, "move") == 0) {
		*cut = id_ok(value) ? find_cut(r, value) : NULL;
		if (*cut && own == OWN_ROOT && !(*cut)->by_root) {
			(*cut)->by_root = true;
			(*cut)->lease_left = 0;
			(*cut)->file[0] = (*cut)->machine[0] = '\0';
		}
	} else if (*cut && strcmp(line, "role") == 0) {
		place = &(*cut)->places[strcmp(value, "source") == 0 ? ROLE_SOURCE : ROLE_DESTINATION][own];
		place->host = scan->host;
		snprintf(place->base, sizeof place->base, "%s", scan->base);
	} else if (*cut && (own == OWN_ROOT || !(*cut)->by_root)) {
		take_record(*cut, line, value);
	}
}

static void take_scan(struct recover *r, const struct scan *scan, const char *text, size_t len)
{
	char *clean = mem_strndup(text, len), *at = clean, *line;
	struct cut *cut = NULL;
	bool begun = false;

	while ((line = strsep(&at, "\n"))) {
		char *safe;

		if (!*line)
			continue;
		safe = text_sanitize(line, strlen(line), 512);
		if (begun)
			take_line(r, scan, &cut, safe);
		else
			begun = strcmp(safe, "pferry-scan 1") == 0;
		free(safe);
	}
	free(clean);
}

/* ---- acting ---- */

static void on_recovered(void *ctx, struct move *move)
{
	struct recover *r = ctx;
	const struct move_info *info = move_info(move);
	char sentence[ERR_TEXT_MAX];

	r->acting--;
	for (size_t i = 0; i < r->ncuts; i++) {
		enum recover_result result = info->outcome == MOVE_MOVED         ? RECOVER_FINISHED
					     : info->outcome == MOVE_ROLLED_BACK ? RECOVER_UNDONE
					     : info->outcome == MOVE_LOST        ? RECOVER_LOST
										 : RECOVER_LEFT;

		if (strcmp(r->cuts[i].item.id, info->id) != 0)
			continue;
		move_sentence(move, sentence, sizeof sentence);
		tell(r, &r->cuts[i], result, sentence);
	}
	end_if_over(r);
}

static void act_on(struct recover *r, struct cut *cut)
{
	struct move_recovery recovery = {
		.id = cut->item.id,
		.name = cut->item.name,
		.file = cut->file,
		.machine = cut->machine,
		.proc = { .pid = cut->item.pid, .start = cut->start },
		.source = cut->source,
		.destination = cut->destination,
		.source_name = cut->item.source,
		.destination_name = cut->item.destination,
		/* A host that was asked and has no directory has none; one that
		 * was not asked may have. */
		.source_base = cut->source_base,
		.destination_base = cut->destination_base,
		.source_asked = cut->source || engine_host_scanned(r->engine, cut->item.source, cut->source_base),
		.destination_asked = cut->destination || engine_host_scanned(r->engine, cut->item.destination, cut->destination_base),
		.done = on_recovered,
		.ctx = r,
	};

	r->acting++;
	cut->reported = true;
	engine_start_recovery(r->engine, &recovery);
}

static void look(struct recover *r);

static void on_again(void *ctx)
{
	look(ctx);
}

static void judge(struct recover *r)
{
	bool wait = false;

	for (size_t i = 0; i < r->ncuts; i++) {
		struct cut *cut = &r->cuts[i];
		char text[256];

		if (cut->reported)
			continue;
		settle_places(cut);
		if (cut->first_left < 0)
			cut->first_left = cut->lease_left > 0 ? cut->lease_left : 0;
		if (engine_moves_id(r->engine, cut->item.id)) {
			tell(r, cut, RECOVER_LEFT, "this pferry is moving it just now");
		} else if (cut->lease_left > 0 && (r->looks > 1 && cut->lease_left >= cut->first_left)) {
			snprintf(text, sizeof text, "another pferry is moving %.63s(%d) just now: left alone", cut->item.name,
				 (int)cut->item.pid);
			tell(r, cut, RECOVER_LEFT, text);
		} else if (cut->lease_left > 0 && r->act) {
			tell_waiting(r, cut);
			wait = true;
		} else if (cut->lease_left > 0) {
			cut->reported = true; /* looking only: it is not cut off, as far as one can tell */
		} else if (r->act) {
			act_on(r, cut);
		} else {
			snprintf(text, sizeof text, "%.63s(%d) from %.60s to %.60s", cut->item.name,
				 (int)cut->item.pid, cut->item.source, cut->item.destination);
			tell(r, cut, RECOVER_FOUND, text);
		}
	}
	if (wait)
		loop_timer_set(r->again, RESCAN_MS);
	end_if_over(r);
}

/* What is cut off there is not known. */
static void tell_unheard(const struct scan *scan, const char *why)
{
	struct recovered item = { .result = RECOVER_LEFT, .id = "" };
	const char *host = host_name(scan->host);

	if (scan->recover->looks > 1)
		return;
	snprintf(item.source, sizeof item.source, "%.127s", host);
	snprintf(item.sentence, sizeof item.sentence, "What was cut off on %.100s is not known: %.160s; run recover again.", host,
		 *why ? why : "it did not answer to the end");
	scan->recover->fn(scan->recover->ctx, &item);
}

static void on_scanned(void *ctx, const struct ssh_output *output)
{
	struct scan *scan = ctx;
	struct recover *r = scan->recover;

	scan->run = NULL;
	if (output->how.why[0] || output->how.lost || !strstr(output->out, "\nend\n"))
		tell_unheard(scan, output->how.why);
	take_scan(r, scan, output->out, output->out_len);
	if (--r->waiting == 0)
		judge(r);
}

/* Whether a password is being asked for; then it is looked again later. */
static bool wait_for_root(struct recover *r)
{
	bool settled = true, asked = r->asked;

	r->asked = true;
	for (size_t i = 0; i < engine_hosts(r->engine); i++) {
		struct host *host = engine_host(r->engine, i);

		if (!asked)
			host_want_root(host);
		settled &= host_root_settled(host);
	}
	if (!settled)
		loop_timer_set(r->again, RESCAN_MS / 5);
	return !settled;
}

static void start_scan(struct recover *r, struct host *host, const char *base, const char *script, ssh_run_fn *done)
{
	struct scan *scan = &r->scans[r->nscans++];
	const char *args[] = { scan->base, NULL };

	scan->recover = r;
	scan->host = host;
	snprintf(scan->base, sizeof scan->base, "%s", base);
	r->waiting++;
	scan->run = host_run(host, script, args, NULL, 0, SCAN_MAX, done, scan);
}

/* Run a script on each host that is up, for root's moves and for those of its login without root. */
static void start_scans(struct recover *r, const char *script, ssh_run_fn *done)
{
	size_t n = engine_hosts(r->engine);

	free(r->scans);
	r->scans = mem_array(2 * n, sizeof *r->scans);
	r->nscans = 0;
	for (size_t i = 0; i < n; i++) {
		struct host *host = engine_host(r->engine, i);

		if (!host_conn(host) || !host_may_move(host))
			continue;
		if (host_facts(host)->root)
			start_scan(r, host, HOST_ROOT_BASE, script, done);
		if (*host_own_base(host))
			start_scan(r, host, host_own_base(host), script, done);
	}
}

static void look(struct recover *r)
{
	if (r->act && wait_for_root(r))
		return;
	r->looks++;
	for (size_t i = 0; i < r->ncuts; i++)
		r->cuts[i].lease_left = 0;
	start_scans(r, "scan", on_scanned);
	if (r->waiting == 0)
		judge(r);
}

/* ---- what belongs to no move ---- */

static void tell_swept(const struct scan *scan, const char *path)
{
	struct recovered item = { .result = RECOVER_SWEPT };
	const char *host = host_name(scan->host), *id = strrchr(path, '/');

	snprintf(item.id, sizeof item.id, "%.39s", id ? id + 1 : path);
	snprintf(item.source, sizeof item.source, "%.127s", host);
	snprintf(item.sentence, sizeof item.sentence, "Removed %.200s on %.100s: it belonged to no move.", path, host);
	scan->recover->fn(scan->recover->ctx, &item);
}

static void on_swept(void *ctx, const struct ssh_output *output)
{
	struct scan *scan = ctx;
	char *clean = mem_strndup(output->out, output->out_len), *at = clean, *line;

	scan->run = NULL;
	while ((line = strsep(&at, "\n"))) {
		char *safe = text_sanitize(line, strlen(line), 256);

		if (strncmp(safe, "swept ", 6) == 0)
			tell_swept(scan, safe + 6);
		free(safe);
	}
	free(clean);
	scan->recover->waiting--;
	end_if_over(scan->recover);
}

/* Remove what was left before it had a record; true while that is under way. */
static bool sweep(struct recover *r)
{
	r->swept = true;
	start_scans(r, "sweep", on_swept);
	return r->waiting > 0;
}

struct recover *engine_recover(struct engine *engine, bool act, recover_fn *fn, void *ctx)
{
	struct recover *r = mem_new(struct recover);

	r->engine = engine;
	r->loop = engine_loop(engine);
	r->act = act;
	r->fn = fn;
	r->ctx = ctx;
	r->again = loop_timer_add(r->loop, -1, on_again, r);
	look(r);
	return r;
}
