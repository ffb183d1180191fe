/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Process 1 of a lab host: starts sshd, starts it again should it die, and
 * reaps orphans. As process 1 of a pid namespace it has no signal handler and
 * so nothing inside the host can kill it.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *const sshd[] = {"/usr/sbin/sshd", "-D", "-e", NULL};
static char *const env[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", NULL};

static pid_t start(void)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	setsid();
	int fd = open("/var/log/sshd.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0)
		dup2(fd, 2);
	execve(sshd[0], sshd, env);
	_exit(127);
}

int main(void)
{
	const struct timespec pause = {0, 200 * 1000 * 1000};
	setsid();
	for (;;) {
		pid_t pid = start(), got;
		while ((got = waitpid(-1, NULL, 0)) != pid && (got > 0 || pid > 0))
			;
		nanosleep(&pause, NULL);
	}
}
