/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Showing a moved shell job: the terminal is lent to `ssh -t HOST tmux attach`
 * until that ends.  The loop goes on meanwhile, and with it every move.
 */
#ifndef TUI_ATTACH_H
#define TUI_ATTACH_H

#include <pferry/err.h>
#include <pferry/loop.h>

#include "tui/sink.h"

struct attach;

/* Called once when the terminal is ours again; `status` is ssh's exit status. */
typedef void attach_done_fn(void *ctx, int status);

/* `config`: for ssh -F, or NULL; `command`: host_attach_command()'s. NULL with `e` filled when it cannot be
 * started. */
struct attach *attach_start(struct loop *loop, struct sink *sink, const char *config, const char *host,
			    const char *command, attach_done_fn *done, void *ctx, struct err *e);
/* Forget it without a callback, and end what runs; sets *attach NULL. */
void attach_stop(struct attach **attach);

#endif
