/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include "base/config_file.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct config config = { .file = mem_new(struct config_file) };
	json_t *root = config_parse(text, &(struct err){ 0 });

	if (root) {
		config_fill(&config, root);
		config_profile_for(&config, "nginx", "/system.slice/nginx.service");
		config_empty(&config);
	}
	free(config.file);
	free(text);
	return 0;
}
