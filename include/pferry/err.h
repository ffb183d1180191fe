/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors are values: a code for programs, a host where it happened, and one
 * sentence a person can act on (what failed and what to do about it).
 *
 * A function that can fail takes a `struct err *` that it fills once, at the
 * place that knows the most, and returns false or -1.  Callers that add
 * something use err_prefix(); no one prints an error except the screen, the
 * command line and the log.
 */
#ifndef PFERRY_ERR_H
#define PFERRY_ERR_H

#include <stdarg.h>
#include <stdbool.h>

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,       /* the request makes no sense */
	ERR_SYSTEM,      /* a call on this machine failed (errno in the text) */
	ERR_RESOLVE,     /* a host name has no address */
	ERR_CONNECT,     /* no TCP connection, or it broke */
	ERR_HOSTKEY,     /* unknown, changed or revoked host key */
	ERR_AUTH,        /* the host refused every way to log in */
	ERR_PROTOCOL,    /* the host sent something that cannot be right */
	ERR_REMOTE,      /* a command on the host failed */
	ERR_REFUSED,     /* preflight: this cannot move, nothing was touched */
	ERR_TIMEOUT,     /* a time limit was exceeded */
	ERR_CANCELLED,   /* the operator or a signal asked to stop */
	ERR_LOST,        /* connection to a host lost while it mattered */
	ERR_DIFFERS      /* a restored copy was not what the process was, and was not let run */
};

#define ERR_HOST_MAX 128
#define ERR_TEXT_MAX 1024

struct err {
	enum err_code code;
	char host[ERR_HOST_MAX]; /* "" when no host is concerned */
	char text[ERR_TEXT_MAX]; /* one sentence, UTF-8, free of control characters */
};

/* Forget an error. */
void err_clear(struct err *e);

/*
 * Fill `e` (may be NULL: then nothing happens).  `host` may be NULL.  The text
 * is sanitised, so parts of it may come from a host.  Always returns false, so
 * that a function can end with `return err_set(...)`.
 */
bool err_set(struct err *e, enum err_code code, const char *host, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* As err_set(), with ": " and strerror(errnum) appended, code ERR_SYSTEM. */
bool err_errno(struct err *e, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put text in front of the sentence that is already there. */
void err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Short fixed name of a code, for JSON ("auth", "timeout", ...). */
const char *err_code_name(enum err_code code);

#endif
