/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/keyring.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/child.h"
#include "base/mem.h"
#include "base/text.h"
#include "ssh/agent.h"
#include "ssh/owndir.h"

#define OUTPUT_MAX 8192
#define WHY_MAX 200
#define SECRET_MAX 1024

struct key {
	struct key *next;
	char *path;
	struct keyring_member *members, *claimed;
	bool loading, loaded;
	bool wrong;              /* the passphrase given last was wrong */
	char why[WHY_MAX];
	struct buf blob;
	/* while it is read */
	struct buf secret;
	struct child *add;       /* ssh-add */
	int tty;
	struct loop_fd *tty_src;
	struct buf prompt;
	unsigned prompts;
	struct agent *list;
};

struct keyring_member {
	struct keyring_member *next;
	struct key *key;
	bool refused, failed;
	keyring_fn *changed;
	void *ctx;
};

/* One for the program: what a person has unlocked holds for all its hosts. */
static struct {
	struct loop *loop;
	struct key *keys;
	char *socket;
	struct child *agent; /* the shell that it lives as long as */
	int fd;
	struct loop_fd *src;
	struct buf said;
	long agent_pid;
} ring = { .fd = -1 };

static void tell_all(struct key *key)
{
	for (struct keyring_member *m = key->members, *next; m; m = next) {
		next = m->next;
		m->changed(m->ctx);
	}
}

/* ---- reading a key ---- */

static void stop_reading(struct key *key)
{
	child_kill(&key->add);
	loop_fd_remove(&key->tty_src);
	if (key->tty >= 0)
		close(key->tty);
	key->tty = -1;
	buf_wipe(&key->secret);
	buf_free(&key->prompt);
	agent_close(&key->list);
	key->loading = false;
}

/* Fail the key for all who wait for it now; later requests may try again. */
static void fail(struct key *key, const char *why)
{
	stop_reading(key);
	snprintf(key->why, sizeof key->why, "%s", why);
	key->claimed = NULL;
	for (struct keyring_member *m = key->members; m; m = m->next)
		m->failed = true;
	tell_all(key);
}

static void loaded(struct key *key)
{
	stop_reading(key);
	key->loaded = true;
	key->claimed = NULL;
	tell_all(key);
}

static bool known_blob(const struct buf *blob)
{
	for (const struct key *k = ring.keys; k; k = k->next) {
		if (k->blob.len == blob->len && blob->len > 0 && memcmp(buf_data(&k->blob), buf_data(blob), blob->len) == 0)
			return true;
	}
	return false;
}

/* The agent has one key more: that is the one. */
static void on_list(void *ctx, const char *reply, size_t len)
{
	struct key *key = ctx;
	struct agent_keys keys = { 0 };

	if (reply && agent_parse_keys(&keys, reply, len)) {
		for (size_t i = 0; i < keys.n && key->blob.len == 0; i++) {
			if (!known_blob(&keys.v[i].blob))
				buf_append(&key->blob, buf_data(&keys.v[i].blob), keys.v[i].blob.len);
		}
		/* Two files with the same key. */
		if (key->blob.len == 0 && keys.n > 0)
			buf_append(&key->blob, buf_data(&keys.v[keys.n - 1].blob), keys.v[keys.n - 1].blob.len);
	}
	agent_keys_free(&keys);
	if (key->blob.len > 0)
		loaded(key);
	else
		fail(key, "our ssh-agent does not have it");
}

static void on_added(void *ctx, const struct child_result *result)
{
	struct key *key = ctx;
	char *why;

	key->add = NULL;
	if (result->status == 0) {
		key->list = agent_open(ring.loop, ring.socket, NULL);
		if (key->list)
			agent_list(key->list, on_list, key);
		else
			fail(key, "our ssh-agent has gone");
		return;
	}
	why = text_sanitize(result->errout, strcspn(result->errout, "\r\n"), WHY_MAX - 1);
	fail(key, *why ? why : "ssh-add cannot read it");
	free(why);
}

