/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

enum kind { FLAG, TEXT, NUMBER, COLOR, MODE, VIA, LIST };

/* Commands that take an option, as bits. */
enum {
	BROWSE = 1, LS = 2, CHECK = 4, MOVE = 8, RECOVER = 16, SAVE = 32, RESTORE = 64,
	MOVES = BROWSE | CHECK | MOVE,
	ALL = -1
};

struct option {
	const char *name, *brief, *value, *help;
	enum kind kind;
	size_t offset;
	int takers;
};

#define AT(field) offsetof(struct cli_options, field)

static const struct option option_table[] = {
	{ "--ssh-config", "-F", "FILE", "read this ssh configuration instead of ssh's own", TEXT, AT(ssh_config), ALL },
	{ "--config", NULL, "FILE", "read this configuration instead of ~/.config/pferry/config.json", TEXT, AT(config_file), ALL },
	{ "--json", NULL, NULL, "one JSON object a line instead of text", FLAG, AT(json),
	  LS | CHECK | MOVE | SAVE | RESTORE | RECOVER },
	{ "--mode", NULL, "MODE", "auto, plain, precopy or postcopy", MODE, AT(mode), MOVES },
	{ "--via", NULL, "ROUTE", "auto, relay, direct or scp", VIA, AT(via), MOVES },
	{ "--direct-key", NULL, "FILE", "the key that the source may use for the direct route, instead of your agent's", TEXT, AT(direct_key),
	  MOVES },
	{ "--with-files", NULL, NULL, "bring files along that are missing at the destination", FLAG, AT(with_files), MOVES },
	{ "--accept", NULL, "CODE", "answer yes to the question of this finding (repeatable)", LIST, AT(accept), CHECK | MOVE | SAVE },
	{ "--whole", NULL, NULL, "resume only after all memory is restored", FLAG, AT(whole), MOVES },
	{ "--hook", NULL, "FILE", "a shell script that moves its address too; see the manual", TEXT, AT(hook_file), MOVES },
	{ "--dump-option", NULL, "OPT", "give CRIU's dump this option too (repeatable)", LIST, AT(dump_options),
	  CHECK | MOVE | SAVE },
	{ "--restore-option", NULL, "OPT", "give CRIU's restore this option too (repeatable)", LIST, AT(restore_options),
	  CHECK | MOVE | RESTORE },
	{ "--keep-source-stopped", NULL, NULL, "leave the source's processes stopped, not killed", FLAG,
	  AT(keep_source_stopped), MOVE },
	{ "--force", NULL, NULL, "save: replace the file; restore: also a file restored before, as a second copy", FLAG, AT(force),
	  SAVE | RESTORE },
	{ "--wait-pid", NULL, "S", "wait up to S seconds for a pid that is taken at the destination", NUMBER, AT(wait_pid_s),
	  MOVE | RESTORE },
	{ "--timeout", NULL, "S", "give up a move that takes longer than S seconds", NUMBER, AT(timeout_s),
	  CHECK | MOVE | SAVE | RESTORE },
	{ "--max-frozen", NULL, "S", "give up a move that freezes the process longer than S seconds", NUMBER,
	  AT(max_frozen_s), MOVE | SAVE },
	{ "--lease", NULL, "S", "a frozen process resumes by itself after S seconds without pferry (15)", NUMBER,
	  AT(lease_s), BROWSE | MOVE | SAVE | RESTORE | RECOVER },
	{ "--color", NULL, "WHEN", "auto, always or never", COLOR, AT(color), ALL },
	{ "--ascii", NULL, NULL, "draw with ASCII characters only", FLAG, AT(ascii), ALL },
	{ "--mouse", NULL, NULL, "enable mouse support at startup", FLAG, AT(mouse), ALL },
	{ "--log", NULL, "FILE", "append the log to FILE", TEXT, AT(log_file), ALL },
	{ "--show-scripts", NULL, NULL, "print every script that may run on a host", FLAG, AT(show_scripts), ALL },
	{ "--version", "-V", NULL, "print the version", FLAG, AT(version), ALL },
	{ "--help", "-h", NULL, "print this help", FLAG, AT(help), ALL },
};

const struct cli_command cli_commands[] = {
	{ "ls", "ls [--json] HOST...", "print the cgroups and processes of hosts", 1, 1000, cli_ls, LS },
	{ "check", "check [--json] SRC:PID [DST]", "say whether a process will move, and what it needs", 1, 2, cli_check, CHECK },
	{ "move", "move [OPTION...] SRC:PID... DST", "move processes while they run", 2, 1000, cli_move, MOVE },
	{ "save", "save [OPTION...] SRC:PID FILE", "take a process off its host into a file here", 2, 2, cli_save, SAVE },
	{ "restore", "restore [OPTION...] FILE DST", "run a saved process on a host", 2, 2, cli_restore, RESTORE },
	{ "recover", "recover [--json] HOST...", "finish or undo interrupted moves", 1, 1000, cli_recover, RECOVER },
	{ NULL, NULL, NULL, 0, 0, NULL, 0 },
};

