/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Answers to questions of a login or a move: the person at the terminal, else
 * the program SSH_ASKPASS names, else no one, which refuses.
 */
#ifndef CLI_ASKER_H
#define CLI_ASKER_H

#include <stdbool.h>
#include <pferry/engine.h>

struct asker;

struct asker *asker_new(struct loop *loop);
/* Puts the terminal's modes back. */
void asker_free(struct asker *asker);
/* To be called with every event: puts new questions, and takes back moot ones. */
void asker_notice(struct asker *asker, const struct event *event);
/* A question is being asked: the terminal is not for other output now. */
bool asker_busy(const struct asker *asker);

#endif
