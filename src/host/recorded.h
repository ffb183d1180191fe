/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host as it was, for what is known of it from a file: it has a name and
 * facts, and never connects. Only what takes a const host may be asked of it.
 */
#ifndef HOST_RECORDED_H
#define HOST_RECORDED_H

#include "host/host.h"

struct host *host_recorded(const char *name, const struct host_facts *facts);
/* Not host_free(); sets *host NULL. */
void host_recorded_free(struct host **host);

#endif
