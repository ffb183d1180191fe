/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser's model for unit tests: hosts with a small tree each, a notebook
 * for what it wants done, and a curses screen that leads nowhere and whose
 * cells are read back.
 */
#ifndef TUI_MODEL_H
#define TUI_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <curses.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/model/ui.h"

struct notebook {
	struct ui ui;
	struct tree *trees[12];
	size_t hosts;
	struct move_info info[4];
	struct job jobs[4];
	size_t moves;
	size_t glances, glanced;
	struct proc_key glanced_keys[GLANCE_MAX];
	struct host *glanced_host;
	char source[ERR_HOST_MAX], destination[ERR_HOST_MAX], added[64], copied[256], attached[256], dump[128];
	pid_t pid;
	bool check_only, frozen, refuse, mouse;
	size_t cancelled, looked, bells;
	struct move *cancelled_move, *frozen_move;
	bool copies_ahead; /* whether a move can be told to freeze */
};

extern struct notebook nb;
extern int cursor_y, cursor_x; /* after the last frame: reading cells back moves it */

/* A host's tree: cron, sshd, redis-server, nginx with two workers, python3, tail. */
struct tree *tree_sample(void);
/* A model with `hosts` hosts, web01 to web0N, plain ASCII without colour. */
void begin(size_t hosts);
void finish(void);
void add_host(const char *name);
/* A move of redis-server from the first host to the second, in the middle of sending. */
void add_job(void);
void draw(int rows, int cols);
/* A row of the screen as text, blanks at its end left out. */
const char *line(int y);
/* The first row with this in it, -1 when there is none. */
int find(const char *text);
/* Keys as a terminal sends them; then a frame is drawn. */
unsigned press(const char *keys);
/* For a group of tests: curses. */
int setup(void **state);
int teardown(void **state);

#endif
