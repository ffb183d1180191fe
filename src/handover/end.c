/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handover/end.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/mem.h"
#include "remote/remote.h"

#define LINE_BOUND 65536
#define REATTACH_MS 200
#define NOISE_MAX (1u << 20) /* of lines that say nothing */
#define ATTACH_MS 12000  /* until it has told how it stands */
#define ANSWER_MS 15000  /* to a look; a word before it may take its time */

struct end {
	struct loop *loop;
	struct host *host;
	char *dir;
	struct end_ops ops;
	void *ctx;
	struct ssh_chan *chan;
	unsigned generation; /* of the host's connection that chan is on */
	struct lines lines;
	struct end_facts facts;
	unsigned ordered; /* orders given on this channel, one bit each */
	char *images;     /* where they are there; NULL when it was not staged by this pferry */
	bool said_fail;
	bool staging;     /* the channel makes the directory; another one only attaches */
	bool away;        /* told of that, and not yet that it is back */
	bool owes;        /* the answer to a look */
	size_t noise;     /* bytes since it last said something */
	struct loop_timer *reattach;
	struct loop_timer *silent; /* it owes an answer */
	char *name;           /* of a file, which has no host */
	end_order_fn *order;
	void *order_ctx;
};

static void attach_now(struct end *end);

static bool has_word(const char *line, const char *word, const char **rest)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
		return false;
	*rest = line[len] ? line + len + 1 : line + len;
	return true;
}

static void take_state(struct end *end, const char *state)
{
	struct end_facts *f = &end->facts;
	const struct {
		const char *name;
		bool *fact;
	} states[] = {
		{ "staged", &f->staged },     { "launched", &f->launched }, { "held", &f->held },
		{ "committed", &f->committed }, { "revoked", &f->revoked }, { "gone", &f->gone },
		{ "received", &f->received }, { "went", &f->went },         { "running", &f->running },
		{ "lost", &f->lost },         { "delivered", &f->delivered }, { "returning", &f->returning },
		{ "returned", &f->returned }, { "lazy", &f->lazy },         { "filled", &f->filled },
		{ "discarded", &f->discarded }, { "fills", &f->fills }, { "lapsed", &f->lapsed },
		{ "replaced", &f->replaced },   { "expects", &f->expects }, { "expected", &f->expected },
		{ "same", &f->same },           { "differs", &f->differs },
	};
	const char *rest;

	for (size_t i = 0; i < countof(states); i++) {
		if (has_word(state, states[i].name, &rest))
			*states[i].fact = true;
	}
	f->launched = f->launched || f->held;
	if (strcmp(state, "returning") == 0) {
		f->over = false; /* that was the dump's CRIU */
		f->exit_status = 0;
	}
	if (strcmp(state, "aborting") == 0)
		f->decision = DECISION_ABORT; /* taken on that host, so nobody told us */
	if (strncmp(state, "exit-", 5) == 0) {
		f->over = true;
		f->exit_status = atoi(state + 5);
	}
}

static void take_decision(struct end *end, const char *word)
{
	struct end_facts *f = &end->facts;

	if (strcmp(word, "commit") == 0)
		f->decision = DECISION_COMMIT;
	else if (strcmp(word, "abort") == 0)
		f->decision = DECISION_ABORT;
	else if (strcmp(word, "go") == 0)
		f->decision = DECISION_GO;
}

/* A shell that hangs keeps the channel open: only one that speaks is there. */
static void back(struct end *end)
{
	if (!end->away)
		return;
	end->away = false;
	end->ops.reach(end->ctx, end, true);
}

static void answered(struct end *end)
{
	loop_timer_set(end->silent, -1);
	end->owes = false;
	back(end);
}

static void take_live(struct end *end, const char *words)
{
	end->facts.tree_lives = strstr(words, "tree=1") != NULL;
	end->facts.rebooted = strstr(words, "boot=0") != NULL;
	end->facts.known = true;
}

static void tell(struct end *end, const char *word, const char *rest)
{
	end->ops.facts(end->ctx, end, word, rest);
}

static void take_fail(struct end *end, const char *sentence)
{
	end->said_fail = true;
	if (strncmp(sentence, "there is no ", 12) == 0) {
		end->facts.absent = true;
		end->facts.known = true;
		tell(end, "", "");
		return;
	}
	end->ops.failed(end->ctx, end, sentence);
}

/* Where they are, which begins with what the host was told; scp goes there. */
static void take_images(struct end *end, const char *path)
{
	static const char plain[] = ".0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t len = end->images ? strlen(end->images) : 0;

	if (len == 0 || strncmp(path, end->images, len) != 0 || path[len + strspn(path + len, plain)])
		return;
	free(end->images);
	end->images = mem_strdup(path);
}

