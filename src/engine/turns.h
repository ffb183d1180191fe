/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many moves at once: which may begin, and which may freeze.
 *
 * Of those that share a host some are checked and staged while another one's
 * images go over, so that the link is always used; but a process is frozen only
 * when its bytes can flow.  Two that went over one link together would both be
 * frozen for twice as long, and neither would be there sooner.  What goes ahead
 * of a freeze shares a link with one other: each fills it while the other has
 * nothing to send, and more of them would only take longer, and copy more twice.
 */
#ifndef ENGINE_TURNS_H
#define ENGINE_TURNS_H

#include <stdbool.h>
#include <stddef.h>

#include "move/move_priv.h"

/* Whether `move` is under way and `host` (NULL: none) is one of its two. */
bool turns_use(const struct move *move, const struct host *host);

/* Whether `move` may begin beside those of `moves` that are under way: their
 * hosts have channels for it, and no other has to do with the same processes,
 * for which the source's tree must have been seen. */
bool turns_may_begin(struct move *const *moves, size_t count, const struct move *move);

/* Whether `move`, whose first copy of memory is next, may begin with it now. Earlier moves go first; it waits as
 * long as one that is to freeze. */
bool turns_may_copy(struct move *const *moves, size_t count, const struct move *move, double share);

/* Whether it waits for its turn to copy ahead, or to freeze. */
bool turns_waits(const struct move *move);

/*
 * Whether `move`, which has nothing left to do but to freeze and send, may do
 * so: nothing else is being sent from its source or to its destination, or that
 * is about to end.  `share` is how many bytes go over for each of a process's
 * memory, as last seen, 0: not known.  Earlier moves go first; none waits for
 * longer than it takes until it would rather share the link.
 */
bool turns_may_send(struct move *const *moves, size_t count, const struct move *move, double share);

/* Whether one waits, to begin or to send. */
bool turns_waiting(struct move *const *moves, size_t count);

#endif
