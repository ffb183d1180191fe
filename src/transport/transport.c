/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "transport/bulk.h"
#include "transport/direct.h"
#include "transport/relay.h"
#include "remote/remote.h"
#include "ssh/ssh_child.h"

/* A stream that goes through pferry. */
struct stream {
	struct transport *transport;
	struct relay *relay;
	uint64_t bytes;
	bool used, over;
};

struct transport {
	struct loop *loop;
	struct transport_setup setup;
	char *key, *source_dir, *destination_dir, *source_images, *destination_images;
	struct transport_ops ops;
	void *ctx;
	struct stream images, files;
	struct direct *direct;
	bool direct_over;
	struct bulk *bulk; /* the images, by two ssh beside us */
	uint64_t bulk_bytes;
	bool bulk_over;
	unsigned opening; /* channels that do not run yet */
	/* scp */
	struct ssh_scp *scp;
	char **names;
	size_t nnames, at;
	uint64_t scp_bytes; /* bytes of the files that are done */
	uint64_t scp_now;
	bool listed, ended;
};

static void report(struct transport *t)
{
	t->ops.progress(t->ctx, t->images.bytes + t->bulk_bytes + t->files.bytes + t->scp_bytes + t->scp_now);
}

/* Tell the end of all of it, once. */
static void end(struct transport *t, const struct err *e, bool lost)
{
	if (t->ended)
		return;
	t->ended = true;
	t->ops.done(t->ctx, e, lost);
}

bool transport_not_received(struct err *e, const char *host, const char *said)
{
	return relay_not_received(e, host, said, "the images could not be received, tar failed");
}

static void not_received(struct transport *t, const char *said)
{
	struct err e = { 0 };

	transport_not_received(&e, host_name(t->setup.destination), said);
	end(t, &e, false);
}

static void went(struct transport *t)
{
	struct err e = { 0 };

	err_set(&e, ERR_LOST, NULL, "a connection was lost while the images were sent");
	end(t, &e, true);
}

static void check_end(struct transport *t)
{
	if ((t->images.used && !t->images.over) || (t->files.used && !t->files.over))
		return;
	if (t->images.used || t->direct_over || t->bulk_over)
		end(t, NULL, false);
}

/* Arguments of send.sh and recv.sh. */
struct told {
	char round[16];
	const char *args[6]; /* the first is the directory of that end, of the source's to begin with */
};

static void tell(const struct transport *t, struct told *told, const char *ready)
{
	const char *args[] = { t->source_dir, told->round, t->setup.pack ? "zstd" : "", t->setup.follow ? "follow" : "", ready, NULL };

	told->round[0] = '\0';
	if (t->setup.round)
		snprintf(told->round, sizeof told->round, "%u", t->setup.round);
	memcpy(told->args, args, sizeof args);
}

/* ---- straight from host to host ---- */

static void one_open(struct transport *t)
{
	if (--t->opening == 0)
		t->ops.ready(t->ctx);
}

static void on_direct_ready(void *ctx)
{
	one_open(ctx);
}

static void on_direct_done(void *ctx, const struct err *e)
{
	struct transport *t = ctx;

	t->direct = NULL;
	t->direct_over = true;
	if (e)
		end(t, e, false);
	else
		check_end(t);
}

static void open_direct(struct transport *t)
{
	static const struct direct_ops ops = { .ready = on_direct_ready, .done = on_direct_done };
	struct direct_setup setup = { .source = t->setup.source, .destination = t->setup.destination, .dir = t->source_dir, .key = t->key };
	struct told told;
	struct remote_line *sender, *receiver;
	struct err e = { 0 };

	tell(t, &told, "ready");
	setup.sender = sender = remote_line(REMOTE_PLAIN, "send", told.args);
	told.args[0] = t->destination_dir;
	setup.receiver = receiver = remote_line(REMOTE_PLAIN, "recv", told.args);
	t->opening++;
	t->direct = direct_open(t->loop, &setup, &ops, t, &e);
	remote_line_free(&sender);
	remote_line_free(&receiver);
	if (!t->direct)
		end(t, &e, false);
}