static void take_line(struct end *end, const char *line)
{
	const char *rest;

	if (has_word(line, "state", &rest)) {
		take_state(end, rest);
		/* A directory that was made just now holds nothing else to tell. */
		if (strcmp(rest, "staged") == 0 && end->staging)
			end->facts.known = true;
		tell(end, rest, strchr(rest, ' ') ? strchr(rest, ' ') + 1 : "");
	} else if (has_word(line, "images", &rest)) {
		take_images(end, rest);
	} else if (has_word(line, "decision", &rest)) {
		take_decision(end, rest);
		tell(end, "decision", rest);
	} else if (has_word(line, "live", &rest)) {
		answered(end);
		take_live(end, rest);
		tell(end, "live", "");
	} else if (has_word(line, "fail", &rest)) {
		answered(end);
		take_fail(end, rest);
	} else if (strcmp(line, "cleaned") == 0) {
		end->facts.absent = true;
		tell(end, "cleaned", "");
	} else if (has_word(line, "image", &rest)) {
		if (end->ops.listed)
			end->ops.listed(end->ctx, end, rest);
	} else if (strcmp(line, "listed") == 0) {
		if (end->ops.listed)
			end->ops.listed(end->ctx, end, NULL);
	} else if (has_word(line, "size", &rest)) {
		if (end->ops.sized)
			end->ops.sized(end->ctx, end, strtoull(rest, NULL, 10));
	} else if (has_word(line, "log", &rest)) {
		if (end->ops.logged)
			end->ops.logged(end->ctx, end, rest);
	} else if (strcmp(line, "logged") == 0) {
		if (end->ops.logged)
			end->ops.logged(end->ctx, end, NULL);
	} else {
		return;
	}
	end->noise = 0;
}

static void on_data(void *ctx, int stream, const char *data, size_t len)
{
	struct end *end = ctx;
	const struct ssh_chan *chan = end->chan;
	char *line;

	/* Until a callback closes it. */
	end->noise += len;
	if (end->noise > NOISE_MAX) {
		/* A host that prints without end; from the loop, as its silence is. */
		loop_timer_set(end->silent, 0);
		return;
	}
	while (stream == 0 && end->chan == chan && (line = lines_next(&end->lines, &data, &len))) {
		take_line(end, line);
		free(line);
	}
}

/* Try again from the beginning. */
static void lose(struct end *end)
{
	end->facts.known = false;
	end->away = true;
	end->ops.reach(end->ctx, end, false);
	loop_timer_set(end->reattach, REATTACH_MS);
}

static void on_silent(void *ctx)
{
	struct end *end = ctx;
	bool was = end->away;

	if (!end->chan)
		return;
	ssh_chan_free(&end->chan);
	lines_clear(&end->lines);
	if (was)
		loop_timer_set(end->reattach, REATTACH_MS);
	else
		lose(end);
}

static void on_closed(void *ctx, const struct ssh_exit *how)
{
	struct end *end = ctx;

	ssh_chan_free(&end->chan);
	lines_clear(&end->lines);
	loop_timer_set(end->silent, -1);
	if (end->said_fail && !how->lost)
		return;
	if (end->facts.absent)
		return;
	if (end->away)
		loop_timer_set(end->reattach, REATTACH_MS);
	else
		lose(end);
}

static void open_channel(struct end *end, const char *const args[])
{
	static const struct ssh_chan_ops ops = { .data = on_data, .closed = on_closed };

	end->noise = 0;
	end->said_fail = end->owes = false;
	end->ordered = 0;
	end->generation = host_generation(end->host);
	end->chan = host_exec(end->host, "end", args, &ops, end);
}

static void on_reattach(void *ctx)
{
	attach_now(ctx);
}

static void attach_now(struct end *end)
{
	const char *args[] = { "attach", end->dir, NULL };
	bool keep = end->facts.keep;

	if (end->chan)
		return;
	if (!host_conn(end->host)) {
		host_retry(end->host);
		loop_timer_set(end->reattach, REATTACH_MS);
		return;
	}
	end->facts = (struct end_facts){ .keep = keep };
	end->staging = false; /* "known" comes with its live line, not before */
	open_channel(end, args);
	loop_timer_set(end->silent, ATTACH_MS);
}

struct end *end_new(struct loop *loop, struct host *host, const char *dir, const struct end_ops *ops, void *ctx)
{
	struct end *end = mem_new(struct end);

