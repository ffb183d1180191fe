/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program with what a move must carry: threads that hand a token round over
 * futexes and condition variables, eventfd, timerfd, signalfd, epoll, a pipe, a
 * POSIX timer, and memory shared with a child.  Each round appends a count to
 * /shared/w/threads.log; anything that does not add up ends it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static unsigned long token;
static int event, pipes[2];
static struct shared {
	pthread_mutex_t lock;
	unsigned long parent, child;
} *shared;

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

/* Wait for the token to be ours, then hand it on. */
static void *take_turns(void *arg)
{
	unsigned long me = (unsigned long)(uintptr_t)arg;

	for (;;) {
		pthread_mutex_lock(&lock);
		while (token % (THREADS + 1) != me)
			pthread_cond_wait(&turned, &lock);
		token++;
		if (me == THREADS - 1)
			must(eventfd_write(event, 1) == 0, "eventfd");
		pthread_cond_broadcast(&turned);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void child_main(void)
{
	char c;

	while (read(pipes[0], &c, 1) == 1) {
		pthread_mutex_lock(&shared->lock);
		shared->child++;
		must(shared->child <= shared->parent, "count of the child");
		pthread_mutex_unlock(&shared->lock);
	}
	_exit(0);
}

static int watch(int epoll, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	must(fd >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0, "epoll");
	return fd;
}

static void share(void)
{
	pthread_mutexattr_t attr;

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared != MAP_FAILED, "mmap");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &attr);
}

int main(void)
{
	struct itimerspec every = { { 0, 30000000 }, { 0, 30000000 } };
	struct sigevent alarm = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	unsigned long rounds = 0, ticks = 0, alarms = 0;
	int epoll = epoll_create1(0), timer, signals, log = open("/shared/w/threads.log", O_WRONLY | O_CREAT | O_APPEND, 0644);
	timer_t posix;
	sigset_t set;

	must(log >= 0, "log");
	share();
	must(pipe(pipes) == 0, "pipe");
	if (fork() == 0)
		child_main();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	event = watch(epoll, eventfd(0, 0));
	timer = watch(epoll, timerfd_create(CLOCK_MONOTONIC, 0));
	signals = watch(epoll, signalfd(-1, &set, 0));
	must(timerfd_settime(timer, 0, &every, NULL) == 0, "timerfd");
	must(timer_create(CLOCK_MONOTONIC, &alarm, &posix) == 0 && timer_settime(posix, 0, &every, NULL) == 0, "timer");
	for (unsigned long i = 0; i < THREADS; i++) {
		pthread_t t;

		must(pthread_create(&t, NULL, take_turns, (void *)(uintptr_t)i) == 0, "thread");
	}
	for (;;) {
		struct epoll_event e;
		struct signalfd_siginfo info;
		uint64_t n;
		char line[32];

		if (epoll_wait(epoll, &e, 1, 5000) != 1)
			continue;
		if (e.data.fd == timer) {
			must(read(timer, &n, sizeof n) == sizeof n, "timerfd");
			ticks += n;
		} else if (e.data.fd == signals) {
			must(read(signals, &info, sizeof info) == sizeof info, "signalfd");
			alarms++;
		} else {
			must(read(event, &n, sizeof n) == sizeof n && n == 1, "eventfd");
			pthread_mutex_lock(&shared->lock);
			shared->parent++;
			pthread_mutex_unlock(&shared->lock);
			must(write(pipes[1], "x", 1) == 1, "pipe");
			usleep(20000);
			must(rounds < 100 || (ticks > 0 && alarms > 0), "timers");
			must(write(log, line, (size_t)snprintf(line, sizeof line, "%lu\n", ++rounds)) > 0, "log");
			pthread_mutex_lock(&lock);
			must(token == rounds * (THREADS + 1) - 1, "token");
			token++;
			pthread_cond_broadcast(&turned);
			pthread_mutex_unlock(&lock);
		}
	}
}
