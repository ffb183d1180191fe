/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/loop.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* Sources are lists of pointers; a removed one is only marked, and freed once
 * the turn that may still hold it is over. */

struct loop_fd {
	struct loop *loop;
	int fd;
	unsigned want;
	loop_fd_fn *fn;
	void *ctx;
	bool dead;
};

struct loop_timer {
	struct loop *loop;
	int64_t due_ms; /* negative: not armed */
	loop_timer_fn *fn;
	void *ctx;
	bool dead;
};

struct loop_signal {
	struct loop *loop;
	int signo;
	loop_signal_fn *fn;
	void *ctx;
	bool dead;
};

struct loop {
	struct loop_fd **fds;
	size_t nfds, fds_cap;
	struct loop_timer **timers;
	size_t ntimers, timers_cap;
	struct loop_signal **signals;
	size_t nsignals, signals_cap;
	struct pollfd *polled; /* scratch, one per live source, then the signalfd */
	size_t polled_cap;
	sigset_t mask;
	int signal_fd;
	int64_t now_ms;
	int64_t worst_gap_us;
	bool stop;
	bool sweep; /* something is marked dead */
};

int64_t loop_clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct loop *loop_new(void)
{
	struct loop *loop = mem_new(struct loop);

	sigemptyset(&loop->mask);
	loop->signal_fd = -1;
	loop->now_ms = loop_clock_us() / 1000;
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	for (size_t i = 0; i < loop->nfds; i++)
		free(loop->fds[i]);
	for (size_t i = 0; i < loop->ntimers; i++)
		free(loop->timers[i]);
	for (size_t i = 0; i < loop->nsignals; i++)
		free(loop->signals[i]);
	free(loop->fds);
	free(loop->timers);
	free(loop->signals);
	free(loop->polled);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	free(loop);
}

/* Append `item` to a list of pointers. */
#define LIST_ADD(list, count, cap, item)                                       \
	do {                                                                   \
		if ((count) == (cap)) {                                        \
			(cap) = (cap) ? (cap) * 2 : 8;                         \
			(list) = mem_resize((list), (cap), sizeof *(list));    \
		}                                                              \
		(list)[(count)++] = (item);                                    \
	} while (0)

struct loop_fd *loop_fd_add(struct loop *loop, int fd, unsigned want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *src = mem_new(struct loop_fd);

	*src = (struct loop_fd){ .loop = loop, .fd = fd, .want = want, .fn = fn, .ctx = ctx };
	LIST_ADD(loop->fds, loop->nfds, loop->fds_cap, src);
	return src;
}

void loop_fd_want(struct loop_fd *src, unsigned want)
{
	src->want = want;
}

void loop_fd_remove(struct loop_fd **src)
{
	if (!*src)
		return;
	(*src)->dead = true;
	(*src)->loop->sweep = true;
	*src = NULL;
}

struct loop_timer *loop_timer_add(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *ctx)
{
	struct loop_timer *timer = mem_new(struct loop_timer);

	*timer = (struct loop_timer){ .loop = loop, .fn = fn, .ctx = ctx };
	loop_timer_set(timer, delay_ms);
	LIST_ADD(loop->timers, loop->ntimers, loop->timers_cap, timer);
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	/* Not the turn's time: a callback may have taken long before it asks. */
	timer->due_ms = delay_ms < 0 ? -1 : loop_clock_us() / 1000 + delay_ms;
}

bool loop_timer_armed(const struct loop_timer *timer)
{
	return timer->due_ms >= 0;
}

void loop_timer_remove(struct loop_timer **timer)
{
	if (!*timer)
		return;
	(*timer)->dead = true;
	(*timer)->loop->sweep = true;
	*timer = NULL;
}

struct loop_signal *loop_signal_add(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx)
{
	struct loop_signal *sig = mem_new(struct loop_signal);

	*sig = (struct loop_signal){ .loop = loop, .signo = signo, .fn = fn, .ctx = ctx };
	LIST_ADD(loop->signals, loop->nsignals, loop->signals_cap, sig);
	sigaddset(&loop->mask, signo);
	sigprocmask(SIG_BLOCK, &loop->mask, NULL);
	loop->signal_fd = signalfd(loop->signal_fd, &loop->mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0) {
		perror("pferry: signalfd");
		abort();
	}
	return sig;
}

void loop_signal_remove(struct loop_signal **sig)
{
	if (!*sig)
		return;
	(*sig)->dead = true;
	(*sig)->loop->sweep = true;
	*sig = NULL;
}

