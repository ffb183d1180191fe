/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions of an ssh that runs as our child: jump hosts are its business, and
 * it asks by the program that SSH_ASKPASS names.  That is this program, started
 * again: it hands the question over by a socket, and prints the answer.
 *
 * The socket has a name of the abstract kind, chosen at random and passed by an
 * environment variable; both sides look whether the other is the same user.
 * No secret is in an environment, a command line or a file.
 *
 * The password of a jump host, a passphrase or a host key that several
 * connections ask about in the same words is asked for once.  It is kept while
 * the program runs, so that the hosts behind it come back by themselves.
 */
#ifndef SSH_ASKPASS_H
#define SSH_ASKPASS_H

#include <stdbool.h>

/* Between askpass.c and askpass_client.c: where the socket's name is passed, how long an answer may be. */
#define ASKPASS_VARIABLE "PFERRY_ASKPASS"
#define ASKPASS_ANSWER_MAX 4096

struct askpass;
struct ssh_conn;

/* Answer the questions of a child of this connection. NULL when no one can be asked. */
struct askpass *askpass_open(struct ssh_conn *conn);
/* Sets *askpass NULL, which it may be. */
void askpass_close(struct askpass **askpass);

/* The environment of that child: "NAME=VALUE" words, NULL at the end. */
const char *const *askpass_environment(const struct askpass *askpass);

/* Go on with what is asked: from conn_pump(). */
void askpass_step(struct askpass *askpass);

/* Forget all answers; no askpass may be open. */
void askpass_forget(void);

#endif
