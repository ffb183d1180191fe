/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/packet.h"

#define REPLY_MAX (256u << 10)
#define LIST_WAIT_MS 4000
#define SIGN_WAIT_MS 60000 /* a person may have to touch a key */

enum { REQUEST_IDENTITIES = 11, IDENTITIES_ANSWER = 12, SIGN_REQUEST = 13, SIGN_RESPONSE = 14, EXTENSION = 27 };

struct agent {
	int fd;
	struct loop_fd *src; /* NULL: the agent hung up */
	struct loop_timer *limit;
	struct buf out, in;
	agent_reply_fn *fn; /* NULL: no request is under way */
	void *ctx;
};

static void answer(struct agent *agent, const char *reply, size_t len)
{
	agent_reply_fn *fn = agent->fn;

	agent->fn = NULL;
	loop_timer_set(agent->limit, -1);
	if (agent->src)
		loop_fd_want(agent->src, 0);
	if (fn)
		fn(agent->ctx, reply, len);
}

static void on_limit(void *ctx)
{
	answer(ctx, NULL, 0);
}

/* A whole reply? Give it away (the callback may free the agent). */
static void take_reply(struct agent *agent)
{
	struct packet p;
	struct buf reply;
	uint32_t len;

	packet_open(&p, agent->in.len > 0 ? buf_data(&agent->in) : "", agent->in.len);
	if (!packet_u32(&p, &len))
		return;
	if (len == 0 || len > REPLY_MAX) {
		answer(agent, NULL, 0);
		return;
	}
	if (packet_left(&p) < len)
		return;
	reply = agent->in;
	buf_init(&agent->in, REPLY_MAX + 4);
	answer(agent, buf_data(&reply) + 4, len);
	buf_free(&reply);
}

static void on_socket(void *ctx, int fd, unsigned events)
{
	struct agent *agent = ctx;
	ssize_t n;
	char *at;

	if (events & LOOP_WRITE && agent->out.len > 0) {
		n = send(fd, buf_data(&agent->out), agent->out.len, MSG_NOSIGNAL);
		if (n > 0)
			buf_consume(&agent->out, (size_t)n);
		loop_fd_want(agent->src, LOOP_READ | (agent->out.len > 0 ? LOOP_WRITE : 0));
	}
	if (!(events & (LOOP_READ | LOOP_HUP)))
		return;
	at = buf_space(&agent->in, 4096);
	n = at ? recv(fd, at, 4096, 0) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_fd_remove(&agent->src);
		answer(agent, NULL, 0);
		return;
	}
	buf_grew(&agent->in, (size_t)n);
	take_reply(agent);
}

struct agent *agent_open(struct loop *loop, const char *path, struct err *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct agent *agent;
	int fd;

	if (strlen(path) >= sizeof sa.sun_path) {
		err_set(e, ERR_SYSTEM, NULL, "the path of the agent's socket is too long");
		return NULL;
	}
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa) < 0) {
		err_errno(e, errno, "nobody listens at %s", path);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	agent = mem_new(struct agent);
	agent->fd = fd;
	buf_init(&agent->out, 0);
	buf_init(&agent->in, REPLY_MAX + 4);
	agent->src = loop_fd_add(loop, fd, 0, on_socket, agent);
	agent->limit = loop_timer_add(loop, -1, on_limit, agent);
	return agent;
}

void agent_close(struct agent **agent)
{
	struct agent *old = *agent;

	if (!old)
		return;
	*agent = NULL;
	loop_fd_remove(&old->src);
	loop_timer_remove(&old->limit);
	close(old->fd);
	buf_free(&old->out);
	buf_free(&old->in);
	free(old);
}

static void request(struct agent *agent, const struct buf *body, int wait_ms, agent_reply_fn *fn, void *ctx)
{
	agent->fn = fn;
	agent->ctx = ctx;
	packet_put_string(&agent->out, buf_data(body), body->len);
	if (agent->src)
		loop_fd_want(agent->src, LOOP_READ | LOOP_WRITE);
	loop_timer_set(agent->limit, agent->src ? wait_ms : 0);
}

void agent_list(struct agent *agent, agent_reply_fn *fn, void *ctx)
{
	const char type = REQUEST_IDENTITIES;
	struct buf body;

	buf_init(&body, 0);
	buf_append(&body, &type, 1);
	request(agent, &body, LIST_WAIT_MS, fn, ctx);
	buf_free(&body);
}

