/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define REAP_MS 10

extern char **environ;

/* One output of the child: 0 is standard output, 1 standard error. */
struct stream {
	struct child *child;
	int fd;
	struct loop_fd *src;
	struct buf got;
	bool truncated;
};

struct child {
	struct loop *loop;
	pid_t pid;
	int pidfd;
	struct loop_fd *pidfd_src;
	struct loop_timer *reap_timer; /* without pidfd_open(2), Linux before 5.3: look now and then */
	int status;
	struct stream streams[2];
	child_done_fn *done;
	void *ctx;
};

static void stream_close(struct stream *s)
{
	loop_fd_remove(&s->src);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static void child_free(struct child *child)
{
	for (size_t i = 0; i < 2; i++) {
		stream_close(&child->streams[i]);
		buf_wipe(&child->streams[i].got); /* a password, from a program that asks for one */
	}
	loop_fd_remove(&child->pidfd_src);
	loop_timer_remove(&child->reap_timer);
	if (child->pidfd >= 0)
		close(child->pidfd);
	free(child);
}

/* The end: the process is reaped and both outputs are closed. */
static void finish_if_over(struct child *child)
{
	struct stream *out = &child->streams[0], *errout = &child->streams[1];
	struct child_result result;

	if (child->pid > 0 || out->fd >= 0 || errout->fd >= 0)
		return;
	result = (struct child_result){
		.status = child->status,
		.out = buf_str(&out->got),
		.out_len = out->got.len,
		.errout = buf_str(&errout->got),
		.errout_len = errout->got.len,
		.truncated = out->truncated || errout->truncated,
	};
	child->done(child->ctx, &result);
	child_free(child);
}

static void on_stream(void *ctx, int fd, unsigned events)
{
	struct stream *s = ctx;
	char block[16384];
	ssize_t n = read(fd, block, sizeof block);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		s->truncated |= !buf_fill(&s->got, block, (size_t)n);
		mem_wipe(block, (size_t)n);
		return;
	}
	stream_close(s);
	finish_if_over(s->child);
}

