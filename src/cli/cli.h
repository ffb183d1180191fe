/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line: argv -> options and a command, and the commands.  A
 * command is a line of one table and a file of its own; a new one touches
 * nothing else.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <pferry/config.h>
#include <pferry/engine.h>
#include <pferry/err.h>
#include <pferry/names.h>

/* Exit codes, as the man page promises them. */
enum {
	EXIT_DONE = 0,
	EXIT_NOT_DONE = 1,    /* the process runs where it was */
	EXIT_USAGE = 2,
	EXIT_DOUBT = 3,       /* run recover */
	EXIT_UNREACHABLE = 4, /* a host could not be reached */
	EXIT_LOST = 5         /* neither host has the process any more */
};

enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

struct cli_options {
	const char *ssh_config, *config_file, *log_file, *hook_file, *direct_key;
	bool json, ascii, mouse, with_files, whole, keep_source_stopped, force;
	bool help, version, show_scripts;
	enum cli_color color;
	enum move_mode mode;
	enum move_via via;
	int wait_pid_s, timeout_s, max_frozen_s, lease_s;
	const char **accept, **dump_options, **restore_options; /* NULL-terminated, or NULL */
	const char **args;   /* words that are no options, without the command; NULL-terminated */
	size_t nargs;
	const struct cli_command *command; /* NULL: the browser */
	struct config *config; /* after cli_configure() */
	char *hook;            /* text of the hook, after cli_configure(); or NULL */
	uint32_t given;        /* a bit for each option of the table */
};

struct cli_command {
	const char *name, *usage, *help;
	size_t min_args, max_args;
	int (*run)(const struct cli_options *options);
	int bit; /* for the options it takes */
};

/* Ends with a NULL name. */
extern const struct cli_command cli_commands[];

/* Parse; false with a sentence. Strings point into argv; lists are allocated
 * and go with cli_options_free(). */
bool cli_parse(int argc, char **argv, struct cli_options *options, struct err *e);
void cli_options_free(struct cli_options *options);
/* Read the configuration and take from it what was not given; false with a sentence. */
bool cli_configure(struct cli_options *options, struct err *e);
/* The hosts that words (NULL-terminated) stand for: groups and braces expanded. */
bool cli_hosts(const struct cli_options *options, const char *const *words, struct names *names, struct err *e);
/* Print the help of a command, or of the program (NULL). */
void cli_help(const struct cli_command *command);

/* "HOST:PID" -> host (allocated) and pid; the last colon counts, brackets
 * around an IPv6 address are taken off. False when it is no such thing. */
bool cli_parse_target(const char *text, char **host, pid_t *pid);

/* Say an error on standard error: "pferry: ...". */
void cli_error(const struct err *e);
/* Say that this is no HOST:PID; EXIT_USAGE. */
int cli_no_target(const char *text);
/* Whether a person can be asked. */
bool cli_has_terminal(void);
/* The worse of two exit codes: doubt is worst, then a wrong command line, then
 * a host that could not be reached, then what was not done. */
int cli_worse(int a, int b);

/* ---- the commands ---- */
int cli_ls(const struct cli_options *options);
int cli_check(const struct cli_options *options);
int cli_move(const struct cli_options *options);
int cli_save(const struct cli_options *options);
int cli_restore(const struct cli_options *options);
int cli_recover(const struct cli_options *options);

#endif
