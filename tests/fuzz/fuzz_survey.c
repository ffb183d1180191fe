/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "move/compare.h"
#include "check/verified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct survey survey;
	struct verified verified;
	struct able able;
	char *words = mem_strndup((const char *)data, size), sentence[900];

	compare_sentence(words, sentence, sizeof sentence);
	free(words);
	if (survey_parse((const char *)data, size, &survey, NULL)) {
		free(survey_questions(&survey, NULL));
		survey_free(&survey);
	}
	if (verified_parse((const char *)data, size, &verified, NULL)) {
		free(verified_nodes(&verified));
		verified_free(&verified);
	}
	if (able_parse((const char *)data, size, &able, NULL))
		able_free(&able);
	return 0;
}
