/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/rescue.h"

#include <curses.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/mem.h"

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};

static volatile sig_atomic_t armed;
static int terminal = -1;
static struct termios modes_before;
static char last_words[512];
static size_t last_words_len;
static struct sigaction actions_before[countof(deadly)];
static bool installed;

static void restore(void)
{
	ssize_t n;

	if (!armed)
		return;
	armed = 0;
	n = write(terminal, last_words, last_words_len);
	(void)n;
	tcsetattr(terminal, TCSANOW, &modes_before);
}

/* Put the terminal back and let what was there before have the signal: it
 * comes again, by itself or because it is raised. */
static void on_deadly(int signo)
{
	restore();
	for (size_t i = 0; i < countof(deadly); i++)
		if (deadly[i] == signo)
			sigaction(signo, &actions_before[i], NULL);
	raise(signo);
}

/* Append a terminfo string without its padding marks. */
static void add_words(const char *s)
{
	if (!s || s == (const char *)-1)
		return;
	while (*s && last_words_len < sizeof last_words) {
		if (s[0] == '$' && s[1] == '<') {
			while (*s && *s != '>')
				s++;
			if (*s)
				s++;
			continue;
		}
		last_words[last_words_len++] = *s++;
	}
}

static void install(void)
{
	struct sigaction action = {.sa_handler = on_deadly, .sa_flags = SA_ONSTACK};
	static char stack[65536];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack}, old;

	if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE))
		sigaltstack(&alternate, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < countof(deadly); i++)
		sigaction(deadly[i], &action, &actions_before[i]);
	atexit(restore);
	installed = true;
}

void rescue_arm(int fd, const struct termios *modes)
{
	static const char mouse_and_paste_off[] = "\033[?1006l\033[?1002l\033[?1000l\033[?2004l";

	terminal = fd;
	modes_before = *modes;
	last_words_len = 0;
	if (strncmp(termname(), "vt", 2) != 0 && strncmp(termname(), "linux", 5) != 0)
		add_words(mouse_and_paste_off);
	add_words(tigetstr("sgr0"));
	add_words(tigetstr("cnorm"));
	add_words(tigetstr("rmkx"));
	add_words(tigetstr("rmcup"));
	add_words("\r\n");
	if (!installed)
		install();
	armed = 1;
}

void rescue_disarm(void)
{
	armed = 0;
}
