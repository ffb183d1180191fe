/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making lists of names (pferry/names.h). */
#ifndef BASE_NAMES_LIST_H
#define BASE_NAMES_LIST_H

#include <pferry/names.h>

/* Append a copy, whether it is there or not. */
void names_append(struct names *names, const char *name);

#endif
