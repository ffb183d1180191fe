/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/* All of it to a file or a blocking descriptor, over interrupts and partial
 * writes; else false, with errno. */
bool write_all(int fd, const char *data, size_t len);

#endif
