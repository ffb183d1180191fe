/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/lend.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "ssh/agent.h"
#include "ssh/conn.h"
#include "ssh/ident.h"
#include "ssh/keyring.h"
#include "ssh/lendrule.h"
#include "ssh/owndir.h"
#include "ssh/packet.h"

/* A login needs one connection, a second where its ssh looks for the agent first. */
#define CLIENTS_MAX 8
#define REPLY_MAX (256u << 10)
/* A person may have to touch a key. */
#define WAIT_MS 60000

enum { FAILURE = 5, SUCCESS = 6, SIGN_RESPONSE = 14 };

struct client {
	struct client *next;
	struct lend *lend;
	int fd;
	struct loop_fd *src;
	struct agent *agent; /* this client's connection to the agent */
	struct lend_state state;
	struct buf in, out, asked; /* asked: what the agent is being asked */
	enum lend_verdict verdict;
	bool busy, dead;
};

struct lend {
	struct loop *loop;
	struct lend_rule rule;
	char *source, *destination; /* names */
	char *agent_path, *key_file, *socket;
	struct agent *first;        /* asked whether it holds the key */
	struct keyring_member *member;
	int fd;
	struct loop_fd *src;
	struct loop_timer *soon;
	struct client *clients;
	bool has_listed, has_signed, signing;
	const char *refused;
	struct lend_ops ops;
	void *ctx;
};

static void on_client(void *ctx, int fd, unsigned events);

/* ---- a client ---- */

static void client_end(struct client *c)
{
	if (c->busy && c->verdict == LEND_SIGN)
		c->lend->signing = false;
	loop_fd_remove(&c->src);
	agent_close(&c->agent);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->asked);
	free(c);
}

static void client_free(struct client *c)
{
	struct client **at = &c->lend->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	client_end(c);
}

static void want(struct client *c)
{
	if (c->src)
		loop_fd_want(c->src, (c->busy ? 0 : LOOP_READ) | (c->out.len > 0 ? LOOP_WRITE : 0));
}

static void answer_byte(struct client *c, char type)
{
	packet_put_string(&c->out, &type, 1);
}

/* The source makes a request that a login does not need: the operator is warned, once. */
static void refuse(struct client *c, const char *why)
{
	struct lend *l = c->lend;

	if (!l->refused)
		log_add(LOG_WARN, l->source, "%s asked the agent that was lent to it, to log in to %s, for %s: refused", l->source,
			l->destination, why);
	l->refused = why;
	answer_byte(c, FAILURE);
}

static void on_reply(void *ctx, const char *reply, size_t len)
{
	struct client *c = ctx;
	struct lend *l = c->lend;

	c->busy = false;
	if (c->verdict == LEND_SIGN) {
		l->signing = false;
		l->has_signed |= reply && len > 0 && reply[0] == SIGN_RESPONSE;
	}
	if (c->verdict == LEND_BIND_DESTINATION && reply && len == 1 && reply[0] == SUCCESS)
		lend_bound(&c->state, buf_data(&c->asked), c->asked.len);
	buf_clear(&c->asked);
	if (reply)
		packet_put_string(&c->out, reply, len);
	else
		answer_byte(c, FAILURE);
	/* Data that has come meanwhile is looked at in a turn of its own. */
	want(c);
	loop_timer_set(l->soon, 0);
}

static void pass_on(struct client *c, const char *request, size_t len)
{
	if (!c->agent)
		c->agent = agent_open(c->lend->loop, c->lend->agent_path, NULL);
	if (!c->agent) {
		answer_byte(c, FAILURE);
		return;
	}
	c->busy = true;
	c->lend->signing |= c->verdict == LEND_SIGN;
	buf_append(&c->asked, request, len);
	agent_pass(c->agent, request, len, WAIT_MS, on_reply, c);
}

static void take_request(struct client *c, const char *request, size_t len)
{
	struct lend *l = c->lend;
	const char *why;

	c->verdict = lend_judge(&l->rule, &c->state, request, len, &why);
	switch (c->verdict) {
	case LEND_REFUSE:
		refuse(c, why);
		break;
	case LEND_LIST:
		l->has_listed = true;
		lend_list(&l->rule, &c->out);
		break;
	case LEND_SIGN:
		if (l->has_signed || l->signing) {
			refuse(c, "a second login");
			break;
		}
		/* fall through */
	case LEND_BIND_SOURCE:
	case LEND_BIND_DESTINATION:
		pass_on(c, request, len);
		break;
	}
}

