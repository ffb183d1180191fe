/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/askpass.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/conn.h"

#define PROMPT_MAX 8192
#define SHOWN_MAX 400
#define CLIENTS_MAX 8

/* An answer that holds for every connection that is asked the same. */
struct shared {
	struct shared *next;
	char *prompt;
	struct askpass *asker; /* asks the person now */
	struct buf answer;
	unsigned serial;       /* counts the answers; 0: none */
	int64_t refused_us;    /* when a person would not: that holds for all that were under way, 0: not so */
};

/* A question: the program that ssh has started. */
struct client {
	struct client *next;
	struct askpass *askpass;
	int fd;
	struct loop_fd *src;
	struct buf in;
	char *prompt; /* all of it, once it is here */
	char kind;
};

/* An earlier answer: asked again, it was wrong. */
struct given {
	struct given *next;
	char *prompt;
	unsigned serial;
};

struct askpass {
	struct askpass *next;
	struct ssh_conn *conn;
	int fd;
	struct loop_fd *src;
	char *words[8];
	struct client *clients;
	size_t nclients;
	struct given *given;
	bool waits; /* for what another connection is asking */
	int64_t opened_us;
};

static bool allowed;
static struct shared *answers;
static struct askpass *all;

void ssh_askpass_allow(void)
{
	allowed = true;
}

/* ---- answers that hold for all ---- */

/* Not what changes each time, like a code. */
static bool is_shareable(const struct client *c)
{
	size_t len = strlen(c->prompt);

	return c->kind == 'p' && (strstr(c->prompt, "(yes/no") || strstr(c->prompt, "passphrase for ") ||
				  (len > 12 && strcmp(c->prompt + len - 12, "'s password:") == 0));
}

static struct shared *shared_of(const char *prompt)
{
	struct shared *s;

	for (s = answers; s; s = s->next) {
		if (strcmp(s->prompt, prompt) == 0)
			return s;
	}
	s = mem_new(struct shared);
	s->prompt = mem_strdup(prompt);
	buf_init(&s->answer, ASKPASS_ANSWER_MAX);
	s->next = answers;
	answers = s;
	return s;
}

void askpass_forget(void)
{
	while (answers) {
		struct shared *s = answers;

		answers = s->next;
		buf_wipe(&s->answer);
		free(s->prompt);
		free(s);
	}
}

static void kick_waiting(void)
{
	for (struct askpass *a = all; a; a = a->next) {
		if (a->waits)
			conn_kick(a->conn);
	}
}

static struct given *given_before(const struct askpass *a, const char *prompt)
{
	for (struct given *g = a->given; g; g = g->next) {
		if (strcmp(g->prompt, prompt) == 0)
			return g;
	}
	return NULL;
}

static void note_given(struct askpass *a, const char *prompt, unsigned serial)
{
	struct given *g = given_before(a, prompt);

	if (!g) {
		g = mem_new(struct given);
		g->prompt = mem_strdup(prompt);
		g->next = a->given;
		a->given = g;
	}
	g->serial = serial;
}

/* ---- one question ---- */