	end->loop = loop;
	end->host = host;
	end->dir = mem_strdup(dir);
	end->ops = *ops;
	end->ctx = ctx;
	lines_init(&end->lines, LINE_BOUND);
	end->reattach = loop_timer_add(loop, -1, on_reattach, end);
	end->silent = loop_timer_add(loop, -1, on_silent, end);
	return end;
}

struct end *end_new_file(const char *name, const struct end_ops *ops, void *ctx, end_order_fn *order, void *order_ctx)
{
	struct end *end = mem_new(struct end);

	end->name = mem_strdup(name);
	end->ops = *ops;
	end->ctx = ctx;
	end->order = order;
	end->order_ctx = order_ctx;
	return end;
}

void end_tell(struct end *end, const char *word)
{
	tell(end, word, "");
}

void end_tell_failed(struct end *end, const char *sentence)
{
	end->ops.failed(end->ctx, end, sentence);
}

const char *end_name(const struct end *end)
{
	return end->host ? host_name(end->host) : end->name ? end->name : "a host";
}

void end_free(struct end *end)
{
	if (!end)
		return;
	ssh_chan_free(&end->chan);
	loop_timer_remove(&end->reattach);
	loop_timer_remove(&end->silent);
	lines_free(&end->lines);
	free(end->dir);
	free(end->images);
	free(end->name);
	free(end);
}

/* One file of the directory, as take_files() of end.sh reads it; a line is cheaper there. */
static void put_file(struct buf *out, const char *name, size_t name_len, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || (len < 1024 && !strchr(value, '\n')))
		buf_printf(out, "line %.*s %s\n", (int)name_len, name, value);
	else
		buf_printf(out, "text %.*s %zu\n%s\n", (int)name_len, name, len + 1, value);
}

void end_stage(struct end *end, const char *images, const char *const pairs[])
{
	const char *args[] = { "stage", end->dir, NULL };
	struct buf files;
	char *hand;

	if (!host_conn(end->host)) {
		end->ops.failed(end->ctx, end, "the connection is not up");
		return;
	}
	buf_init(&files, 0);
	hand = remote_script_bare("hand");
	put_file(&files, "hand", strlen("hand"), hand);
	put_file(&files, "images", strlen("images"), images);
	free(end->images);
	end->images = mem_strdup(images);
	for (size_t i = 0; pairs[i]; i++) {
		size_t len = strcspn(pairs[i], "=");

		put_file(&files, pairs[i], len, pairs[i] + len + 1);
	}
	buf_puts(&files, ".\n");
	end->staging = true;
	open_channel(end, args);
	if (end->chan && !ssh_chan_write(end->chan, buf_data(&files), files.len)) {
		end->said_fail = true;
		end->ops.failed(end->ctx, end, "the names of the files that come along are too much for one move");
	}
	buf_wipe(&files);
	free(hand);
}

void end_attach(struct end *end)
{
	loop_timer_set(end->reattach, 0);
}

const char *end_images(const struct end *end)
{
	return end->images ? end->images : "";
}

const struct end_facts *end_facts(const struct end *end)
{
	return &end->facts;
}

struct end_facts *end_facts_edit(struct end *end)
{
	return &end->facts;
}

struct host *end_host(const struct end *end)
{
	return end->host;
}

bool end_reachable(const struct end *end)
{
	return end->chan != NULL;
}

void end_say(struct end *end, const char *word)
{
	char line[64];

	if (!end->chan)
		return;
	/* Until it is staged it reads no words. */
	if (strcmp(word, "look") == 0 && end->facts.known && !end->owes)
		loop_timer_set(end->silent, ANSWER_MS);
	end->owes |= strcmp(word, "look") == 0;
	snprintf(line, sizeof line, "%s\n", word);
	ssh_chan_write(end->chan, line, strlen(line));
}

void end_order(struct end *end, enum order order)
{
	struct end_facts *f = &end->facts;

	if (end->order && order != ORDER_NONE && !(end->ordered & 1u << order)) {
		end->ordered |= 1u << order;
		end->order(end->order_ctx, order);
	}
	if (order == ORDER_NONE || !end->chan || end->ordered & 1u << order)
		return;
	end->ordered |= 1u << order;
	if (order == ORDER_AGAIN) {
		/* What was true of the failed restore is not of the next. */
		f->held = f->lost = f->went = f->over = f->rebooted = f->running = f->fills = f->same = f->differs = false;
		end->ordered &= ~(1u << ORDER_AGAIN | 1u << ORDER_GO);
	}
	if (order == ORDER_BACK) {
		f->returning = true;
		f->over = false;
		end->ordered &= ~(1u << ORDER_BACK);
	}
	end_say(end, order_name(order));
}

void end_renew(struct end *end)
{
	end_say(end, "renew");
}
