/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions of the command line, asked on /dev/tty from within the loop: what
 * is asked for a secret is not shown.  Without a terminal the program that
 * SSH_ASKPASS names is asked, as ssh does; without either every question is
 * refused at once, so that a script never waits.
 */
#include "cli/asker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/buf.h"
#include "base/child.h"
#include "base/mem.h"

#define ANSWER_MAX 1024
#define WAITING_MAX 1000
#define FILES_SHOWN 500

struct question {
	struct host *host;
	struct move *move;
};

struct asker {
	struct loop *loop;
	int fd;                      /* the terminal, -1 when there is none */
	struct loop_fd *src;
	struct termios saved;
	bool changed;                /* terminal modes are ours, and the cursor stands after a prompt */
	struct child *askpass;
	struct question waiting[WAITING_MAX];
	size_t count;
	char answer[ANSWER_MAX];
	size_t len;
	bool asking;                 /* waiting[0] is on the terminal or with askpass */
};

struct asker *asker_new(struct loop *loop)
{
	struct asker *a = mem_new(struct asker);

	a->loop = loop;
	a->fd = -1;
	return a;
}

/* ---- questions ---- */

static const char *text_of(const struct question *q)
{
	if (q->host)
		return host_question(q->host) ? host_question(q->host)->text : NULL;
	return move_info(q->move)->question;
}

static bool yes_no(const struct question *q)
{
	return q->move || host_question(q->host)->yes_no;
}

static bool shown(const struct question *q)
{
	return yes_no(q) || host_question(q->host)->echo;
}

/* All files that the question of a move is about, a line each; allocated. */
static char *files_of(const struct move_info *info)
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; i < info->findings_count; i++) {
		const struct finding *f = &info->findings[i];

		/* A question begins with the sentence of what it is about. */
		if (f->level != FINDING_CHOICE || strncmp(info->question, f->text, strlen(f->text)) != 0)
			continue;
		for (size_t k = 0; k < f->files_count && k < FILES_SHOWN; k++)
			buf_printf(&out, "  %s\n", f->files[k]);
		if (f->files_count > FILES_SHOWN)
			buf_printf(&out, "  and %zu more, which pferry check lists\n", f->files_count - FILES_SHOWN);
		break;
	}
	return buf_take(&out);
}

static char *prompt_of(const struct question *q)
{
	const char *text = text_of(q), *end = text + strlen(text);

	if (q->move) {
		char *files = files_of(move_info(q->move)), *prompt;

		prompt = mem_printf("%s%s %s ", files, text, move_info(q->move)->may_wait ? "[y/w/N]" : "[y/N]");
		free(files);
		return prompt;
	}
	if (yes_no(q))
		return mem_printf("%s (yes/no) ", text);
	return mem_printf("%s%s ", text, end > text && strchr(":?", end[-1]) ? "" : ":");
}

static void give(const struct question *q, const char *answer)
{
	if (q->host)
		host_answer(q->host, answer);
	else if (answer && (strcmp(answer, "w") == 0 || strcmp(answer, "wait") == 0))
		move_answer_wait(q->move);
	else
		move_answer(q->move, answer && (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0));
}

static void drop_first(struct asker *a)
{
	a->count--;
	memmove(&a->waiting[0], &a->waiting[1], a->count * sizeof a->waiting[0]);
}

/* The terminal is as before; `ended_line`: the typed line end has shown. */
static void stop_asking(struct asker *a, bool ended_line)
{
	if (!a->asking)
		return;
	a->asking = false;
	child_kill(&a->askpass);
	loop_fd_remove(&a->src);
	if (a->changed) {
		tcsetattr(a->fd, TCSANOW, &a->saved);
		if (!ended_line && write(a->fd, "\n", 1) < 0)
			log_add(LOG_WARN, NULL, "the terminal takes no more");
	}
	a->changed = false;
}

static void ask_next(struct asker *a);

/* `answer` NULL: refused. */
static void answered(struct asker *a, const char *answer)
{
	struct question q = a->waiting[0];

	stop_asking(a, answer != NULL);
	drop_first(a);
	give(&q, answer);
	mem_wipe(a->answer, sizeof a->answer);
	a->len = 0;
	ask_next(a);
}

/* ---- the terminal ---- */

