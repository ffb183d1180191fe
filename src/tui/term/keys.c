/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define SEQUENCE_MAX 48 /* a longer one is no key */

size_t key_room(const struct key_decoder *dec)
{
	return sizeof dec->bytes - dec->len;
}

void key_feed(struct key_decoder *dec, const void *bytes, size_t len)
{
	if (len > key_room(dec))
		len = key_room(dec);
	memcpy(dec->bytes + dec->len, bytes, len);
	dec->len += len;
}

bool key_pending(const struct key_decoder *dec)
{
	return dec->len > 0;
}

void key_drop(struct key_decoder *dec)
{
	dec->len = 0;
}

static void consume(struct key_decoder *dec, size_t len)
{
	memmove(dec->bytes, dec->bytes + len, dec->len - len);
	dec->len -= len;
}

/* The number in `ESC [ n ~`. */
static uint32_t tilde_key(unsigned n)
{
	static const struct {
		unsigned char n;
		uint32_t code;
	} table[] = {
		{1, K_HOME},	      {2, K_INS},	  {3, K_DEL},	  {4, K_END},	   {5, K_PGUP},
		{6, K_PGDN},	      {7, K_HOME},	  {8, K_END},	  {11, K_F1},	   {12, K_F1 + 1},
		{13, K_F1 + 2},	      {14, K_F1 + 3},	  {15, K_F1 + 4}, {17, K_F1 + 5},  {18, K_F1 + 6},
		{19, K_F1 + 7},	      {20, K_F1 + 8},	  {21, K_F1 + 9}, {23, K_F1 + 10}, {24, K_F12},
		{200, K_PASTE_BEGIN}, {201, K_PASTE_END},
	};

	for (size_t i = 0; i < countof(table); i++)
		if (table[i].n == n)
			return table[i].code;
	return K_UNKNOWN;
}

/* The letter that ends `ESC [ … X` or `ESC O X`. */
static uint32_t letter_key(char letter)
{
	static const char letters[] = "ABCDHFZPQRSM";
	static const uint32_t codes[] = {K_UP,	 K_DOWN, K_RIGHT,  K_LEFT,   K_HOME,   K_END,
					 K_BTAB, K_F1,	 K_F1 + 1, K_F1 + 2, K_F1 + 3, K_ENTER};
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? codes[at - letters] : K_UNKNOWN;
}

/* `b;x;y` of an SGR mouse report that ends with `final`. */
static uint32_t mouse_key(const char *params, char final, struct key *out)
{
	unsigned button, x, y;

	if (sscanf(params, "%5u;%5u;%5u", &button, &x, &y) != 3 || x == 0 || y == 0)
		return K_UNKNOWN;
	out->x = (int)x - 1;
	out->y = (int)y - 1;
	if (button & 64)
		out->mouse = button & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
	else if ((button & 3) != 0)
		return K_UNKNOWN; /* only the first button */
	else if (final == 'm')
		out->mouse = MOUSE_RELEASE;
	else
		out->mouse = button & 32 ? MOUSE_DRAG : MOUSE_PRESS;
	return K_MOUSE;
}

/* `ESC [ …`: bytes used, 0 when it is not whole yet. */
static size_t decode_csi(const struct key_decoder *dec, struct key *out)
{
	char params[SEQUENCE_MAX + 1];
	size_t at = 2;
	char final;

	if (dec->len > 2 && dec->bytes[2] == '[') { /* the Linux console's F1 to F5 */
		if (dec->len < 4)
			return 0;
		out->code =
			dec->bytes[3] >= 'A' && dec->bytes[3] <= 'E' ? K_F1 + dec->bytes[3] - 'A' : K_UNKNOWN;
		return 4;
	}
	while (at < dec->len && dec->bytes[at] >= 0x20 && dec->bytes[at] < 0x40 && at < SEQUENCE_MAX)
		at++;
	if (at >= SEQUENCE_MAX) {
		out->code = K_UNKNOWN;
		return at;
	}
	if (at >= dec->len)
		return 0;
	final = (char)dec->bytes[at];
	memcpy(params, dec->bytes + 2, at - 2);
	params[at - 2] = '\0';
	if (params[0] == '<' && (final == 'M' || final == 'm')) {
		out->code = mouse_key(params + 1, final, out);
	} else if (final == '~') {
		unsigned n = 0;

		if (sscanf(params, "%3u", &n) != 1)
			n = 0;
		out->code = tilde_key(n);
	} else {
		out->code = final == 'M' ? (uint32_t)K_UNKNOWN : letter_key(final);
	}
	return at + 1;
}

