/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/term/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "tui/term/rescue.h"

#define LAST_BYTES_MS 500

static const char mouse_on[] = "\033[?1000h\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1006l\033[?1002l\033[?1000l";
static const char paste_on[] = "\033[?2004h";
static const char paste_off[] = "\033[?2004l";

/* The window's name onto and off a stack that xterm and its kin keep. */
static const char title_push[] = "\033[22;2t";
static const char title_pop[] = "\033[23;2t";

struct sink {
	struct loop *loop;
	const struct sink_events *events;
	void *ctx;
	int in, out; /* the same descriptor of our own, unless plain */
	bool plain, gone, mouse, brackets, lent;
	char title[64]; /* "": its own */
	int memory;	/* what curses writes to */
	FILE *memory_file, *null_file;
	SCREEN *screen;
	struct buf pending;
	struct loop_fd *source;
	struct termios before, ours;
};

/* Move what curses wrote from memory to the bytes on their way. */
static void gather(struct sink *sink)
{
	off_t len = lseek(sink->memory, 0, SEEK_CUR);
	char *room;
	ssize_t got;

	if (len <= 0)
		return;
	room = buf_space(&sink->pending, (size_t)len);
	got = pread(sink->memory, room, (size_t)len, 0);
	if (got > 0)
		buf_grew(&sink->pending, (size_t)got);
	if (ftruncate(sink->memory, 0) != 0 || lseek(sink->memory, 0, SEEK_SET) != 0)
		abort(); /* a memory file that cannot be emptied: nothing sane is left */
}

/* Write what the terminal takes; false when it takes no more for now. */
static bool pump(struct sink *sink)
{
	while (sink->pending.len > 0 && !sink->gone) {
		ssize_t n = write(sink->out, buf_data(&sink->pending), sink->pending.len);

		if (n > 0)
			buf_consume(&sink->pending, (size_t)n);
		else if (n < 0 && errno == EINTR)
			continue;
		else if (n < 0 && errno != EAGAIN)
			buf_clear(&sink->pending); /* poll will tell what happened */
		else
			return false;
	}
	return true;
}

static void push(struct sink *sink)
{
	bool empty;

	if (sink->gone || sink->lent) {
		buf_clear(&sink->pending);
		return;
	}
	empty = pump(sink);
	if (sink->source)
		loop_fd_want(sink->source, empty ? LOOP_READ : LOOP_READ | LOOP_WRITE);
}

static void hang_up(struct sink *sink)
{
	if (sink->gone)
		return;
	sink_abandon(sink);
	sink->events->lost(sink->ctx);
}

