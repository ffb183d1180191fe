/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what a survey says of sockets and pipes. */
#include "check/survey_priv.h"

#include <stdlib.h>

#include "base/mem.h"

static void take_address(char *to, size_t size, unsigned *port, char *word)
{
	char *colon = strchr(word, ':');

	*port = 0;
	if (colon) {
		*colon = '\0';
		*port = (unsigned)strtoul(colon + 1, NULL, 16) & 0xffff;
	}
	survey_copy(to, size, word);
}

void survey_take_tcp(struct survey *s, char *line)
{
	struct survey_tcp *t;

	if (s->ntcp >= SURVEY_SOCKETS_MAX)
		return;
	s->tcp = mem_grow(s->tcp, s->ntcp, sizeof *s->tcp);
	t = &s->tcp[s->ntcp++];
	*t = (struct survey_tcp){ .state = (unsigned)survey_hex(&line) };
	if (t->state == 10)
		s->tcp_listen++;
	else
		s->tcp_established++;
	take_address(t->local, sizeof t->local, &t->local_port, survey_word(&line));
	take_address(t->remote, sizeof t->remote, &t->remote_port, survey_word(&line));
	survey_word(&line);
	t->waiting = (uint32_t)survey_hex(&line);
}

/* "LOCAL REMOTE INODE" */
void survey_take_udp(struct survey *s, char *line)
{
	struct survey_tcp *t;

	if (s->ntcp >= SURVEY_SOCKETS_MAX)
		return;
	s->tcp = mem_grow(s->tcp, s->ntcp, sizeof *s->tcp);
	t = &s->tcp[s->ntcp++];
	*t = (struct survey_tcp){ .state = SURVEY_UDP };
	s->other_sockets++;
	take_address(t->local, sizeof t->local, &t->local_port, survey_word(&line));
	take_address(t->remote, sizeof t->remote, &t->remote_port, survey_word(&line));
}

/* "INODE TYPE STATE PEER PATH" */
void survey_take_unix(struct survey *s, char *line)
{
	struct survey_unix *u;
	char *peer;

	if (s->nunixes >= SURVEY_SOCKETS_MAX)
		return;
	s->unixes = mem_grow(s->unixes, s->nunixes, sizeof *s->unixes);
	u = &s->unixes[s->nunixes++];
	s->unix_sockets++;
	*u = (struct survey_unix){ .inode = survey_number(&line) };
	u->type = (unsigned)survey_hex(&line);
	u->state = (unsigned)survey_hex(&line);
	peer = survey_word(&line);
	u->peer_known = *peer >= '0' && *peer <= '9';
	u->peer = u->peer_known ? strtoull(peer, NULL, 10) : 0;
	u->path = mem_strdup(line);
	if (*line == '/' && strrchr(line, '/') > line) {
		*strrchr(line, '/') = '\0';
		survey_add_name(s, line, USE_SOCKET);
	}
}

void survey_take_peer(struct survey *s, char *line)
{
	if (s->npeers >= SURVEY_SOCKETS_MAX)
		return;
	s->peers = mem_grow(s->peers, s->npeers, sizeof *s->peers);
	s->peers[s->npeers].inode = survey_number(&line);
	s->peers[s->npeers].path = mem_strdup(line);
	hash_add(&s->by_peer, s->peers[s->npeers].inode, s->npeers);
	s->npeers++;
}

void survey_take_socket(struct survey *s, char *line)
{
	const char *kind = survey_word(&line);

	s->other_sockets++;
	s->mptcp += survey_begins(kind, "mptcp");
	s->vsock += survey_begins(kind, "vsock");
	s->raw += survey_begins(kind, "raw");
	s->icmp += survey_begins(kind, "icmp");
	s->netlink += survey_begins(kind, "netlink");
	s->packet += survey_begins(kind, "packet");
}

void survey_take_outside(struct survey *s, char *line)
{
	survey_word(&line);
	if (s->pipes_outside++ == 0) {
		const char *pid = survey_word(&line);
		char *text = mem_printf("%s(%s)", line, pid);

		survey_copy(s->pipe_peer, sizeof s->pipe_peer, text);
		free(text);
	}
}