static void client_free(struct client *c)
{
	struct client **at;

	for (at = &c->askpass->clients; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	c->askpass->nclients--;
	loop_fd_remove(&c->src);
	close(c->fd);
	buf_free(&c->in);
	free(c->prompt);
	free(c);
}

/* The answer is short and the socket empty: it takes it at once, or is gone. */
static void reply(struct client *c, struct buf *answer)
{
	struct buf line;

	buf_init(&line, ASKPASS_ANSWER_MAX + 2);
	buf_space(&line, ASKPASS_ANSWER_MAX + 1);
	buf_puts(&line, answer ? "+" : "-");
	if (answer && answer->len > 0)
		buf_append(&line, buf_data(answer), answer->len);
	if (send(c->fd, buf_data(&line), line.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_add(LOG_DETAIL, c->askpass->conn->name, "ssh no longer waits for the answer");
	buf_wipe(&line);
	client_free(c);
}

/* The words within the first pair of quotes. */
static char *quoted(const char *text)
{
	const char *from = strchr(text, '\''), *to = from ? strchr(from + 1, '\'') : NULL;

	return to ? mem_strndup(from + 1, (size_t)(to - from - 1)) : NULL;
}

/* ssh tells of an unknown key at length: what matters must be seen in a narrow window. */
static char *host_key_words(const char *prompt)
{
	const char *print = strstr(prompt, "SHA256:"), *kind_end = print ? strstr(prompt, " key fingerprint") : NULL;
	const char *kind = kind_end;
	char *host = quoted(prompt), *text = NULL;
	size_t len = print ? strcspn(print, " ") : 0;

	while (kind && kind > prompt && kind[-1] != ' ')
		kind--;
	if (len > 0 && print[len - 1] == '.')
		len--;
	if (host && kind)
		text = mem_printf("The host key of the jump host %s is not known: %.*s %.*s. Connect and remember it?", host,
				  (int)(kind_end - kind), kind, (int)len, print);
	free(host);
	return text;
}

static bool is_host_key(const struct client *c)
{
	return c->kind == 'p' && strstr(c->prompt, "(yes/no");
}

/* A question was refused or left unanswered: without its jump host the connection comes to nothing. */
static void refused(struct askpass *a, struct client *c, bool host_key)
{
	struct ssh_conn *conn = a->conn;

	/* A key is not the only way in. */
	if (!host_key && strstr(c->prompt, "passphrase for ")) {
		reply(c, NULL);
		return;
	}
	if (host_key)
		conn_fail(conn, ERR_HOSTKEY, "%s has a host key that is not known: compare it with the host's, then run `ssh` to it once",
			  conn->proxy_words);
	else
		conn_fail(conn, ERR_AUTH, "%s asked for something that was not given: %s", conn->proxy_words, c->prompt);
}

/* The person's answer is there. */
static void take_answer(struct askpass *a, struct client *c, struct shared *s)
{
	struct ssh_conn *conn = a->conn;
	bool yes_no = is_host_key(c) || c->kind == 'c';
	bool no = conn->refused;

	if (yes_no && !no) {
		no = buf_str(&conn->answer)[0] != 'y';
		buf_clear(&conn->answer);
		buf_puts(&conn->answer, "yes");
	}
	if (s)
		s->asker = NULL;
	if (no) {
		conn_answer_used(conn);
		if (s)
			s->refused_us = loop_clock_us();
		if (c->kind == 'c')
			reply(c, NULL);
		else
			refused(a, c, yes_no);
		kick_waiting();
		return;
	}
	if (s) {
		buf_wipe(&s->answer);
		buf_space(&s->answer, ASKPASS_ANSWER_MAX);
		buf_append(&s->answer, buf_data(&conn->answer), conn->answer.len);
		s->serial++;
		s->refused_us = 0;
	}
	note_given(a, c->prompt, s ? s->serial : 1);
	reply(c, &conn->answer);
	conn_answer_used(conn);
	kick_waiting();
}

/* True when the first question is settled. */
static bool go_on(struct askpass *a)
{
	struct client *c = a->clients;
	struct shared *s = is_shareable(c) ? shared_of(c->prompt) : NULL;
	const struct given *before = given_before(a, c->prompt);
	char *text;
	bool ready;

	if (s && s->asker && s->asker != a) {
		a->waits = true;
		conn_hold(a->conn, true);
		return false;
	}
	if (a->waits) {
		a->waits = false;
		conn_hold(a->conn, false);
	}
	if (s && !s->asker && s->refused_us > a->opened_us) {
		refused(a, c, is_host_key(c));
		return true;
	}
	if (s && !s->asker && s->serial > 0 && s->answer.len > 0 && !(before && before->serial == s->serial)) {
		note_given(a, c->prompt, s->serial);
		reply(c, &s->answer);
		return true;
	}
	if (s) {
		s->asker = a;
		buf_wipe(&s->answer);
	}
	text = is_host_key(c) ? host_key_words(c->prompt) : NULL;
	if (!text)
		text = mem_printf("%s%s", before ? "Wrong answer. " : "", c->prompt);
	ready = conn_ask(a->conn, text, is_host_key(c) || c->kind == 'c', is_host_key(c) || c->kind == 'c');
	free(text);
	if (ready)
		take_answer(a, c, s);
	return ready;
}

void askpass_step(struct askpass *a)
{
	while (a->clients && a->clients->prompt && !conn_over(a->conn)) {
		if (!go_on(a))
			return;
	}
}

/* ---- the socket ---- */

/* All of it is here: one line, fit to be shown. */
static void prompt_is_there(struct client *c)
{
	struct askpass *a = c->askpass;
	char *text = c->in.len > 0 ? buf_data(&c->in) : NULL;

	loop_fd_remove(&c->src);
	if (!text || !strchr("pcn", text[0])) {
		client_free(c);
		return;
	}
	c->kind = text[0];
	for (size_t i = 1; i < c->in.len; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			text[i] = ' ';
	}
	c->prompt = text_sanitize(text + 1, c->in.len - 1, SHOWN_MAX);
	for (size_t n = strlen(c->prompt); n > 0 && c->prompt[n - 1] == ' '; n--)
		c->prompt[n - 1] = '\0';
	if (c->kind == 'n') {
		/* A key that wants to be touched: ssh goes on by itself. */
		log_add(LOG_NOTE, a->conn->name, "%s", c->prompt);
		client_free(c);
		return;
	}
	conn_kick(a->conn);
}

static void on_client(void *ctx, int fd, unsigned events)
{
	struct client *c = ctx;
	char *at = buf_space(&c->in, 1024);
	ssize_t n = at ? recv(fd, at, 1024, MSG_DONTWAIT) : -1;

	(void)events;
	if (n > 0) {
		buf_grew(&c->in, (size_t)n);
		return;
	}
	if (n == 0)
		prompt_is_there(c);
	else if (!at || (errno != EAGAIN && errno != EINTR))
		client_free(c);
}

static void on_caller(void *ctx, int fd, unsigned events)
{
	struct askpass *a = ctx;
	int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who = {0};
	socklen_t len = sizeof who;
	struct client *c, **at;

	(void)events;
	if (got < 0)
		return;
	if (a->nclients >= CLIENTS_MAX || getsockopt(got, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.uid != geteuid()) {
		close(got);
		return;
	}
	c = mem_new(struct client);
	c->askpass = a;
	c->fd = got;
	buf_init(&c->in, PROMPT_MAX);
	for (at = &a->clients; *at; at = &(*at)->next)
		;
	*at = c;
	a->nclients++;
	c->src = loop_fd_add(a->conn->loop, got, LOOP_READ, on_client, c);
}

static int listen_at(char *name, size_t size)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	uint64_t random[2];
	size_t n;
	int fd;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -1;
	n = (size_t)snprintf(name, size, "pferry-%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
	memcpy(sa.sun_path + 1, name, n);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) == 0 &&
	    listen(fd, CLIENTS_MAX) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Path of this program's file, if it can still be started. */
static bool find_self(char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	if (n <= 0)
		return false;
	path[n] = '\0';
	return access(path, X_OK) == 0;
}

struct askpass *askpass_open(struct ssh_conn *conn)
{
	char path[4096], name[64];
	const char *display = getenv("DISPLAY");
	struct askpass *a;
	size_t n = 0;
	int fd;

	if (!allowed || !conn->ops->question || conn->cfg.batch || !find_self(path, sizeof path))
		return NULL;
	fd = listen_at(name, sizeof name);
	if (fd < 0)
		return NULL;
	a = mem_new(struct askpass);
	a->conn = conn;
	a->fd = fd;
	a->opened_us = loop_clock_us();
	a->words[n++] = mem_printf("SSH_ASKPASS=%s", path);
	a->words[n++] = mem_strdup("SSH_ASKPASS_REQUIRE=force");
	a->words[n++] = mem_printf(ASKPASS_VARIABLE "=%s", name);
	/* Before OpenSSH 8.4 this decides whether it asks by a program. */
	if (!display || !*display)
		a->words[n++] = mem_strdup("DISPLAY=:");
	a->src = loop_fd_add(conn->loop, fd, LOOP_READ, on_caller, a);
	a->next = all;
	all = a;
	return a;
}

const char *const *askpass_environment(const struct askpass *a)
{
	return (const char *const *)(uintptr_t)a->words;
}

void askpass_close(struct askpass **askpass)
{
	struct askpass *a = *askpass, **at;

	if (!a)
		return;
	*askpass = NULL;
	for (at = &all; *at != a; at = &(*at)->next)
		;
	*at = a->next;
	for (struct client *c = a->clients, *next; c; c = next) {
		next = c->next;
		client_free(c);
	}
	while (a->given) {
		struct given *g = a->given;

		a->given = g->next;
		free(g->prompt);
		free(g);
	}
	loop_fd_remove(&a->src);
	close(a->fd);
	for (size_t i = 0; i < countof(a->words); i++)
		free(a->words[i]);
	/* Jump hosts that wait for this answer ask for themselves now. */
	for (struct shared *s = answers; s; s = s->next) {
		if (s->asker == a)
			s->asker = NULL;
	}
	free(a);
	kick_waiting();
}
