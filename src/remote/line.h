/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a line, for the few that hand it to a host: a channel, an ssh beside
 * it.  `make lint` knows them by this header.
 */
#ifndef REMOTE_LINE_H
#define REMOTE_LINE_H

#include "remote/remote.h"

/* Valid as long as the line. */
const char *remote_line_text(const struct remote_line *line);

#endif