/* ssh-add asks again: the passphrase was wrong. The connection that claimed the key asks the user again. */
static void was_wrong(struct key *key)
{
	stop_reading(key);
	key->wrong = true;
	tell_all(key);
}

static void answer_prompt(struct key *key)
{
	const char *secret = buf_str(&key->secret);

	if (++key->prompts > 1 || !*secret) {
		was_wrong(key);
		return;
	}
	buf_clear(&key->prompt);
	if (write(key->tty, secret, key->secret.len) != (ssize_t)key->secret.len)
		fail(key, "ssh-add takes no passphrase");
	else
		buf_wipe(&key->secret);
}

static void on_tty(void *ctx, int fd, unsigned events)
{
	struct key *key = ctx;
	char block[512];
	ssize_t n = read(fd, block, sizeof block);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		loop_fd_remove(&key->tty_src);
		return;
	}
	if (key->prompt.len + (size_t)n > OUTPUT_MAX)
		buf_clear(&key->prompt);
	buf_append(&key->prompt, block, (size_t)n);
	/* Only now is it read without echo, and nothing typed before is taken. */
	if (memmem(buf_data(&key->prompt), key->prompt.len, "assphrase", 9) && buf_data(&key->prompt)[key->prompt.len - 1] == ' ')
		answer_prompt(key);
}

static void start_reading(struct key *key)
{
	char *variable = mem_printf("SSH_AUTH_SOCK=%s", ring.socket);
	const char *argv[] = { "env", variable, "SSH_ASKPASS_REQUIRE=never", "ssh-add", "-q", "--", key->path, NULL };
	struct err e = { 0 };

	key->prompts = 0;
	key->add = child_run_tty(ring.loop, argv, OUTPUT_MAX, &key->tty, on_added, key, &e);
	free(variable);
	if (key->add)
		key->tty_src = loop_fd_add(ring.loop, key->tty, LOOP_READ, on_tty, key);
	else
		fail(key, e.text);
}

/* ---- the agent ---- */

static void each_waiting(void (*fn)(struct key *key))
{
	for (struct key *key = ring.keys, *next; key; key = next) {
		next = key->next;
		if (key->loading && !key->add && !key->list)
			fn(key);
	}
}

static void no_agent(struct key *key)
{
	fail(key, "no ssh-agent can be started for it");
}

static void forget_agent(void)
{
	/* Killed, not asked: it would otherwise notice our end only after seconds. */
	if (ring.agent_pid > 1 && ring.agent && child_pid(ring.agent) > 0)
		kill((pid_t)ring.agent_pid, SIGTERM);
	ring.agent_pid = 0;
	child_kill(&ring.agent);
	loop_fd_remove(&ring.src);
	if (ring.fd >= 0)
		close(ring.fd);
	ring.fd = -1;
	if (ring.socket)
		unlink(ring.socket);
	free(ring.socket);
	ring.socket = NULL;
	buf_free(&ring.said);
}

static void on_agent_ended(void *ctx, const struct child_result *result)
{
	(void)ctx;
	(void)result;
	ring.agent = NULL;
	log_add(LOG_WARN, NULL, "our ssh-agent has ended: passphrases will be asked for again");
	forget_agent();
	for (struct key *key = ring.keys; key; key = key->next)
		key->loaded = false;
	each_waiting(no_agent);
}

/* ssh-agent prints its process id once it listens. */
static void on_agent_said(void *ctx, int fd, unsigned events)
{
	char block[64];
	ssize_t n = read(fd, block, sizeof block);

	(void)ctx;
	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0 || ring.said.len > sizeof block) {
		loop_fd_remove(&ring.src);
		return;
	}
	buf_append(&ring.said, block, (size_t)n);
	if (ring.agent_pid || !strchr(buf_str(&ring.said), '\n'))
		return;
	ring.agent_pid = strtol(buf_str(&ring.said), NULL, 10);
	each_waiting(start_reading);
}

