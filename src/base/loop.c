/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/loop.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/timers.h"

/*
 * A hundred hosts are many hundred sources, and a turn is about one or two of
 * them: the kernel keeps the descriptors (epoll) and a heap the armed timers
 * (timers.h), so that a turn does not look at the others.  A descriptor or signal
 * that is removed is only marked, and freed once the turn that may still hold it
 * is over.
 */

#define EVENTS_A_TURN 128
/* In place of a slot: the signals'. */
#define SIGNAL_ID UINT64_MAX

struct loop_fd {
	struct loop *loop;
	int fd;
	unsigned want;
	uint32_t armed; /* the events that epoll knows of */
	uint64_t id;	/* id in epoll's events: never used again, unlike fd and address */
	bool plain;	/* epoll does not take it (a file, or a descriptor that it has): by poll(2) */
	loop_fd_fn *fn;
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
	struct loop_fd **fds; /* by slot, NULL where none is */
	size_t nfds, fds_cap;
	size_t nplain;
	uint32_t uses; /* how many sources there were: half of an id, the slot is the other */
	struct timers *timers;
	struct loop_signal **signals;
	size_t nsignals, signals_cap;
	struct epoll_event *events; /* scratch: what is to be done in this turn */
	size_t events_cap;
	struct pollfd *polled; /* scratch: epoll itself, then the plain ones */
	size_t polled_cap;
	sigset_t mask;
	int signal_fd;
	int epoll_fd;
	int64_t now_ms;
	int64_t woke_us; /* when the turn began */
	int64_t worst_gap_us, worst_cpu_us;
	bool measured; /* PFERRY_LOOP_GAP is set */
	bool stop;
	bool changed; /* some source wants something else than epoll knows */
	bool sweep;   /* a watch or child is marked dead */
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

	loop->timers = timers_new();
	loop->measured = getenv("PFERRY_LOOP_GAP") != NULL;
	sigemptyset(&loop->mask);
	loop->signal_fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		perror("pferry: epoll_create1");
		abort();
	}
	loop->now_ms = loop_clock_us() / 1000;
	return loop;
}

static void write_us(const char *path, const char *end, int64_t us)
{
	char *name = mem_printf("%s%s", path, end);
	FILE *file = fopen(name, "we");

	free(name);
	if (!file)
		return;
	fprintf(file, "%lld\n", (long long)us);
	fclose(file);
}

/* For the bench and tests: by the clock, and of the processor, which others may use in between. */
static void report_gap(struct loop *loop)
{
	const char *path = getenv("PFERRY_LOOP_GAP");

	if (!path || !*path)
		return;
	write_us(path, "", loop_worst_gap_us(loop));
	write_us(path, ".cpu", loop->worst_cpu_us);
}

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	report_gap(loop);
	for (size_t i = 0; i < loop->nfds; i++)
		free(loop->fds[i]);
	for (size_t i = 0; i < loop->nsignals; i++)
		free(loop->signals[i]);
	free(loop->fds);
	timers_free(loop->timers);
	free(loop->signals);
	free(loop->events);
	free(loop->polled);
	if (loop->signal_fd >= 0)
		close(loop->signal_fd);
	close(loop->epoll_fd);
	free(loop);
}

/* Room in a list for so many. */
#define LIST_ROOM(list, count, cap)                                            \
	do {                                                                   \
		if ((count) > (cap)) {                                         \
			(cap) = (count) + (cap) + 8;                           \
			(list) = mem_resize((list), (cap), sizeof *(list));    \
		}                                                              \
	} while (0)

/* Append `item` to a list of pointers. */
#define LIST_ADD(list, count, cap, item)                                       \
	do {                                                                   \
		LIST_ROOM((list), (count) + 1, (cap));                         \
		(list)[(count)++] = (item);                                    \
	} while (0)

/* ---- descriptors ---- */

static uint32_t wanted_events(const struct loop_fd *src)
{
	return (src->want & LOOP_READ ? EPOLLIN : 0) | (src->want & LOOP_WRITE ? EPOLLOUT : 0);
}

