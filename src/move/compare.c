/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "move/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "move/move_priv.h"
#include "transport/relay.h"

#define TRIES 4
#define SAID_MAX 4096
#define FIELDS 6

struct compare {
	struct ssh_run *placing;
	bool placed;
	struct relay *relay;
	unsigned opened;     /* of the relay's two scripts */
	bool over, lost;     /* the relay is */
	unsigned tries;
};

static struct compare *compare_of(struct move *move)
{
	if (!move->compare)
		move->compare = mem_new(struct compare);
	return move->compare;
}

void compare_free(struct move *move)
{
	struct compare *c = move->compare;

	if (!c)
		return;
	move->compare = NULL;
	ssh_run_cancel(&c->placing);
	relay_stop(&c->relay);
	free(c);
}

static void on_placed(void *ctx, const struct ssh_output *output)
{
	struct move *move = ctx;
	const char *name = move->info.destination;
	struct err e = { 0 };

	move->compare->placing = NULL;
	if (move->intent != INTENT_MOVE)
		return;
	if (output->how.lost)
		return; /* it comes back, and flow_advance() with it */
	if (output->how.status != 0 || output->how.why[0]) {
		relay_not_received(&e, name, output->out, output->how.why[0] ? output->how.why : "what its copy is compared with could not be sent");
		move_fail(move, &e);
		return;
	}
	move->compare->placed = true;
	move_mark(move, "names are there");
	flow_advance(move);
}

bool compare_placed(struct move *move)
{
	const char *args[] = { move->destination.dir, "nodes", NULL };
	struct compare *c = compare_of(move);

	if (c->placed || !move->request.destination || !move->result->nodes)
		return true;
	if (!c->placing && host_conn(move->request.destination) && move->intent == INTENT_MOVE)
		c->placing = host_run(move->request.destination, "expect", args, move->result->nodes,
				      strlen(move->result->nodes), SAID_MAX, on_placed, move);
	return false;
}

/* ---- the fingerprint ---- */

/* From a file, and into one, the fingerprint goes with the images. */
static bool goes_beside(const struct move *move)
{
	return move->request.source && move->request.destination;
}

static void on_opened(void *ctx)
{
	struct move *move = ctx;

	move->compare->opened++;
	sending_ready(move);
}

static void on_progress(void *ctx, uint64_t bytes)
{
	(void)ctx;
	(void)bytes;
}

static void on_over(void *ctx, const struct relay_result *result)
{
	struct move *move = ctx;
	struct compare *c = move->compare;
	const struct end_facts *s = end_facts(move->source.end);
	const char *name = host_name(result->host);
	struct err e = { 0 };

	c->over = true;
	c->lost = result->lost;
	if (result->lost || move->intent != INTENT_MOVE)
		return;
	if (result->why[0])
		err_set(&e, ERR_REMOTE, name, "%s: %s", name, result->why);
	else if (result->failed)
		relay_not_received(&e, move->info.destination, result->said, "what its copy is compared with could not be received");
	/* A source that was not held has nothing to print, and a better reason. */
	if (e.code != ERR_NONE && (s->held || !s->launched) && s->decision == DECISION_NONE)
		move_fail(move, &e);
}

void compare_begin(struct move *move)
{
	static const struct relay_ops ops = { .opened = on_opened, .progress = on_progress, .over = on_over };
	const char *from[] = { move->source.dir, NULL }, *to[] = { move->destination.dir, "expect", NULL };
	const struct relay_script prints = { move->request.source, "print", from };
	const struct relay_script expects = { move->request.destination, "expect", to };
	struct compare *c = compare_of(move);

	if (!goes_beside(move))
		return;
	relay_stop(&c->relay);
	c->tries++;
	c->over = c->lost = false;
	c->opened = 0;
	if (!host_conn(move->request.source) || !host_conn(move->request.destination)) {
		c->over = c->lost = true;
		return;
	}
	c->relay = relay_start(&prints, &expects, &ops, move);
	relay_hurry(c->relay);
}

bool compare_open(const struct move *move)
{
	return !goes_beside(move) || (move->compare && (move->compare->opened >= 2 || move->compare->tries > 1));
}

void compare_tick(struct move *move)
{
	const struct end_facts *s = end_facts(move->source.end), *d = end_facts(move->destination.end);
	struct compare *c = move->compare;
	struct err e = { 0 };

	if (!c || !c->over || !c->lost || !s->known || !d->known || d->expected || s->decision != DECISION_NONE ||
	    move->intent != INTENT_MOVE)
		return;
	if (c->tries < TRIES) {
		compare_begin(move);
		return;
	}
	err_set(&e, ERR_LOST, NULL, "the connection broke again and again while its fingerprint was sent");
	move_fail(move, &e);
}

