/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. What scan.sh says of moves that were cut off; no host is there. */
#include <stddef.h>
#include <stdint.h>

#include "engine/recover.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

const char *host_name(const struct host *host) { return "h"; }

static void on_found(void *ctx, const struct recovered *item) { }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recover r = { .act = true, .looks = 1, .fn = on_found };
	struct scan root = { .recover = &r, .base = HOST_ROOT_BASE }, own = { .recover = &r, .base = "/home/u/moves" };
	size_t half = size / 2;

	/* A user's directory says what it likes beside root's. */
	take_scan(&r, size % 2 ? &own : &root, (const char *)data, half);
	take_scan(&r, &own, (const char *)data + half, size - half);
	take_scan(&r, &root, (const char *)data, size);
	if (r.ncuts > MOVES_MAX)
		abort();
	for (size_t i = 0; i < r.ncuts; i++)
		settle_places(&r.cuts[i]);
	free(r.cuts);
	hash_free(&r.by_id);
	return 0;
}
