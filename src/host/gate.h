/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A door that so many may pass at once: connections in the making.  A hundred
 * hosts at once would each fork ssh -G and exchange keys, and none would be up
 * before all nearly are; the machine would answer no one until then.
 */
#ifndef HOST_GATE_H
#define HOST_GATE_H

struct gate;
struct gate_pass;
typedef void gate_fn(void *ctx);

struct gate *gate_new(int limit);
/* The gate must be empty: no one in it, no one waiting. */
void gate_free(struct gate *gate);

/* Call `fn` when there is room, perhaps before this returns; those who wait go in order. */
struct gate_pass *gate_enter(struct gate *gate, gate_fn *fn, void *ctx);
/* Make room, or wait no more; sets *pass NULL, which it may be. */
void gate_leave(struct gate_pass **pass);

#endif
