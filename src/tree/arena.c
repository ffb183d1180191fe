/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define BLOCK_SIZE ((size_t)64 << 10)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char bytes[];
};

static char *arena_alloc(struct arena *arena, size_t len)
{
	struct arena_block *b = arena->blocks;

	if (!b || b->size - b->used < len) {
		size_t size = len > BLOCK_SIZE ? len : BLOCK_SIZE;

		b = mem_resize(NULL, 1, sizeof(*b) + size);
		b->size = size;
		b->used = 0;
		b->next = arena->blocks;
		arena->blocks = b;
	}
	b->used += len;
	return b->bytes + b->used - len;
}

bool arena_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] < 0x20 || bytes[i] > 0x7e)
			return false;
	}
	return true;
}

const char *arena_text(struct arena *arena, const char *bytes, size_t len, size_t max)
{
	char *clean = NULL, *copy;

	/* Nearly everything is ASCII, and there is a lot of it. */
	if (len > max || !arena_plain(bytes, len)) {
		clean = text_sanitize(bytes, len, max);
		bytes = clean;
		len = strlen(clean);
	}
	copy = arena_alloc(arena, len + 1);
	if (len)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	free(clean);
	return copy;
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *b = arena->blocks;

		arena->blocks = b->next;
		free(b);
	}
}
