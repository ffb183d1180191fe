/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the login: what auth.c, authkey.c and authask.c share. */
#ifndef SSH_AUTH_H
#define SSH_AUTH_H

#include "ssh/agent.h"
#include "ssh/conn.h"
#include "ssh/ident.h"
#include "ssh/keyring.h"

/* Result of one attempt. */
enum auth_try {
	TRY_AGAIN,   /* not yet: call again */
	TRY_OK,      /* logged in */
	TRY_NEXT,    /* refused, or impossible: something else is tried */
	TRY_FAILED   /* the connection has failed */
};

enum auth_step { AUTH_LIST, AUTH_CHOOSE, AUTH_KEYS, AUTH_KBDINT, AUTH_PASSWORD };

struct prompt;

struct auth {
	struct ssh_conn *conn;
	enum auth_step step, last; /* last: the method chosen before */
	char *methods;       /* methods that the host offers now */
	bool keys_done, kbdint_done, password_done;
	struct buf tried;    /* words about each attempt */

	/* keys */
	struct agent *agent;
	struct agent *own_agent;        /* our own, which reads key files */
	struct agent *signer;           /* one of the two */
	struct keyring_member *member;  /* member of the file being tried */
	bool answer_wrong;              /* counted, and asked for again */
	bool agent_asked, agent_told; /* the agent was asked for its list of keys; the list has come */
	bool agent_bound;             /* the agent was notified which host it signs for */
	bool gathered;
	struct agent_keys agent_keys;
	struct idents idents;
	size_t next;         /* the ident being tried */
	bool acceptable;     /* the host would take this key */
	bool disguised;      /* an RSA key was announced with SHA-2 to a library that cannot */
	bool probed;         /* the host was asked whether it takes the key */
	bool recheck;        /* perhaps the host took it and wants more: what does it offer now? */
	bool rechecked;
	bool person;         /* a method was tried that needs a person's answer */
	int prompts;         /* answers given for this key or method */
	enum { SIGN_NONE, SIGN_WAIT, SIGN_READY, SIGN_REFUSED } sign;
	struct buf signature;
	char *question;

	struct prompt *prompt;
};

/* Words for the final message, after a comma where one is needed. */
void auth_tried(struct auth *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* True if that failure ended the connection; the login has failed then. */
bool auth_lost(struct auth *a);

/* authkey.c */
enum auth_try auth_keys(struct auth *a);
void auth_keys_stop(struct auth *a);

/* authask.c */
enum auth_try auth_password(struct auth *a);
enum auth_try auth_kbdint(struct auth *a);
void auth_kbdint_stop(struct auth *a);

#endif
