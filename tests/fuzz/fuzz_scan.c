/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. What scan.sh says of moves that were cut off; no host is there. */
#include <stddef.h>
#include <stdint.h>

#include "engine/recover.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recover r = { 0 };
	/* What a login wrote below its home, after root's of the same host. */
	const struct scan root = { .recover = &r, .base = HOST_ROOT_BASE }, login = { .recover = &r, .base = "/home/op/pferry-moves" };

	take_scan(&r, &root, (const char *)data, size / 2);
	take_scan(&r, &login, (const char *)data + size / 2, size - size / 2);
	if (r.ncuts > MOVES_MAX)
		abort();
	for (size_t i = 0; i < r.ncuts; i++)
		settle_places(&r.cuts[i]);
	free(r.cuts);
	hash_free(&r.by_id);
	return 0;
}
