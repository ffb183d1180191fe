/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SSH connections in the poll loop.  libssh2 is used inside src/ssh and
 * nowhere else; the rest of the engine sees connections, channels, copies of
 * one channel into another, and SCP transfers.
 *
 * A connection is made for a name that `ssh NAME` would take: `ssh -G` reads
 * the configuration, `getent` resolves, each in a child process beside the
 * loop.  Everything after that is libssh2 in non-blocking mode.
 */
#ifndef SSH_SSH_H
#define SSH_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <pferry/err.h>
#include <pferry/loop.h>

#include "remote/remote.h"

/* ---- connections ---- */

enum ssh_state {
	SSH_CONFIG,     /* asking ssh -G */
	SSH_RESOLVING,
	SSH_CONNECTING, /* TCP, or the ProxyCommand */
	SSH_HANDSHAKE,  /* keys exchanged, host key checked */
	SSH_AUTH,
	SSH_UP,
	SSH_DOWN        /* failed or lost; ssh_conn_err() says why */
};

/* A question only a person can answer (passphrase, password, unknown key). */
struct ssh_question {
	const char *host;
	const char *text; /* one line, sanitised */
	bool echo;        /* false for secrets */
	bool yes_no;      /* answer "yes" or "no" */
};

struct ssh_conn;

struct ssh_conn_ops {
	/* The state changed; at SSH_DOWN every channel was closed before. The
	 * connection may be closed with ssh_conn_close() from here. */
	void (*state)(void *ctx, struct ssh_conn *conn, enum ssh_state state);
	/* A question for the user, to be answered with ssh_conn_answer(); NULL here: the question
	 * counts as refused. */
	void (*question)(void *ctx, struct ssh_conn *conn, const struct ssh_question *question);
};

struct ssh_options {
	const char *config_file;   /* for ssh -F, or NULL */
	int connect_timeout_ms;    /* resolving to SSH_UP without questions; 0: 30 s, or ssh's ConnectTimeout */
	int keepalive_ms;          /* 0: ssh's ServerAliveInterval, or 5 s */
	int keepalive_max;         /* unanswered ones until the connection is given up; 0: 3 */
};

/* Start connecting; never NULL, failures arrive as SSH_DOWN. Options are copied. */
struct ssh_conn *ssh_conn_open(struct loop *loop, const char *name, const struct ssh_options *options,
			       const struct ssh_conn_ops *ops, void *ctx);
/* Drop it at once, without callbacks; its channels must be freed before by their owners. Sets *conn NULL. */
void ssh_conn_close(struct ssh_conn **conn);
enum ssh_state ssh_conn_state(const struct ssh_conn *conn);
const char *ssh_conn_name(const struct ssh_conn *conn);
/* Why it is SSH_DOWN. */
const struct err *ssh_conn_err(const struct ssh_conn *conn);
/* Whether it is SSH_DOWN because the host closed the connection without a word, as sshd does when too
 * many log in at once (MaxStartups): worth another try soon. */
bool ssh_conn_turned_away(const struct ssh_conn *conn);
/* User, host name or address, port, and cipher in use ("" before). */
const char *ssh_conn_user(const struct ssh_conn *conn);
const char *ssh_conn_address(const struct ssh_conn *conn);
int ssh_conn_port(const struct ssh_conn *conn);
/* HostName of the host after ssh_config, for another host's ssh. */
const char *ssh_conn_hostname(const struct ssh_conn *conn);
/* Whether ssh_config has ForwardAgent yes for it. */
bool ssh_conn_forward_agent(const struct ssh_conn *conn);
/* "TYPE BASE64" of the host key it has shown, as in known_hosts; to be freed. NULL when it has shown none. */
char *ssh_conn_host_key(const struct ssh_conn *conn);
const char *ssh_conn_cipher(const struct ssh_conn *conn);
/* The server's version string ("SSH-2.0-OpenSSH_9.2"), "" before it has said so; not sanitised. */
const char *ssh_conn_server(const struct ssh_conn *conn);
/* Answer the pending question; NULL refuses it. The text is wiped from memory after use. */
void ssh_conn_answer(struct ssh_conn *conn, const char *answer);
/* Whether no channel is in use on it. */
bool ssh_conn_idle(const struct ssh_conn *conn);
/* Bytes moved over it since SSH_UP, payload, both ways. */
uint64_t ssh_conn_bytes_in(const struct ssh_conn *conn);
uint64_t ssh_conn_bytes_out(const struct ssh_conn *conn);

