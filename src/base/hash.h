/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers or strings -> an index.  The hash is keyed with a secret of this
 * process (SipHash-1-3), so a host cannot choose names that fall together.
 * A table of 0 bytes is empty; strings are borrowed and must stay where they are.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_slot {
	uint64_t hash;    /* 0: free */
	uint64_t number;  /* the key, or the length of `text` */
	const char *text; /* the key, or NULL */
	size_t value;
};

struct hash {
	struct hash_slot *slots;
	size_t count, cap; /* `cap` is 0 or a power of two */
};

#define HASH_NONE SIZE_MAX

/* The keyed hash of some bytes; never 0. */
uint64_t hash_bytes(const void *bytes, size_t len);

/* Add a key; the value it has already is kept, and is returned. */
size_t hash_add(struct hash *table, uint64_t number, size_t value);
size_t hash_add_text(struct hash *table, const char *text, uint64_t hash, size_t value);

/* The key's value, HASH_NONE without. */
size_t hash_get(const struct hash *table, uint64_t number);
/* `hash` is hash_bytes() of the text. */
size_t hash_get_text(const struct hash *table, const char *text, uint64_t hash);

void hash_free(struct hash *table); /* leaves it empty */

/* Slots that were looked at by all tables so far, for tests that count work. */
uint64_t hash_steps(void);

#endif
