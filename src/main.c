/* SPDX-License-Identifier: GPL-2.0-or-later */
/* argv -> command; without a command, the browser. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <pferry/engine.h>
#include <pferry/log.h>

#include "cli/cli.h"
#include "tui/tui.h"

#define FILES_ENOUGH 4096

/* Passwords pass through this program: they must not end in a core file. */
static void protect_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 0);
#endif
}

/* A descriptor that is opened later must not get one of these numbers. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* Many hosts want many descriptors; the programs that are started get the same. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max && files.rlim_cur < FILES_ENOUGH) {
		files.rlim_cur = files.rlim_max < FILES_ENOUGH ? files.rlim_max : FILES_ENOUGH;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int show_scripts(void)
{
	const char *name, *text;
	char *overview = engine_scripts_overview();

	printf("%s\n", overview);
	free(overview);
	for (size_t i = 0; (name = engine_script(i, &text)); i++)
		printf("### %s.sh\n%s\n", name, text);
	return EXIT_DONE;
}

static int browse(const struct cli_options *options)
{
	static const enum tui_color colors[] = {
		[CLI_COLOR_AUTO] = TUI_COLOR_AUTO, [CLI_COLOR_ALWAYS] = TUI_COLOR_ALWAYS, [CLI_COLOR_NEVER] = TUI_COLOR_NEVER,
	};
	struct tui_options tui = {
		.color = colors[options->color], .ascii = options->ascii, .mouse = options->mouse,
		.mode = options->mode, .via = options->via, .with_files = options->with_files, .whole = options->whole, .hook = options->hook, .direct_key = options->direct_key,
		.config = options->config,
		.ssh_config = options->ssh_config,
	};
	struct engine_options engine_options = { .config = options->config, .ssh_config = options->ssh_config, .askpass = true, .refresh_ms = options->config->refresh_ms,
						 .handshakes = options->config->handshakes,
						 .lease_ms = options->lease_s * 1000 };
	struct loop *loop = loop_new();
	struct err e = { 0 };
	struct engine *engine = engine_new(loop, &engine_options, &e);
	int code = EXIT_DONE;

	struct names names = { 0 };

	if (!cli_hosts(options, options->nargs > 0 ? options->args : (const char *const *)options->config->hosts.v, &names, &e))
		code = EXIT_USAGE;
	for (size_t i = 0; engine && i < names.n && code == EXIT_DONE; i++) {
		if (!engine_add_host(engine, names.v[i], &e))
			code = EXIT_USAGE;
	}
	if (engine && code == EXIT_DONE)
		code = tui_run(loop, engine, &tui, &e);
	else if (!engine)
		code = EXIT_NOT_DONE;
	if (e.code != ERR_NONE)
		cli_error(&e);
	names_free(&names);
	engine_free(engine);
	loop_free(loop);
	return code < 0 ? EXIT_USAGE : code;
}

static int run(struct cli_options *options)
{
	struct err e = { 0 };

	if (options->help) {
		cli_help(options->command);
		return EXIT_DONE;
	}
	if (options->version) {
		puts("pferry " PFERRY_VERSION);
		return EXIT_DONE;
	}
	if (options->show_scripts)
		return show_scripts();
	if (options->log_file && !log_open_file(options->log_file)) {
		fprintf(stderr, "pferry: the log %s cannot be written\n", options->log_file);
		return EXIT_USAGE;
	}
	if (!cli_configure(options, &e)) {
		cli_error(&e);
		return EXIT_USAGE;
	}
	return options->command ? options->command->run(options) : browse(options);
}

int main(int argc, char **argv)
{
	struct cli_options options;
	struct err e = { 0 };
	int code;

	setlocale(LC_CTYPE, "");
	open_standard();
	/* The call that writes reports a closed pipe or a file at its limit; the signals would end pferry. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	raise_limits();
	protect_secrets();
	code = engine_askpass(argc, argv);
	if (code >= 0)
		return code;
	if (cli_parse(argc, argv, &options, &e)) {
		code = run(&options);
	} else {
		fprintf(stderr, "pferry: %s (see pferry --help)\n", e.text);
		code = EXIT_USAGE;
	}
	cli_options_free(&options);
	log_close();
	return code;
}
