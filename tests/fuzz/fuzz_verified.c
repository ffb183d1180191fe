/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. Answers that come in pieces, and are put in order a few steps at a time. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "check/verified.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool feed(struct answer *answer, const uint8_t *data, size_t size)
{
	size_t piece = size ? data[0] % 64 + 1 : 1;
	bool ended;

	for (size_t at = 0; at < size; at += piece)
		answer_feed(answer, (const char *)data + at, size - at < piece ? size - at : piece);
	ended = answer->ended;
	answer_free(answer);
	return ended;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct survey survey;
	struct verified verified;
	struct digests digests;
	struct able able;
	struct answer answer;
	size_t budget;
	bool whole;

	survey_begin(&answer, &survey);
	whole = feed(&answer, data, size);
	do
		budget = 1;
	while (whole && !survey_step(&survey, &budget));
	verified_begin(&answer, &verified);
	whole = feed(&answer, data, size);
	do
		budget = 1;
	while (whole && !verified_step(&verified, &budget));
	digests_begin(&answer, &digests);
	feed(&answer, data, size);
	able_begin(&answer, &able);
	feed(&answer, data, size);
	for (size_t i = 0; i < survey.nfiles; i++)
		digests_agree(&digests, &digests, &survey.files[i]);
	free(survey_unsure(&survey, &verified));
	free(survey_missing(&survey, &verified));
	able_has_address(&able, "0100007F");
	survey_free(&survey);
	verified_free(&verified);
	digests_free(&digests);
	able_free(&able);
	return 0;
}
