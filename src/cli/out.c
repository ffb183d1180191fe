/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

/* Bytes given at once to a descriptor that is ready but may block takes at once: little enough
 * for a terminal that says it has room. */
#define CAREFUL_BYTES 256

enum way {
	OWN,     /* a description of our own, non-blocking */
	SOCKET,  /* a socket: has no name to open again, but a flag for each send */
	PLAIN,   /* never waits for anyone */
	CAREFUL  /* could not be opened again: a little, when poll(2) says so */
};

struct out {
	struct loop *loop;
	struct loop_fd *src;
	struct buf waiting;
	enum way way;
	int fd;
	int error;
	bool gone;
};

/* O_NONBLOCK on the descriptor we were given would also be the shell's and
 * that of every program beside us in the pipeline; so it is opened again. */
static enum way open_again(int given, int *fd)
{
	char path[32];
	struct stat st;

	*fd = given;
	if (fstat(given, &st) != 0 || S_ISREG(st.st_mode))
		return PLAIN;
	if (S_ISSOCK(st.st_mode))
		return SOCKET;
	snprintf(path, sizeof path, "/proc/self/fd/%d", given);
	*fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (*fd >= 0)
		return OWN;
	*fd = given;
	return CAREFUL;
}

struct out *out_new(struct loop *loop, int fd)
{
	struct out *out = mem_new(struct out);

	out->loop = loop;
	out->way = open_again(fd, &out->fd);
	return out;
}

void out_free(struct out *out)
{
	if (!out)
		return;
	loop_fd_remove(&out->src);
	if (out->way == OWN)
		close(out->fd);
	buf_free(&out->waiting);
	free(out);
}

static ssize_t write_some(struct out *out)
{
	const char *bytes = buf_data(&out->waiting);
	size_t len = out->waiting.len;
	struct pollfd ready = { .fd = out->fd, .events = POLLOUT };

	switch (out->way) {
	case SOCKET:
		return send(out->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	case CAREFUL:
		if (poll(&ready, 1, 0) == 0) {
			errno = EAGAIN;
			return -1;
		}
		return write(out->fd, bytes, len < CAREFUL_BYTES ? len : CAREFUL_BYTES);
	case OWN:
	case PLAIN:
		break;
	}
	return write(out->fd, bytes, len);
}

static void lose(struct out *out, int error)
{
	out->gone = true;
	out->error = error == EPIPE ? 0 : error;
}

static void on_ready(void *ctx, int fd, unsigned events);

static void pump(struct out *out)
{
	while (out->waiting.len > 0 && !out->gone) {
		ssize_t n = write_some(out);

		if (n > 0)
			buf_consume(&out->waiting, (size_t)n);
		else if (n < 0 && errno == EAGAIN)
			break;
		else if (n == 0 || errno != EINTR)
			lose(out, n == 0 ? EIO : errno);
	}
	if (out->gone)
		buf_free(&out->waiting);
	if (out_idle(out))
		loop_fd_remove(&out->src);
	else if (!out->src)
		out->src = loop_fd_add(out->loop, out->fd, LOOP_WRITE, on_ready, out);
}

static void on_ready(void *ctx, int fd, unsigned events)
{
	(void)fd;
	(void)events;
	pump(ctx);
}

void out_write(struct out *out, const char *bytes, size_t len)
{
	if (out->gone)
		return;
	buf_append(&out->waiting, bytes, len);
	pump(out);
}

void out_printf(struct out *out, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	out_write(out, text, strlen(text));
	free(text);
}

bool out_idle(const struct out *out)
{
	return out->gone || out->waiting.len == 0;
}

int out_error(const struct out *out)
{
	return out->error;
}
