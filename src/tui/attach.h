/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Showing a moved shell job: the terminal is lent to `ssh -t HOST tmux attach`
 * until that ends.  The loop goes on meanwhile, and with it every move.  That ssh
 * takes only the host key that our connection has (host_attach()).
 */
#ifndef TUI_ATTACH_H
#define TUI_ATTACH_H

#include <pferry/err.h>
#include <pferry/host.h>
#include <pferry/loop.h>

#include "tui/term/sink.h"

struct attach;

/* Called once when the terminal is ours again; `status` is ssh's exit status. */
typedef void attach_done_fn(void *ctx, int status);

/* NULL with `e` filled when it cannot be started. */
struct attach *attach_start(struct loop *loop, struct sink *sink, const struct host *host, const char *session, attach_done_fn *done, void *ctx, struct err *e);
/* Forget it without a callback, and end what runs; sets *attach NULL. */
void attach_stop(struct attach **attach);

#endif
