/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/patience.h"

#include <stdlib.h>

int64_t patience_ms(int64_t ms)
{
	const char *set = getenv("PFERRY_PATIENCE");
	int percent = set ? atoi(set) : 100;

	return percent > 0 && percent < 100 ? ms * percent / 100 : ms;
}
