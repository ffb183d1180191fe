/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "base/mem.h"

#define COMBINING_MAX 4

size_t text_decode(const char *s, size_t len, uint32_t *out)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;
	uint32_t c;

	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*out = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		n = 2;
		c = p[0] & 0x1fu;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		n = 3;
		c = p[0] & 0x0fu;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		n = 4;
		c = p[0] & 0x07u;
	} else {
		return 0;
	}
	if (len < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return n;
}

/* Characters that change how a terminal shows what is around them. */
static bool is_unsafe(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c & 0xfffe) == 0xfffe || (c >= 0xe0000 && c <= 0xe007f);
}

/*
 * Widths must not depend on the locale of the process (a screen in C locale
 * still lays out rows), so the common ranges are known here and wcwidth(3) is
 * only asked about the rest.
 */
int text_char_width(uint32_t c)
{
	int w;

	if (c >= 0x20 && c < 0x7f)
		return 1;
	if ((c >= 0x300 && c <= 0x36f) || c == 0x200b || c == 0x200c || c == 0x200d ||
	    (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f))
		return 0;
	if ((c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f) ||
	    (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) ||
	    (c >= 0xff00 && c <= 0xff60) || (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1f64f) ||
	    (c >= 0x1f900 && c <= 0x1f9ff) || (c >= 0x20000 && c <= 0x3fffd))
		return 2;
	w = wcwidth((wchar_t)c);
	return w < 0 ? 1 : w;
}

size_t text_fit(const char *s, size_t cells, size_t *used)
{
	size_t at = 0, width = 0, left = strlen(s);

	while (left > 0) {
		uint32_t c;
		size_t n = text_decode(s + at, left, &c);
		size_t w;

		if (n == 0) {
			n = 1;
			c = '?';
		}
		w = (size_t)text_char_width(c);
		if (width + w > cells)
			break;
		width += w;
		at += n;
		left -= n;
	}
	if (used)
		*used = width;
	return at;
}

size_t text_width(const char *s)
{
	size_t width;

	text_fit(s, SIZE_MAX / 2, &width);
	return width;
}

void text_sanitize_to(struct buf *out, const char *bytes, size_t len, size_t max)
{
	size_t at = 0, written = 0, combining = COMBINING_MAX;

	if (max == 0)
		max = SIZE_MAX;
	while (at < len) {
		uint32_t c = 0;
		size_t n = text_decode(bytes + at, len - at, &c);
		const char *from = bytes + at;

		at += n ? n : 1;
		if (n && (c == 0 || c == '\n' || c == '\t')) {
			from = " ";
			c = ' ';
			n = 1;
		} else if (n == 0 || is_unsafe(c)) {
			from = "?";
			c = '?';
			n = 1;
		}
		if (text_char_width(c) == 0) {
			if (combining >= COMBINING_MAX)
				continue;
			combining++;
		} else {
			combining = 0;
		}
		if (written + n > max)
			break;
		if (!buf_append(out, from, n))
			break;
		written += n;
	}
}

char *text_sanitize(const char *bytes, size_t len, size_t max)
{
	struct buf out;

	buf_init(&out, 0);
	text_sanitize_to(&out, bytes, len, max);
	return buf_take(&out);
}

void text_shell_quote(struct buf *out, const char *arg)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";

	if (*arg && arg[strspn(arg, plain)] == '\0') {
		buf_puts(out, arg);
		return;
	}
	buf_puts(out, "'");
	for (; *arg; arg++) {
		if (*arg == '\'')
			buf_puts(out, "'\\''");
		else
			buf_append(out, arg, 1);
	}
	buf_puts(out, "'");
}

char *text_shell_join(const char *const argv[])
{
	struct buf out;

	buf_init(&out, 0);
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			buf_puts(&out, " ");
		text_shell_quote(&out, argv[i]);
	}
	return buf_take(&out);
}

char *text_bytes(char *out, size_t size, uint64_t bytes, bool brief)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1000 && unit + 2 < sizeof units) {
		value /= 1024;
		unit++;
	}
	if (brief)
		snprintf(out, size, value < 10 && unit > 0 ? "%.1f%c" : "%.0f%c", value, units[unit]);
	else if (unit == 0)
		snprintf(out, size, "%" PRIu64 " B", bytes);
	else
		snprintf(out, size, value < 10 ? "%.1f %ciB" : "%.0f %ciB", value, units[unit]);
	return out;
}

char *text_duration(char *out, size_t size, int64_t ms)
{
	if (ms < 1000)
		snprintf(out, size, "%" PRId64 " ms", ms);
	else if (ms < 10000)
		snprintf(out, size, "%.2f s", (double)ms / 1000);
	else if (ms < 120000)
		snprintf(out, size, "%.1f s", (double)ms / 1000);
	else
		snprintf(out, size, "%" PRId64 " min %" PRId64 " s", ms / 60000, ms / 1000 % 60);
	return out;
}

bool text_u64(const char *s, const char *end, uint64_t *out)
{
	uint64_t value = 0;

	if (s >= end)
		return false;
	for (; s < end; s++) {
		unsigned digit = (unsigned)(unsigned char)*s - '0';

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

const char *text_find(const char *hay, const char *needle, bool ignore_case)
{
	return ignore_case ? strcasestr(hay, needle) : strstr(hay, needle);
}
