/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/theme.h"

#include "base/mem.h"

/* The terminal's own eight colours, so that its palette stays in charge. */
static const struct {
	short fg;
	attr_t attr; /* with colour */
	attr_t mono; /* without */
} looks[ROLE_COUNT] = {
	[ROLE_NORMAL] = {-1, A_NORMAL, A_NORMAL},
	[ROLE_DIM] = {-1, A_DIM, A_DIM},
	[ROLE_TITLE] = {-1, A_BOLD, A_BOLD},
	[ROLE_HEAD] = {-1, A_UNDERLINE, A_UNDERLINE},
	[ROLE_HEAD_FOCUS] = {-1, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE},
	[ROLE_LINE] = {-1, A_DIM, A_DIM},
	[ROLE_BRANCH] = {-1, A_DIM, A_DIM},
	[ROLE_CGROUP] = {COLOR_CYAN, A_NORMAL, A_NORMAL},
	[ROLE_FIELD] = {-1, A_NORMAL, A_NORMAL},
	[ROLE_MARKED] = {COLOR_YELLOW, A_BOLD, A_BOLD},
	[ROLE_MOVING] = {COLOR_MAGENTA, A_BOLD, A_BOLD | A_UNDERLINE},
	[ROLE_NEW] = {COLOR_GREEN, A_NORMAL, A_BOLD},
	[ROLE_GONE] = {COLOR_RED, A_DIM, A_DIM},
	[ROLE_MATCH] = {COLOR_GREEN, A_BOLD | A_UNDERLINE, A_BOLD | A_UNDERLINE},
	[ROLE_OK] = {COLOR_GREEN, A_NORMAL, A_NORMAL},
	[ROLE_WARN] = {COLOR_YELLOW, A_BOLD, A_BOLD},
	[ROLE_FAIL] = {COLOR_RED, A_BOLD, A_BOLD},
	[ROLE_FROZEN] = {COLOR_CYAN, A_BOLD, A_BOLD | A_REVERSE},
	[ROLE_PROMPT] = {-1, A_BOLD, A_BOLD},
	[ROLE_QUESTION] = {COLOR_YELLOW, A_BOLD | A_REVERSE, A_BOLD | A_REVERSE},
	[ROLE_KEY] = {-1, A_BOLD, A_BOLD},
};

static const char *const ascii_glyphs[GLYPH_COUNT] = {
	[GLYPH_TEE] = "|-", [GLYPH_LAST] = "`-",    [GLYPH_BAR] = "| ",	 [GLYPH_BLANK] = "  ",
	[GLYPH_CUT] = "~",  [GLYPH_CUT_LEFT] = "<", [GLYPH_VLINE] = "|", [GLYPH_HLINE] = "-",
	[GLYPH_DONE] = "#", [GLYPH_TODO] = "-",
};

static const char *const utf8_glyphs[GLYPH_COUNT] = {
	[GLYPH_TEE] = "├─", [GLYPH_LAST] = "└─",    [GLYPH_BAR] = "│ ",	 [GLYPH_BLANK] = "  ",
	[GLYPH_CUT] = "…",  [GLYPH_CUT_LEFT] = "‹", [GLYPH_VLINE] = "│", [GLYPH_HLINE] = "─",
	[GLYPH_DONE] = "█", [GLYPH_TODO] = "░",
};

void theme_init(struct theme *theme, bool color, bool utf8)
{
	*theme = (struct theme){.utf8 = utf8, .glyph = utf8 ? utf8_glyphs : ascii_glyphs};
	if (color && has_colors() && start_color() == OK) {
		theme->color = true;
		use_default_colors();
	}
	for (int role = 0; role < ROLE_COUNT; role++) {
		theme->attr[role] = theme->color ? looks[role].attr : looks[role].mono;
		if (!theme->color || looks[role].fg < 0)
			continue;
		theme->pair[role] = (short)(looks[role].fg + 1);
		init_pair(theme->pair[role], looks[role].fg, -1);
	}
}
