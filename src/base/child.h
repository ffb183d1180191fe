/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Local helper programs (ssh -G, ssh-keygen -F, getent, a ProxyCommand), run
 * beside the loop: they are started, their output is gathered without
 * blocking and bounded, and one callback tells how they ended.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>
#include <pferry/loop.h>

struct child;

struct child_result {
	int status;         /* exit status, or 128 + signal */
	const char *out;    /* standard output, NUL-terminated, cut at the bound */
	size_t out_len;
	const char *errout; /* standard error, likewise */
	size_t errout_len;
	bool truncated;     /* one of them was cut */
};

typedef void child_done_fn(void *ctx, const struct child_result *result);

/*
 * Run `argv` (found in PATH) with no standard input and gather at most
 * `max_output` bytes of each output.  `done` is called once, from the loop,
 * when it has ended; the child object is freed right after.  NULL with `e`
 * filled when it could not be started (then `done` is not called).
 */
struct child *child_run(struct loop *loop, const char *const argv[], size_t max_output,
			child_done_fn *done, void *ctx, struct err *e);

/*
 * Start `argv` with one end of a socket pair as its standard input and output;
 * the other end, non-blocking, is stored in *fd and belongs to the caller.
 * Standard error is gathered.  It has no terminal, so it cannot ask on ours.
 * For ProxyCommand.
 */
struct child *child_start_socket(struct loop *loop, const char *const argv[], int *fd,
				 child_done_fn *done, void *ctx, struct err *e);

/*
 * Start `argv` with `in` and `out` (3 or above) as its standard input and output,
 * which the caller still owns and closes; without a terminal.  Standard error is
 * gathered.  It is killed when this program ends, however that ends: one that
 * waits for the other end of its connection would not notice.
 */
struct child *child_start_tied(struct loop *loop, const char *const argv[], int in, int out, child_done_fn *done, void *ctx,
			       struct err *e);

/*
 * As child_run(), with a terminal of its own as its controlling one and its
 * standard input; the other end, non-blocking, is stored in *tty and belongs
 * to the caller.  For a program that reads a secret from a terminal only.
 */
struct child *child_run_tty(struct loop *loop, const char *const argv[], size_t max_output, int *tty,
			    child_done_fn *done, void *ctx, struct err *e);

/* The process, 0 when it has ended. */
int child_pid(const struct child *child);

/* Kill it if it runs, forget it without calling `done`, and set *child to NULL. */
void child_kill(struct child **child);

#endif
