/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. The file that `pferry restore` is given. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "save/save_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum that is right gets the fuzzer past it. */
static void mend(char block[SAVE_BLOCK])
{
	char *json = block + SAVE_STATE_AT + SAVE_STATE_LEN + 4 + SHA256_HEX, hex[SHA256_HEX];
	const char *end = memchr(json, '\n', (size_t)(block + SAVE_BLOCK - json));
	struct sha256 sum;

	if (!end)
		return;
	sha256_begin(&sum);
	sha256_add(&sum, json, (size_t)(end - json));
	sha256_end(&sum, hex);
	memcpy(block + SAVE_STATE_AT + SAVE_STATE_LEN + 4, hex, SHA256_HEX - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char block[SAVE_BLOCK] = { 0 }, again[SAVE_BLOCK];
	struct save_header header, got;
	struct save_tar tar = { 0 };
	size_t images = 0;

	memcpy(block, data, size < sizeof block ? size : sizeof block);
	mend(block);
	if (save_header_parse(block, &header, NULL)) {
		uint64_t length = save_images_at(&header);

		images = length < size ? (size_t)length : 0;
		/* What was read is written, and read again as the same. */
		if (save_header_print(&header, again, NULL) &&
		    (!save_header_parse(again, &got, NULL) || strcmp(got.id, header.id) != 0 || save_length(&got) != save_length(&header)))
			abort();
	}
	/* An archive alone is taken, too. */
	for (size_t at = images; at < size; at += 700) {
		if (!save_tar_feed(&tar, (const char *)data + at, size - at < 700 ? size - at : 700, NULL))
			break;
	}
	return 0;
}
