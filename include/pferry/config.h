/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file, ~/.config/pferry/config.json: which hosts to open,
 * groups of hosts, how the browser behaves, what moves start with, kept
 * command line options and remembered choices.
 *
 * It is read once, whole.  A key that is not known, or a value of another
 * kind, is an error that names the key and its line: what someone wrote there
 * must not be ignored.  The file is read and written in place; it is small,
 * and nothing waits for the disk.  How ssh connects is no business of this
 * file: that is in ssh's own configuration.
 *
 * Writing changes one value and keeps the rest of the file, in its order.  It
 * reads the file anew before, so that another pferry's change is not undone,
 * and replaces it in one step.  After that the struct has the new values;
 * pointers taken from it before are no longer good.
 */
#ifndef PFERRY_CONFIG_H
#define PFERRY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>

/* A list of words; `v` ends with NULL and is never NULL itself. */
struct config_list {
	char **v;
	size_t n;
};

struct config_group {
	char *name; /* without the @ */
	struct config_list hosts;
};

/* Kept options of CRIU's command lines. */
struct config_profile {
	char *name;
	struct config_list dump_options, restore_options;
	/* Patterns as of a shell for the processes it is for; NULL: any. With
	 * both NULL it is only used by name. */
	char *match_name, *match_cgroup;
};

enum config_bell { BELL_FAIL, BELL_ALL, BELL_NEVER };
enum config_theme { THEME_AUTO, THEME_DARK, THEME_LIGHT, THEME_MONO };

struct config {
	char *path;               /* path of the file, which need not exist */
	struct config_list hosts; /* opened when none is named */
	struct config_group *groups;
	size_t ngroups;
	int handshakes;           /* connections being made at once */
	int refresh_ms;           /* between two snapshots of a host */
	bool mouse, title;
	enum config_bell bell;
	enum config_theme theme;
	/* defaults for moves */
	const char *mode, *via;   /* as after --mode and --via */
	bool with_files, whole;
	int max_frozen_s, lease_s; /* 0: not given */
	struct config_profile *profiles;
	size_t nprofiles;
	struct config_file *file; /* config.c's own data */
};

/*
 * Read `path`; NULL: the file in $XDG_CONFIG_HOME/pferry or ~/.config/pferry,
 * which may be missing.  NULL with `e` filled when it cannot be read, or when
 * others may write to it, since it decides what runs as root elsewhere.
 */
struct config *config_load(const char *path, struct err *e);
void config_free(struct config *config);

/* The hosts of a group, NULL when there is none of that name. */
const struct config_list *config_group(const struct config *config, const char *name);

/* A profile by name; the first that is for such a process. NULL: none. */
const struct config_profile *config_profile(const struct config *config, const char *name);
const struct config_profile *config_profile_for(const struct config *config, const char *process,
						const char *cgroup);

/* The answer given before to a finding about a program before; NULL: not remembered. */
const char *config_answer(const struct config *config, const char *program, const char *finding);

/* ---- writing; false with `e` filled, the file as it was ---- */

/* The hosts to open from now on; NULL-terminated. */
bool config_save_hosts(struct config *config, const char *const *hosts, struct err *e);
/* Remember an answer; NULL forgets it. */
bool config_remember(struct config *config, const char *program, const char *finding, const char *answer,
		     struct err *e);
/* Keep a profile under its name, replacing one; lists whose `v` is NULL are empty. */
bool config_save_profile(struct config *config, const struct config_profile *profile, struct err *e);
bool config_forget_profile(struct config *config, const char *name, struct err *e);

/* The JSON schema of the file, as it is shipped; to be freed. */
char *config_schema(void);

#endif
