/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/dial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* How long one address may be silent before the next is tried beside it. */
#define STAGGER_MS 700

struct attempt {
	struct dial *dial;
	size_t index;
	int fd;
	struct loop_fd *src;
};

struct dial {
	struct loop *loop;
	char *name;
	char *bind_address;
	int port;
	struct ssh_addrs addrs;
	size_t next, live;
	struct attempt attempts[RESOLVE_MAX];
	struct loop_timer *timer;
	struct buf failures; /* "10.0.0.1: Connection refused, ..." */
	dial_done_fn *done;
	void *ctx;
};

static void attempt_end(struct attempt *a)
{
	if (a->fd < 0)
		return;
	loop_fd_remove(&a->src);
	close(a->fd);
	a->fd = -1;
	a->dial->live--;
}

static void attempt_failed(struct dial *d, const char *address, int errnum)
{
	buf_printf(&d->failures, "%s%s: %s", d->failures.len > 0 ? ", " : "", address, strerror(errnum));
}

static void finish(struct dial *d, int fd, const char *address)
{
	struct dial *mine = d;
	struct err e = {0};

	if (fd < 0)
		err_set(&e, ERR_CONNECT, d->name, "cannot connect to %s port %d: %s", d->name, d->port,
			buf_str(&d->failures));
	d->done(d->ctx, fd, address, fd < 0 ? &e : NULL);
	dial_stop(&mine);
}

static void on_socket(void *ctx, int fd, unsigned events)
{
	struct attempt *a = ctx;
	struct dial *d = a->dial;
	int errnum = 0;
	socklen_t len = sizeof errnum;

	(void)events;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) < 0)
		errnum = errno;
	if (errnum != 0) {
		attempt_failed(d, d->addrs.v[a->index].text, errnum);
		attempt_end(a);
		loop_timer_set(d->timer, 0);
		return;
	}
	loop_fd_remove(&a->src);
	a->fd = -1; /* given away */
	d->live--;
	finish(d, fd, d->addrs.v[a->index].text);
}

static bool bind_source(const struct dial *d, int fd, int family)
{
	struct ssh_addr source;

	if (!d->bind_address || !resolve_literal(d->bind_address, 0, &source) ||
	    source.sa.ss_family != family)
		return true;
	return bind(fd, (struct sockaddr *)&source.sa, source.len) == 0;
}

/* Start the attempt at the next address; false when it failed at once. */
static bool attempt_start(struct dial *d)
{
	struct attempt *a = &d->attempts[d->next];
	const struct ssh_addr *addr = &d->addrs.v[d->next];
	int fd = socket(addr->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	d->next++;
	if (fd < 0 || !bind_source(d, fd, addr->sa.ss_family) ||
	    (connect(fd, (const struct sockaddr *)&addr->sa, addr->len) < 0 && errno != EINPROGRESS)) {
		attempt_failed(d, addr->text, errno);
		if (fd >= 0)
			close(fd);
		return false;
	}
	a->fd = fd;
	d->live++;
	a->src = loop_fd_add(d->loop, fd, LOOP_WRITE, on_socket, a);
	return true;
}

static void on_timer(void *ctx)
{
	struct dial *d = ctx;

	while (d->next < d->addrs.n) {
		if (attempt_start(d)) {
			loop_timer_set(d->timer, STAGGER_MS);
			return;
		}
	}
	if (d->live == 0)
		finish(d, -1, NULL);
}

struct dial *dial_start(struct loop *loop, const char *name, const struct ssh_addrs *addrs, int port,
			const char *bind_address, dial_done_fn *done, void *ctx)
{
	struct dial *d = mem_new(struct dial);

	d->loop = loop;
	d->name = mem_strdup(name);
	d->bind_address = mem_strdup(bind_address);
	d->port = port;
	d->addrs = *addrs;
	d->done = done;
	d->ctx = ctx;
	buf_init(&d->failures, 800);
	for (size_t i = 0; i < RESOLVE_MAX; i++)
		d->attempts[i] = (struct attempt){.dial = d, .index = i, .fd = -1};
	d->timer = loop_timer_add(loop, 0, on_timer, d);
	return d;
}

void dial_stop(struct dial **d)
{
	struct dial *old = *d;

	if (!old)
		return;
	*d = NULL;
	for (size_t i = 0; i < RESOLVE_MAX; i++)
		attempt_end(&old->attempts[i]);
	loop_timer_remove(&old->timer);
	buf_free(&old->failures);
	free(old->name);
	free(old->bind_address);
	free(old);
}
