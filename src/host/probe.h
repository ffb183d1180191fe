/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what src/remote/probe.sh prints. */
#ifndef HOST_PROBE_H
#define HOST_PROBE_H

#include <stddef.h>
#include <pferry/err.h>
#include <pferry/host.h>

/*
 * Fill `facts` from the script's output; what a login shell printed before it
 * is skipped, unknown lines are ignored, every value is sanitised and cut.
 * False when begin or end marker is missing.
 */
bool probe_parse(const char *text, size_t len, struct host_facts *facts, struct err *e);

#endif
