/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How commands come to run as root on a host where one does not log in as
 * root: by sudo or doas without a password, or by sudo with one.
 *
 * The password goes to sudo's standard input, never into a command line.  Each
 * command is given it (sudo -k takes no notice of what sudo remembers, so it
 * is asked for every time or never); a line behind it marks where the
 * command's own input begins, should sudo not have wanted it.
 */
#ifndef HOST_ROOT_H
#define HOST_ROOT_H

#include <stdbool.h>
#include <pferry/host.h>

#include "ssh/ssh.h"

struct root;

/* `done` is called when a password was tried: `ok`, or not, with a sentence. */
typedef void root_done_fn(void *ctx, bool ok, bool again, const char *why);

struct root *root_new(root_done_fn *done, void *ctx);
/* The password is wiped. */
void root_free(struct root *root);

/* Whether there is a password. */
bool root_has_password(const struct root *root);
/* Try the password that is kept, or a new one; `done` comes from the loop. */
void root_try(struct root *root, struct ssh_conn *conn, const char *password);
void root_stop(struct root *root);

/* The line of a script that must run as root; to be freed. */
struct remote_line *root_line(const struct root *root, enum host_root way, const char *script, const char *const args[]);
/* The bytes that must be on its standard input before anything else; NULL: nothing. */
const char *root_input(const struct root *root, enum host_root way);

#endif