/* What begins with ESC: bytes used, 0 when it is not whole yet. */
static size_t decode_escape(const struct key_decoder *dec, bool flush, struct key *out)
{
	size_t used = 0;

	if (dec->len == 1) {
		out->code = K_ESC;
		return flush ? 1 : 0;
	}
	if (dec->bytes[1] == '[') {
		used = decode_csi(dec, out);
	} else if (dec->bytes[1] == 'O') {
		if (dec->len > 2) {
			out->code = letter_key((char)dec->bytes[2]);
			used = 3;
		}
	} else if (dec->bytes[1] == K_ESC) {
		out->code = K_ESC;
		used = 1;
	} else {
		out->code = K_UNKNOWN; /* Alt and a key: bound to nothing */
		used = 2;
	}
	if (used == 0 && flush) {
		out->code = K_UNKNOWN;
		used = dec->len;
	}
	return used;
}

bool key_next(struct key_decoder *dec, bool flush, struct key *out)
{
	size_t used;
	uint32_t c;

	*out = (struct key){.code = K_NONE};
	if (dec->len == 0)
		return false;
	if (dec->bytes[0] == K_ESC) {
		used = decode_escape(dec, flush, out);
		if (used == 0)
			return false;
		consume(dec, used);
		return true;
	}
	used = text_decode((const char *)dec->bytes, dec->len, &c);
	if (used == 0) {
		if (dec->bytes[0] >= 0xc2 && dec->bytes[0] < 0xf5 && dec->len < 4 && !flush)
			return false; /* the rest of the character may come */
		used = 1;
		c = K_UNKNOWN;
	}
	if (c == '\n')
		c = K_ENTER;
	else if (c == 8)
		c = K_BACKSPACE;
	else if (c == 0)
		c = K_UNKNOWN;
	out->code = c;
	consume(dec, used);
	return true;
}

static const struct {
	uint32_t code;
	const char *name;
} names[] = {
	{K_TAB, "Tab"},	    {K_ENTER, "Enter"}, {K_ESC, "Esc"},	  {K_BACKSPACE, "Backspace"},
	{' ', "Space"},	    {K_UP, "Up"},	{K_DOWN, "Down"}, {K_LEFT, "Left"},
	{K_RIGHT, "Right"}, {K_HOME, "Home"},	{K_END, "End"},	  {K_PGUP, "PgUp"},
	{K_PGDN, "PgDn"},   {K_INS, "Ins"},	{K_DEL, "Del"},	  {K_BTAB, "S-Tab"},
};

void key_label(uint32_t code, char *out, size_t size)
{
	for (size_t i = 0; i < countof(names); i++) {
		if (names[i].code == code) {
			snprintf(out, size, "%s", names[i].name);
			return;
		}
	}
	if (code >= K_F1 && code <= K_F12)
		snprintf(out, size, "F%u", (unsigned)(code - K_F1 + 1));
	else if (code > 0 && code < 32)
		snprintf(out, size, "^%c", (char)(code + '@'));
	else if (code > 32 && code < 127)
		snprintf(out, size, "%c", (char)code);
	else
		snprintf(out, size, "that key");
}

uint32_t key_parse(const char *name, size_t len)
{
	uint32_t c;

	for (size_t i = 0; i < countof(names); i++)
		if (strlen(names[i].name) == len && strncmp(names[i].name, name, len) == 0)
			return names[i].code;
	if (len >= 2 && name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
		unsigned n = (unsigned)(name[1] - '0');

		if (len == 3)
			n = n * 10 + (unsigned)(name[2] - '0');
		return n <= 12 ? K_F1 + n - 1 : (uint32_t)K_NONE;
	}
	if (len == 2 && name[0] == '^')
		return (uint32_t)(name[1] & 0x1f);
	return text_decode(name, len, &c) == len ? c : (uint32_t)K_NONE;
}