static bool start_agent(struct err *e)
{
	const char *argv[] = { "ssh-agent", "-a", NULL, "sh", "-c", "echo \"$SSH_AGENT_PID\"; exec cat", NULL };

	ring.socket = owndir_path("agent", e);
	if (!ring.socket)
		return false;
	unlink(ring.socket);
	argv[2] = ring.socket;
	ring.agent = child_start_socket(ring.loop, argv, &ring.fd, on_agent_ended, NULL, e);
	if (!ring.agent) {
		forget_agent();
		return false;
	}
	ring.src = loop_fd_add(ring.loop, ring.fd, LOOP_READ, on_agent_said, NULL);
	return true;
}

void keyring_close(void)
{
	while (ring.keys) {
		struct key *key = ring.keys;

		ring.keys = key->next;
		stop_reading(key);
		buf_free(&key->blob);
		free(key->path);
		free(key);
	}
	forget_agent();
}

const char *keyring_socket(void)
{
	return ring.socket;
}

/* ---- members ---- */

static struct key *find(const char *path)
{
	struct key *key;

	for (key = ring.keys; key; key = key->next) {
		if (strcmp(key->path, path) == 0)
			return key;
	}
	key = mem_new(struct key);
	key->path = mem_strdup(path);
	key->tty = -1;
	buf_init(&key->blob, 0);
	buf_init(&key->secret, SECRET_MAX + 2);
	buf_init(&key->prompt, 0);
	key->next = ring.keys;
	ring.keys = key;
	return key;
}

struct keyring_member *keyring_join(struct loop *loop, const char *path, keyring_fn *changed, void *ctx)
{
	struct keyring_member *member = mem_new(struct keyring_member);

	ring.loop = loop;
	member->key = find(path);
	member->changed = changed;
	member->ctx = ctx;
	member->next = member->key->members;
	member->key->members = member;
	return member;
}

void keyring_leave(struct keyring_member **member)
{
	struct keyring_member *old = *member, **at;
	struct key *key;

	if (!old)
		return;
	*member = NULL;
	key = old->key;
	for (at = &key->members; *at != old; at = &(*at)->next)
		;
	*at = old->next;
	if (key->claimed == old) {
		/* Reading goes on; asking is another's now. */
		key->claimed = NULL;
		key->wrong = false;
		if (!key->loading)
			tell_all(key);
	}
	free(old);
}

enum keyring_state keyring_state(const struct keyring_member *member)
{
	const struct key *key = member->key;

	if (key->loaded)
		return KEYRING_LOADED;
	if (member->refused)
		return KEYRING_REFUSED;
	if (member->failed)
		return KEYRING_FAILED;
	if (key->loading || (key->claimed && key->claimed != member))
		return KEYRING_WAIT;
	if (key->claimed == member)
		return key->wrong ? KEYRING_WRONG : KEYRING_MINE;
	return KEYRING_LOCKED;
}

void keyring_claim(struct keyring_member *member)
{
	member->key->claimed = member;
	member->key->wrong = false;
}

void keyring_give(struct keyring_member *member, const char *passphrase)
{
	struct key *key = member->key;
	struct err e = { 0 };
	size_t len = passphrase ? strlen(passphrase) : 0;

	if (!passphrase || len > SECRET_MAX) {
		key->claimed = NULL;
		for (struct keyring_member *m = key->members; m; m = m->next)
			m->refused = true;
		tell_all(key);
		return;
	}
	key->loading = true;
	key->wrong = false;
	if (len > 0) {
		buf_space(&key->secret, SECRET_MAX + 2); /* full size at once, so that no copy stays behind */
		buf_append(&key->secret, passphrase, len);
		buf_puts(&key->secret, "\n");
	}
	if (!ring.agent && !start_agent(&e))
		fail(key, e.text);
	else if (ring.agent_pid)
		start_reading(key);
}

const char *keyring_why(const struct keyring_member *member)
{
	return member->key->why;
}

const struct buf *keyring_blob(const struct keyring_member *member)
{
	return &member->key->blob;
}
