/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a host name to addresses, without blocking: literal addresses at once,
 * names by `getent ahosts` in a child, so that /etc/hosts, mDNS and all else
 * in nsswitch.conf count.
 */
#ifndef SSH_RESOLVE_H
#define SSH_RESOLVE_H

#include <stddef.h>
#include <sys/socket.h>
#include <pferry/err.h>
#include <pferry/loop.h>

#define RESOLVE_MAX 16

struct ssh_addr {
	struct sockaddr_storage sa;
	socklen_t len;
	char text[64]; /* numeric, without port */
};

struct ssh_addrs {
	struct ssh_addr v[RESOLVE_MAX];
	size_t n;
};

struct resolve;
/* `addrs` has at least one, or `e` says why not. */
typedef void resolve_done_fn(void *ctx, const struct ssh_addrs *addrs, const struct err *e);

/* `family` is ssh's AddressFamily: "any", "inet" or "inet6" (NULL: any). `done` is called once, from the loop. */
struct resolve *resolve_start(struct loop *loop, const char *name, int port, const char *family,
			      resolve_done_fn *done, void *ctx);
/* Forget it without a callback; sets *r NULL. After `done` it has freed itself. */
void resolve_stop(struct resolve **r);

/* One numeric address (IPv6 may have a %scope); false when it is none. */
bool resolve_literal(const char *text, int port, struct ssh_addr *out);
/* The addresses in getent's output, each once. */
void resolve_parse(const char *text, int port, struct ssh_addrs *out);

#endif
