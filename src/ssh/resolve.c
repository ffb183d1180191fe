/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/resolve.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/child.h"
#include "base/mem.h"

struct resolve {
	struct child *child;
	struct loop_timer *now; /* literal addresses and early failures answer from the loop too */
	char *name;
	int port;
	struct ssh_addrs addrs;
	struct err err;
	resolve_done_fn *done;
	void *ctx;
};

static bool literal_v6(const char *text, int port, struct ssh_addr *out)
{
	struct sockaddr_in6 sa = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	const char *percent = strchr(text, '%');
	char number[INET6_ADDRSTRLEN];
	size_t len = percent ? (size_t)(percent - text) : strlen(text);

	if (len >= sizeof number)
		return false;
	memcpy(number, text, len);
	number[len] = '\0';
	if (inet_pton(AF_INET6, number, &sa.sin6_addr) != 1)
		return false;
	if (percent) {
		sa.sin6_scope_id = if_nametoindex(percent + 1);
		if (sa.sin6_scope_id == 0)
			sa.sin6_scope_id = (uint32_t)strtoul(percent + 1, NULL, 10);
	}
	memcpy(&out->sa, &sa, sizeof sa);
	out->len = sizeof sa;
	return true;
}

bool resolve_literal(const char *text, int port, struct ssh_addr *out)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	*out = (struct ssh_addr){.len = 0};
	if (strlen(text) >= sizeof out->text)
		return false;
	snprintf(out->text, sizeof out->text, "%s", text);
	if (inet_pton(AF_INET, text, &sa.sin_addr) == 1) {
		memcpy(&out->sa, &sa, sizeof sa);
		out->len = sizeof sa;
		return true;
	}
	return literal_v6(text, port, out);
}

static void add(struct ssh_addrs *addrs, const struct ssh_addr *a)
{
	for (size_t i = 0; i < addrs->n; i++) {
		if (strcmp(addrs->v[i].text, a->text) == 0)
			return;
	}
	if (addrs->n < RESOLVE_MAX)
		addrs->v[addrs->n++] = *a;
}

void resolve_parse(const char *text, int port, struct ssh_addrs *out)
{
	out->n = 0;
	while (*text) {
		size_t line = strcspn(text, "\n"), len = strcspn(text, " \t\n");
		char word[64];
		struct ssh_addr a;

		if (len < sizeof word) {
			memcpy(word, text, len);
			word[len] = '\0';
			if (resolve_literal(word, port, &a))
				add(out, &a);
		}
		text += line;
		text += *text == '\n';
	}
}

static void finish(struct resolve *r)
{
	struct resolve *mine = r;

	r->done(r->ctx, &r->addrs, r->addrs.n > 0 ? NULL : &r->err);
	resolve_stop(&mine);
}

static void on_now(void *ctx)
{
	finish(ctx);
}

static void on_getent(void *ctx, const struct child_result *result)
{
	struct resolve *r = ctx;

	r->child = NULL;
	resolve_parse(result->out, r->port, &r->addrs);
	if (r->addrs.n == 0)
		err_set(&r->err, ERR_RESOLVE, r->name,
			"the name %s has no address: check its spelling and the name service", r->name);
	finish(r);
}

struct resolve *resolve_start(struct loop *loop, const char *name, int port, const char *family,
			      resolve_done_fn *done, void *ctx)
{
	struct resolve *r = mem_new(struct resolve);
	const char *database = "ahosts";
	const char *argv[] = {"getent", "--", NULL, name, NULL};
	struct ssh_addr a;

	r->name = mem_strdup(name);
	r->port = port;
	r->done = done;
	r->ctx = ctx;
	if (family && strcmp(family, "inet") == 0)
		database = "ahostsv4";
	else if (family && strcmp(family, "inet6") == 0)
		database = "ahostsv6";
	argv[2] = database;
	if (resolve_literal(name, port, &a))
		add(&r->addrs, &a);
	else
		r->child = child_run(loop, argv, 65536, on_getent, r, &r->err);
	if (!r->child)
		r->now = loop_timer_add(loop, 0, on_now, r);
	return r;
}

void resolve_stop(struct resolve **r)
{
	struct resolve *old = *r;

	if (!old)
		return;
	*r = NULL;
	child_kill(&old->child);
	loop_timer_remove(&old->now);
	free(old->name);
	free(old);
}
