/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#define LOOK_MS 50

struct attach {
	struct sink *sink;
	pid_t pid;
	struct loop_timer *timer;
	attach_done_fn *done;
	void *ctx;
};

static void attach_free(struct attach *attach)
{
	loop_timer_remove(&attach->timer);
	free(attach);
}

/* Looked for now and then, since it may also have stopped: nobody else would wake it. */
static void look(void *ctx)
{
	struct attach *attach = ctx;
	int status;
	pid_t got = waitpid(attach->pid, &status, WNOHANG | WUNTRACED);

	if (got == attach->pid && WIFSTOPPED(status))
		kill(-attach->pid, SIGCONT);
	if (got == 0 || (got == attach->pid && WIFSTOPPED(status)) || (got < 0 && errno == EINTR)) {
		loop_timer_set(attach->timer, LOOK_MS);
		return;
	}
	sink_take_back(attach->sink);
	attach->done(attach->ctx, got < 0	      ? 255
				  : WIFEXITED(status) ? WEXITSTATUS(status)
						      : 128 + WTERMSIG(status));
	attach_free(attach);
}

/* In the child: a job of its own with the terminal, and signals as a shell would leave them. */
static void become(struct sink *sink, char *const argv[])
{
	static const int taken[] = {SIGINT,  SIGQUIT, SIGTERM,	SIGHUP,	 SIGTSTP,
				    SIGTTIN, SIGPIPE, SIGWINCH, SIGCHLD, SIGCONT};
	sigset_t none;
	int tty;

	setpgid(0, 0);
	/* A description of its own: what it does to it must not change ours. */
	tty = open("/dev/tty", O_RDWR | O_NOCTTY);
	for (int fd = 0; tty >= 0 && fd < 3; fd++)
		dup2(tty, fd);
	if (tty > 2)
		close(tty);
	sink_give(sink, getpid());
	for (size_t i = 0; i < countof(taken); i++)
		signal(taken[i], SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	_exit(127);
}

struct attach *attach_start(struct loop *loop, struct sink *sink, const struct host *host, const char *session, attach_done_fn *done, void *ctx, struct err *e)
{
	char **argv = host_attach(host, session, e);
	struct attach *attach;
	pid_t pid;

	if (!argv)
		return NULL;
	if (!sink_lend(sink)) {
		host_attach_free(argv);
		err_set(e, ERR_USAGE, NULL, "the terminal is lent already");
		return NULL;
	}
	pid = fork();
	if (pid == 0)
		become(sink, argv);
	host_attach_free(argv);
	if (pid < 0) {
		err_errno(e, errno, "ssh cannot be started");
		sink_take_back(sink);
		return NULL;
	}
	setpgid(pid, pid);
	sink_give(sink, pid);
	attach = mem_new(struct attach);
	*attach = (struct attach){.sink = sink, .pid = pid, .done = done, .ctx = ctx};
	attach->timer = loop_timer_add(loop, LOOK_MS, look, attach);
	return attach;
}

void attach_stop(struct attach **attach)
{
	if (!*attach)
		return;
	kill(-(*attach)->pid, SIGHUP);
	kill(-(*attach)->pid, SIGCONT);
	attach_free(*attach);
	*attach = NULL;
}
