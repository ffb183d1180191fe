/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host: the life of its connection, what it can do, and its tree.
 *
 * A host belongs to an engine (engine.h), which tells its listeners when
 * something here changed.  Everything is read through these functions; what
 * they return stays valid until the loop's next turn unless said otherwise.
 */
#ifndef PFERRY_HOST_H
#define PFERRY_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/tree.h>

struct host;

enum host_state {
	HOST_CONNECTING, /* from ssh -G to login; host_state_text() is finer */
	HOST_PROBING,    /* logged in, asking what is there */
	HOST_UP,
	HOST_LOST,       /* the connection was up or could be: tried again by itself */
	HOST_REFUSED     /* only a person can help (host key, login, name): r tries again */
};

/* The name it was added by. */
const char *host_name(const struct host *host);
enum host_state host_state(const struct host *host);
/* "connecting", "authenticating", "up", "lost: retry in 8 s", "refused" ... */
const char *host_state_text(const struct host *host);
/* Why it is lost or refused; code ERR_NONE otherwise. */
const struct err *host_err(const struct host *host);
/* Milliseconds until the next attempt, -1 when none is planned. */
int64_t host_retry_ms(const struct host *host);

/* How commands that need root come to run as root there. */
enum host_root {
	ROOT_NONE,     /* no way to root: host_root_why() says why */
	ROOT_SELF,     /* one logs in as root */
	ROOT_SUDO,     /* sudo, without a password */
	ROOT_DOAS,     /* doas, likewise */
	ROOT_PASSWORD  /* sudo wants a password: host_want_root() has it asked for */
};

/* Facts about the host; `known` is false until it has been probed. */
struct host_facts {
	bool known;
	bool root;               /* commands can run as uid 0 now */
	enum host_root root_way;
	char root_why[200];      /* output of sudo or doas, "" */
	bool unprivileged;       /* CRIU moves processes of the login's user without root (--unprivileged) */
	uint32_t uid;            /* the login's */
	char groups[256];        /* numbers of its supplementary groups */
	char home[200];          /* home directory of a login that is not root; "" when it has an odd name */
	char user[64];           /* user of the login */
	char hostname[128];
	char kernel[64];         /* uname -r */
	char arch[32];           /* uname -m */
	char boot_id[40];
	char criu[256];          /* path of criu, "" when there is none */
	char criu_version[32];   /* "4.2.1" */
	uint64_t mem_available;  /* bytes */
	uint32_t cpus;
	bool tmux, nft, iptables, zstd, tar, setsid, mkfifo, perl;
};
const struct host_facts *host_facts(const struct host *host);

/* The host's tree; never NULL, empty before the first snapshot. */
const struct tree *host_tree(const struct host *host);
/* Age of the tree's snapshot in milliseconds, -1 when there is none. */
int64_t host_tree_age_ms(const struct host *host);

/* Take a snapshot now / connect now instead of waiting. */
void host_refresh(struct host *host);
void host_retry(struct host *host);
/* Stop and go on with the periodic snapshots. */
void host_pause(struct host *host, bool paused);

/*
 * A move needs root on both hosts, looking does not; so sudo's password is
 * asked for (as host_question()) when something needs it, not before.
 * host_want_root() does that, if one is wanted and there is none; until
 * host_root_settled() is true, wait for the next change of the host.
 */
void host_want_root(struct host *host);
bool host_root_settled(const struct host *host);
/* Root is not to be had there, but CRIU moves what belongs to the login's user without. */
bool host_own_only(const struct host *host);
/* Some process of it at least: its own login's, or as root any. */
bool host_may_move(const struct host *host);
/* Why a move cannot run as root there, and what to do: a sentence; "" when it can. */
const char *host_root_why(const struct host *host);

/* The question its login waits for, NULL when none. */
struct host_question {
	const char *text;
	bool echo;   /* false: do not show what is typed */
	bool yes_no; /* answer "yes" or "no" */
};
const struct host_question *host_question(const struct host *host);
/* Answer it; NULL refuses. */
void host_answer(struct host *host, const char *answer);

/*
 * The words of a command line for ssh(1) that shows the tmux session of that name there, with a
 * terminal, as root where that takes sudo or doas; pinned to the host key that our connection
 * has. To be freed by host_attach_free(); NULL with `e` filled when the host is not up.
 */
char **host_attach(const struct host *host, const char *session, struct err *e);
void host_attach_free(char **argv);

#endif