/* ---- through us ---- */

static void on_opened(void *ctx)
{
	one_open(((struct stream *)ctx)->transport);
}

static void on_relayed(void *ctx, uint64_t bytes)
{
	struct stream *s = ctx;

	s->bytes = bytes;
	report(s->transport);
}

static void on_relay_over(void *ctx, const struct relay_result *result)
{
	struct stream *s = ctx;
	struct transport *t = s->transport;
	const char *source = host_name(t->setup.source);
	struct err e = { 0 };

	s->over = true;
	if (result->lost) {
		went(t);
	} else if (result->why[0]) {
		err_set(&e, ERR_REMOTE, NULL, "%s", result->why);
		end(t, &e, false);
	} else if (result->failed && result->unsent) {
		err_set(&e, ERR_REMOTE, source, "%s: the images could not be read", source);
		end(t, &e, false);
	} else if (result->failed) {
		not_received(t, result->said);
	} else {
		check_end(t);
	}
}

static void open_stream(struct transport *t, struct stream *s, const char *sender, const char *receiver)
{
	static const struct relay_ops ops = { .opened = on_opened, .progress = on_relayed, .over = on_relay_over };
	struct told from, to;
	const struct relay_script sends = { t->setup.source, sender, from.args };
	const struct relay_script receives = { t->setup.destination, receiver, to.args };

	tell(t, &from, NULL);
	tell(t, &to, NULL);
	to.args[0] = t->destination_dir;
	if (s == &t->files)
		from.args[1] = to.args[1] = "changes";
	s->transport = t;
	s->used = true;
	t->opening += 2;
	s->relay = relay_start(&sends, &receives, &ops, s);
	if (!t->setup.round)
		relay_hurry(s->relay); /* the process is frozen */
}

/* ---- the same by two ssh beside us ---- */

static void on_bulk_ready(void *ctx)
{
	struct transport *t = ctx;

	log_add(LOG_DETAIL, host_name(t->setup.destination), "images are sent by two ssh processes");
	one_open(t);
}

static void on_bulk_progress(void *ctx, uint64_t bytes)
{
	struct transport *t = ctx;

	t->bulk_bytes = bytes;
	report(t);
}

static void on_bulk_done(void *ctx, enum bulk_end how, const char *words)
{
	struct transport *t = ctx;
	const struct host *host = how == BULK_NO_SOURCE ? t->setup.source : t->setup.destination;
	struct err e = { 0 };

	t->bulk = NULL;
	switch (how) {
	case BULK_NO_SOURCE:
	case BULK_NO_DESTINATION:
		log_add(LOG_DETAIL, host_name(host), "images go by pferry's own connection, not by ssh: %s", words);
		if (!host_conn(t->setup.source) || !host_conn(t->setup.destination)) {
			err_set(&e, ERR_LOST, NULL, "a connection was lost before the images were sent");
			end(t, &e, true);
			return;
		}
		ssh_child_failed(host_conn(host));
		open_stream(t, &t->images, "send", "recv");
		one_open(t);
		break;
	case BULK_DONE:
		t->bulk_over = true;
		check_end(t);
		break;
	case BULK_FAILED:
		not_received(t, words);
		break;
	case BULK_LOST:
		went(t);
		break;
	}
}

