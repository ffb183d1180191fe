/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/line.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void line_set(struct line *line, const char *text)
{
	snprintf(line->text, sizeof line->text, "%s", text);
	line->len = line->at = strlen(line->text);
}

void line_wipe(struct line *line)
{
	mem_wipe(line, sizeof *line);
}

/* UTF-8 of one character; its length. */
static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t before(const struct line *line, size_t at)
{
	while (at > 0) {
		at--;
		if (!is_tail(line->text[at]))
			break;
	}
	return at;
}

static size_t after(const struct line *line, size_t at)
{
	if (at < line->len)
		at++;
	while (at < line->len && is_tail(line->text[at]))
		at++;
	return at;
}

/* Remove the bytes from `from` up to `to` and put the caret there. */
static enum line_result cut(struct line *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->len - to + 1);
	line->len -= to - from;
	line->at = from;
	return from == to ? LINE_NOTHING : LINE_CHANGED;
}

static enum line_result insert(struct line *line, uint32_t c)
{
	char bytes[4];
	size_t n = encode(c, bytes);

	if (line->len + n >= sizeof line->text)
		return LINE_NOTHING;
	memmove(line->text + line->at + n, line->text + line->at, line->len - line->at + 1);
	memcpy(line->text + line->at, bytes, n);
	line->len += n;
	line->at += n;
	return LINE_CHANGED;
}

static size_t word_start(const struct line *line)
{
	size_t at = line->at;

	while (at > 0 && line->text[at - 1] == ' ')
		at--;
	while (at > 0 && line->text[at - 1] != ' ')
		at--;
	return at;
}

static enum line_result go(struct line *line, size_t at)
{
	line->at = at;
	return LINE_NOTHING;
}

enum line_result line_key(struct line *line, const struct key *key)
{
	switch (key->code) {
	case K_ENTER:
		return LINE_ACCEPT;
	case K_ESC:
	case 'C' - '@':
	case 'G' - '@':
		return LINE_CANCEL;
	case K_LEFT:
	case 'B' - '@':
		return go(line, before(line, line->at));
	case K_RIGHT:
	case 'F' - '@':
		return go(line, after(line, line->at));
	case K_HOME:
	case 'A' - '@':
		return go(line, 0);
	case K_END:
	case 'E' - '@':
		return go(line, line->len);
	case K_BACKSPACE:
		return cut(line, before(line, line->at), line->at);
	case K_DEL:
	case 'D' - '@':
		return cut(line, line->at, after(line, line->at));
	case 'U' - '@':
		return cut(line, 0, line->at);
	case 'K' - '@':
		return cut(line, line->at, line->len);
	case 'W' - '@':
		return cut(line, word_start(line), line->at);
	case K_PASTE_BEGIN:
	case K_PASTE_END:
		return LINE_NOTHING;
	default:
		break;
	}
	/* Nothing that would change how the line is shown: controls, marks of direction. */
	if (key->code < 0x20 || (key->code >= 0x7f && key->code < 0xa0) || key->code >= K_FIRST ||
	    (key->code >= 0x200b && key->code <= 0x200f) || (key->code >= 0x2028 && key->code <= 0x202e) ||
	    (key->code >= 0x2060 && key->code <= 0x206f) || key->code == 0x61c || key->code == 0xfeff)
		return LINE_OTHER;
	return insert(line, key->code);
}
