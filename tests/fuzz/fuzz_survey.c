/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "move/survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct survey survey;
	struct verified verified;

	if (survey_parse((const char *)data, size, &survey, NULL)) {
		free(survey_questions(&survey));
		survey_free(&survey);
	}
	if (verified_parse((const char *)data, size, &survey, &verified, NULL))
		verified_free(&verified);
	return 0;
}
