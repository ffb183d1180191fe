/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BASE_PATIENCE_H
#define BASE_PATIENCE_H

#include <stdint.h>

/* A limit of time that was meant to be `ms`: for the tests, PFERRY_PATIENCE has all of them in per cent. */
int64_t patience_ms(int64_t ms);

#endif
