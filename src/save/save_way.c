/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes between a host and the file of a save: send.sh's stream into it, or
 * from it into recv.sh.  What goes by is checked either way (save_tar_feed()),
 * and its sum made.
 *
 * Writing to a plain file may block, as plain files do, for a piece at a time;
 * fsync of much may block for long, which is a child's business: the source's
 * lease is renewed meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/write.h"
#include "save/save.h"

#define PIECE (128u << 10)
#define AHEAD (768u << 10)         /* bytes that may wait for the network */
#define WRITE_OUT (8u << 20)       /* have the kernel begin to write after so many */
#define COMPLAINT_MAX 4096
#define FIRST_LINE "tar\n"         /* of send.sh's stream: nothing of it follows the dump */

struct save_way {
	struct save *save;
	struct transport_ops ops;
	struct ssh_chan *chan;
	struct sha256 sum;
	struct save_tar tar;
	size_t first;              /* bytes of FIRST_LINE that have gone by */
	uint64_t bytes;            /* of images */
	uint64_t begun;            /* of those, given to the disk */
	struct buf complaint;
	bool open, going, sent, over;
	pid_t child;               /* that syncs */
	int pipe;
	struct loop_fd *watch;
};

static void end_way(struct save_way *w, const struct err *e, bool lost)
{
	if (w->over)
		return;
	w->over = true;
	ssh_chan_free(&w->chan);
	w->ops.done(w->save->move, e, lost);
}

/* `ended`: it is about to. */
static void stop_child(struct save_way *w, bool ended)
{
	loop_fd_remove(&w->watch);
	if (w->pipe >= 0)
		close(w->pipe);
	w->pipe = -1;
	if (w->child > 0) {
		if (!ended)
			kill(w->child, SIGKILL);
		waitpid(w->child, NULL, ended ? 0 : WNOHANG);
	}
	w->child = 0;
}

void save_way_close(struct save *save)
{
	struct save_way *w = save->way;

	if (!w)
		return;
	ssh_chan_free(&w->chan);
	stop_child(w, false);
	buf_free(&w->complaint);
	free(w);
	save->way = NULL;
}

/* ---- to the disk ---- */

static void on_synced(void *ctx, int fd, unsigned events)
{
	struct save_way *w = ctx;
	struct err e = { 0 };
	int why = EIO;
	ssize_t n = read(fd, &why, sizeof why);

	(void)events;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	stop_child(w, true);
	if (n == (ssize_t)sizeof why && why == 0) {
		struct save *save = w->save;

		save->file.header.state = SAVE_WHOLE;
		end_way(w, NULL, false);
		save_end_whole(save);
		return;
	}
	err_errno(&e, why, "%s could not be written to the disk", w->save->file.path);
	end_way(w, &e, false);
}

/* Of the directory, that the part is in it. */
static int sync_all(const struct save_file *f)
{
	char *directory = mem_strndup(f->part, (size_t)(strrchr(f->part, '/') - f->part) + 1);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fsync(f->fd) < 0 || fd < 0 || fsync(fd) < 0)
		return errno ? errno : EIO;
	return 0;
}

