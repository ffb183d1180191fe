/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Open addressing with linear probing, at most half full; keys are never removed. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"

static uint64_t steps;

/* ---- SipHash-1-3 (Aumasson, Bernstein) ---- */

static const uint64_t *secret(void)
{
	static uint64_t key[2];
	static bool made;
	struct timespec now;

	if (made)
		return key;
	made = true;
	if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		key[0] ^= (uint64_t)now.tv_nsec << 20 ^ (uint64_t)now.tv_sec;
		key[1] ^= (uint64_t)(uintptr_t)&now;
	}
	return key;
}

static inline uint64_t turn(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

struct sip {
	uint64_t a, b, c, d;
};

static inline void sip_round(struct sip *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = turn(s->b, 13) ^ s->a;
	s->d = turn(s->d, 16) ^ s->c;
	s->a = turn(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = turn(s->b, 17) ^ s->c;
	s->d = turn(s->d, 21) ^ s->a;
	s->c = turn(s->c, 32);
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
	const uint64_t *key = secret();
	struct sip s = { key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
			 key[1] ^ 0x7465646279746573 };
	const unsigned char *at = bytes;
	uint64_t word, last = (uint64_t)len << 56;

	for (size_t left = len; left >= 8; left -= 8, at += 8) {
		memcpy(&word, at, 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
	}
	for (size_t i = 0; i < len % 8; i++)
		last |= (uint64_t)at[i] << (8 * i);
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	word = s.a ^ s.b ^ s.c ^ s.d;
	return word ? word : 1;
}

/* ---- the table ---- */

/* The key's slot, or the free one where it belongs. */
static struct hash_slot *place(struct hash_slot *slots, size_t cap, uint64_t hash, uint64_t number, const char *text)
{
	for (size_t i = hash & (cap - 1);; i = (i + 1) & (cap - 1)) {
		struct hash_slot *slot = &slots[i];

		steps++;
		if (!slot->hash || (slot->hash == hash && slot->number == number && !slot->text == !text &&
				    (!text || memcmp(slot->text, text, number) == 0)))
			return slot;
	}
}

static void grow(struct hash *table)
{
	size_t cap = table->cap ? table->cap * 2 : 16;
	struct hash_slot *slots = mem_array(cap, sizeof *slots);

	for (size_t i = 0; i < table->cap; i++) {
		size_t at = table->slots[i].hash & (cap - 1);

		if (!table->slots[i].hash)
			continue;
		for (; slots[at].hash; at = (at + 1) & (cap - 1))
			steps++;
		slots[at] = table->slots[i];
	}
	free(table->slots);
	table->slots = slots;
	table->cap = cap;
}

static size_t add(struct hash *table, uint64_t hash, uint64_t number, const char *text, size_t value)
{
	struct hash_slot *slot;

	if (table->count * 2 >= table->cap)
		grow(table);
	slot = place(table->slots, table->cap, hash, number, text);
	if (!slot->hash) {
		*slot = (struct hash_slot){ hash, number, text, value };
		table->count++;
	}
	return slot->value;
}

static size_t get(const struct hash *table, uint64_t hash, uint64_t number, const char *text)
{
	const struct hash_slot *slot;

	if (table->count == 0)
		return HASH_NONE;
	slot = place(table->slots, table->cap, hash, number, text);
	return slot->hash ? slot->value : HASH_NONE;
}

size_t hash_add(struct hash *table, uint64_t number, size_t value)
{
	return add(table, hash_bytes(&number, sizeof number), number, NULL, value);
}

size_t hash_add_text(struct hash *table, const char *text, uint64_t hash, size_t value)
{
	return add(table, hash, strlen(text), text, value);
}

size_t hash_get(const struct hash *table, uint64_t number)
{
	return get(table, hash_bytes(&number, sizeof number), number, NULL);
}

size_t hash_get_text(const struct hash *table, const char *text, uint64_t hash)
{
	return get(table, hash, strlen(text), text);
}

void hash_free(struct hash *table)
{
	free(table->slots);
	*table = (struct hash){ 0 };
}

uint64_t hash_steps(void)
{
	return steps;
}