/* Words for a state: "connecting", "up", ... */
const char *ssh_state_name(enum ssh_state state);

/* ---- channels ---- */

struct ssh_exit {
	bool lost;          /* the connection went away first: status is not known */
	int status;         /* exit status; -1 when a signal ended it, or it never ran. libssh2 cannot
			     * tell a host that closed without a word from 0: what must not be mistaken
			     * says so itself at its end */
	char signal[16];    /* "KILL" ...; "" when none */
	char why[160];      /* a sentence when the host refused to run it, else "" */
};

struct ssh_chan;

struct ssh_chan_ops {
	/* The command runs (may be NULL). */
	void (*opened)(void *ctx);
	/* Bytes of standard output (stream 0) or error (1). All are taken. */
	void (*data)(void *ctx, int stream, const char *data, size_t len);
	/* The queue of ssh_chan_write() ran empty (may be NULL). */
	void (*drained)(void *ctx);
	/* Standard output and error are both at their end (may be NULL); `closed` follows. */
	void (*eof)(void *ctx);
	/* Over, once; free the channel here or later. */
	void (*closed)(void *ctx, const struct ssh_exit *how);
};

/*
 * Run a script (remote/remote.h) on a connection that is SSH_UP: the user's
 * login shell gets the line.  Never NULL: a failure arrives as `closed` from the loop.
 */
struct ssh_chan *ssh_exec(struct ssh_conn *conn, const struct remote_line *line, const struct ssh_chan_ops *ops, void *ctx);
/* Queue bytes for its standard input; false (nothing queued) when more than 1 MiB would wait. */
bool ssh_chan_write(struct ssh_chan *chan, const void *data, size_t len);
/* Bytes that still wait in the queue. */
size_t ssh_chan_queued(const struct ssh_chan *chan);
/* Standard input ends after what is queued. */
void ssh_chan_end_input(struct ssh_chan *chan);
/* Stop or go on reading its output: a paused channel's window closes, the host's command waits. */
void ssh_chan_pause(struct ssh_chan *chan, bool paused);
/* Close at once without further callbacks, free, set *chan NULL. Safe inside its callbacks. */
void ssh_chan_free(struct ssh_chan **chan);

/* Connect from the host to a port of its own loopback address: a channel whose input and output are that
 * connection. As ssh_exec() otherwise. */
struct ssh_chan *ssh_connect(struct ssh_conn *conn, int port, const struct ssh_chan_ops *ops, void *ctx);

/*
 * A port of the host's loopback address, and the first connection made to it:
 * a channel, which belongs to the caller that `accepted` notifies, as from ssh_exec()
 * with `chan_ops`.
 */
struct ssh_listen;
struct ssh_listen_ops {
	void (*ready)(void *ctx, int port);
	/* The port is closed again by then. */
	void (*accepted)(void *ctx, struct ssh_chan *chan);
	/* The command could not be started, or the connection is lost: `why` is a sentence. Stop the object
	 * here or later. */
	void (*failed)(void *ctx, const char *why);
	const struct ssh_chan_ops *chan_ops; /* given the same ctx */
};
struct ssh_listen *ssh_listen(struct ssh_conn *conn, const struct ssh_listen_ops *ops, void *ctx);
/* Close the port without a callback; sets *listen NULL. */
void ssh_listen_stop(struct ssh_listen **listen);