static void on_terminal(void *ctx, int fd, unsigned events)
{
	struct sink *sink = ctx;
	char bytes[256];

	if (events & LOOP_WRITE) {
		push(sink);
		if (sink->pending.len == 0)
			sink->events->drained(sink->ctx);
	}
	if (events & LOOP_HUP) {
		hang_up(sink);
		return;
	}
	if (events & LOOP_READ) {
		ssize_t n = read(fd, bytes, sizeof bytes);

		if (n > 0)
			sink->events->input(sink->ctx, bytes, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			hang_up(sink);
	}
}

/* A description of our own, so that the shell's stays blocking. */
static bool open_terminal(struct sink *sink, struct err *e)
{
	const char *name;

	if (sink->plain) {
		if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
			return err_set(
				e, ERR_USAGE, NULL,
				"The browser needs a terminal; without one use pferry ls and pferry move.");
		sink->in = STDIN_FILENO;
		sink->out = STDOUT_FILENO;
		return true;
	}
	sink->in = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (sink->in < 0) {
		name = ttyname(STDOUT_FILENO);
		if (!name)
			name = ttyname(STDIN_FILENO);
		if (name)
			sink->in = open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (sink->in < 0)
		return err_set(e, ERR_USAGE, NULL,
			       "The browser needs a terminal; without one use pferry ls and pferry move.");
	sink->out = sink->in;
	return true;
}

/* No echo, no lines, no ^S, no signals from keys, nothing translated. */
static void raw_modes(struct sink *sink)
{
	sink->ours = sink->before;
	sink->ours.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR | ISTRIP | BRKINT | PARMRK);
	sink->ours.c_oflag &= ~(tcflag_t)OPOST;
	sink->ours.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
	sink->ours.c_cc[VMIN] = 1;
	sink->ours.c_cc[VTIME] = 0;
	tcsetattr(sink->in, TCSANOW, &sink->ours);
}

/* newterm(3X) with the signals left as they were: curses would take some. */
static SCREEN *new_screen(struct sink *sink, const char *term)
{
	static const int taken[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	struct sigaction before[countof(taken)];
	SCREEN *screen;

	for (size_t i = 0; i < countof(taken); i++)
		sigaction(taken[i], NULL, &before[i]);
	/* Curses cannot ask a memory file for its size, and not every terminal's entry
	 * has one; without a size there is no screen. resizeterm() follows. */
	setenv("LINES", "24", 1);
	setenv("COLUMNS", "80", 1);
	screen = newterm(term, sink->memory_file, sink->null_file);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	for (size_t i = 0; i < countof(taken); i++)
		sigaction(taken[i], &before[i], NULL);
	return screen;
}

static bool start_curses(struct sink *sink, struct err *e)
{
	const char *term = getenv("TERM");
	const char *move;

	sink->memory = memfd_create("pferry-screen", MFD_CLOEXEC);
	if (sink->memory < 0)
		return err_errno(e, errno, "No memory file for the screen");
	sink->memory_file = fdopen(sink->memory, "r+");
	sink->null_file = fopen("/dev/null", "re");
	if (!sink->memory_file || !sink->null_file)
		return err_errno(e, errno, "No stream for the screen");
	use_env(TRUE);
	use_tioctl(FALSE);
	sink->screen = new_screen(sink, NULL);
	if (!sink->screen && term && strcmp(term, "dumb") != 0)
		sink->screen = new_screen(sink, "xterm-256color");
	if (!sink->screen)
		return err_set(e, ERR_SYSTEM, NULL,
			       "The terminal type \"%s\" is not known here; set TERM to one that is.",
			       term ? term : "");
	move = tigetstr("cup");
	if (!move || move == (char *)-1)
		return err_set(e, ERR_SYSTEM, NULL,
			       "The terminal type \"%s\" cannot place the cursor; set TERM.",
			       term ? term : "");
	typeahead(-1);
	nonl();
	noecho();
	return true;
}

static void resize_curses(struct sink *sink)
{
	int rows, cols;

	sink_size(sink, &rows, &cols);
	resizeterm(rows, cols);
}

static void send_title(struct sink *sink)
{
	if (!sink->title[0])
		return;
	sink_raw(sink, "\033]2;", 4);
	sink_raw(sink, sink->title, strlen(sink->title));
	sink_raw(sink, "\a", 1);
}

/* Ask for pasted text in brackets where sequences of xterm's kind are known. */
static void enter(struct sink *sink)
{
	const char *kind = termname();

	sink->brackets = strncmp(kind, "vt", 2) != 0 && strncmp(kind, "linux", 5) != 0;
	if (sink->brackets)
		sink_raw(sink, paste_on, sizeof paste_on - 1);
	if (sink->mouse)
		sink_raw(sink, mouse_on, sizeof mouse_on - 1);
	if (sink->title[0]) {
		sink_raw(sink, title_push, sizeof title_push - 1);
		send_title(sink);
	}
}

static void leave(struct sink *sink)
{
	if (sink->mouse)
		buf_append(&sink->pending, mouse_off, sizeof mouse_off - 1);
	if (sink->title[0])
		buf_append(&sink->pending, title_pop, sizeof title_pop - 1);
	if (sink->brackets)
		buf_append(&sink->pending, paste_off, sizeof paste_off - 1);
	endwin();
	gather(sink);
	for (int waited = 0; !pump(sink) && waited < LAST_BYTES_MS; waited += 20) {
		struct pollfd p = {.fd = sink->out, .events = POLLOUT};

		poll(&p, 1, 20);
	}
	buf_clear(&sink->pending);
	tcsetattr(sink->in, TCSANOW, &sink->before);
}

static void destroy(struct sink *sink)
{
	loop_fd_remove(&sink->source);
	if (sink->screen)
		delscreen(sink->screen);
	if (sink->memory_file)
		fclose(sink->memory_file);
	else if (sink->memory >= 0)
		close(sink->memory);
	if (sink->null_file)
		fclose(sink->null_file);
	if (!sink->plain && sink->in >= 0)
		close(sink->in);
	buf_free(&sink->pending);
	free(sink);
}

struct sink *sink_open(struct loop *loop, bool plain, const struct sink_events *events, void *ctx,
		       struct err *e)
{
	struct sink *sink = mem_new(struct sink);

	*sink = (struct sink){
		.loop = loop, .events = events, .ctx = ctx, .plain = plain, .in = -1, .memory = -1};
	buf_init(&sink->pending, 0);
	if (!open_terminal(sink, e) || !start_curses(sink, e)) {
		destroy(sink);
		return NULL;
	}
	if (tcgetattr(sink->in, &sink->before) != 0) {
		err_errno(e, errno, "The terminal's modes cannot be read");
		destroy(sink);
		return NULL;
	}
	rescue_arm(sink->out, &sink->before);
	raw_modes(sink);
	resize_curses(sink);
	enter(sink);
	sink->source = loop_fd_add(loop, sink->in, LOOP_READ, on_terminal, sink);
	push(sink);
	return sink;
}

void sink_close(struct sink *sink)
{
	if (sink->lent)
		sink_take_back(sink);
	if (!sink->gone)
		leave(sink);
	rescue_disarm();
	destroy(sink);
}

bool sink_ready(const struct sink *sink)
{
	return !sink->gone && !sink->lent && sink->pending.len == 0;
}

void sink_frame(struct sink *sink)
{
	gather(sink);
	push(sink);
}

void sink_raw(struct sink *sink, const char *bytes, size_t len)
{
	buf_append(&sink->pending, bytes, len);
	push(sink);
}

void sink_mouse(struct sink *sink, bool on)
{
	if (on == sink->mouse)
		return;
	sink->mouse = on;
	if (on)
		sink_raw(sink, mouse_on, sizeof mouse_on - 1);
	else
		sink_raw(sink, mouse_off, sizeof mouse_off - 1);
}

void sink_bell(struct sink *sink)
{
	sink_raw(sink, "\a", 1);
}

void sink_title(struct sink *sink, const char *text)
{
	bool had = sink->title[0] != '\0';

	if (!sink->brackets) /* no terminal of xterm's kind */
		return;
	snprintf(sink->title, sizeof sink->title, "%s", text);
	if (!had && *text)
		sink_raw(sink, title_push, sizeof title_push - 1);
	send_title(sink);
	if (had && !*text)
		sink_raw(sink, title_pop, sizeof title_pop - 1);
}

void sink_flush_input(struct sink *sink)
{
	if (!sink->gone && !sink->lent)
		tcflush(sink->in, TCIFLUSH);
}

void sink_size(const struct sink *sink, int *rows, int *cols)
{
	struct winsize ws;

	*rows = 24;
	*cols = 80;
	if (!sink->gone && ioctl(sink->out, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0) {
		*rows = ws.ws_row;
		*cols = ws.ws_col;
	}
}

/* The terminal is ours again: its modes may be others now, and its picture anything. */
static void take(struct sink *sink)
{
	tcgetattr(sink->in, &sink->before);
	rescue_arm(sink->out, &sink->before);
	raw_modes(sink);
	resize_curses(sink);
	enter(sink);
	clearok(curscr, TRUE);
}

void sink_suspend(struct sink *sink)
{
	sigset_t stop, mask;

	if (sink->gone)
		return;
	leave(sink);
	/* The whole job stops, as it would when the terminal's driver saw ^Z. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &mask);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	take(sink);
}

/* As a shell does; from the background that would stop us. */
void sink_give(const struct sink *sink, pid_t group)
{
	sigset_t ttou, mask;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &mask);
	tcsetpgrp(sink->in, group);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

bool sink_lend(struct sink *sink)
{
	if (sink->gone || sink->lent)
		return false;
	leave(sink);
	loop_fd_want(sink->source, 0);
	rescue_disarm();
	sink->lent = true;
	return true;
}

void sink_take_back(struct sink *sink)
{
	if (!sink->lent)
		return;
	sink->lent = false;
	if (sink->gone)
		return;
	sink_give(sink, getpgrp());
	take(sink);
	loop_fd_want(sink->source, LOOP_READ);
	push(sink);
}

void sink_abandon(struct sink *sink)
{
	sink->gone = true;
	loop_fd_remove(&sink->source);
	buf_clear(&sink->pending);
	rescue_disarm();
}

bool sink_gone(const struct sink *sink)
{
	return sink->gone;
}