/* False: what it sends is no request. */
static bool take_requests(struct client *c)
{
	while (!c->busy && c->in.len >= 4) {
		struct packet p;
		struct buf request;
		uint32_t len = 0;

		packet_open(&p, buf_data(&c->in), c->in.len);
		packet_u32(&p, &len);
		if (len == 0 || len > LEND_REQUEST_MAX || c->out.len > REPLY_MAX)
			return false;
		if (packet_left(&p) < len)
			break;
		buf_init(&request, 0);
		buf_append(&request, p.at, len);
		buf_consume(&c->in, 4 + (size_t)len);
		take_request(c, buf_data(&request), len);
		buf_free(&request);
	}
	return true;
}

static void on_client(void *ctx, int fd, unsigned events)
{
	struct client *c = ctx;
	ssize_t n;
	char *at;

	if (events & LOOP_WRITE && c->out.len > 0) {
		n = send(fd, buf_data(&c->out), c->out.len, MSG_NOSIGNAL);
		if (n > 0)
			buf_consume(&c->out, (size_t)n);
	}
	if (events & (LOOP_READ | LOOP_HUP)) {
		at = buf_space(&c->in, 4096);
		n = at ? recv(fd, at, 4096, 0) : 0;
		if (n > 0)
			buf_grew(&c->in, (size_t)n);
		if ((n <= 0 && errno != EAGAIN && errno != EINTR) || n == 0 || !take_requests(c)) {
			client_free(c);
			return;
		}
	}
	want(c);
}

/* Clients whose agent has answered go on. */
static void go_on(struct lend *l)
{
	for (struct client *c = l->clients, *next; c; c = next) {
		next = c->next;
		if (take_requests(c))
			want(c);
		else
			client_free(c);
	}
}

/* ---- the socket ---- */

static bool is_ours(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
}

static void on_connection(void *ctx, int fd, unsigned events)
{
	struct lend *l = ctx;
	struct client *c;
	size_t n = 0;
	int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (got < 0)
		return;
	for (c = l->clients; c; c = c->next)
		n++;
	if (n >= CLIENTS_MAX || !is_ours(got)) {
		close(got);
		return;
	}
	c = mem_new(struct client);
	c->lend = l;
	c->fd = got;
	buf_init(&c->in, LEND_REQUEST_MAX + 8192);
	buf_init(&c->out, 0);
	buf_init(&c->asked, 0);
	c->src = loop_fd_add(l->loop, got, LOOP_READ, on_client, c);
	c->next = l->clients;
	l->clients = c;
}

