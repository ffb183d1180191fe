/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. What scan.sh says of moves that were cut off; no host is there. */
#include <stddef.h>
#include <stdint.h>

#include "engine/recover.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recover r = { 0 };

	take_scan(&r, NULL, (const char *)data, size);
	if (r.ncuts > MOVES_MAX)
		abort();
	free(r.cuts);
	hash_free(&r.by_id);
	return 0;
}
