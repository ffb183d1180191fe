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

/* "state WORD [REST]"; NOTICE_NONE: a word that is not known says nothing. */
static enum notice take_state(struct end *end, const char *state, const char **rest)
{
	struct end_facts *f = &end->facts;
	enum notice notice = notice_of(state, rest);

	notice_set_fact(notice, f);
	f->launched = f->launched || f->held;
	if (notice == NOTICE_RETURNING) {
		f->over = false; /* that was the dump's CRIU */
		f->exit_status = 0;
	} else if (notice == NOTICE_ABORTING) {
		f->decision = DECISION_ABORT; /* taken on that host, so nobody told us */
	} else if (notice == NOTICE_EXIT) {
		f->over = true;
		f->exit_status = atoi(*rest);
	} else if (notice == NOTICE_STAGED && end->staging) {
		f->known = true; /* a directory that was made just now holds nothing else to tell */
	}
	return notice;
}

static void take_decision(struct end *end, const char *word)
{
	enum decision decision = decision_of(word);

	if (decision != DECISION_NONE)
		end->facts.decision = decision;
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

static void tell(struct end *end, enum notice notice, const char *rest)
{
	end->ops.facts(end->ctx, end, notice, rest);
}

static void take_fail(struct end *end, const char *text)
{
	const char *sentence;
	enum failure failure = failure_of(text, &sentence);

	end->said_fail = true;
	if (failure == FAILURE_ABSENT) {
		end->facts.absent = true;
		end->facts.known = true;
		tell(end, NOTICE_NONE, "");
		return;
	}
	end->ops.failed(end->ctx, end, failure, sentence);
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

/* A list or a log that was asked for; NULL ends it. */
static void take_item(struct end *end, void (*take)(void *ctx, struct end *end, const char *line), const char *item)
{
	if (take)
		take(end->ctx, end, item);
}

static void take_line(struct end *end, const char *text)
{
	const char *rest, *state;
	enum line line = line_of(text, &rest);
	enum notice notice;

	switch (line) {
	case LINE_NONE:
		return;
	case LINE_STATE:
		state = rest;
		notice = take_state(end, state, &rest);
		if (notice == NOTICE_NONE)
			return;
		tell(end, notice, rest);
		break;
	case LINE_IMAGES:
		take_images(end, rest);
		break;
	case LINE_DECISION:
		take_decision(end, rest);
		tell(end, NOTICE_DECISION, rest);
		break;
	case LINE_LIVE:
		answered(end);
		take_live(end, rest);
		tell(end, NOTICE_LIVE, "");
		break;
	case LINE_FAIL:
		answered(end);
		take_fail(end, rest);
		break;
	case LINE_CLEANED:
		end->facts.absent = true;
		tell(end, NOTICE_CLEANED, "");
		break;
	case LINE_IMAGE:
		take_item(end, end->ops.listed, rest);
		break;
	case LINE_LISTED:
		take_item(end, end->ops.listed, NULL);
		break;
	case LINE_SIZE:
		if (end->ops.sized)
			end->ops.sized(end->ctx, end, strtoull(rest, NULL, 10));
		break;
	case LINE_LOG:
		take_item(end, end->ops.logged, rest);
		break;
	case LINE_LOGGED:
		take_item(end, end->ops.logged, NULL);
		break;
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

void end_tell(struct end *end, enum notice notice)
{
	tell(end, notice, "");
}

void end_tell_failed(struct end *end, const char *sentence)
{
	end->ops.failed(end->ctx, end, FAILURE_UNKNOWN, sentence);
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
		end->ops.failed(end->ctx, end, FAILURE_UNKNOWN, "the connection is not up");
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
		end->ops.failed(end->ctx, end, FAILURE_UNKNOWN, "the names of the files that come along are too much for one move");
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

static void send_line(struct end *end, const char *word, const char *args)
{
	char line[64];

	if (!end->chan)
		return;
	snprintf(line, sizeof line, "%s%s%s\n", word, args ? " " : "", args ? args : "");
	ssh_chan_write(end->chan, line, strlen(line));
}

void end_say(struct end *end, enum command command, const char *args)
{
	/* Until it is staged it reads no words. */
	if (command == COMMAND_LOOK && end->chan) {
		if (end->facts.known && !end->owes)
			loop_timer_set(end->silent, ANSWER_MS);
		end->owes = true;
	}
	send_line(end, command_name(command), args);
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
	send_line(end, order_name(order), NULL);
}

void end_order_anew(struct end *end, enum order order)
{
	send_line(end, order_name(order), NULL);
}

void end_renew(struct end *end)
{
	end_say(end, COMMAND_RENEW, NULL);
}
