/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside src/ssh only: the parts of a connection and a channel, and how
 * its files share them.
 *
 *   open.c     ssh -G, addresses, TCP or proxy: up to a connected socket
 *   askpass.c  questions of a jump host, through ssh
 *   conn.c     life, errors, timers, questions, and the connections of ssh.h
 *   wire.c     bytes between the socket and libssh2, handshake, keepalive
 *   conn_error.c  why a connection failed
 *   methods.c  the algorithms offered (kexinit.c: the host's offer)
 *   hostkey.c  verification of the host's key (hostfiles.c: by known.c or a command; revoked.c)
 *   auth.c     our identity: authkey.c by keys (ident.c, keyfile.c, agent.c), authask.c by answers
 *   ops.c      operations that libssh2 can only do one at a time
 *   sessions.c opening channels; how many a host allows
 *   chan.c     commands; splice.c and scp.c copy between them; run.c gathers output
 *   ssh_child.c  an ssh(1) beside a connection, for work that suits another process
 *   forward.c  connections that a host accepts or makes for us
 *
 * Two rules make libssh2 easy to live with.  It never sees a full socket: what
 * the kernel does not take waits in conn->out, and no bulk data is offered
 * while something waits there.  So no libssh2 call is ever left half sent, and
 * calls on one session cannot get in each other's way.  And libssh2 is called
 * from conn_pump() only, never from what a user of ssh.h calls, so a callback
 * may do anything.
 */
#ifndef SSH_CONN_H
#define SSH_CONN_H

#include <libssh2.h>

#include "base/buf.h"
#include "base/child.h"
#include "ssh/askpass.h"
#include "ssh/config.h"
#include "ssh/dial.h"
#include "ssh/resolve.h"
#include "ssh/ssh.h"

/* Bytes taken from the socket in one pump, and the time a turn of the loop may take before others must get
 * theirs.  So few that a splice's receiver gets the first of them while the source sends more: with a turn
 * full of reading, the source's whole window went before any of it was sent on. */
#define TURN_BYTES (128u << 10)
#define TURN_US 10000
/* The same when others had theirs already, unless its copies have priority. */
#define TURN_LATE_US 1000

struct auth;
struct hostcheck;
struct known_key;
struct known_result;

/* Output of a KnownHostsCommand (hostfiles.c). */
struct known_said {
	struct ssh_conn *conn;
	struct child *child;
	void (*then)(struct ssh_conn *conn);
	char *text;
	size_t len;
	bool told;
};

/* A key and the lists of revoked ones (revoked.c); the strings are the owner's. */
struct revocation {
	const char *name, *type, *fingerprint;
	const void *blob;
	size_t blob_len;
	/* revoked.c's own */
	struct ssh_conn *conn;
	size_t next; /* next entry in the lists */
	struct child *child;
	char *path;
};

/* Negotiated lists (methods.c). */
enum { OFFER_KEX, OFFER_HOSTKEY, OFFER_CIPHERS, OFFER_MACS, OFFERS };

/*
 * An operation that uses state libssh2 keeps once per session (opening a channel,
 * starting SCP): one at a time, in order.  `step` is called until it returns
 * true, which means it is over, one way or another.
 */
struct ssh_op {
	struct ssh_op *next;
	bool begun;                         /* libssh2 is in the middle of it */
	bool (*step)(struct ssh_op *op);
	void (*over)(struct ssh_op *op);    /* called once the operation has left the queue after its last step */
	void (*abandon)(struct ssh_op *op); /* called instead when the connection is gone */
};

struct ssh_conn {
	struct loop *loop;
	char *name;
	char *config_file;
	struct ssh_options options;
	const struct ssh_conn_ops *ops;
	void *ctx;
	enum ssh_state state;
	struct err err;
	unsigned depth;  /* how many of our functions are on the stack */
	bool failing;    /* err is set; torn down when depth is back at 0 */
	bool closing;    /* ssh_conn_close() was called; freed when depth is back at 0 */

	/* on the way */
	struct ssh_config cfg;
	bool have_cfg;
	struct child *child; /* ssh -G */
	struct resolve *resolve;
	struct dial *dial;
	struct child *proxy;
	struct askpass *askpass; /* questions of that ssh */
	char *proxy_words; /* route between us and the host, for messages */
	bool proxy_ended;
	bool broken;         /* the socket failed while a proxy may still say why */
	struct loop_timer *deadline;
	int timeout_ms;
	int64_t deadline_ms;  /* when, or what is left while a question is open */
	char address[ERR_HOST_MAX];
	char cipher[64];

	/* the wire */
	int fd;
	struct loop_fd *src;
	struct loop_timer *kick;
	struct loop_timer *keepalive;
	int keepalive_ms, keepalive_max;
	LIBSSH2_SESSION *session;
	struct buf out;  /* bytes the socket did not take */
	struct buf in;   /* bytes that came while libssh2 had no reason to read */
	size_t budget;   /* bytes that may still be read in this pump */
	int64_t pump_us; /* when that began */
	bool hurried;    /* in it: see chan_hurried() */
	bool dry;        /* the socket had no more; poll says when it has */
	bool in_op;      /* an operation's step is on the stack */
	unsigned spins;  /* reads in vain in it */
	bool cut;        /* no more traffic: libssh2 may only clean up */
	bool deaf;       /* the socket takes no more; what it still gives is read */
	bool eof;        /* the socket ended, or failed */
	bool shaken;     /* the handshake is over */
	bool heard;      /* a byte came in this keepalive period */
	int silent;      /* periods without one */
	uint64_t bytes_in, bytes_out;
	struct buf greeting; /* the first bytes it sent, until it is known who it is */
	struct buf proof;    /* the host's signature of the first key exchange */
	struct buf host_key; /* the key it was verified by */
	bool turned_away;    /* the host closed before it sent its version line */
	char *bye;       /* text of the host's disconnect message */

	bool held; /* the deadline does not run: conn_hold() */

	/* a question to a person */
	bool asking, answered, refused;
	struct buf answer;

	struct hostcheck *check;
	struct known_said said_order, said_name, said_ip;
	char *offer[OFFERS]; /* algorithms we offered */
	struct auth *auth;
	bool by_key;     /* logged in without a person's answer; by a key of our own agent */
	bool by_keyring;
	struct buf login_key; /* the public key that it was, empty: none, or not known */
	bool no_child;    /* an ssh(1) beside it did not come up (ssh_child.c) */

	/* channels */
	struct ssh_op *ops_first, **ops_last;
	struct ssh_chan *chans;
	unsigned turn; /* index of the copy that goes first */
	bool open_hold; /* the host has no room for another channel until one ends */
	struct loop_timer *hold; /* how long that is waited for */
	bool hold_over, hold_again;
	struct ssh_listen *listening; /* ports open there (forward.c) */
};

/* ---- conn.c ---- */

/* Around everything that may call back or fail. conn_leave() may free the connection: nothing may follow it. */
void conn_enter(struct ssh_conn *conn);
void conn_leave(struct ssh_conn *conn);
/* Whether to stop and unwind: it failed, or was closed in a callback. */
bool conn_over(const struct ssh_conn *conn);
void conn_set_state(struct ssh_conn *conn, enum ssh_state state);
/* Fail with a sentence; only the first counts. */
void conn_fail(struct ssh_conn *conn, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void conn_fail_err(struct ssh_conn *conn, const struct err *e);
/* Call conn_pump() soon. */
void conn_kick(struct ssh_conn *conn);
/* The time it waits for something else does not count as its own, until then. */
void conn_hold(struct ssh_conn *conn, bool hold);
/*
 * Ask a person.  True when the answer is there: conn->refused, or conn->answer
 * until conn_answer_used().  Called again with the same question until then.
 */
bool conn_ask(struct ssh_conn *conn, const char *text, bool echo, bool yes_no);
void conn_answer_used(struct ssh_conn *conn);

/* ---- open.c ---- */

void open_start(struct ssh_conn *conn);
void open_stop(struct ssh_conn *conn);

/* ---- wire.c ---- */

/* The socket is there: begin the handshake. */
void wire_start(struct ssh_conn *conn, int fd);
/* Say goodbye if that does not block, free the session, close the socket. */
void wire_stop(struct ssh_conn *conn);
/* One round of everything that can go on now. */
void conn_pump(struct ssh_conn *conn);
/* Whether bulk data may be sent now: nothing waits, the turn is not over. */
bool wire_may_send(const struct ssh_conn *conn);
bool wire_turn_over(const struct ssh_conn *conn);

/* ---- conn_error.c ---- */

/* The first bytes came: what is no server for SSH says so in them. */
void wire_greeted(struct ssh_conn *conn, const char *data, size_t len);
/* libssh2 failed with `rc`: a sentence for it. */
void wire_fail(struct ssh_conn *conn, int rc, const char *doing);
/* The proxy's last output has come, or will not. */
void wire_proxy_ended(struct ssh_conn *conn);

/* ---- methods.c ---- */

/* Tell libssh2 which algorithms to offer; false: it has failed, for want of one. */
bool methods_offer(struct ssh_conn *conn);
/* The handshake failed: say which list has nothing in common. False: that was not it. */
bool methods_explain(struct ssh_conn *conn);
void methods_forget(struct ssh_conn *conn);

/* ---- hostfiles.c ---- */

/* Ask the KnownHostsCommand. True: its output is there, or there is none; else `then` is called when it is, unless that fails the
 * connection. */
bool hostfiles_ask(struct ssh_conn *conn, struct known_said *said, const struct ssh_tokens *tokens, void (*then)(struct ssh_conn *conn));
void hostfiles_forget(struct known_said *said);
/* Look a key up in the files and in the output of the command (`said`, or NULL). */
void hostfiles_look_up(const struct ssh_conn *conn, const struct known_said *said, const struct known_key *key,
		       struct known_result *result);
/* Whether the command's word decided. */
bool hostfiles_from_command(const struct known_result *result);
/* Whether known types go first; the plain types of a list in that order, allocated. */
bool hostfiles_want_order(const struct ssh_conn *conn);
char *hostfiles_order(const struct ssh_conn *conn, const char *list);
/* Whether HostKeyAlgorithms has a type of key. */
bool hostfiles_allowed(const struct ssh_conn *conn, const char *type);

/* ---- revoked.c ---- */

/* True: no list has the key; false: not yet, or failed. Called again when ssh-keygen has answered. */
bool revocation_step(struct ssh_conn *conn, struct revocation *r);
void revocation_stop(struct revocation *r);

/* ---- hostkey.c ---- */

/* True when the host is who it should be; false: not yet, or failed. */
bool hostkey_step(struct ssh_conn *conn);
void hostkey_stop(struct ssh_conn *conn);

/* ---- auth.c ---- */

/* True when logged in; false: not yet, or failed. */
bool auth_step(struct ssh_conn *conn);
void auth_stop(struct ssh_conn *conn);
/* libssh2 allocates something. */
void auth_on_alloc(void);

/* ---- ops.c ---- */

void conn_queue_op(struct ssh_conn *conn, struct ssh_op *op);
/* Take an operation that has not begun out of the queue; false when it has. */
bool conn_unqueue_op(struct ssh_conn *conn, struct ssh_op *op);
/* Go on with the first; the connection is gone. */
void ops_step(struct ssh_conn *conn);
void ops_abandon(struct ssh_conn *conn);

/* ---- chan.c ---- */

struct ssh_splice;

enum chan_step {
	CHAN_QUEUED,  /* waits for its turn to be opened */
	CHAN_STARTING,
	CHAN_RUNNING,
	CHAN_DRAINED, /* the command's output ended; waits for the host's close */
	CHAN_CLOSING, /* ours is on the way out */
	CHAN_GONE
};

struct ssh_chan {
	struct ssh_op op;      /* while CHAN_QUEUED */
	struct ssh_chan *next; /* in conn->chans */
	struct ssh_conn *conn; /* NULL when that is freed */
	struct loop *loop;     /* the loop outlives the channel */
	LIBSSH2_CHANNEL *raw;
	enum chan_step step;
	char *command;
	const struct ssh_chan_ops *ops; /* NULL once freed by its owner */
	void *ctx;
	bool owned;   /* the owner has not freed it */
	bool told;    /* `closed` was called */
	bool paused;
	bool end_wanted, end_sent;
	unsigned refusals; /* refused attempts to open the channel while no other was open */
	int port;          /* the host's port that the channel connects to (forward.c) */
	struct buf out;
	struct ssh_exit exit;
	struct ssh_splice *from; /* copies our output */
	struct ssh_splice *to;   /* copies into our input */
};

/* A channel in conn->chans, to be opened. */
struct ssh_chan *chan_new(struct ssh_conn *conn, const struct ssh_chan_ops *ops, void *ctx);
/* A libssh2 call on it failed for good; `doing` as in "the host refused `doing`". */
void chan_failed(struct ssh_chan *chan, ssize_t rc, const char *doing);
/* A channel around one that libssh2 opened and started (SCP). */
struct ssh_chan *chan_adopt(struct ssh_conn *conn, LIBSSH2_CHANNEL *raw, const struct ssh_chan_ops *ops, void *ctx);
/* As ssh_chan_write(), without a bound. */
void chan_queue(struct ssh_chan *chan, const void *data, size_t len);
/* Open one and close it: the host must answer, and libssh2 reads what is there. */
void chan_probe(struct ssh_conn *conn);
/* Make libssh2 read although no channel wants to; false when there is no channel to do it with. */
bool chan_stir(struct ssh_conn *conn);
/* The host has not confirmed yet that a command runs: no other may be started, which would take that answer for its own. */
bool chan_starting(const struct ssh_conn *conn);
/* True if a copy with priority has yet to end. */
bool chan_hurried(const struct ssh_conn *conn);
/* Move all channels on; called from conn_pump(). */
void chan_pump_all(struct ssh_conn *conn);
/* The connection is lost: every owner is notified. */
void chan_lose_all(struct ssh_conn *conn);
/* The connection is freed: forget what is left. */
void chan_forget_all(struct ssh_conn *conn);

/* ---- forward.c ---- */

/* Take a connection that came to the host's port, if one did. */
void forward_accept(struct ssh_conn *conn);
/* The connection is lost or freed. */
void forward_lost(struct ssh_conn *conn);

/* End a channel that never ran, or that pferry gives up. */
void chan_give_up(struct ssh_chan *chan, const char *why);

/* ---- sessions.c ---- */

/* Open it when its turn comes and the host has room for it. */
void chan_queue_open(struct ssh_chan *chan);
/* A channel ended: there is room for another. */
void room_made(struct ssh_conn *conn);

/* ---- splice.c ---- */

/* As ssh_splice(), for `limit` bytes, and with the input of `to` left open if not `end_input`. */
struct ssh_splice *splice_start(struct ssh_chan *from, struct ssh_chan *to, uint64_t limit, bool end_input,
				const struct ssh_splice_ops *ops, void *ctx);
/* Called from a channel's pump: read from it (0 or libssh2's error), write to it. */
ssize_t splice_read(struct ssh_splice *splice);
void splice_write(struct ssh_splice *splice);
bool splice_hurries(const struct ssh_splice *splice);
/* After all channels of the connection were pumped: the limit on what is under way may hold no longer. */
void splice_answered(struct ssh_splice *splice);
/* The channel is over, or is freed by its owner: no more from it. */
void splice_source_ended(struct ssh_splice *splice, bool clean);
void splice_target_ended(struct ssh_splice *splice);

#endif