static bool begin_sync(struct save_way *w, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "%s could not be written to the disk", w->save->file.path);
	w->child = fork();
	if (w->child == 0) {
		int why;

		/* The lock on the file must not outlast us. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		why = sync_all(&w->save->file);
		_exit(write(ends[1], &why, sizeof why) == (ssize_t)sizeof why ? 0 : 1);
	}
	close(ends[1]);
	w->pipe = ends[0];
	if (w->child < 0)
		return err_errno(e, errno, "%s could not be written to the disk", w->save->file.path);
	w->watch = loop_fd_add(w->save->move->loop, w->pipe, LOOP_READ, on_synced, w);
	return true;
}

/* All of it is here: the header says so, and then it is to be on the disk. */
static bool complete(struct save_way *w, struct err *e)
{
	struct save_header *h = &w->save->file.header;
	struct tm tm;
	time_t now = time(NULL);

	if (!save_tar_whole(&w->tar))
		return err_set(e, ERR_REMOTE, NULL, "%s: the images broke off", w->save->move->info.source);
	gmtime_r(&now, &tm);
	strftime(h->when, sizeof h->when, "%Y-%m-%dT%H:%M:%SZ", &tm);
	h->images = w->bytes;
	sha256_end(&w->sum, h->sum);
	h->state = SAVE_WHOLE;
	if (!save_file_write_header(&w->save->file, e))
		return false;
	h->state = SAVE_SAVING; /* until it is on the disk */
	return begin_sync(w, e);
}

/* ---- from the source into the file ---- */

static bool take(struct save_way *w, const char *data, size_t len, struct err *e)
{
	struct save_file *f = &w->save->file;

	for (; w->first < strlen(FIRST_LINE) && len > 0; data++, len--) {
		if (*data != FIRST_LINE[w->first++])
			return err_set(e, ERR_PROTOCOL, NULL, "%s sent something else than images", w->save->move->info.source);
	}
	if (!save_tar_feed(&w->tar, data, len, e)) {
		err_prefix(e, "%s: ", w->save->move->info.source);
		return false;
	}
	sha256_add(&w->sum, data, len);
	if (!write_all(f->fd, data, len))
		return err_errno(e, errno, "%s cannot be written", f->path);
	w->bytes += len;
	if (w->bytes - w->begun >= WRITE_OUT) {
		sync_file_range(f->fd, (off_t)(save_images_at(&f->header) + w->begun), (off_t)(w->bytes - w->begun),
				SYNC_FILE_RANGE_WRITE);
		w->begun = w->bytes;
	}
	return true;
}

static void on_opened(void *ctx)
{
	struct save_way *w = ctx;

	w->open = true;
	w->ops.ready(w->save->move);
	if (w->save->restores && w->going)
		save_way_go(w->save);
}

static void on_from_data(void *ctx, int stream, const char *data, size_t len)
{
	struct save_way *w = ctx;
	struct err e = { 0 };

	if (stream != 0 || w->over)
		return;
	if (!take(w, data, len, &e)) {
		end_way(w, &e, false);
		return;
	}
	w->ops.progress(w->save->move, w->bytes);
}

/* Its connection went, or the host would not run the script at all: that is the end of it. */
static bool did_not_run(struct save_way *w, const struct ssh_exit *how, const char *name)
{
	struct err e = { 0 };

	if (how->lost)
		err_set(&e, ERR_LOST, name, "the connection to %s went while the images were sent", name);
	else if (how->why[0])
		err_set(&e, ERR_REMOTE, name, "%s", how->why);
	else
		return false;
	end_way(w, &e, how->lost);
	return true;
}

static void on_from_closed(void *ctx, const struct ssh_exit *how)
{
	struct save_way *w = ctx;
	const char *name = w->save->move->info.source;
	struct err e = { 0 };

	ssh_chan_free(&w->chan);
	if (did_not_run(w, how, name))
		return;
	if (!complete(w, &e)) {
		stop_child(w, false);
		end_way(w, &e, false);
	}
}

/* The file as it is before the images: what the source's scripts said follows its header. */
static bool rewind_file(struct save_way *w, struct err *e)
{
	const struct check_said *said = w->save->move->result->said;
	struct save_file *f = &w->save->file;

	if (ftruncate(f->fd, SAVE_BLOCK) < 0 || lseek(f->fd, SAVE_BLOCK, SEEK_SET) < 0)
		return err_errno(e, errno, "%s cannot be written", f->path);
	sha256_begin(&w->sum);
	for (size_t i = 0; i < SAVE_SECTIONS; i++) {
		if (!said[i].len)
			continue;
		if (!write_all(f->fd, said[i].text, said[i].len))
			return err_errno(e, errno, "%s cannot be written", f->path);
		sha256_add(&w->sum, said[i].text, said[i].len);
	}
	return true;
}

/* ---- from the file to the destination ---- */

static bool feed(struct save_way *w, struct err *e)
{
	const struct save_header *h = &w->save->file.header;
	uint64_t left = h->images - w->bytes;
	char piece[PIECE], sum[SHA256_HEX];
	ssize_t n;

	if (w->first == 0)
		w->first = ssh_chan_write(w->chan, FIRST_LINE, strlen(FIRST_LINE)) ? strlen(FIRST_LINE) : 0;
	if (left > 0) {
		n = pread(w->save->file.fd, piece, left < sizeof piece ? (size_t)left : sizeof piece,
			  (off_t)(save_images_at(h) + w->bytes));
		if (n <= 0)
			return err_errno(e, n < 0 ? errno : EIO, "%s cannot be read", w->save->file.path);
		if (!save_tar_feed(&w->tar, piece, (size_t)n, e) || !ssh_chan_write(w->chan, piece, (size_t)n))
			return err_prefix(e, "%s has changed: ", w->save->file.path), false;
		sha256_add(&w->sum, piece, (size_t)n);
		w->bytes += (uint64_t)n;
		return true;
	}
	sha256_end(&w->sum, sum);
	if (strcmp(sum, h->sum) != 0)
		return err_set(e, ERR_REFUSED, NULL, "%s has changed while it was read", w->save->file.path);
	w->sent = true;
	ssh_chan_end_input(w->chan);
	return true;
}

static void pump(struct save_way *w)
{
	struct err e = { 0 };

	while (w->chan && w->open && w->going && !w->sent && !w->over && ssh_chan_queued(w->chan) < AHEAD) {
		if (!feed(w, &e)) {
			end_way(w, &e, false);
			return;
		}
	}
	if (w->chan)
		w->ops.progress(w->save->move, w->bytes - (w->bytes < ssh_chan_queued(w->chan) ? w->bytes : ssh_chan_queued(w->chan)));
}

static void on_drained(void *ctx)
{
	pump(ctx);
}

static void on_to_data(void *ctx, int stream, const char *data, size_t len)
{
	struct save_way *w = ctx;

	(void)stream;
	buf_fill(&w->complaint, data, len);
}

static void on_to_closed(void *ctx, const struct ssh_exit *how)
{
	struct save_way *w = ctx;
	const char *name = w->save->move->info.destination;
	struct err e = { 0 };

	ssh_chan_free(&w->chan);
	if (did_not_run(w, how, name))
		return;
	if (how->status != 0 || !w->sent) {
		transport_not_received(&e, name, buf_str(&w->complaint));
		end_way(w, &e, false);
	} else {
		w->ops.progress(w->save->move, w->bytes);
		end_way(w, NULL, false);
	}
}

void save_way_go(struct save *save)
{
	struct save_way *w = save->way;

	if (!w)
		return;
	w->going = true;
	pump(w);
}

/* ---- either way ---- */

void save_way_open(struct move *move, const struct transport_setup *setup, const struct transport_ops *ops)
{
	static const struct ssh_chan_ops from_ops = { .opened = on_opened, .data = on_from_data, .closed = on_from_closed };
	static const struct ssh_chan_ops to_ops = { .opened = on_opened, .data = on_to_data, .drained = on_drained, .closed = on_to_closed };
	struct save *save = save_of(move);
	const struct move_end *side = save->restores ? &move->destination : &move->source;
	const struct host *host = save->restores ? move->request.destination : move->request.source;
	const char *args[] = { side->dir, "", "", "", NULL };
	struct err e = { 0 };
	struct save_way *w;

	(void)setup; /* plainly, and from or to this machine */
	save_way_close(save);
	w = save->way = mem_new(struct save_way);
	w->save = save;
	w->ops = *ops;
	w->pipe = -1;
	buf_init(&w->complaint, COMPLAINT_MAX);
	if (save->restores) {
		sha256_begin(&w->sum);
		for (size_t i = 0; i < SAVE_SECTIONS; i++)
			sha256_add(&w->sum, save->said[i].text, save->said[i].len);
		move->info.bytes_total = save->file.header.images;
		w->going = end_facts(save->end)->held;
		w->chan = host_exec(host, "recv", args, &to_ops, w);
		return;
	}
	if (!rewind_file(w, &e)) {
		end_way(w, &e, false);
		return;
	}
	w->chan = host_exec(host, "send", args, &from_ops, w);
	ssh_chan_end_input(w->chan);
}
