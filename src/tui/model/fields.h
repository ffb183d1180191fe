/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields at the right of the rows: which there are, which are shown, and
 * what stands in them.  A set of fields is a word of bits; FIELDS_AUTO shows
 * what the column's width allows.
 */
#ifndef TUI_MODEL_FIELDS_H
#define TUI_MODEL_FIELDS_H

#include "tui/model/ui.h"

enum field {
	FIELD_USER = 1,
	FIELD_TTY = 2,
	FIELD_START = 4,
	FIELD_STATE = 8,
	FIELD_THREADS = 16,
	FIELD_MOVABLE = 32,
	FIELD_PID = 64,
	FIELD_RSS = 128,
	FIELD_CPU = 256
};

#define FIELDS_AUTO 0u
#define FIELDS_NONE (1u << 31)

/* The i-th field, from the left: its name, the key that turns it on and off,
 * its bit. False past the last. */
bool field_at(size_t i, const char **name, char *key, unsigned *bit);
/* "pid,rss,cpu", "auto" or "none"; into `out`. */
void fields_text(unsigned set, char *out, size_t size);
/* The set of such a text; false, with the word that is none, when it is wrong. */
bool fields_parse(const char *text, unsigned *set, char *wrong, size_t size);

/* Which to show in a column `w` wide; *cells gets what they take together. */
unsigned fields_fit(const struct ui *ui, const struct column *col, int w, int *cells);
/* Turn one on or off, in all columns. */
void fields_toggle(struct ui *ui, unsigned bit);
/* Draw those of a row from cell x on. */
void fields_draw(const struct ui *ui, struct paint *p, const struct column *col, const struct row *row,
		 unsigned set, int y, int x, enum role role);

#endif
