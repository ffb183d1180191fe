/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CRIU's logs of moves that failed: nothing of them stays on the hosts, so the
 * last few are kept here, in $XDG_STATE_HOME/pferry/criu (or ~/.local/state),
 * readable by their owner alone.
 */
#ifndef CRIU_KEEPLOG_H
#define CRIU_KEEPLOG_H

/* Write a log; its path (allocated), or NULL when it could not be written. */
char *keeplog(const char *id, const char *host, const char *log);

#endif
