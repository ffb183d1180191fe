/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A directory of ours (0700) for what other programs of this user must find by
 * name: sockets ("agent", "lent-..."), and the host keys that an ssh is pinned to
 * ("pin-...").  It goes when pferry ends, or, if that was killed, when another
 * makes one.  Its path has nothing in it that ssh or a shell would expand.
 */
#ifndef SSH_OWNDIR_H
#define SSH_OWNDIR_H

#include <pferry/err.h>

/* The path of `name` in it, allocated; NULL with `e` filled when there is no such directory to be had. */
char *owndir_path(const char *name, struct err *e);
/* Remove it with all that is in it. */
void owndir_remove(void);

#endif
