/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys: bytes from the terminal become keys.  The decoder never waits: a lone
 * escape stays pending until the caller, after a short time, says that nothing
 * more will come.  It knows what xterm, tmux, screen, the Linux console, vt100
 * and their kin send, pasted text in brackets, and the mouse in SGR form.
 */
#ifndef TUI_TERM_KEYS_H
#define TUI_TERM_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is a character, or one of these. Control characters are themselves. */
enum {
	K_NONE = 0,
	K_TAB = 9,
	K_ENTER = 13,
	K_ESC = 27,
	K_BACKSPACE = 127,
	K_FIRST = 0x110000,
	K_UP = K_FIRST,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PGUP,
	K_PGDN,
	K_INS,
	K_DEL,
	K_BTAB,
	K_F1,
	K_F12 = K_F1 + 11,
	K_PASTE_BEGIN,
	K_PASTE_END,
	K_MOUSE,
	K_UNKNOWN /* a sequence that means nothing here */
};

enum mouse_kind { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct key {
	uint32_t code;
	enum mouse_kind mouse; /* for K_MOUSE: what, and the cell */
	int x, y;
};

struct key_decoder {
	unsigned char bytes[256];
	size_t len;
};

/* Bytes that there is room for. */
size_t key_room(const struct key_decoder *dec);
void key_feed(struct key_decoder *dec, const void *bytes, size_t len);
/* Take one key. With `flush`, a sequence begun and not finished is taken for
 * what it is so far. False when nothing (whole) is there. */
bool key_next(struct key_decoder *dec, bool flush, struct key *out);
/* Something is begun and not finished. */
bool key_pending(const struct key_decoder *dec);
/* Forget what was typed. */
void key_drop(struct key_decoder *dec);

/* "Down", "^L", "Space", "q" ... into `out`. */
void key_label(uint32_t code, char *out, size_t size);
/* The key of one such name of `len` bytes; K_NONE when it is none. */
uint32_t key_parse(const char *name, size_t len);

#endif
