/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program's other life: started by ssh, it asks the one that started ssh. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/write.h"
#include "ssh/askpass.h"
#include "ssh/ssh.h"

static int connect_to(const char *name)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct ucred who = {0};
	socklen_t len = sizeof who;
	size_t n = strlen(name);
	int fd;

	if (n == 0 || n > sizeof sa.sun_path - 1)
		return -1;
	memcpy(sa.sun_path + 1, name, n);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid())
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int ssh_askpass(int argc, char **argv)
{
	const char *name = getenv(ASKPASS_VARIABLE), *hint = getenv("SSH_ASKPASS_PROMPT");
	char kind = hint && strcmp(hint, "none") == 0 ? 'n' : hint && strcmp(hint, "confirm") == 0 ? 'c' : 'p';
	char answer[ASKPASS_ANSWER_MAX + 2];
	size_t len = 0;
	ssize_t n = 1;
	int fd;

	if (!name || argc != 2)
		return -1;
	fd = connect_to(name);
	if (fd < 0 || !write_all(fd, &kind, 1) || !write_all(fd, argv[1], strlen(argv[1])) || shutdown(fd, SHUT_WR) < 0)
		return EXIT_FAILURE;
	while (len < sizeof answer - 1 && n > 0) {
		n = read(fd, answer + len, sizeof answer - 1 - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	close(fd);
	/* "+ANSWER", or "-" when there is none. */
	if (n != 0 || len == 0 || answer[0] != '+')
		return EXIT_FAILURE;
	answer[len] = '\n';
	n = write_all(STDOUT_FILENO, answer + 1, len);
	mem_wipe(answer, sizeof answer);
	return n ? EXIT_SUCCESS : EXIT_FAILURE;
}
