/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/write.h"

#include <errno.h>
#include <unistd.h>

bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}
