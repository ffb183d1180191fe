/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser on a real pseudo-terminal: it runs in a child, without hosts,
 * and the test plays the terminal, one that stalls and hangs up included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <pferry/engine.h>
#include <pferry/loop.h>

#include "base/buf.h"
#include "tui/tui.h"

struct terminal {
	pid_t pid;
	int fd;
	struct termios before;
	struct buf seen; /* all it was sent */
};

static char gap_file[] = "/tmp/pferry-gap-XXXXXX";

/* The program, in the child: its exit code is what tui_run() says. */
static int run_browser(void)
{
	struct engine_options engine_options = {.refresh_ms = -1};
	struct tui_options options = {.color = TUI_COLOR_AUTO};
	struct err e = {.code = ERR_NONE};
	struct loop *loop = loop_new();
	struct engine *engine = engine_new(loop, &engine_options, &e);
	int code = engine ? tui_run(loop, engine, &options, &e) : -1;

	if (code < 0)
		fprintf(stderr, "%s\n", e.text);
	if (engine)
		engine_free(engine);
	loop_free(loop);
	return code < 0 ? 99 : code;
}

static void begin(struct terminal *t, const char *term)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	int go[2];
	char byte = 0;

	*t = (struct terminal){.fd = -1};
	assert_int_equal(pipe(go), 0);
	buf_init(&t->seen, 0);
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	assert_true(t->pid >= 0);
	if (t->pid == 0) {
		/* As a program begins, not as a test under cmocka does. */
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		/* Not before the modes of now were noted. */
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(99);
		close(go[0]);
		setenv("TERM", term, 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		setenv("XDG_STATE_HOME", "/proc/none", 1); /* keeps nothing */
		setenv("PFERRY_LOOP_GAP", gap_file, 1);
		_exit(run_browser());
	}
	assert_int_equal(tcgetattr(t->fd, &t->before), 0);
	assert_int_equal(write(go[1], &byte, 1), 1);
	close(go[0]);
	close(go[1]);
}

/* Read what comes for so long. */
static void listen_ms(struct terminal *t, int ms)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		struct pollfd p = {.fd = t->fd, .events = POLLIN};
		char bytes[4096];
		ssize_t n;
		int left;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = ms -
		       (int)((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000);
		if (left <= 0 || poll(&p, 1, left) <= 0)
			return;
		n = read(t->fd, bytes, sizeof bytes);
		if (n <= 0)
			return;
		buf_append(&t->seen, bytes, (size_t)n);
	}
}

/* Read until it has been sent this; false when it is not within 5 s. */
static bool wait_for(struct terminal *t, const char *text)
{
	for (int i = 0; i < 100; i++) {
		if (strstr(buf_str(&t->seen), text))
			return true;
		listen_ms(t, 50);
	}
	return false;
}