/* ---- what came of it ---- */

static const char *next_word(const char **words, char *out, size_t size)
{
	size_t len = strcspn(*words, " ");

	snprintf(out, size, "%.*s", (int)len, *words);
	*words += len + ((*words)[len] == ' ');
	return out;
}

/* \OOO back to the byte; what cannot be shown is for err_set() to clean. */
static void show_name(char *name)
{
	char *to = name;

	for (const char *c = name; *c; c++) {
		if (c[0] == '\\' && c[1] >= '0' && c[1] <= '3' && c[2] >= '0' && c[2] <= '7' && c[3] >= '0' && c[3] <= '7') {
			*to++ = (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0'));
			c += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
}

static void name_what(const char *what, const char *pid, const char *which, char *out, size_t size)
{
	if (strcmp(what, "fd") == 0)
		snprintf(out, size, "descriptor %.20s of process %.40s", which, pid);
	else if (strcmp(what, "exe") == 0)
		snprintf(out, size, "the program of process %.40s", pid);
	else if (strcmp(what, "cwd") == 0)
		snprintf(out, size, "the working directory of process %.40s", pid);
	else if (strcmp(what, "root") == 0)
		snprintf(out, size, "the root directory of process %.40s", pid);
	else if (strcmp(what, "map") == 0)
		snprintf(out, size, "a file mapped by process %.40s", pid);
	else if (strcmp(what, "task") == 0)
		snprintf(out, size, "the descriptors of its own of thread %.40s", pid);
	else if (strcmp(what, "proc") == 0)
		snprintf(out, size, "process %.40s", pid);
	else
		snprintf(out, size, "what could be seen of it");
}

void compare_sentence(const char *words, char *out, unsigned long size)
{
	char field[FIELDS][1024], what[128];
	const char *how, *rest = words;
	char *clean;

	for (size_t i = 0; i < FIELDS; i++)
		next_word(&rest, field[i], sizeof field[i]);
	show_name(field[4]);
	show_name(field[5]);
	name_what(field[1], field[2], field[3], what, sizeof what);
	how = field[0];
	if (strcmp(how, "name") == 0)
		snprintf(out, size, "%s would be %.300s, not %.300s", what, field[5], field[4]);
	else if (strcmp(how, "missing") == 0 && strcmp(field[4], "-") != 0)
		snprintf(out, size, "%s, %.300s, would be missing", what, field[4]);
	else if (strcmp(how, "missing") == 0)
		snprintf(out, size, "%s would be missing", what);
	else if (strcmp(how, "file") == 0)
		snprintf(out, size, "%s would be another file than lay there before the move", what);
	else if (strcmp(how, "owner") == 0 || strcmp(how, "group") == 0)
		snprintf(out, size, "%s would belong to %s %.20s, not %.20s", what, *how == 'o' ? "user" : "group", field[5], field[4]);
	else if (strcmp(how, "mode") == 0)
		snprintf(out, size, "%s would have mode %lo, not %lo", what, strtoul(field[5], NULL, 16), strtoul(field[4], NULL, 16));
	else if (strcmp(how, "kind") == 0)
		snprintf(out, size, "%s would be a %.40s, not a %.40s", what, field[5], field[4]);
	else
		snprintf(out, size, "%s would differ in %.20s", what, how);
	clean = text_sanitize(out, strlen(out), size - 1);
	snprintf(out, size, "%s", clean);
	free(clean);
}

void compare_differs(struct move *move, const char *rest)
{
	const char *name = move->info.destination;
	char text[900];
	struct err e = { 0 };

	compare_sentence(*rest ? rest : "missing fingerprint - - - -", text, sizeof text);
	err_set(&e, ERR_DIFFERS, name, "its copy on %s was not let run: %s; see who can write in the directories on the way there",
		name, text);
	move_mark(move, "the copy differs");
	move_fail(move, &e);
}

void compare_same(struct move *move, const char *rest)
{
	char text[900];

	if (strncmp(rest, "unprinted ", 10) == 0) {
		move_warn(move, "It was not compared with what it was: it was saved by a pferry that recorded nothing to compare with.");
	} else if (*rest) {
		compare_sentence(rest, text, sizeof text);
		move_warn(move, "Not all is as it was: %s.", text);
	}
}