struct loop_fd *loop_fd_add(struct loop *loop, int fd, unsigned want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *src = mem_new(struct loop_fd);
	struct epoll_event ev;
	size_t slot = 0;

	while (slot < loop->nfds && loop->fds[slot])
		slot++;
	*src = (struct loop_fd){ .loop = loop, .fd = fd, .want = want, .fn = fn, .ctx = ctx };
	src->id = (uint64_t)++loop->uses << 32 | slot;
	if (slot < loop->nfds)
		loop->fds[slot] = src;
	else
		LIST_ADD(loop->fds, loop->nfds, loop->fds_cap, src);
	src->armed = wanted_events(src);
	ev = (struct epoll_event){ .events = src->armed, .data.u64 = src->id };
	src->plain = epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0;
	loop->nplain += src->plain;
	return src;
}

void loop_fd_want(struct loop_fd *src, unsigned want)
{
	src->want = want;
	/* Often changed and changed back within a turn: epoll is updated at its end. */
	src->loop->changed |= wanted_events(src) != src->armed;
}

void loop_fd_remove(struct loop_fd **src)
{
	struct loop_fd *old = *src;

	if (!old)
		return;
	*src = NULL;
	old->dead = true;
	old->loop->sweep = true;
	/* Now, since the owner may close it. */
	if (old->plain)
		old->loop->nplain--;
	else
		epoll_ctl(old->loop->epoll_fd, EPOLL_CTL_DEL, old->fd, NULL);
}

/* Tell epoll what is wanted by now. */
static void arm_changed(struct loop *loop)
{
	if (!loop->changed)
		return;
	loop->changed = false;
	for (size_t i = 0; i < loop->nfds; i++) {
		struct loop_fd *src = loop->fds[i];
		struct epoll_event ev;

		if (!src || src->dead || wanted_events(src) == src->armed)
			continue;
		src->armed = wanted_events(src);
		ev = (struct epoll_event){ .events = src->armed, .data.u64 = src->id };
		if (!src->plain)
			epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, src->fd, &ev);
	}
}

/* ---- timers ---- */

struct loop_timer *loop_timer_add(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *ctx)
{
	struct loop_timer *timer = timers_add(loop->timers, fn, ctx);

	loop_timer_set(timer, delay_ms);
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	/* Not the turn's time: a callback may have taken long before it asks. */
	if (delay_ms >= 0)
		timers_arm(timer, loop_clock_us() / 1000 + delay_ms);
	else
		timers_disarm(timer);
}

bool loop_timer_armed(const struct loop_timer *timer)
{
	return timers_armed(timer);
}

void loop_timer_remove(struct loop_timer **timer)
{
	timers_remove(timer);
}

static int wait_ms(const struct loop *loop, int64_t max_wait_ms)
{
	int64_t wait = max_wait_ms;

	if (timers_next_ms(loop->timers) < INT64_MAX) {
		int64_t left = timers_next_ms(loop->timers) - loop_clock_us() / 1000;

		if (left < 0)
			left = 0;
		if (wait < 0 || left < wait)
			wait = left;
	}
	return wait > 1000000 ? 1000000 : (int)wait;
}

/* ---- signals ---- */

struct loop_signal *loop_signal_add(struct loop *loop, int signo, loop_signal_fn *fn, void *ctx)
{
	struct loop_signal *sig = mem_new(struct loop_signal);
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = SIGNAL_ID };
	bool first = loop->signal_fd < 0;

	*sig = (struct loop_signal){ .loop = loop, .signo = signo, .fn = fn, .ctx = ctx };
	LIST_ADD(loop->signals, loop->nsignals, loop->signals_cap, sig);
	sigaddset(&loop->mask, signo);
	sigprocmask(SIG_BLOCK, &loop->mask, NULL);
	loop->signal_fd = signalfd(loop->signal_fd, &loop->mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0) {
		perror("pferry: signalfd");
		abort();
	}
	if (first)
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->signal_fd, &ev);
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
		if (!loop->fds[i] || !loop->fds[i]->dead)
			continue;
		free(loop->fds[i]);
		loop->fds[i] = NULL;
	}
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