static void on_typed(void *ctx, int fd, unsigned events)
{
	struct asker *a = ctx;
	ssize_t n = read(fd, a->answer + a->len, ANSWER_MAX - 1 - a->len);
	char *end;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* ^D, or the terminal is gone */
		answered(a, NULL);
		return;
	}
	a->len += (size_t)n;
	end = memchr(a->answer, '\n', a->len);
	if (end) {
		*end = '\0';
		answered(a, a->answer);
	} else if (a->len == ANSWER_MAX - 1) {
		answered(a, NULL);
	}
}

static void ask_terminal(struct asker *a, const struct question *q)
{
	struct termios modes;
	char *prompt = prompt_of(q);

	tcgetattr(a->fd, &a->saved);
	modes = a->saved;
	modes.c_lflag |= ICANON | ISIG;
	if (!shown(q)) {
		modes.c_lflag &= ~(tcflag_t)ECHO;
		modes.c_lflag |= ECHONL; /* the line still ends */
	}
	a->changed = true;
	/* Keys typed before the question is no answer to it. */
	tcsetattr(a->fd, TCSAFLUSH, &modes);
	if (write(a->fd, prompt, strlen(prompt)) >= 0)
		a->src = loop_fd_add(a->loop, a->fd, LOOP_READ, on_typed, a);
	free(prompt);
}

/* ---- SSH_ASKPASS ---- */

static void on_askpass(void *ctx, const struct child_result *result)
{
	struct asker *a = ctx;

	a->askpass = NULL;
	if (result->status == 0 && result->out_len < ANSWER_MAX) {
		a->len = result->out_len;
		memcpy(a->answer, result->out, a->len);
		a->answer[strcspn(a->answer, "\r\n")] = '\0';
	}
	/* The secret's other copy, which is freed when this returns. */
	mem_wipe((void *)(uintptr_t)result->out, result->out_len);
	answered(a, result->status == 0 && result->out_len < ANSWER_MAX ? a->answer : NULL);
}

static void ask_program(struct asker *a, const struct question *q)
{
	char *prompt = prompt_of(q);
	const char *argv[] = { getenv("SSH_ASKPASS"), prompt, NULL };

	a->askpass = child_run(a->loop, argv, ANSWER_MAX, on_askpass, a, NULL);
	free(prompt);
}

/* As ssh: "force" and "prefer" even where there is a terminal, "never" not at all. */
static bool has_askpass(bool terminal)
{
	const char *program = getenv("SSH_ASKPASS"), *require = getenv("SSH_ASKPASS_REQUIRE");

	if (!program || !*program || (require && strcmp(require, "never") == 0))
		return false;
	return !terminal || (require && (strcmp(require, "force") == 0 || strcmp(require, "prefer") == 0));
}

/* ---- one at a time ---- */

static void ask_next(struct asker *a)
{
	const struct question *q = &a->waiting[0];

	while (a->count > 0 && !a->asking) {
		if (!text_of(q)) {
			drop_first(a);
			continue;
		}
		a->asking = true;
		if (has_askpass(a->fd >= 0))
			ask_program(a, q);
		else if (a->fd >= 0)
			ask_terminal(a, q);
		if (!a->askpass && !a->src) {
			answered(a, NULL);
			return;
		}
	}
}

static void add(struct asker *a, struct question q)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->waiting[i].host == q.host && a->waiting[i].move == q.move)
			return;
	}
	if (a->fd < 0)
		a->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (a->count == WAITING_MAX) {
		give(&q, NULL);
		return;
	}
	a->waiting[a->count++] = q;
	ask_next(a);
}

void asker_notice(struct asker *a, const struct event *event)
{
	struct question q = { .host = event->host, .move = event->host ? NULL : event->move };

	/* The pending question may have become moot: the host gave up, the move was cancelled. */
	if (a->asking && !text_of(&a->waiting[0])) {
		stop_asking(a, false);
		drop_first(a);
		mem_wipe(a->answer, sizeof a->answer);
		a->len = 0;
		ask_next(a);
	}
	if (event->kind == EVENT_QUESTION && (q.host || q.move) && text_of(&q))
		add(a, q);
}

bool asker_busy(const struct asker *a)
{
	return a->asking;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	stop_asking(a, false);
	if (a->fd >= 0)
		close(a->fd);
	mem_wipe(a->answer, sizeof a->answer);
	free(a);
}
