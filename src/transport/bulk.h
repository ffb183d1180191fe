/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bulk of a relay: one command's output into another's input by two ssh(1)
 * beside our connections (ssh/ssh_child.h).  Each has a processor to itself for its
 * ciphers, and between the two pipes the kernel moves pages, so that what passes
 * costs this process next to nothing; of it there are never more than two pipes
 * full here.
 *
 * Both log in before the freeze.  The sender's command starts only when both are
 * there, so one that does not come about has done nothing on the hosts, and the
 * splice of channels (ssh/splice.c) takes its place.
 */
#ifndef TRANSPORT_BULK_H
#define TRANSPORT_BULK_H

#include <stdbool.h>
#include <stdint.h>
#include <pferry/loop.h>

#include "ssh/ssh.h"

struct bulk;

enum bulk_end {
	BULK_NO_SOURCE, /* the login or command at the source did not come about: nothing has begun; `words` say why */
	BULK_NO_DESTINATION,
	BULK_DONE,   /* the receiver has taken all, and was content */
	BULK_FAILED, /* the receiver refused: `words` are its output */
	BULK_LOST    /* one of the two ssh ended, or lost its connection */
};

struct bulk_ops {
	/* Both commands run; the receiver has sent "ready". */
	void (*ready)(void *ctx);
	/* `bytes` went to the receiver's ssh, in all. */
	void (*progress)(void *ctx, uint64_t bytes);
	/* Over. The object is freed right after. */
	void (*done)(void *ctx, enum bulk_end how, const char *words);
};

/* Whether two logins pay for so many bytes; `link` is the way's bytes a second, 0 when not known; `frozen`: a process
 * stands still while they go. PFERRY_BULK=yes or no in the environment decides by itself. */
bool bulk_worth(uint64_t bytes, double link, bool frozen);

/*
 * `sender` and `receiver` are for the hosts of the two connections; the receiver prints "ready\n" first.  Never NULL: what stands
 * in the way arrives as BULK_NO_... from the loop, at the latest after a time
 * that depends on `bytes`.  The connections may be closed in the meantime.  SIGPIPE must
 * be ignored.
 */
struct bulk *bulk_open(struct loop *loop, struct ssh_conn *from, const struct remote_line *sender, struct ssh_conn *to,
		       const struct remote_line *receiver, uint64_t bytes, const struct bulk_ops *ops, void *ctx);
/* End it without a callback; sets *bulk NULL. */
void bulk_close(struct bulk **bulk);

#endif