/* ---- a turn ---- */

static void note_event(struct loop *loop, size_t *count, uint64_t id, uint32_t events)
{
	LIST_ROOM(loop->events, *count + 1, loop->events_cap);
	loop->events[(*count)++] = (struct epoll_event){ .events = events, .data.u64 = id };
}

/* Wait for the descriptors that epoll does not take, and for epoll; ready ones are added to the events. */
static void wait_plain(struct loop *loop, int wait, size_t *count)
{
	size_t n = 1;

	LIST_ROOM(loop->polled, loop->nplain + 1, loop->polled_cap);
	loop->polled[0] = (struct pollfd){ .fd = loop->epoll_fd, .events = POLLIN };
	for (size_t i = 0; i < loop->nfds; i++) {
		if (loop->fds[i] && loop->fds[i]->plain)
			loop->polled[n++] = (struct pollfd){ .fd = loop->fds[i]->fd, .events = (short)loop->fds[i]->armed };
	}
	if (poll(loop->polled, (nfds_t)n, wait) <= 0)
		return;
	n = 1;
	for (size_t i = 0; i < loop->nfds; i++) {
		if (loop->fds[i] && loop->fds[i]->plain && loop->polled[n++].revents)
			note_event(loop, count, loop->fds[i]->id, (uint32_t)loop->polled[n - 1].revents);
	}
}

/* Wait, and note what is ready; how many these are. */
static size_t wait_events(struct loop *loop, int wait)
{
	size_t count = 0;
	int n;

	LIST_ROOM(loop->events, EVENTS_A_TURN, loop->events_cap);
	if (loop->nplain > 0)
		wait_plain(loop, wait, &count);
	LIST_ROOM(loop->events, count + EVENTS_A_TURN, loop->events_cap);
	n = epoll_wait(loop->epoll_fd, loop->events + count, EVENTS_A_TURN, loop->nplain > 0 ? 0 : wait);
	if (n < 0 && errno != EINTR) {
		perror("pferry: epoll_wait");
		abort();
	}
	return count + (n > 0 ? (size_t)n : 0);
}

static void deliver_event(struct loop *loop, const struct epoll_event *ev)
{
	size_t slot = ev->data.u64 & UINT32_MAX;
	struct loop_fd *src = slot < loop->nfds ? loop->fds[slot] : NULL;
	unsigned events = 0;

	/* Removed by a callback before; or long ago, when a child has a copy of the descriptor. */
	if (!src || src->dead || src->id != ev->data.u64)
		return;
	if (ev->events & EPOLLIN)
		events |= LOOP_READ;
	if (ev->events & EPOLLOUT)
		events |= LOOP_WRITE;
	if (ev->events & (EPOLLHUP | EPOLLERR | POLLNVAL))
		events |= LOOP_HUP;
	src->fn(src->ctx, src->fd, events);
}

void loop_turn(struct loop *loop, int64_t max_wait_ms)
{
	size_t count;
	int64_t woke, took, cpu = 0;

	sweep(loop);
	arm_changed(loop);
	count = wait_events(loop, wait_ms(loop, max_wait_ms));
	woke = loop_clock_us();
	if (loop->measured)
		cpu = cpu_us();
	loop->woke_us = woke;
	loop->now_ms = woke / 1000;
	for (size_t i = 0; i < count; i++) {
		if (loop->events[i].data.u64 == SIGNAL_ID)
			deliver_signals(loop);
	}
	for (size_t i = 0; i < count; i++)
		deliver_event(loop, &loop->events[i]);
	/* Timers armed by these callbacks wait for the next turn. */
	timers_fire(loop->timers, loop->now_ms);
	took = loop_clock_us() - woke;
	if (took > loop->worst_gap_us)
		loop->worst_gap_us = took;
	if (loop->measured && cpu_us() - cpu > loop->worst_cpu_us)
		loop->worst_cpu_us = cpu_us() - cpu;
}

int64_t loop_turn_us(const struct loop *loop)
{
	return loop_clock_us() - loop->woke_us;
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
