/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The copy is compared with what the tree was before it may run: the hosts do
 * that (src/remote/parts/fingerprint.sh and compare.sh), and here they are given
 * what they need for it.  The destination gets what the check saw of its files,
 * before the freeze, and the fingerprint of the held tree, beside the images.
 */
#ifndef MOVE_COMPARE_H
#define MOVE_COMPARE_H

#include <stdbool.h>

struct move;

/* Whether the destination has what the check saw of its files; begins to send it when it has not. */
bool compare_placed(struct move *move);
/* Open the way of the fingerprint, which waits for the freeze. */
void compare_begin(struct move *move);
/* Whether that is open, or none is needed. */
bool compare_open(const struct move *move);
/* Open it anew when a connection went. */
void compare_tick(struct move *move);
/* The destination has compared: "FIELD WHAT PID WHICH EXPECTED FOUND" of what differs, and does not matter if it
 * is the same all the same; "" when nothing does. */
void compare_differs(struct move *move, const char *rest);
void compare_same(struct move *move, const char *rest);
void compare_free(struct move *move);

/* ---- for tests ---- */
/* "descriptor 3 of 4711 would be /etc/shadow, not /home/x": what differs, as a part of a sentence. */
void compare_sentence(const char *words, char *out, unsigned long size);

#endif
