/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/theme.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * How roles look: without colour, and their colour of the terminal's own eight,
 * which leaves its palette in charge; then, where there are 256, finer ones.
 * Both for a dark and for a light background.
 */
static const struct {
	attr_t mono, attr;
	short dark, light;	 /* of eight */
	short dark256, light256; /* of 256; dim ones need no A_DIM then */
} looks[ROLE_COUNT] = {
	[ROLE_NORMAL] = {A_NORMAL, A_NORMAL, -1, -1, -1, -1},
	[ROLE_DIM] = {A_DIM, A_DIM, -1, -1, 245, 242},
	[ROLE_TITLE] = {A_BOLD, A_BOLD, -1, -1, -1, -1},
	[ROLE_HEAD] = {A_UNDERLINE, A_UNDERLINE, -1, -1, -1, -1},
	[ROLE_HEAD_FOCUS] = {A_BOLD | A_REVERSE, A_BOLD | A_REVERSE, -1, -1, -1, -1},
	[ROLE_LINE] = {A_DIM, A_DIM, -1, -1, 240, 250},
	[ROLE_BRANCH] = {A_DIM, A_DIM, -1, -1, 240, 248},
	[ROLE_CGROUP] = {A_NORMAL, A_NORMAL, COLOR_CYAN, COLOR_BLUE, 80, 24},
	[ROLE_FIELD] = {A_NORMAL, A_NORMAL, -1, -1, -1, -1},
	[ROLE_MARKED] = {A_BOLD, A_BOLD, COLOR_YELLOW, COLOR_BLUE, 221, 130},
	[ROLE_MOVING] = {A_BOLD | A_UNDERLINE, A_BOLD, COLOR_MAGENTA, COLOR_MAGENTA, 177, 90},
	[ROLE_NEW] = {A_BOLD, A_NORMAL, COLOR_GREEN, COLOR_GREEN, 114, 28},
	[ROLE_GONE] = {A_DIM, A_DIM, COLOR_RED, COLOR_RED, 167, 124},
	[ROLE_MATCH] = {A_BOLD | A_UNDERLINE, A_BOLD | A_UNDERLINE, COLOR_GREEN, COLOR_GREEN, 120, 28},
	[ROLE_OK] = {A_NORMAL, A_NORMAL, COLOR_GREEN, COLOR_GREEN, 114, 28},
	[ROLE_WARN] = {A_BOLD, A_BOLD, COLOR_YELLOW, COLOR_MAGENTA, 221, 130},
	[ROLE_FAIL] = {A_BOLD, A_BOLD, COLOR_RED, COLOR_RED, 203, 160},
	[ROLE_FROZEN] = {A_BOLD | A_REVERSE, A_BOLD, COLOR_CYAN, COLOR_BLUE, 117, 25},
	[ROLE_PROMPT] = {A_BOLD, A_BOLD, -1, -1, -1, -1},
	[ROLE_QUESTION] = {A_BOLD | A_REVERSE, A_BOLD | A_REVERSE, COLOR_YELLOW, COLOR_BLUE, 221, 25},
	[ROLE_KEY] = {A_BOLD, A_BOLD, -1, -1, -1, -1},
};

static const char *const ascii_glyphs[GLYPH_COUNT] = {
	[GLYPH_TEE] = "|-", [GLYPH_LAST] = "`-",    [GLYPH_BAR] = "| ",	 [GLYPH_BLANK] = "  ",
	[GLYPH_CUT] = "~",  [GLYPH_CUT_LEFT] = "<", [GLYPH_VLINE] = "|", [GLYPH_HLINE] = "-",
	[GLYPH_DONE] = "#", [GLYPH_TODO] = "-",
	[GLYPH_SPARK] = ".", ":", "-", "=", "+", "*", "%", "#",
};

static const char *const utf8_glyphs[GLYPH_COUNT] = {
	[GLYPH_TEE] = "├─", [GLYPH_LAST] = "└─",    [GLYPH_BAR] = "│ ",	 [GLYPH_BLANK] = "  ",
	[GLYPH_CUT] = "…",  [GLYPH_CUT_LEFT] = "‹", [GLYPH_VLINE] = "│", [GLYPH_HLINE] = "─",
	[GLYPH_DONE] = "█", [GLYPH_TODO] = "░",
	[GLYPH_SPARK] = "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█",
};

/* Some terminals say what stands on what: "0;15" is black on white. */
static bool on_light(void)
{
	const char *said = getenv("COLORFGBG"), *ground = said ? strrchr(said, ';') : NULL;

	return ground && (strcmp(ground, ";7") == 0 || strcmp(ground, ";15") == 0);
}

static short color_of(enum config_theme kind, int role)
{
	bool fine = COLORS >= 256;

	if (kind == THEME_AUTO)
		return on_light() ? looks[role].light : looks[role].dark;
	if (kind == THEME_LIGHT)
		return fine ? looks[role].light256 : looks[role].light;
	return fine ? looks[role].dark256 : looks[role].dark;
}

void theme_init(struct theme *theme, enum config_theme kind, bool utf8)
{
	*theme = (struct theme){.utf8 = utf8, .kind = kind, .glyph = utf8 ? utf8_glyphs : ascii_glyphs};
	if (kind != THEME_MONO && has_colors() && start_color() == OK) {
		theme->color = true;
		use_default_colors();
	}
	for (int role = 0; role < ROLE_COUNT; role++) {
		short color;

		theme->attr[role] = theme->color ? looks[role].attr : looks[role].mono;
		color = theme->color ? color_of(kind, role) : -1;
		if (color < 0)
			continue;
		if (color >= 8)
			theme->attr[role] &= ~A_DIM;
		theme->pair[role] = (short)(role + 1);
		init_pair(theme->pair[role], color, -1);
	}
}

static const char *const kind_names[] = {"auto", "dark", "light", "mono"};

const char *theme_name(size_t kind)
{
	return kind < countof(kind_names) ? kind_names[kind] : NULL;
}
