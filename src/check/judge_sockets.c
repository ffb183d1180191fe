/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging sockets and pipes: what is outside, and whether it is there too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/findings.h"

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

/* An address and ports as one number, for a hash. */
static uint64_t place_of(const char *address, unsigned port, unsigned other_port)
{
	struct {
		uint32_t ports[2];
		char address[32];
	} place = { { port, other_port }, "" };
	const char *text = plain(address);

	memcpy(place.address, text, strnlen(text, sizeof place.address));
	return hash_bytes(&place, sizeof place);
}

/* Where all sockets but those that listen are, so that the other end of a connection can be looked for. */
static void index_ends(const struct survey *s, struct hash *ends)
{
	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];

		if (t->state != LISTENING)
			hash_add(ends, place_of(t->local, t->local_port, t->remote_port), i);
	}
}

/* The other end of a connection over loopback is in the tree too. */
static bool both_inside(const struct hash *ends, const struct survey_tcp *t)
{
	return hash_get(ends, place_of(t->remote, t->remote_port, t->local_port)) != HASH_NONE;
}

/* Listening sockets of the destination: each port, those on all addresses, and each place. */
struct listening {
	struct hash ports, on_any, places;
	bool said[65536];
	unsigned missing; /* addresses that it lacks */
};

static void judge_address(struct check_result *r, const struct judge *j, struct listening *there, const struct survey_tcp *t,
			  const char *does)
{
	char text[48];

	/* Such an address is a blocker already. */
	if (there->missing >= FINDINGS_OF_A_KIND)
		return;
	if (!j->able_destination || is_any(t->local) || (j->options && j->options->hook) ||
	    able_has_address(j->able_destination, t->local))
		return;
	there->missing++;
	findings_add(r, j, "address-missing", host_name(j->destination), "it %s %s:%u, an address that %s does not have", does,
		     address_text(t->local, text, sizeof text), t->local_port, host_name(j->destination));
}

static void index_ports(const struct judge *j, struct listening *there)
{
	for (size_t i = 0; j->verified && i < j->verified->nports; i++) {
		unsigned port = j->verified->ports[i].port;
		const char *address = j->verified->ports[i].address;

		hash_add(&there->ports, port, i);
		if (is_any(address))
			hash_add(&there->on_any, port, i);
		hash_add(&there->places, place_of(address, port, 0), i);
	}
}

static void judge_port(struct check_result *r, const struct judge *j, struct listening *there, const struct survey_tcp *t)
{
	unsigned port = t->local_port & 0xffff;

	if (there->said[port] || hash_get(&there->ports, port) == HASH_NONE)
		return;
	if (!is_any(t->local) && hash_get(&there->on_any, port) == HASH_NONE &&
	    hash_get(&there->places, place_of(t->local, port, 0)) == HASH_NONE)
		return;
	/* The same listening socket may be there from both tables: say it once. */
	there->said[port] = true;
	findings_add(r, j, "port-taken", host_name(j->destination), "TCP port %u is in use on %s", port, host_name(j->destination));
}

static void judge_listening(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	bool own_net = strstr(s->namespaces, "net") != NULL;
	unsigned listening = 0, first = 0;
	struct listening *there = mem_new(struct listening);

	index_ports(j, there);
	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];

		if (t->state == LISTENING) {
			if (listening++ == 0)
				first = t->local_port;
			if (!own_net) {
				judge_address(r, j, there, t, "listens on");
				judge_port(r, j, there, t);
			}
		} else if (t->state == SURVEY_UDP && !own_net) {
			judge_address(r, j, there, t, "has a UDP socket on");
		}
	}
	hash_free(&there->ports);
	hash_free(&there->on_any);
	hash_free(&there->places);
	free(there);
	if (listening) {
		/* A client that connects between this look and the freeze must not make the dump fail. */
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
	struct hash ends = { 0 };

	index_ends(s, &ends);
	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];

		if (t->state == LISTENING || t->state == CLOSED || t->state == SURVEY_UDP)
			continue;
		all++;
		if (both_inside(&ends, t) || strstr(s->namespaces, "net") || (j->options && j->options->hook && !is_loopback(t->local)))
			continue;
		/* No lock holds their packets back while the process lies in a file. */
		if (!in_file(j) && !is_loopback(t->local) && (!j->able_destination || able_has_address(j->able_destination, t->local)))
			continue;
		if (torn++ == 0)
			snprintf(peer, sizeof peer, "%s:%u", address_text(t->remote, text, sizeof text), t->remote_port);
	}
	hash_free(&ends);
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
	unsigned lacks = 0;

	for (size_t i = 0; i < s->nunixes; i++) {
		const struct survey_unix *u = &s->unixes[i];
		const char *path;

		unknown |= !u->peer_known && u->state == 3;
		if (!u->peer || survey_holds(s, u->peer))
			continue;
		path = survey_peer_path(s, u->peer);
		if (u->type == 2 && path[0] == '/') {
			datagram = path;
			if (j->verified && !verified_has_socket(j->verified, path) && lacks++ < FINDINGS_OF_A_KIND)
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
	if (s->forged)
		findings_add(r, j, "unix-forged", name,
			     "a unix socket on %s is named so that it reads as an entry of its own: the sockets of %s(%d) cannot be told from it",
			     name, r->name, (int)r->proc.pid);
	if (unknown)
		findings_add(r, j, "unix-unknown", name, "it has unix sockets, and there is no ss on %s to tell their peers", name);
}

/* CRIU makes sockets by name, as root, and gives them owner and mode by name: who can swap what is there has it
 * do that to another file. */
static void judge_places(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;
	const char *name = j->destination ? host_name(j->destination) : "";
	bool others = false;
	char who[48] = "its owner";

	if (!v || host_own_only(j->destination))
		return;
	for (size_t i = 0; i < s->nprocs; i++)
		others |= s->procs[i].other_user;
	if (!v->open_dir[0] && !(others && v->sticky_dir[0]))
		return;
	if (v->open_dir[0] && v->open_uid)
		snprintf(who, sizeof who, "user %u", (unsigned)v->open_uid);
	else if (v->open_dir[0])
		snprintf(who, sizeof who, "any user");
	findings_add(r, j, "socket-place", name, "a socket of its lies in %s: %s can put another file in its place on %s while CRIU makes it as root",
		     v->open_dir[0] ? v->open_dir : v->sticky_dir, who, name);
}

/* For the hook: which addresses would have to move. */
static void list_addresses(struct check_result *r)
{
	const struct survey *s = &r->survey;
	size_t len = 0;
	struct hash seen = { 0 };

	for (size_t i = 0; i < s->ntcp; i++) {
		const struct survey_tcp *t = &s->tcp[i];
		char text[48];

		if (hash_add(&seen, place_of(t->local, 0, 0), i) != i)
			continue;
		if (is_any(t->local) || is_loopback(t->local) || strlen(plain(t->local)) != 8)
			continue;
		address_text(t->local, text, sizeof text);
		if (!strstr(r->addresses, text) && len + strlen(text) + 2 < sizeof r->addresses)
			len += (size_t)snprintf(r->addresses + len, sizeof r->addresses - len, "%s%s", len ? " " : "", text);
	}
	hash_free(&seen);
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
	judge_places(r, j);
	if (s->pipes_outside)
		findings_add(r, j, "pipe-outside", name, "%u of its pipes end%s in a process that stays behind, %s", s->pipes_outside,
			     s->pipes_outside == 1 ? "s" : "", s->pipe_peer);
}