static int bit_of(const struct cli_command *command)
{
	return command ? command->bit : BROWSE;
}

static void help_option(const struct option *o)
{
	char left[64];

	snprintf(left, sizeof left, "%s%s%s%s%s", o->brief ? o->brief : "", o->brief ? ", " : "", o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	printf("  %-26s %s\n", left, o->help);
}

void cli_help(const struct cli_command *command)
{
	if (command) {
		printf("usage: pferry %s\n       %s\n", command->usage, command->help);
	} else {
		printf("usage: pferry [OPTION...] [HOST...]\n       the browser: a column for each host\n");
		for (const struct cli_command *c = cli_commands; c->name; c++)
			printf("usage: pferry %s\n       %s\n", c->usage, c->help);
	}
	printf("\nHOST is anything `ssh HOST` takes, several as web{01..40}, or a group of the configuration as @web.\n\n");
	for (size_t i = 0; i < countof(option_table); i++) {
		if (!command || option_table[i].takers & bit_of(command))
			help_option(&option_table[i]);
	}
	printf("\nExit status: 0 done; 1 not done, the process runs where it was; 2 usage;\n"
	       "3 in doubt, run recover; 4 a host could not be reached; 5 lost, no host has the process.\n");
}

static void add_to_list(const char ***list, const char *word)
{
	size_t n = 0;

	while (*list && (*list)[n])
		n++;
	*list = mem_resize(*list, n + 2, sizeof **list);
	(*list)[n] = word;
	(*list)[n + 1] = NULL;
}

static bool set_color(enum cli_color *color, const char *word)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (size_t i = 0; i < countof(names); i++) {
		if (strcmp(word, names[i]) == 0) {
			*color = (enum cli_color)i;
			return true;
		}
	}
	return false;
}

static bool set_number(int *to, const char *word)
{
	char *end;
	long n = strtol(word, &end, 10);

	if (end == word || *end || n <= 0 || n > 1000000)
		return false;
	*to = (int)n;
	return true;
}

static bool set_value(struct cli_options *options, const struct option *o, const char *value, struct err *e)
{
	char *base = (char *)options + o->offset;
	bool ok = true;

	switch (o->kind) {
	case FLAG:
		*(bool *)(void *)base = true;
		break;
	case TEXT:
		*(const char **)(void *)base = value;
		break;
	case NUMBER:
		ok = set_number((int *)(void *)base, value);
		break;
	case COLOR:
		ok = set_color((enum cli_color *)(void *)base, value);
		break;
	case MODE:
		ok = move_mode_parse(value, (enum move_mode *)(void *)base);
		break;
	case VIA:
		ok = move_via_parse(value, (enum move_via *)(void *)base);
		break;
	case LIST:
		add_to_list((const char ***)(void *)base, value);
		break;
	}
	return ok || err_set(e, ERR_USAGE, NULL, "%s takes no \"%s\": it wants %s (%s)", o->name, value, o->value, o->help);
}

/* Whether `arg` names the option; *value gets what follows an '=' or the letter. */
static bool names_option(const struct option *o, const char *arg, const char **value)
{
	size_t len = strlen(o->name);

	*value = NULL;
	if (strncmp(arg, o->name, len) == 0 && (arg[len] == '\0' || (arg[len] == '=' && o->value))) {
		if (arg[len] == '=')
			*value = arg + len + 1;
		return true;
	}
	if (!o->brief || strncmp(arg, o->brief, 2) != 0 || (arg[2] && !o->value))
		return false;
	if (arg[2])
		*value = arg + 2;
	return true;
}

static bool take_option(struct cli_options *options, int argc, char **argv, int *at, struct err *e)
{
	const char *arg = argv[*at], *value;

	for (size_t i = 0; i < countof(option_table); i++) {
		const struct option *o = &option_table[i];

		if (!names_option(o, arg, &value))
			continue;
		options->given |= 1u << i;
		if (o->value && !value) {
			if (*at + 1 >= argc)
				return err_set(e, ERR_USAGE, NULL, "%s wants %s", o->name, o->value);
			value = argv[++*at];
		}
		return set_value(options, o, value, e);
	}
	return err_set(e, ERR_USAGE, NULL, "there is no option %s", arg);
}

