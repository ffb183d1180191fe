/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire PID INSIDE OUTSIDE RATE DELAY: a link of RATE bit/s (0: any) that takes
 * DELAY microseconds each way, between an interface INSIDE in the network
 * namespace of process PID and an interface OUTSIDE here; for kernels whose tc
 * lacks netem.  Both are tap devices that end with this program.  It prints
 * "up" when they are there.
 *
 * Packets come as large as TCP makes them (with their virtio header), so that
 * 1 Gbit/s costs some 2,000 of them a second, not 80,000.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define PACKET_MAX (70 * 1024)
#define HEADER 10 /* struct virtio_net_hdr */
#define SEGMENT 1448
#define FRAMING 90 /* headers of each further segment, preamble and gap */

struct packet {
	struct packet *next;
	int64_t due_ns;
	size_t len;
	char data[];
};

/* One way. What waits for the line is bounded, as in a router; beyond it is dropped. */
struct way {
	int from, to;
	struct packet *first, **last;
	int64_t free_ns; /* when the line has sent all it was given */
};

static int64_t rate, delay_ns, wait_most_ns;

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	return 1;
}

static int tap_open(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
	if (ioctl(fd, TUNSETIFF, &ifr) < 0 || ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0)
		return -1;
	return fd;
}

static void take(struct way *w)
{
	static char data[PACKET_MAX];
	struct packet *p;
	int64_t now = now_ns(), start = w->free_ns > now ? w->free_ns : now;
	ssize_t len = read(w->from, data, sizeof data);
	int64_t bits;

	if (len <= HEADER || start - now > wait_most_ns)
		return;
	bits = (len - HEADER + FRAMING * (1 + (len - HEADER) / SEGMENT)) * 8;
	w->free_ns = rate ? start + bits * 1000000000LL / rate : start;
	p = malloc(sizeof *p + (size_t)len);
	if (!p)
		return;
	p->next = NULL;
	p->due_ns = w->free_ns + delay_ns;
	p->len = (size_t)len;
	memcpy(p->data, data, p->len);
	*w->last = p;
	w->last = &p->next;
}

/* Hand over what is due; nanoseconds until the next, -1 when there is none. */
static int64_t hand_over(struct way *w)
{
	while (w->first) {
		struct packet *p = w->first;
		int64_t left = p->due_ns - now_ns();

		if (left > 0)
			return left;
		if (write(w->to, p->data, p->len) < 0 && errno == EAGAIN)
			return 100000;
		w->first = p->next;
		if (!w->first)
			w->last = &w->first;
		free(p);
	}
	return -1;
}

int main(int argc, char **argv)
{
	char path[64];
	struct way way[2];
	int ns, fd[2];

	if (argc != 6) {
		fprintf(stderr, "usage: wire PID INSIDE OUTSIDE BITS_PER_SECOND DELAY_US\n");
		return 2;
	}
	rate = atoll(argv[4]);
	delay_ns = atoll(argv[5]) * 1000;
	/* As much as a router holds: 50 ms, and never less than one large packet. */
	wait_most_ns = 50000000;
	prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
	fd[0] = tap_open(argv[3]);
	if (fd[0] < 0)
		return die(argv[3]);
	snprintf(path, sizeof path, "/proc/%s/ns/net", argv[1]);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		return die(path);
	fd[1] = tap_open(argv[2]);
	if (fd[1] < 0)
		return die(argv[2]);
	for (int i = 0; i < 2; i++)
		way[i] = (struct way){ .from = fd[i], .to = fd[!i], .last = &way[i].first };
	puts("up");
	fflush(stdout);
	for (;;) {
		struct pollfd polled[2] = { { fd[0], POLLIN, 0 }, { fd[1], POLLIN, 0 } };
		int64_t a = hand_over(&way[0]), b = hand_over(&way[1]);
		int64_t least = a < 0 || (b >= 0 && b < a) ? b : a;
		struct timespec wait = { least / 1000000000, least % 1000000000 };

		if (ppoll(polled, 2, least < 0 ? NULL : &wait, NULL) < 0 && errno != EINTR)
			return die("poll");
		for (int i = 0; i < 2; i++) {
			if (polled[i].revents & POLLIN)
				take(&way[i]);
			else if (polled[i].revents)
				return 0;
		}
	}
}
