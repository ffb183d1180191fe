/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <pferry/names.h>
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = mem_strndup((const char *)data, size);
	struct names names = { 0 };

	names_expand(&names, NULL, word, NULL);
	names_free(&names);
	free(word);
	return 0;
}