static bool listen_at(struct lend *l, struct err *e)
{
	static unsigned made;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char name[32];

	snprintf(name, sizeof name, "lent-%u", ++made);
	l->socket = owndir_path(name, e);
	if (!l->socket)
		return false;
	if (strlen(l->socket) >= sizeof sa.sun_path)
		return err_set(e, ERR_SYSTEM, NULL, "the path %s is too long for a socket", l->socket);
	memcpy(sa.sun_path, l->socket, strlen(l->socket));
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(l->socket);
	if (l->fd < 0 || bind(l->fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(l->fd, CLIENTS_MAX) < 0)
		return err_errno(e, errno, "cannot listen at %s", l->socket);
	l->src = loop_fd_add(l->loop, l->fd, LOOP_READ, on_connection, l);
	return true;
}

/* ---- the agent and the key ---- */

static void __attribute__((format(printf, 2, 3))) fail(struct lend *l, const char *fmt, ...)
{
	struct err e = { 0 };
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	err_set(&e, ERR_AUTH, l->source, "%s", text);
	free(text);
	l->ops.failed(l->ctx, &e);
}

static void ready(struct lend *l)
{
	struct err e = { 0 };

	if (listen_at(l, &e))
		l->ops.ready(l->ctx, l->socket);
	else
		l->ops.failed(l->ctx, &e);
}

static void on_keys(void *ctx, const char *reply, size_t len)
{
	struct lend *l = ctx;
	struct agent_keys keys = { 0 };
	bool there = false;

	if (reply && agent_parse_keys(&keys, reply, len)) {
		for (size_t i = 0; i < keys.n && !there; i++) {
			const struct buf *blob = &keys.v[i].blob;

			there = blob->len == l->rule.key.len && memcmp(buf_data(blob), buf_data(&l->rule.key), blob->len) == 0;
		}
	}
	agent_keys_free(&keys);
	agent_close(&l->first);
	if (!reply)
		fail(l, "the agent here does not answer");
	else if (!there)
		fail(l, "the agent here does not hold the key that logs in to %s: give it that key (ssh-add), or name the key (--direct-key)",
		     l->destination);
	else
		ready(l);
}

static void on_key_file(void *ctx)
{
	loop_timer_set(((struct lend *)ctx)->soon, 0);
}

/* A file: its passphrase cannot be asked for here. */
static void try_key_file(struct lend *l)
{
	const struct buf *blob;

	for (;;) {
		switch (keyring_state(l->member)) {
		case KEYRING_LOCKED:
			keyring_claim(l->member);
			keyring_give(l->member, "");
			continue;
		case KEYRING_WAIT:
			return;
		case KEYRING_LOADED:
			blob = keyring_blob(l->member);
			buf_append(&l->rule.key, buf_data(blob), blob->len);
			l->agent_path = mem_strdup(keyring_socket());
			keyring_leave(&l->member);
			ready(l);
			return;
		case KEYRING_MINE:
		case KEYRING_WRONG:
		case KEYRING_REFUSED:
		case KEYRING_FAILED:
			keyring_leave(&l->member);
			fail(l, "%s is no private key, or needs a passphrase: have the agent hold it (ssh-add), and name none", l->key_file);
			return;
		}
	}
}

static void on_soon(void *ctx)
{
	struct lend *l = ctx;

	if (l->src) {
		go_on(l);
	} else if (l->key_file) {
		if (!l->member)
			l->member = keyring_join(l->loop, l->key_file, on_key_file, l);
		try_key_file(l);
	} else if (l->rule.key.len == 0) {
		fail(l, "pferry has not logged in to %s with a key that an agent could hold: name one to be lent (--direct-key)", l->destination);
	} else if (!l->agent_path) {
		fail(l, "no agent runs here (SSH_AUTH_SOCK): start one and give it the key (ssh-add), or name a key (--direct-key)");
	} else {
		struct err e = { 0 };

		l->first = agent_open(l->loop, l->agent_path, &e);
		if (l->first)
			agent_list(l->first, on_keys, l);
		else
			fail(l, "no agent runs here: %s", e.text);
	}
}

/* ForwardAgent may name a socket, or a variable with its name; else it is the agent that is logged in with. */
static char *agent_to_lend(const struct ssh_config *cfg)
{
	static const char *const no_path[] = { "yes", "no", "true", "false" };
	const char *said = cfg->forward_agent_socket, *variable;

	for (size_t i = 0; said && i < countof(no_path); i++) {
		if (strcmp(said, no_path[i]) == 0)
			said = NULL;
	}
	if (!said)
		return ident_agent_path(cfg);
	if (said[0] == '$' && said[1] != '{') {
		variable = getenv(said + 1);
		return variable && *variable ? mem_strdup(variable) : NULL;
	}
	return ssh_config_expand(cfg, said, true, NULL);
}

static void copy_host_key(struct buf *to, const struct ssh_conn *conn)
{
	buf_init(to, 0);
	if (conn->host_key.len > 0)
		buf_append(to, buf_data(&conn->host_key), conn->host_key.len);
}

struct lend *lend_open(struct loop *loop, struct ssh_conn *source, struct ssh_conn *destination, const char *key,
		       const struct lend_ops *ops, void *ctx)
{
	struct lend *l = mem_new(struct lend);

	l->loop = loop;
	l->ops = *ops;
	l->ctx = ctx;
	l->fd = -1;
	l->source = mem_strdup(source->name);
	l->destination = mem_strdup(destination->name);
	l->rule.user = mem_strdup(destination->cfg.user);
	copy_host_key(&l->rule.source, source);
	copy_host_key(&l->rule.destination, destination);
	buf_init(&l->rule.key, 0);
	if (key)
		l->key_file = mem_strdup(key);
	else
		l->agent_path = agent_to_lend(&source->cfg);
	/* The agent that holds it need not be the one that pferry used; it is asked. */
	if (!key && destination->login_key.len > 0)
		buf_append(&l->rule.key, buf_data(&destination->login_key), destination->login_key.len);
	l->soon = loop_timer_add(loop, 0, on_soon, l);
	return l;
}

const char *lend_agent(const struct lend *lend)
{
	return lend->agent_path;
}

bool lend_listed(const struct lend *lend)
{
	return lend->has_listed;
}

bool lend_signed(const struct lend *lend)
{
	return lend->has_signed;
}

const char *lend_refused(const struct lend *lend)
{
	return lend->refused;
}

void lend_close(struct lend **lend)
{
	struct lend *l = *lend;

	if (!l)
		return;
	*lend = NULL;
	loop_fd_remove(&l->src);
	if (l->fd >= 0) {
		close(l->fd);
		unlink(l->socket);
	}
	for (struct client *c = l->clients, *next; c; c = next) {
		next = c->next;
		client_end(c);
	}
	agent_close(&l->first);
	keyring_leave(&l->member);
	loop_timer_remove(&l->soon);
	lend_rule_free(&l->rule);
	free(l->source);
	free(l->destination);
	free(l->agent_path);
	free(l->key_file);
	free(l->socket);
	free(l);
}
