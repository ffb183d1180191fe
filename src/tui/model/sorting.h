/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The orders of rows, by name. */
#ifndef TUI_MODEL_SORTING_H
#define TUI_MODEL_SORTING_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/tree.h>

/* By enum tree_sort: "pid", "name", ...; NULL past the last. */
const char *sorting_name(size_t order);
/* The order of that name; false when there is none. */
bool sorting_parse(const char *name, enum tree_sort *order);

#endif