/* An option must not be ignored because this command does not know it. */
static bool takes_all(const struct cli_command *command, uint32_t given, struct err *e)
{
	_Static_assert(countof(option_table) <= 32, "a bit for each");
	for (size_t i = 0; i < countof(option_table); i++) {
		if (given >> i & 1 && !(option_table[i].takers & bit_of(command)))
			return err_set(e, ERR_USAGE, NULL, "%s takes no %s", command ? command->name : "the browser",
				       option_table[i].name);
	}
	return true;
}

static const struct cli_command *find_command(const char *name)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

bool cli_parse(int argc, char **argv, struct cli_options *options, struct err *e)
{
	bool only_args = false;

	*options = (struct cli_options){ 0 };
	options->args = mem_array((size_t)argc + 1, sizeof *options->args);
	for (int i = 1; i < argc; i++) {
		if (!only_args && strcmp(argv[i], "--") == 0) {
			only_args = true;
		} else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
			if (!take_option(options, argc, argv, &i, e))
				return false;
		} else if (!only_args && !options->command && options->nargs == 0 && find_command(argv[i])) {
			options->command = find_command(argv[i]);
		} else {
			options->args[options->nargs++] = argv[i];
		}
	}
	if (options->help || options->version || options->show_scripts)
		return true;
	if (!takes_all(options->command, options->given, e))
		return false;
	if (!options->command)
		return true;
	if (options->nargs < options->command->min_args || options->nargs > options->command->max_args)
		return err_set(e, ERR_USAGE, NULL, "usage: pferry %s", options->command->usage);
	return true;
}

/* ---- the configuration ---- */

static bool given(const struct cli_options *options, size_t offset)
{
	for (size_t i = 0; i < countof(option_table); i++) {
		if (option_table[i].offset == offset)
			return options->given >> i & 1;
	}
	return false;
}

#define HOOK_MAX 65536

/* The hook goes to the hosts with each move: read once. */
static bool read_hook(struct cli_options *o, struct err *e)
{
	FILE *f;
	size_t len;

	if (!o->hook_file)
		return true;
	f = fopen(o->hook_file, "re");
	if (!f)
		return err_set(e, ERR_USAGE, NULL, "the hook %s cannot be read: %m", o->hook_file);
	o->hook = mem_alloc(HOOK_MAX + 1);
	len = fread(o->hook, 1, HOOK_MAX + 1, f);
	fclose(f);
	if (len > 0 && len <= HOOK_MAX && !memchr(o->hook, '\0', len)) {
		o->hook[len] = '\0';
		return true;
	}
	return err_set(e, ERR_USAGE, NULL, "the hook %s is no shell script, or larger than 64 KiB", o->hook_file);
}

bool cli_configure(struct cli_options *o, struct err *e)
{
	const struct config *c;

	o->config = config_load(o->config_file, e);
	if (!o->config || !read_hook(o, e))
		return false;
	c = o->config;
	if (!given(o, AT(mode)))
		move_mode_parse(c->mode, &o->mode);
	if (!given(o, AT(via)))
		move_via_parse(c->via, &o->via);
	if (!given(o, AT(max_frozen_s)))
		o->max_frozen_s = c->max_frozen_s;
	if (!given(o, AT(lease_s)))
		o->lease_s = c->lease_s;
	o->with_files |= c->with_files;
	o->whole |= c->whole;
	o->mouse |= c->mouse;
	return true;
}

bool cli_hosts(const struct cli_options *options, const char *const *words, struct names *names, struct err *e)
{
	for (size_t i = 0; words[i]; i++) {
		if (!names_expand(names, options->config, words[i], e))
			return false;
	}
	return true;
}

void cli_options_free(struct cli_options *options)
{
	config_free(options->config);
	free(options->hook);
	free(options->args);
	free(options->accept);
	free(options->dump_options);
	free(options->restore_options);
	*options = (struct cli_options){ 0 };
}

bool cli_parse_target(const char *text, char **host, pid_t *pid)
{
	const char *colon = strrchr(text, ':');
	char *end;
	long n;

	if (!colon || colon == text || !isdigit((unsigned char)colon[1]))
		return false;
	n = strtol(colon + 1, &end, 10);
	if (*end || n <= 0 || n > 0x7fffffff)
		return false;
	if (text[0] == '[' && colon[-1] == ']' && colon - text > 2)
		*host = mem_strndup(text + 1, (size_t)(colon - text) - 2);
	else
		*host = mem_strndup(text, (size_t)(colon - text));
	*pid = (pid_t)n;
	return true;
}

void cli_error(const struct err *e)
{
	fprintf(stderr, "pferry: %s\n", e->text);
}

int cli_no_target(const char *text)
{
	struct err e = { 0 };

	err_set(&e, ERR_USAGE, NULL, "\"%s\" is not HOST:PID", text);
	cli_error(&e);
	return EXIT_USAGE;
}

bool cli_has_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
