/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging sockets and pipes: what is outside, and whether it is there too. */
#include <stdio.h>
#include <string.h>

#include "move/findings.h"

#define LISTENING 10
#define CLOSED 7

static bool is_any(const char *address)
{
	return strspn(address, "0") == strlen(address) || strcmp(address, "0000000000000000FFFF000000000000") == 0;
}

static bool is_loopback(const char *address)
{
	size_t len = strlen(address);

	return (len == 8 && strcmp(address + 6, "7F") == 0) || strcmp(address, "00000000000000000000000001000000") == 0 ||
	       (len == 32 && strncmp(address, "0000000000000000FFFF0000", 24) == 0 && strcmp(address + 30, "7F") == 0);
}

static const char *plain(const char *address)
{
	return strlen(address) == 32 && strncmp(address, "0000000000000000FFFF0000", 24) == 0 ? address + 24 : address;
}

/* "10.213.0.11", or "an IPv6 address": it is only for a sentence. */
static const char *address_text(const char *address, char *out, size_t size)
{
	unsigned a, b, c, d;

	if (strlen(plain(address)) == 8 && sscanf(plain(address), "%2x%2x%2x%2x", &a, &b, &c, &d) == 4)
		snprintf(out, size, "%u.%u.%u.%u", d, c, b, a);
	else
		snprintf(out, size, "an IPv6 address");
	return out;
}

/* The other end of a connection over loopback is in the tree too. */
static bool both_inside(const struct survey *s, const struct survey_tcp *t)
{
	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *o = &s->tcp[i];

		if (o->local_port == t->remote_port && o->remote_port == t->local_port && o->state != LISTENING &&
		    strcmp(plain(o->local), plain(t->remote)) == 0)
			return true;
	}
	return false;
}

static void judge_address(struct check_result *r, const struct judge *j, const struct survey_tcp *t, const char *does)
{
	char text[48];

	if (!j->able_destination || is_any(t->local) || (j->options && j->options->hook) ||
	    able_has_address(j->able_destination, t->local))
		return;
	findings_add(r, j, "address-missing", host_name(j->destination), "it %s %s:%u, an address that %s does not have", does,
		     address_text(t->local, text, sizeof text), t->local_port, host_name(j->destination));
}

static void judge_port(struct check_result *r, const struct judge *j, const struct survey_tcp *t)
{
	const struct verified *v = j->verified;

	/* The same listening socket may be there from both tables: say it once. */
	for (size_t i = 0; v && i < v->nports; i++) {
		if (v->ports[i].port == t->local_port && (is_any(v->ports[i].address) || is_any(t->local) ||
							   strcmp(plain(v->ports[i].address), plain(t->local)) == 0)) {
			findings_add(r, j, "port-taken", host_name(j->destination), "TCP port %u is in use on %s", t->local_port,
				     host_name(j->destination));
			return;
		}
	}
}

static void judge_listening(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	bool own_net = strstr(s->namespaces, "net") != NULL;
	unsigned listening = 0, first = 0;

	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];

		if (t->state == LISTENING) {
			if (listening++ == 0)
				first = t->local_port;
			if (!own_net) {
				judge_address(r, j, t, "listens on");
				judge_port(r, j, t);
			}
		} else if (t->state == SURVEY_UDP && !own_net) {
			judge_address(r, j, t, "has a UDP socket on");
		}
	}
	if (listening) {
		/* Who connects between this look and the freeze must not make the dump fail. */
		r->skip_in_flight = true;
		r->tcp_close = true;
		findings_add(r, j, "tcp-listen", NULL, "it listens on TCP port %u%s", first, listening > 1 ? " and others" : "");
	}
}

static bool in_file(const struct judge *j)
{
	return j->options && (j->options->save || j->options->saved);
}

