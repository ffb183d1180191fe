/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include "host/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct host_facts facts;

	probe_parse((const char *)data, size, &facts, NULL);
	return 0;
}
