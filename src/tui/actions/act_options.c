/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "tui/actions/acts.h"
#include "tui/screens/screens.h"

unsigned act_mode(struct ui *ui, const char *arg)
{
	if (arg && !move_mode_parse(arg, &ui->mode))
		ui_notice(ui, NOTICE_BAD, "There is no mode \"%s\": auto, plain, precopy, postcopy.", arg);
	else if (ui->mode == MODE_POSTCOPY)
		ui_notice(ui, NOTICE_BAD, "Post-copy: %s", POSTCOPY_WARNING);
	else
		ui_notice(ui, NOTICE_INFO, "The next moves go in mode %s.", move_mode_name(ui->mode));
	return FX_DRAW;
}

unsigned act_via(struct ui *ui, const char *arg)
{
	if (arg && !move_via_parse(arg, &ui->via))
		ui_notice(ui, NOTICE_BAD, "There is no way \"%s\": auto, relay, direct, scp.", arg);
	else
		ui_notice(ui, NOTICE_INFO, "The next moves go via %s.", move_via_name(ui->via));
	return FX_DRAW;
}

unsigned act_files(struct ui *ui, const char *arg)
{
	if (arg && strcmp(arg, "on") != 0 && strcmp(arg, "off") != 0) {
		ui_notice(ui, NOTICE_BAD, "files takes on or off.");
		return FX_DRAW;
	}
	ui->with_files = arg ? strcmp(arg, "on") == 0 : !ui->with_files;
	ui_notice(ui, NOTICE_INFO,
		  ui->with_files ? "The next moves bring along files that are missing at the other end."
				 : "The next moves ask before they bring files along.");
	return FX_DRAW;
}

/* ---- options of CRIU ---- */

unsigned act_options(struct ui *ui, const char *arg)
{
	options_open(ui);
	return FX_DRAW;
}

unsigned act_dump_options(struct ui *ui, const char *arg)
{
	return options_give(ui, false, arg);
}

unsigned act_restore_options(struct ui *ui, const char *arg)
{
	return options_give(ui, true, arg);
}

unsigned act_profile(struct ui *ui, const char *arg)
{
	return profile_use(ui, arg);
}

unsigned act_keep_profile(struct ui *ui, const char *arg)
{
	return profile_keep(ui, arg);
}
