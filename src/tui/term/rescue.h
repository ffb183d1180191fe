/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal's modes when the program dies of a signal: what puts them back
 * is prepared beforehand, since a signal handler may do next to nothing.
 */
#ifndef TUI_TERM_RESCUE_H
#define TUI_TERM_RESCUE_H

#include <termios.h>

/* From now on a crash, or exit(3), first restores `modes` and the screen on
 * `fd`. Curses must run: its terminal's sequences are looked up here. */
void rescue_arm(int fd, const struct termios *modes);
/* The terminal has been put back, or is gone. */
void rescue_disarm(void);

#endif