static void type(struct terminal *t, const char *keys)
{
	assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

/* Its exit code, or minus the signal that ended it. */
static int end(struct terminal *t)
{
	int status = 0;

	for (int i = 0; i < 100 && waitpid(t->pid, &status, WNOHANG) == 0; i++) {
		if (t->fd >= 0)
			listen_ms(t, 50);
		else
			poll(NULL, 0, 50);
		if (i == 99) {
			kill(t->pid, SIGKILL);
			waitpid(t->pid, &status, 0);
		}
	}
	if (t->fd >= 0)
		close(t->fd);
	buf_free(&t->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The modes are as before, and the alternate screen was left. */
static void assert_restored(struct terminal *t)
{
	struct termios now;

	assert_true(wait_for(t, "\033[?1049l"));
	/* The modes come after the last bytes. */
	for (int i = 0; i < 100; i++) {
		assert_int_equal(tcgetattr(t->fd, &now), 0);
		if (now.c_lflag & ICANON)
			break;
		listen_ms(t, 50);
	}
	assert_int_equal(now.c_lflag & (ICANON | ECHO | ISIG), t->before.c_lflag & (ICANON | ECHO | ISIG));
	assert_int_equal(now.c_iflag & (IXON | ICRNL), t->before.c_iflag & (IXON | ICRNL));
	assert_int_equal(now.c_oflag & OPOST, t->before.c_oflag & OPOST);
}

static void comes_up_and_quits(void **state)
{
	struct terminal t;

	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	assert_null(strstr(buf_str(&t.seen), "\033[?1000h")); /* the mouse stays the terminal's */
	type(&t, "q");
	assert_restored(&t);
	assert_int_equal(end(&t), 0);
}

static void terminal_kinds(void **state)
{
	static const char *const kinds[] = {"linux",	"vt100",     "screen",		"xterm",	 "tmux-256color",
					    "alacritty", "foot",      "xterm-256color", "nosuchterminal"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct terminal t;

		begin(&t, kinds[i]);
		assert_true(wait_for(&t, "No host yet."));
		/* What only xterm's kin know is not sent to others; no colour to one without. */
		if (strcmp(kinds[i], "vt100") == 0 || strcmp(kinds[i], "linux") == 0)
			assert_null(strstr(buf_str(&t.seen), "\033[?2004h"));
		if (strcmp(kinds[i], "vt100") == 0)
			assert_null(strstr(buf_str(&t.seen), "\033[3"));
		type(&t, "q");
		assert_int_equal(end(&t), 0);
	}
}

static void dumb_is_refused(void **state)
{
	struct terminal t;

	begin(&t, "dumb");
	assert_true(wait_for(&t, "set TERM"));
	assert_int_equal(end(&t), 99);
}

static void signals_restore_the_terminal(void **state)
{
	static const struct {
		int signo, code;
	} table[] = {{SIGTERM, 143}, {SIGINT, 130}, {SIGABRT, -SIGABRT}, {SIGSEGV, -SIGSEGV}};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct terminal t;

		begin(&t, "xterm-256color");
		assert_true(wait_for(&t, "No host yet."));
		kill(t.pid, table[i].signo);
		assert_restored(&t);
		assert_int_equal(end(&t), table[i].code);
	}
}

static void hangup_ends_it(void **state)
{
	struct terminal t;

	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	close(t.fd);
	t.fd = -1;
	assert_int_equal(end(&t), 128 + SIGHUP);
	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	kill(t.pid, SIGHUP);
	assert_int_equal(end(&t), 128 + SIGHUP);
}

static void resize_is_followed(void **state)
{
	struct terminal t;
	struct winsize size = {.ws_row = 50, .ws_col = 160};

	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	buf_clear(&t.seen);
	assert_int_equal(ioctl(t.fd, TIOCSWINSZ, &size), 0);
	assert_true(wait_for(&t, "\033[50")); /* the hints moved to the last row */
	type(&t, "q");
	assert_int_equal(end(&t), 0);
}

/* Nobody reads for a while, with far more to draw than the terminal holds. */
static void stalled_terminal_delays_nothing(void **state)
{
	struct terminal t;
	FILE *file;
	long long gap_us = -1;
	int64_t stalled_us;

	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	stalled_us = loop_clock_us();
	for (int i = 0; i < 100; i++) {
		type(&t, "\014?\033\033");
		poll(NULL, 0, 15);
	}
	stalled_us = loop_clock_us() - stalled_us;
	listen_ms(&t, 300);
	buf_clear(&t.seen);
	type(&t, "\014"); /* it goes on as if nothing had been */
	assert_true(wait_for(&t, "No host yet."));
	type(&t, "q");
	assert_int_equal(end(&t), 0);
	file = fopen(gap_file, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lld", &gap_us), 1);
	fclose(file);
	/* Had it waited for the terminal, then for as long as that did not read. */
	assert_true(gap_us >= 0 && gap_us < stalled_us / 2);
}

/* Text pasted over the columns does nothing; in a prompt it is typed. */
static void paste_is_no_keys(void **state)
{
	struct terminal t;

	begin(&t, "xterm-256color");
	assert_true(wait_for(&t, "No host yet."));
	type(&t, "\033[200~qqq\033[201~");
	assert_true(wait_for(&t, "Pasted text"));
	type(&t, "a\033[200~web\n77\033[201~");
	assert_true(wait_for(&t, "77"));
	type(&t, "\033");
	listen_ms(&t, 200);
	type(&t, "q");
	assert_int_equal(end(&t), 0);
}

static int setup(void **state)
{
	int fd = mkstemp(gap_file);

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
	return unlink(gap_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_up_and_quits),
		cmocka_unit_test(terminal_kinds),
		cmocka_unit_test(dumb_is_refused),
		cmocka_unit_test(signals_restore_the_terminal),
		cmocka_unit_test(hangup_ends_it),
		cmocka_unit_test(resize_is_followed),
		cmocka_unit_test(stalled_terminal_delays_nothing),
		cmocka_unit_test(paste_is_no_keys),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