/* Convenience: run a script, gather at most `max` bytes of each output, call once. */
struct ssh_output {
	struct ssh_exit how;
	const char *out;    /* NUL-terminated */
	size_t out_len;
	const char *errout;
	size_t errout_len;
	bool truncated;     /* output went on past the limit; the rest was not read */
};
typedef void ssh_run_fn(void *ctx, const struct ssh_output *output);
struct ssh_run;
/* How long a run may take unless ssh_run_limit() says otherwise. */
#define SSH_RUN_LIMIT_MS 60000
/*
 * `input` (may be NULL) is sent to standard input, which then ends.  A host that does not come to an end in time,
 * or prints without end, is given up: its channel is closed, and `how.why` says which of the two it was.
 */
struct ssh_run *ssh_run(struct ssh_conn *conn, const struct remote_line *line, const void *input, size_t input_len,
			size_t max, ssh_run_fn *done, void *ctx);
/* Give its output to `take`, with the context of the end, as it comes, instead of gathering it: still at most `max`. */
typedef void ssh_run_take_fn(void *ctx, const char *bytes, size_t len);
void ssh_run_take(struct ssh_run *run, ssh_run_take_fn *take);
/* Restart the time limit: `ms` from now. */
void ssh_run_limit(struct ssh_run *run, int ms);
/* Forget it without a callback; sets *run NULL. It frees itself after its callback. */
void ssh_run_cancel(struct ssh_run **run);

/* ---- copies of one channel into another ---- */

/*
 * Copy everything that `from` prints into `to`'s standard input, with
 * back-pressure and at most a few MiB in between, then end `to`'s input.
 * While it runs, the data callback of `from` sees only stream 1 and nobody
 * writes to `to`.  Both may be on the same or on different connections.  It
 * frees itself after `done`; if that reports a failure, `from` is paused.
 */
struct ssh_splice;
struct ssh_splice_ops {
	/* Some bytes went over (called at most once a loop turn). */
	void (*progress)(void *ctx, uint64_t bytes);
	/* `from` ended and the last byte was handed to the network (ok), or one
	 * of the two closed or was lost first. */
	void (*done)(void *ctx, bool ok, uint64_t bytes);
};
struct ssh_splice *ssh_splice(struct ssh_chan *from, struct ssh_chan *to, const struct ssh_splice_ops *ops,
			      void *ctx);
/* Give the splice priority: its bytes go before those of other copies to the same connection. */
void ssh_splice_hurry(struct ssh_splice *splice);
/* Stop without a callback; frees, sets *splice NULL. */
void ssh_splice_stop(struct ssh_splice **splice);

/* ---- SCP (libssh2's, one file at a time) ---- */

/*
 * Copy one file from a path on one connection to a path on another through
 * this machine, with back-pressure and nothing stored in between.  It frees
 * itself after `done`; until then, stop it before a connection is closed.
 */
struct ssh_scp;
typedef void ssh_scp_progress_fn(void *ctx, uint64_t bytes);
typedef void ssh_scp_done_fn(void *ctx, const struct err *e); /* e NULL: done */
struct ssh_scp *ssh_scp_copy(struct ssh_conn *from, const char *from_path, struct ssh_conn *to,
			     const char *to_path, ssh_scp_progress_fn *progress, ssh_scp_done_fn *done,
			     void *ctx);
void ssh_scp_stop(struct ssh_scp **scp);

/*
 * Jump hosts are ssh's business, which runs as a child and asks by SSH_ASKPASS.
 * A program that allows it is started again for that: its main() must call
 * ssh_askpass() first, and end with what that returns unless it is -1.
 */
void ssh_askpass_allow(void);
int ssh_askpass(int argc, char **argv);

/* Initialise and release the library underneath, once per program. */
bool ssh_global_init(struct err *e);
void ssh_global_exit(void);

#endif
