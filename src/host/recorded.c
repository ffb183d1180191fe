/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/recorded.h"

#include <stdlib.h>

#include "base/mem.h"
#include "host/host_priv.h"

struct host *host_recorded(const char *name, const struct host_facts *facts)
{
	struct host *host = mem_new(struct host);

	host->name = mem_strdup(name);
	host->facts = *facts;
	host->state = HOST_REFUSED;
	return host;
}

void host_recorded_free(struct host **host)
{
	if (!*host)
		return;
	free((*host)->name);
	free(*host);
	*host = NULL;
}
