/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pferry/err.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void err_clear(struct err *e)
{
	*e = (struct err){ 0 };
}

/* Sanitise `text` into the error and free it. */
static void take_text(struct err *e, char *text)
{
	char *clean = text_sanitize(text, strlen(text), sizeof e->text - 1);

	snprintf(e->text, sizeof e->text, "%s", clean);
	free(clean);
	free(text);
}

bool err_set(struct err *e, enum err_code code, const char *host, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return false;
	e->code = code;
	snprintf(e->host, sizeof e->host, "%s", host ? host : "");
	va_start(ap, fmt);
	take_text(e, mem_vprintf(fmt, ap));
	va_end(ap);
	return false;
}

bool err_errno(struct err *e, int errnum, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (!e)
		return false;
	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	e->code = ERR_SYSTEM;
	e->host[0] = '\0';
	take_text(e, mem_printf("%s: %s", text, strerror(errnum)));
	free(text);
	return false;
}

void err_prefix(struct err *e, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (!e)
		return;
	va_start(ap, fmt);
	text = mem_vprintf(fmt, ap);
	va_end(ap);
	take_text(e, mem_printf("%s%s", text, e->text));
	free(text);
}

const char *err_code_name(enum err_code code)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",         [ERR_USAGE] = "usage",     [ERR_SYSTEM] = "system",
		[ERR_RESOLVE] = "resolve",   [ERR_CONNECT] = "connect", [ERR_HOSTKEY] = "hostkey",
		[ERR_AUTH] = "auth",         [ERR_PROTOCOL] = "protocol", [ERR_REMOTE] = "remote",
		[ERR_REFUSED] = "refused",   [ERR_TIMEOUT] = "timeout", [ERR_CANCELLED] = "cancelled",
		[ERR_LOST] = "lost",         [ERR_DIFFERS] = "copy-differs",
	};

	return (size_t)code < countof(names) ? names[code] : "unknown";
}