int64_t loop_now_ms(const struct loop *loop)
{
	return loop->now_ms;
}

static void sweep(struct loop *loop)
{
	size_t kept = 0;

	if (!loop->sweep)
		return;
	loop->sweep = false;
	for (size_t i = 0; i < loop->nfds; i++) {
		if (loop->fds[i]->dead)
			free(loop->fds[i]);
		else
			loop->fds[kept++] = loop->fds[i];
	}
	loop->nfds = kept;
	kept = 0;
	for (size_t i = 0; i < loop->ntimers; i++) {
		if (loop->timers[i]->dead)
			free(loop->timers[i]);
		else
			loop->timers[kept++] = loop->timers[i];
	}
	loop->ntimers = kept;
	kept = 0;
	for (size_t i = 0; i < loop->nsignals; i++) {
		if (loop->signals[i]->dead)
			free(loop->signals[i]);
		else
			loop->signals[kept++] = loop->signals[i];
	}
	loop->nsignals = kept;
}

static void deliver_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		size_t count = loop->nsignals;

		for (size_t i = 0; i < count; i++) {
			struct loop_signal *sig = loop->signals[i];

			if (!sig->dead && sig->signo == (int)info.ssi_signo)
				sig->fn(sig->ctx, sig->signo);
		}
	}
}

static void fire_timers(struct loop *loop)
{
	size_t count = loop->ntimers;

	for (size_t i = 0; i < count; i++) {
		struct loop_timer *timer = loop->timers[i];

		if (timer->dead || timer->due_ms < 0 || timer->due_ms > loop->now_ms)
			continue;
		timer->due_ms = -1;
		timer->fn(timer->ctx);
	}
}

static int wait_ms(const struct loop *loop, int64_t max_wait_ms)
{
	int64_t wait = max_wait_ms;

	for (size_t i = 0; i < loop->ntimers; i++) {
		int64_t left;

		if (loop->timers[i]->due_ms < 0)
			continue;
		left = loop->timers[i]->due_ms - loop_clock_us() / 1000;
		if (left < 0)
			left = 0;
		if (wait < 0 || left < wait)
			wait = left;
	}
	return wait > 1000000 ? 1000000 : (int)wait;
}

static size_t fill_polled(struct loop *loop)
{
	size_t need = loop->nfds + 1;

	if (need > loop->polled_cap) {
		loop->polled_cap = need * 2;
		loop->polled = mem_resize(loop->polled, loop->polled_cap, sizeof *loop->polled);
	}
	for (size_t i = 0; i < loop->nfds; i++) {
		const struct loop_fd *src = loop->fds[i];
		short events = 0;

		if (src->want & LOOP_READ)
			events |= POLLIN;
		if (src->want & LOOP_WRITE)
			events |= POLLOUT;
		loop->polled[i] = (struct pollfd){ .fd = src->fd, .events = events };
	}
	loop->polled[loop->nfds] = (struct pollfd){ .fd = loop->signal_fd, .events = POLLIN };
	return need;
}

void loop_turn(struct loop *loop, int64_t max_wait_ms)
{
	size_t count, live;
	int64_t woke, took;

	sweep(loop);
	live = loop->nfds;
	count = fill_polled(loop);
	if (poll(loop->polled, (nfds_t)count, wait_ms(loop, max_wait_ms)) < 0 && errno != EINTR) {
		perror("pferry: poll");
		abort();
	}
	woke = loop_clock_us();
	loop->now_ms = woke / 1000;
	if (loop->polled[live].revents & POLLIN)
		deliver_signals(loop);
	for (size_t i = 0; i < live; i++) {
		struct loop_fd *src = loop->fds[i];
		short revents = loop->polled[i].revents;
		unsigned events = 0;

		if (src->dead || revents == 0)
			continue;
		if (revents & POLLIN)
			events |= LOOP_READ;
		if (revents & POLLOUT)
			events |= LOOP_WRITE;
		if (revents & (POLLHUP | POLLERR | POLLNVAL))
			events |= LOOP_HUP;
		src->fn(src->ctx, src->fd, events);
	}
	fire_timers(loop);
	took = loop_clock_us() - woke;
	if (took > loop->worst_gap_us)
		loop->worst_gap_us = took;
}

void loop_run(struct loop *loop)
{
	loop->stop = false;
	while (!loop->stop)
		loop_turn(loop, -1);
	sweep(loop);
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}

int64_t loop_worst_gap_us(struct loop *loop)
{
	int64_t worst = loop->worst_gap_us;

	loop->worst_gap_us = 0;
	return worst;
}
