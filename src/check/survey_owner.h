/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The owner of a tree: the process that started it, the systemd unit and the
 * container that it is of; read from inspect.sh's and glance.sh's lines.
 */
#ifndef CHECK_SURVEY_OWNER_H
#define CHECK_SURVEY_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct survey;

#define SURVEY_PARENTS 32

/* The parent of the tree's root, or of another such parent. */
struct survey_parent {
	pid_t pid, pgid, sid;
	pid_t inner;     /* pid in its innermost pid namespace */
	uint64_t tty;    /* device number of its terminal, 0 for none */
	char name[64];
	char *stat;      /* while its lines come in */
};

/* systemd's properties of a unit; "" and 0 where it says nothing. */
struct survey_unit {
	char manager[16];        /* "system", or the number of the user whose manager has it; "" for no unit */
	char name[256];
	bool said, silent;       /* systemd answered; it did not */
	pid_t main, control;
	char restart[32], force_restart[64], fail_action[32], success_action[32], state[32];
	char stop[160], stop_post[160], on_failure[160], on_success[160];
	char triggered[160], upheld[160], bound[160], stopped[160]; /* by units, or units that it ends */
	uint64_t watchdog_ms;    /* 0: none */
	char other[96];          /* a process of it that is not of the tree: "NAME(PID)" */
	bool enabled, process_only; /* starts at boot; KillMode=process or none */
};

struct survey_owner {
	struct survey_parent parents[SURVEY_PARENTS];
	size_t nparents;
	char *args;              /* arguments of the first parent, each word ending in a newline; or NULL */
	char respawn_by[32], respawn[160]; /* "/etc/inittab" or "tmux", and what it says of starting it again */
	struct survey_unit unit;
	char root[48], own_root[48]; /* device and inode of its root directory, and of the login's */
	char runtime[32], container[96];
};

/* Lines of inspect.sh, without their first word. */
void survey_take_parent(struct survey *survey, char *line);
void survey_take_parent_pid(struct survey *survey, char *line);
void survey_take_parent_args(struct survey *survey, char *line);
void survey_take_respawn(struct survey *survey, char *line);
void survey_take_owner_unit(struct survey *survey, char *line);
void survey_take_unit_is(struct survey *survey, char *line);
void survey_take_unit_silent(struct survey *survey, char *line);
void survey_take_unit_other(struct survey *survey, char *line);
void survey_take_root(struct survey *survey, char *line);
void survey_take_own_root(struct survey *survey, char *line);
void survey_take_container(struct survey *survey, char *line);
void survey_owner_free(struct survey_owner *owner);

/* "1min 30s" in milliseconds; 0 for "infinity", and what cannot be read. */
uint64_t survey_span_ms(const char *text);

#endif