/* False: it does not pay, or one of the two scripts must be given something on its input first. */
static bool open_bulk(struct transport *t)
{
	static const struct bulk_ops ops = { .ready = on_bulk_ready, .progress = on_bulk_progress, .done = on_bulk_done };
	const struct transport_setup *setup = &t->setup;
	struct told told;
	struct remote_line *sender, *receiver;

	if (!bulk_worth(setup->bytes, setup->link, setup->round == 0))
		return false;
	tell(t, &told, "ready");
	sender = host_line(setup->source, "send", told.args);
	told.args[0] = t->destination_dir;
	receiver = host_line(setup->destination, "recv", told.args);
	if (sender && receiver) {
		t->opening++;
		t->bulk = bulk_open(t->loop, host_conn(setup->source), sender, host_conn(setup->destination), receiver,
				    setup->bytes, &ops, t);
	}
	remote_line_free(&sender);
	remote_line_free(&receiver);
	return t->bulk != NULL;
}

/* ---- scp ---- */

static void copy_next(struct transport *t);

static void on_scp_progress(void *ctx, uint64_t bytes)
{
	struct transport *t = ctx;

	t->scp_now = bytes;
	report(t);
}

static void on_scp_done(void *ctx, const struct err *e)
{
	struct transport *t = ctx;

	t->scp = NULL;
	if (e) {
		end(t, e, e->code == ERR_LOST);
		return;
	}
	t->scp_bytes += t->scp_now;
	t->scp_now = 0;
	t->at++;
	copy_next(t);
}

static void copy_next(struct transport *t)
{
	struct ssh_conn *from = host_conn(t->setup.source), *to = host_conn(t->setup.destination);
	char *here, *there;

	if (t->scp || !t->listed)
		return;
	if (t->at == t->nnames) {
		t->ops.arrived(t->ctx);
		end(t, NULL, false);
		return;
	}
	if (!from || !to) {
		went(t);
		return;
	}
	here = mem_printf("%s/%s", t->source_images, t->names[t->at]);
	there = mem_printf("%s/%s", t->destination_images, t->names[t->at]);
	t->scp = ssh_scp_copy(from, here, to, there, on_scp_progress, on_scp_done, t);
	free(here);
	free(there);
}

void transport_image(struct transport *t, const char *image)
{
	const char *name;

	if (t->setup.via != VIA_SCP || t->listed)
		return;
	if (!image) {
		t->listed = true;
		copy_next(t);
		return;
	}
	name = strchr(image, ' ');
	/* CRIU's names are plain; anything else is not an image of ours. */
	if (!name || strchr(name, '/') || strstr(name, ".."))
		return;
	t->names = mem_resize(t->names, t->nnames + 1, sizeof *t->names);
	t->names[t->nnames++] = mem_strdup(name + 1);
}

struct transport *transport_open(struct loop *loop, const struct transport_setup *setup,
				 const struct transport_ops *ops, void *ctx)
{
	struct transport *t = mem_new(struct transport);

	t->loop = loop;
	t->setup = *setup;
	t->key = mem_strdup(setup->key);
	t->source_dir = mem_strdup(setup->source_dir);
	t->destination_dir = mem_strdup(setup->destination_dir);
	t->source_images = mem_strdup(setup->source_images);
	t->destination_images = mem_strdup(setup->destination_images);
	t->ops = *ops;
	t->ctx = ctx;
	if (setup->via == VIA_DIRECT)
		open_direct(t);
	else if (setup->via != VIA_SCP && !open_bulk(t))
		open_stream(t, &t->images, "send", "recv");
	if (setup->bring)
		open_stream(t, &t->files, "bring", "accept");
	if (t->opening == 0 && !t->ended)
		ops->ready(ctx);
	return t;
}

void transport_close(struct transport **transport)
{
	struct transport *t = *transport;

	if (!t)
		return;
	*transport = NULL;
	ssh_scp_stop(&t->scp);
	direct_close(&t->direct);
	bulk_close(&t->bulk);
	relay_stop(&t->images.relay);
	relay_stop(&t->files.relay);
	for (size_t i = 0; i < t->nnames; i++)
		free(t->names[i]);
	free(t->names);
	free(t->key);
	free(t->source_dir);
	free(t->destination_dir);
	free(t->source_images);
	free(t->destination_images);
	free(t);
}