static void judge_established(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	unsigned all = 0, torn = 0;
	char text[48], peer[64] = "";

	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];

		if (t->state == LISTENING || t->state == CLOSED || t->state == SURVEY_UDP)
			continue;
		all++;
		if (both_inside(s, t) || strstr(s->namespaces, "net") || (j->options && j->options->hook && !is_loopback(t->local)))
			continue;
		/* Nothing holds their packets back while it lies in a file. */
		if (!in_file(j) && !is_loopback(t->local) && (!j->able_destination || able_has_address(j->able_destination, t->local)))
			continue;
		if (torn++ == 0)
			snprintf(peer, sizeof peer, "%s:%u", address_text(t->remote, text, sizeof text), t->remote_port);
	}
	if (!all)
		return;
	if (torn) {
		r->tcp_close |= findings_add(r, j, "tcp-close", host_name(j->source),
					    "it has %u TCP connection%s whose address does not move (%s%s)", torn,
					    torn == 1 ? "" : "s", peer, torn > 1 ? ", ..." : "");
	} else {
		r->tcp = true;
		findings_add(r, j, "tcp-established", host_name(j->source), "%u TCP connections are established%s", all,
			     j->options && j->options->hook ? "; their address moves by the hook" : "");
	}
}

/* CRIU drops the connections' packets at both ends while it works. */
static void judge_lock(struct check_result *r, const struct judge *j)
{
	const struct host_facts *f = host_facts(j->source), *d = j->destination ? host_facts(j->destination) : f;

	/* The lock goes along and is taken away by name, which only nftables has;
	 * and CRIU unlocks in the way that it locked. */
	r->nft_source = r->nft_destination = f->nft && d->nft;
	if (!r->tcp)
		return;
	if (!f->nft && !f->iptables)
		findings_add(r, j, "no-lock-tool", host_name(j->source), "there is no nft and no iptables on %s",
			     host_name(j->source));
	if (j->destination && !d->nft && !d->iptables)
		findings_add(r, j, "no-lock-tool", host_name(j->destination), "there is no nft and no iptables on %s",
			     host_name(j->destination));
	if (r->nft_source)
		findings_add(r, j, "network-lock", NULL, "the network is locked by nftables while it moves");
}

static void judge_unix(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(j->source), *datagram = NULL;
	bool unknown = false;

	for (size_t i = 0; i < s->nunixes; i++) {
		const struct survey_unix *u = &s->unixes[i];
		const char *path;

		unknown |= !u->peer_known && u->state == 3;
		if (!u->peer || survey_holds(s, u->peer))
			continue;
		path = survey_peer_path(s, u->peer);
		if (u->type == 2 && path[0] == '/') {
			datagram = path;
			if (j->verified && !verified_has_socket(j->verified, path))
				findings_add(r, j, "unix-outside", host_name(j->destination),
					     "it sends to the unix socket %s, which %s does not have", path, host_name(j->destination));
		} else if (u->type == 2 && path[0] == '@') {
			datagram = path;
		} else {
			findings_add(r, j, "unix-outside", name, "it has a unix connection to a process that stays behind%s%s",
				     path[0] ? ": " : "", path);
			break;
		}
	}
	if (datagram) {
		r->ext_unix = true;
		findings_add(r, j, "unix-datagram", name, "it sends to %s, and will there too", datagram);
	}
	if (unknown)
		findings_add(r, j, "unix-unknown", name, "it has unix sockets, and there is no ss on %s to tell their peers", name);
}

/* For the hook: which addresses would have to move. */
static void list_addresses(struct check_result *r)
{
	const struct survey *s = &r->survey;
	size_t len = 0;

	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];
		char text[48];

		if (is_any(t->local) || is_loopback(t->local) || strlen(plain(t->local)) != 8)
			continue;
		address_text(t->local, text, sizeof text);
		if (!strstr(r->addresses, text) && len + strlen(text) + 2 < sizeof r->addresses)
			len += (size_t)snprintf(r->addresses + len, sizeof r->addresses - len, "%s%s", len ? " " : "", text);
	}
}

void judge_sockets(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const char *name = host_name(j->source);

	if (s->mptcp)
		findings_add(r, j, "socket-kind", name, "it has an MPTCP socket (a Go program does without when started with GODEBUG=multipathtcp=0)");
	if (s->vsock)
		findings_add(r, j, "socket-kind", name, "it has a vsock socket");
	list_addresses(r);
	judge_listening(r, j);
	judge_established(r, j);
	judge_lock(r, j);
	judge_unix(r, j);
	if (s->pipes_outside)
		findings_add(r, j, "pipe-outside", name, "%u of its pipes end%s in a process that stays behind, %s", s->pipes_outside,
			     s->pipes_outside == 1 ? "s" : "", s->pipe_peer);
}