void agent_sign(struct agent *agent, const struct buf *blob, const void *data, size_t len, unsigned flags,
		agent_reply_fn *fn, void *ctx)
{
	const char type = SIGN_REQUEST;
	struct buf body;

	buf_init(&body, 0);
	buf_append(&body, &type, 1);
	packet_put_string(&body, buf_data(blob), blob->len);
	packet_put_string(&body, data, len);
	packet_put_u32(&body, flags);
	request(agent, &body, SIGN_WAIT_MS, fn, ctx);
	buf_free(&body);
}

void agent_bind(struct agent *agent, const struct buf *host_key, const struct buf *session, const struct buf *signature,
		agent_reply_fn *fn, void *ctx)
{
	static const char name[] = "session-bind@openssh.com";
	const char type = EXTENSION, forwarding = 0;
	struct buf body;

	buf_init(&body, 0);
	buf_append(&body, &type, 1);
	packet_put_string(&body, name, strlen(name));
	packet_put_string(&body, buf_data(host_key), host_key->len);
	packet_put_string(&body, buf_data(session), session->len);
	packet_put_string(&body, buf_data(signature), signature->len);
	buf_append(&body, &forwarding, 1);
	request(agent, &body, LIST_WAIT_MS, fn, ctx);
	buf_free(&body);
}

void agent_pass(struct agent *agent, const void *data, size_t len, int wait_ms, agent_reply_fn *fn, void *ctx)
{
	struct buf body;

	buf_init(&body, 0);
	buf_append(&body, data, len);
	request(agent, &body, wait_ms, fn, ctx);
	buf_free(&body);
}

/* ---- what replies say ---- */

bool agent_parse_keys(struct agent_keys *keys, const char *reply, size_t len)
{
	struct packet p;
	uint8_t type;
	uint32_t count;

	*keys = (struct agent_keys){0};
	packet_open(&p, reply, len);
	/* Each key takes at least two lengths. */
	if (!packet_u8(&p, &type) || type != IDENTITIES_ANSWER || !packet_u32(&p, &count) ||
	    count > packet_left(&p) / 8)
		return false;
	keys->v = mem_array(count ? count : 1, sizeof *keys->v);
	for (uint32_t i = 0; i < count; i++) {
		const char *blob, *comment;
		size_t blob_len, comment_len;

		if (!packet_string(&p, &blob, &blob_len) || !packet_string(&p, &comment, &comment_len)) {
			agent_keys_free(keys);
			return false;
		}
		buf_init(&keys->v[i].blob, 0);
		buf_append(&keys->v[i].blob, blob, blob_len);
		keys->v[i].comment = text_sanitize(comment, comment_len, 100);
		keys->n++;
	}
	return true;
}

void agent_keys_free(struct agent_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		buf_free(&keys->v[i].blob);
		free(keys->v[i].comment);
	}
	free(keys->v);
	*keys = (struct agent_keys){0};
}

bool agent_parse_signature(struct buf *sig, const char *reply, size_t len)
{
	struct packet p, whole;
	const char *s, *name, *bytes;
	size_t n, name_len, bytes_len;
	uint8_t type;

	packet_open(&p, reply, len);
	if (!packet_u8(&p, &type) || type != SIGN_RESPONSE || !packet_string(&p, &s, &n))
		return false;
	packet_open(&whole, s, n);
	if (!packet_string(&whole, &name, &name_len))
		return false;
	if (name_len > 3 && memcmp(name, "sk-", 3) == 0)
		return packet_left(&whole) > 4 && buf_append(sig, whole.at, packet_left(&whole));
	return packet_string(&whole, &bytes, &bytes_len) && bytes_len > 0 &&
	       buf_append(sig, bytes, bytes_len);
}

bool agent_algorithm(const void *data, size_t len, const char **name, size_t *name_len)
{
	struct packet p;
	uint8_t byte;

	/* session id, type, user, service, "publickey", true, algorithm */
	packet_open(&p, data, len);
	return packet_skip(&p) && packet_u8(&p, &byte) && packet_skip(&p) && packet_skip(&p) && packet_skip(&p) && packet_u8(&p, &byte) &&
	       packet_string(&p, name, name_len);
}

unsigned agent_flags_for(const void *data, size_t len)
{
	const char *algorithm;
	size_t n;

	if (!agent_algorithm(data, len, &algorithm, &n))
		return 0;
	if (n >= 12 && memcmp(algorithm, "rsa-sha2-256", 12) == 0)
		return AGENT_RSA_SHA2_256;
	if (n >= 12 && memcmp(algorithm, "rsa-sha2-512", 12) == 0)
		return AGENT_RSA_SHA2_512;
	return 0;
}