static void on_exit_event(void *ctx, int fd, unsigned events)
{
	struct child *child = ctx;
	int status;

	(void)fd;
	(void)events;
	if (waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->pid = 0;
	child->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	loop_fd_remove(&child->pidfd_src);
	if (child->reap_timer)
		loop_timer_set(child->reap_timer, -1);
	finish_if_over(child);
}

static void on_reap_timer(void *ctx)
{
	struct child *child = ctx;

	loop_timer_set(child->reap_timer, REAP_MS);
	on_exit_event(child, -1, 0);
}

/*
 * Start argv with the given descriptors as 0, 1 and 2 and default signals.
 * With a `tty` (a path) that is 0, in a session of its own, whose leader gets
 * it as controlling terminal by opening it.  `alone`: in a session without one.
 */
static int spawn(pid_t *pid, const char *const argv[], int in, const char *tty, bool alone, int out, int errout)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	if (tty)
		posix_spawn_file_actions_addopen(&actions, 0, tty, O_RDWR, 0);
	else
		posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, errout, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						(tty || alone ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP)));
	rc = posix_spawnp(pid, argv[0], &actions, &attr, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static void watch_stream(struct child *child, size_t i, int fd, size_t max_output)
{
	struct stream *s = &child->streams[i];

	s->child = child;
	s->fd = fd;
	buf_init(&s->got, max_output);
	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	s->src = loop_fd_add(child->loop, fd, LOOP_READ, on_stream, s);
}

static struct child *child_watch(struct loop *loop, pid_t pid, int out, int errout, size_t max_output,
				 child_done_fn *done, void *ctx)
{
	struct child *child = mem_new(struct child);

	child->loop = loop;
	child->pid = pid;
	child->done = done;
	child->ctx = ctx;
	child->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	watch_stream(child, 0, out, max_output);
	watch_stream(child, 1, errout, max_output);
	if (child->pidfd >= 0)
		child->pidfd_src = loop_fd_add(loop, child->pidfd, LOOP_READ, on_exit_event, child);
	else
		child->reap_timer = loop_timer_add(loop, REAP_MS, on_reap_timer, child);
	return child;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static struct child *run(struct loop *loop, const char *const argv[], const char *tty, size_t max_output,
			 child_done_fn *done, void *ctx, struct err *e)
{
	int fds[5] = { -1, -1, -1, -1, -1 }; /* out read/write, err read/write, /dev/null */
	pid_t pid;
	int rc;

	fds[4] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fds[4] < 0 || pipe2(fds, O_CLOEXEC) < 0 || pipe2(fds + 2, O_CLOEXEC) < 0) {
		err_errno(e, errno, "cannot start %s", argv[0]);
		close_all(fds, 5);
		return NULL;
	}
	rc = spawn(&pid, argv, fds[4], tty, false, fds[1], fds[3]);
	close(fds[4]);
	close(fds[1]);
	close(fds[3]);
	if (rc != 0) {
		err_errno(e, rc, "cannot start %s", argv[0]);
		close(fds[0]);
		close(fds[2]);
		return NULL;
	}
	return child_watch(loop, pid, fds[0], fds[2], max_output, done, ctx);
}

struct child *child_run(struct loop *loop, const char *const argv[], size_t max_output,
			child_done_fn *done, void *ctx, struct err *e)
{
	return run(loop, argv, NULL, max_output, done, ctx, e);
}

struct child *child_run_tty(struct loop *loop, const char *const argv[], size_t max_output, int *tty,
			    child_done_fn *done, void *ctx, struct err *e)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	struct child *child = NULL;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, name, sizeof name) != 0)
		err_errno(e, errno, "cannot make a terminal for %s", argv[0]);
	else
		child = run(loop, argv, name, max_output, done, ctx, e);
	if (child)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	else if (fd >= 0)
		close(fd);
	*tty = child ? fd : -1;
	return child;
}

int child_pid(const struct child *child)
{
	return child->pid;
}

struct child *child_start_socket(struct loop *loop, const char *const argv[], int *fd,
				 child_done_fn *done, void *ctx, struct err *e)
{
	int fds[4] = { -1, -1, -1, -1 }; /* our end, its end, err read/write */
	pid_t pid;
	int rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 || pipe2(fds + 2, O_CLOEXEC) < 0) {
		err_errno(e, errno, "cannot start %s", argv[0]);
		close_all(fds, 4);
		return NULL;
	}
	rc = spawn(&pid, argv, fds[1], NULL, true, fds[1], fds[3]);
	close(fds[1]);
	close(fds[3]);
	if (rc != 0) {
		err_errno(e, rc, "cannot start %s", argv[0]);
		close(fds[0]);
		close(fds[2]);
		return NULL;
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*fd = fds[0];
	return child_watch(loop, pid, -1, fds[2], 65536, done, ctx);
}

/* In the new process: descriptors, signals and session as spawn() has them, and an end with us. */
static void become(const char *const argv[], int in, int out, int errout, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(errout, 2) == 2)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

struct child *child_start_tied(struct loop *loop, const char *const argv[], int in, int out, child_done_fn *done,
			       void *ctx, struct err *e)
{
	int fds[2] = { -1, -1 }; /* err read/write */
	pid_t pid = -1, parent = getpid();

	if (pipe2(fds, O_CLOEXEC) == 0)
		pid = fork();
	if (pid < 0) {
		err_errno(e, errno, "cannot start %s", argv[0]);
		close_all(fds, 2);
		return NULL;
	}
	if (pid == 0)
		become(argv, in, out, fds[1], parent);
	close(fds[1]);
	return child_watch(loop, pid, -1, fds[0], 65536, done, ctx);
}

void child_kill(struct child **child)
{
	struct child *c = *child;

	if (!c)
		return;
	*child = NULL;
	if (c->pid > 0) {
		kill(-c->pid, SIGKILL);
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	child_free(c);
}
