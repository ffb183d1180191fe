/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions of the command line, asked on /dev/tty from within the loop: what
 * is asked for a secret is not shown.  Without a terminal every question is
 * refused at once, so that a script never waits.
 */
#include "cli/session.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"

#define ANSWER_MAX 1024
#define WAITING_MAX 64

struct question {
	struct host *host;
	struct move *move;
};

struct asker {
	struct loop *loop;
	int fd;
	struct loop_fd *src;
	struct termios saved;
	struct question waiting[WAITING_MAX];
	size_t count;
	char answer[ANSWER_MAX];
	size_t len;
	bool asking;
};

struct asker *asker_new(struct loop *loop)
{
	struct asker *a = mem_new(struct asker);

	a->loop = loop;
	a->fd = -1;
	return a;
}

static void give(const struct question *q, const char *answer)
{
	if (q->host) {
		host_answer(q->host, answer);
		return;
	}
	move_answer(q->move, answer && (strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0));
}

static void stop_asking(struct asker *a)
{
	if (!a->asking)
		return;
	a->asking = false;
	tcsetattr(a->fd, TCSANOW, &a->saved);
	loop_fd_remove(&a->src);
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	stop_asking(a);
	if (a->fd >= 0)
		close(a->fd);
	mem_wipe(a->answer, sizeof a->answer);
	free(a);
}

static void ask_next(struct asker *a);

static void answered(struct asker *a, const char *answer)
{
	struct question q = a->waiting[0];

	stop_asking(a);
	if (write(a->fd, "\n", 1) < 0)
		answer = NULL;
	a->count--;
	memmove(&a->waiting[0], &a->waiting[1], a->count * sizeof a->waiting[0]);
	give(&q, answer);
	mem_wipe(a->answer, sizeof a->answer);
	a->len = 0;
	ask_next(a);
}

static void on_key(void *ctx, int fd, unsigned events)
{
	struct asker *a = ctx;
	char c;
	ssize_t n = read(fd, &c, 1);

	(void)events;
	if (n < 0)
		return;
	if (n == 0 || c == 3 || c == 4) {
		answered(a, NULL);
	} else if (c == '\n' || c == '\r') {
		a->answer[a->len] = '\0';
		answered(a, a->answer);
	} else if (c == 0x7f || c == '\b') {
		a->len -= a->len > 0;
	} else if (a->len + 1 < ANSWER_MAX) {
		a->answer[a->len++] = c;
	}
}

static bool still_asked(const struct question *q)
{
	return q->host ? host_question(q->host) != NULL : move_info(q->move)->question != NULL;
}

static void ask_next(struct asker *a)
{
	const struct question *q = &a->waiting[0];
	struct termios raw;
	const char *text;
	bool echo;
	char *line;

	while (a->count > 0 && !still_asked(q)) {
		a->count--;
		memmove(&a->waiting[0], &a->waiting[1], a->count * sizeof a->waiting[0]);
	}
	if (a->count == 0 || a->asking)
		return;
	text = q->host ? host_question(q->host)->text : move_info(q->move)->question;
	echo = q->host ? host_question(q->host)->echo || host_question(q->host)->yes_no : true;
	tcgetattr(a->fd, &a->saved);
	raw = a->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ISIG);
	if (!echo)
		raw.c_lflag &= ~(tcflag_t)ECHO;
	/* Keys typed before the question are no answer to it. */
	tcsetattr(a->fd, TCSAFLUSH, &raw);
	line = mem_printf("%s%s ", text, q->move ? " [y/N]" : host_question(q->host)->yes_no ? " (yes/no)" : "");
	if (write(a->fd, line, strlen(line)) < 0)
		perror("pferry: /dev/tty");
	free(line);
	a->asking = true;
	a->src = loop_fd_add(a->loop, a->fd, LOOP_READ, on_key, a);
}

static void add(struct asker *a, struct question q)
{
	if (a->fd < 0)
		a->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (a->fd < 0 || a->count == WAITING_MAX) {
		give(&q, NULL);
		return;
	}
	a->waiting[a->count++] = q;
	ask_next(a);
}

void asker_host(struct asker *a, struct host *host)
{
	add(a, (struct question){ .host = host });
}

void asker_move(struct asker *a, struct move *move)
{
	add(a, (struct question){ .move = move });
}
