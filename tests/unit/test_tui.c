/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser without a terminal: keys go into the model, frames are drawn
 * into a curses window that leads nowhere, and their cells are read back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <curses.h>
#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/actions.h"
#include "tui/draw.h"
#include "tui/question.h"
#include "tui/screens.h"
#include "tui/ui.h"

/* ---- a tree, as a host would send it ---- */

static void put(struct snapshot *snap, const char *key, const char *value)
{
	assert_true(snapshot_feed(snap, key, strlen(key) + 1, NULL));
	assert_true(snapshot_feed(snap, value, strlen(value) + 1, NULL));
}

/* A process; `args` are separated by '|'. */
static void put_proc(struct snapshot *snap, int pid, int ppid, const char *name, const char *args, int mib,
		     const char *cgroup)
{
	char key[64], value[512];
	char *words, *next;

	snprintf(key, sizeof key, "%d/stat", pid);
	snprintf(value, sizeof value,
		 "%d (%s) S %d 1 1 0 -1 4194304 0 0 0 0 10 5 0 0 20 0 1 0 %d 1000000 %d 0 0 0 0 0 0 0 0 0 0 "
		 "0 0 "
		 "0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		 pid, name, ppid, pid * 10, mib * 256);
	put(snap, key, value);
	snprintf(key, sizeof key, "%d/cmdline", pid);
	words = mem_strdup(args);
	for (next = strtok(words, "|"); next; next = strtok(NULL, "|"))
		put(snap, key, next);
	free(words);
	snprintf(key, sizeof key, "%d/cgroup", pid);
	snprintf(value, sizeof value, "0::%s\n", cgroup);
	put(snap, key, value);
	snprintf(key, sizeof key, "%d/status", pid);
	put(snap, key, "Uid:\t0\t0\t0\t0");
}

static struct tree *tree_sample(void)
{
	static const char magic[] = "pferry-snapshot 1";
	static const char *const cgroups[] = {
		".",
		"./system.slice",
		"./system.slice/cron.service",
		"./system.slice/nginx.service",
		"./system.slice/redis.service",
		"./system.slice/ssh.service",
		"./user.slice",
		"./user.slice/user-1000.slice",
		"./user.slice/user-1000.slice/session-4.scope",
	};
	struct snapshot *snap = snapshot_new();
	struct tree *tree = tree_new();

	assert_true(snapshot_feed(snap, magic, sizeof magic, NULL));
	put(snap, "boot", "8d1f7a52-0000-4000-8000-000000000001");
	put(snap, "hz", "100");
	put(snap, "page", "4096");
	put(snap, "load", "0.42");
	put(snap, "uptime", "100000.00");
	put(snap, "hierarchy", "");
	put(snap, "u/0", "root");
	for (size_t i = 0; i < countof(cgroups); i++)
		put(snap, "cgroup", cgroups[i]);
	put_proc(snap, 640, 1, "cron", "/usr/sbin/cron|-f", 2, "/system.slice/cron.service");
	put_proc(snap, 700, 1, "sshd", "sshd: /usr/sbin/sshd -D [listener]", 6, "/system.slice/ssh.service");
	put_proc(snap, 881, 1, "redis-server", "/usr/bin/redis-server|*:6379", 184,
		 "/system.slice/redis.service");
	put_proc(snap, 1234, 1, "nginx", "nginx: master process /usr/sbin/nginx", 96,
		 "/system.slice/nginx.service");
	put_proc(snap, 1235, 1234, "nginx", "nginx: worker process", 10, "/system.slice/nginx.service");
	put_proc(snap, 1236, 1234, "nginx", "nginx: worker process", 10, "/system.slice/nginx.service");
	put_proc(snap, 2210, 1, "python3", "python3|/srv/demo/train.py|--epochs", 18,
		 "/user.slice/user-1000.slice/session-4.scope");
	put_proc(snap, 2399, 1, "tail", "tail|-f|\xe6\x97\xa5\xe6\x9c\xac.log", 2,
		 "/user.slice/user-1000.slice/session-4.scope");
	put(snap, "end", "");
	assert_true(snapshot_complete(snap));
	tree_update(tree, snap, 1000);
	return tree;
}

/* ---- a model with a notebook for what it wants done ---- */

struct notebook {
	struct ui ui;
	struct tree *trees[12];
	size_t hosts;
	struct move_info info[4];
	struct job jobs[4];
	size_t moves;
	char source[ERR_HOST_MAX], destination[ERR_HOST_MAX], added[64], copied[256];
	pid_t pid;
	bool check_only, frozen, refuse, mouse;
	size_t cancelled, looked;
	struct move *cancelled_move;
};

static struct notebook nb;

/* Stand-ins that are compared and never looked into. */
static struct host *host_number(size_t i)
{
	return (struct host *)(uintptr_t)(0x1000 + i * 16);
}

static const char *name_of(const struct host *host)
{
	for (size_t i = 0; i < nb.ui.ncolumns; i++)
		if (nb.ui.columns[i]->host == host)
			return nb.ui.columns[i]->name;
	return "";
}

static struct move *note_move(void *ctx, const struct move_request *request, struct err *e)
{
	if (nb.refuse) {
		err_set(e, ERR_REFUSED, NULL, "no way");
		return NULL;
	}
	nb.moves++;
	nb.pid = request->proc.pid;
	nb.check_only = request->check_only;
	snprintf(nb.source, sizeof nb.source, "%s", name_of(request->source));
	snprintf(nb.destination, sizeof nb.destination, "%s", name_of(request->destination));
	return (struct move *)(uintptr_t)(0x9000 + nb.moves);
}

static bool note_cancel(void *ctx, struct move *move, struct err *e)
{
	nb.cancelled++;
	nb.cancelled_move = move;
	return true;
}

static void note_answer_move(void *ctx, struct move *move, bool yes)
{
}

static void note_answer_host(void *ctx, struct host *host, const char *answer)
{
}

static bool note_add(void *ctx, const char *name, struct err *e)
{
	snprintf(nb.added, sizeof nb.added, "%s", name);
	return true;
}

static bool note_close(void *ctx, struct host *host, struct err *e)
{
	return err_set(e, ERR_USAGE, NULL, "A move uses it.");
}

static void note_look(void *ctx, struct host *host)
{
	nb.looked++;
}

static void note_pause(void *ctx, struct host *host, bool paused)
{
}

static bool note_frozen(void *ctx)
{
	return nb.frozen;
}

static void note_sentence(void *ctx, struct move *move, char *out, size_t size)
{
	snprintf(out, size, "It is on its way.");
}

static void note_copy(void *ctx, const char *text)
{
	snprintf(nb.copied, sizeof nb.copied, "%s", text);
}

static void note_mouse(void *ctx, bool on)
{
	nb.mouse = on;
}

static const struct port notes = {
	.start_move = note_move,
	.cancel_move = note_cancel,
	.answer_move = note_answer_move,
	.answer_host = note_answer_host,
	.add_host = note_add,
	.close_host = note_close,
	.look = note_look,
	.pause = note_pause,
	.frozen = note_frozen,
	.sentence = note_sentence,
	.copy = note_copy,
	.mouse = note_mouse,
};

static SCREEN *screen;
static int cursor_y, cursor_x; /* after the last frame: reading cells back moves it */
static FILE *nowhere;

static void add_host(const char *name)
{
	struct column *col = ui_add_column(&nb.ui, name);

	nb.trees[nb.hosts] = tree_sample();
	col->tree = nb.trees[nb.hosts];
	col->host = host_number(nb.hosts++);
	col->state = HOST_UP;
	col->age_ms = 1000;
	snprintf(col->state_text, sizeof col->state_text, "up");
}

/* A model with `hosts` hosts, web01 to web0N, plain ASCII without colour. */
static void begin(size_t hosts)
{
	memset(&nb, 0, sizeof nb);
	ui_init(&nb.ui, &notes, NULL);
	theme_init(&nb.ui.theme, false, false);
	nb.ui.now_ms = 100000;
	for (size_t i = 0; i < hosts; i++) {
		char name[32];

		snprintf(name, sizeof name, "web%02zu", i + 1);
		add_host(name);
	}
}

static void end(void)
{
	nb.ui.jobs = NULL;
	ui_free(&nb.ui);
	for (size_t i = 0; i < nb.hosts; i++)
		tree_free(nb.trees[i]);
}

/* A move of redis-server from the first host to the second, in the middle of sending. */
static void add_job(void)
{
	size_t i = nb.ui.njobs;

	nb.info[i] = (struct move_info){
		.number = (uint32_t)i + 1,
		.source = "web01",
		.destination = "web02",
		.proc = {.pid = 881},
		.name = "redis-server",
		.phase = PHASE_SEND,
		.outcome = MOVE_RUNNING,
		.bytes = 112ull << 20,
		.bytes_total = 184ull << 20,
		.bytes_per_s = 48.0 * 1048576,
		.frozen = true,
		.frozen_ms = 900,
		.total_ms = 2000,
		.status = "",
	};
	nb.info[i].phases[PHASE_PRECOPY].began_ms = -1;
	nb.jobs[i] = (struct job){.move = (struct move *)(uintptr_t)(0x7000 + i), .info = &nb.info[i]};
	nb.ui.jobs = nb.jobs;
	nb.ui.njobs = i + 1;
}

static void draw(int rows, int cols)
{
	resizeterm(rows, cols);
	draw_frame(&nb.ui, stdscr);
	getyx(stdscr, cursor_y, cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

/* A row of the screen as text, blanks at its end left out. */
static const char *line(int y)
{
	static char text[4][2048];
	static int which;
	wchar_t wide[512];
	size_t len;
	char *out = text[which = (which + 1) % 4];

	mvwinnwstr(stdscr, y, 0, wide, COLS);
	len = wcstombs(out, wide, sizeof text[0] - 1);
	assert_int_not_equal(len, (size_t)-1);
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	return out;
}

/* The first row with this in it, -1 when there is none. */
static int find(const char *text)
{
	for (int y = 0; y < LINES; y++)
		if (strstr(line(y), text))
			return y;
	return -1;
}

static unsigned press(const char *keys)
{
	struct key_decoder dec = {.len = 0};
	struct key key;
	unsigned fx = 0;

	key_feed(&dec, keys, strlen(keys));
	while (key_next(&dec, true, &key))
		fx |= ui_key(&nb.ui, &key);
	draw(LINES, COLS);
	return fx;
}

static int setup(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	nowhere = fopen("/dev/null", "r+");
	screen = newterm("xterm-256color", nowhere, nowhere);
	return screen ? 0 : -1;
}

static int teardown(void **state)
{
	endwin();
	delscreen(screen);
	fclose(nowhere);
	return 0;
}

/* ---- pictures ---- */

static void two_hosts_at_80x24(void **state)
{
	begin(2);
	draw(24, 80);
	assert_non_null(strstr(line(0), " pferry  2 hosts"));
	assert_string_equal(line(1), " web01  up  8 procs  1s                 | web02  up  8 procs  1s");
	assert_string_equal(line(2), "> [-] system.slice                      |  [-] system.slice");
	assert_non_null(strstr(line(3), "  |-[-] "));
	assert_true(find("redis-server *:6379") > 0);
	assert_true(find("881|") > 0);
	assert_true(find("python3 train.py") > 0); /* the script's folder is left out */
	assert_string_equal(line(23),
			    " ?help Spc mark m move / find f filter Tab host a add J jobs L log q quit");
	assert_int_equal(cursor_y, 2);
	press("jjj");
	assert_int_equal(cursor_y, 5);
	assert_int_equal(cursor_x, 0);
	press("\t");
	assert_int_equal(cursor_y, 2);
	assert_int_equal(cursor_x, 41);
	end();
}

static void one_host_at_160x50_has_details(void **state)
{
	begin(1);
	draw(50, 160);
	assert_non_null(strstr(line(1), "Details"));
	assert_true(find("load ") == 1);
	press("/redis-server\r");
	assert_true(find("redis-server  pid 881") == 2);
	assert_true(find("cgroup    /system.slice/redis.service") > 0);
	press("\r");
	assert_int_equal(find("Details"), -1);
	press("\r");
	assert_int_equal(find("Details"), 1);
	assert_true(find("Add a second host") == 48);
	end();
}

static void narrow_has_no_fields(void **state)
{
	begin(2);
	draw(10, 39);
	assert_true(find("1 web01") == 1);
	assert_int_equal(find("1234"), -1);
	draw(10, 40);
	assert_true(find("1234") > 0);
	end();
}

static void too_small_says_so(void **state)
{
	begin(2);
	add_job();
	draw(7, 80);
	assert_string_equal(line(0), "pferry: 24x8 needed; 1 moving, 60 %");
	draw(24, 20);
	assert_non_null(strstr(line(0), "pferry: 24x8"));
	end();
}

/* Every size, with every kind of screen and question open: nothing to see but a crash. */
static void all_sizes(void **state)
{
	static const char *const open[] = {"", "?", "L", "J", "J\r", "\r", "/xyz", "m", "X", "q", "f", ":mo"};

	for (size_t hosts = 0; hosts <= 12; hosts += hosts < 2 ? 1 : 5) {
		for (size_t i = 0; i < countof(open); i++) {
			begin(hosts);
			if (i % 2)
				add_job();
			draw(24, 80);
			press(open[i]);
			for (int rows = 1; rows < 60; rows += rows < 12 ? 1 : 13)
				for (int cols = 1; cols < 200; cols += cols < 30 ? 3 : 23)
					draw(rows, cols);
			draw(24, 80);
			end();
		}
	}
}

static void twelve_hosts_in_a_strip(void **state)
{
	begin(12);
	draw(24, 80);
	assert_non_null(strstr(line(0), "12 hosts (1-3 shown)"));
	assert_non_null(strstr(line(1), "[1 web01 2 web02 3 web03] 4 web04"));
	assert_non_null(strstr(line(2), " 1 web01 up 8p 1s"));
	press("9");
	assert_non_null(strstr(line(0), "(7-9 shown)"));
	assert_non_null(strstr(line(1), "9 web09]"));
	press("]]]]");
	assert_non_null(strstr(line(0), "(1-3 shown)"));
	end();
}

static void move_under_way(void **state)
{
	begin(2);
	add_job();
	draw(24, 80);
	assert_non_null(strstr(line(0), "jobs: 1 run"));
	assert_non_null(strstr(line(21), "#1 redis-server(881) web01>web02  send"));
	assert_non_null(strstr(line(21), "60%"));
	assert_non_null(strstr(line(21), "FROZEN 0.9 s"));
	assert_non_null(strstr(line(22), "frozen for 0.9 s. X aborts, it resumes on web01."));
	assert_int_equal(find(" ~"), find("redis-server *:6379"));
	/* What was said stays, but not over a process that waits for long. */
	ui_notice(&nb.ui, NOTICE_INFO, "Something else.");
	draw(24, 80);
	assert_true(find("Something else.") == 22);
	nb.info[0].frozen_ms = 6000;
	draw(24, 80);
	assert_true(find("frozen for 6.0 s. X aborts") == 22);
	nb.info[0].frozen_ms = 900;
	draw(50, 160);
	assert_true(find("check ok | stage ok | freeze ok | SEND | restore | go  [######----] 60% 112M/184M "
			 "48M/s") > 0);
	end();
}

static void host_that_refuses(void **state)
{
	struct column *col;

	begin(2);
	col = nb.ui.columns[1];
	col->state = HOST_REFUSED;
	col->age_ms = -1;
	tree_free(nb.trees[1]);
	col->tree = nb.trees[1] = tree_new();
	col->stale = true;
	snprintf(col->state_text, sizeof col->state_text, "refused");
	snprintf(col->error, sizeof col->error, "web02 refused every key offered.");
	draw(24, 80);
	assert_non_null(strstr(line(1), "web02  ! refused"));
	assert_true(find("web02 refused every key offered.") == 2);
	assert_true(find("r tries again") == 3);
	end();
}

static void no_hosts_yet(void **state)
{
	begin(0);
	draw(24, 80);
	assert_true(find("add a host") > 0);
	press("m");
	assert_true(find("a adds one") == 22);
	press("jkl \tG*f/");
	press("aweb07\r");
	end();
}

static void without_colour_still_told_apart(void **state)
{
	attr_t attr;
	short pair;
	cchar_t cell;
	wchar_t wide[8];

	begin(2);
	draw(24, 80);
	mvwin_wch(stdscr, 2, 4, &cell);
	getcchar(&cell, wide, &attr, &pair, NULL);
	assert_true(attr & A_REVERSE); /* the cursor's row */
	assert_int_equal(pair, 0);
	for (int role = 0; role < ROLE_COUNT; role++)
		assert_int_equal(nb.ui.theme.pair[role], 0);
	end();
}

static void line_drawing_in_utf8(void **state)
{
	begin(2);
	theme_init(&nb.ui.theme, true, true);
	draw(24, 80);
	assert_true(find("├─[-]") > 0);
	assert_true(find("│") > 0);
	end();
}

/* Whatever gets past the model: no control and no change of direction reaches a cell. */
static void hostile_text(void **state)
{
	static const char text[] = "a\033[31mb\x9b"
				   "2Jc\xe2\x80\xae"
				   "d\xe2\x81\xa6"
				   "e\n\x7f\xff\xc2\x9b"
				   "f";
	struct paint p;

	for (int utf8 = 0; utf8 < 2; utf8++) {
		begin(0);
		theme_init(&nb.ui.theme, false, utf8);
		resizeterm(24, 80);
		paint_begin(&p, stdscr, &nb.ui.theme);
		paint_text(&p, 0, 0, 80, ROLE_NORMAL, text);
		assert_non_null(strstr(line(0), "a?[31mb?2Jcde????f"));
		end();
	}
}

static void text_is_cut_between_characters(void **state)
{
	struct paint p;

	begin(0);
	theme_init(&nb.ui.theme, false, true);
	resizeterm(24, 80);
	paint_begin(&p, stdscr, &nb.ui.theme);
	assert_int_equal(paint_text(&p, 0, 0, 6, ROLE_NORMAL, "日本語日本語"), 5);
	assert_string_equal(line(0), "日本…");
	assert_int_equal(paint_text(&p, 1, 0, 7, ROLE_NORMAL, "日本語日本語"), 7);
	assert_string_equal(line(1), "日本語…");
	assert_int_equal(paint_text(&p, 2, 78, 40, ROLE_NORMAL, "日本"), 1);
	assert_int_equal(paint_text(&p, 99, 0, 40, ROLE_NORMAL, "x"), 0);
	assert_int_equal(paint_wrap(&p, 3, 0, 10, 9, ROLE_NORMAL, "one two three four"), 2);
	assert_string_equal(line(3), "one two");
	assert_string_equal(line(4), "three four");
	end();
}

/* ---- keys ---- */

static void move_with_two_hosts(void **state)
{
	begin(2);
	draw(24, 80);
	press("/redis-server\rm");
	assert_non_null(strstr(line(22), "Move redis-server(881), ~184 MiB, from web01 to: web02"));
	press("\r");
	assert_int_equal(nb.moves, 1);
	assert_int_equal(nb.pid, 881);
	assert_string_equal(nb.source, "web01");
	assert_string_equal(nb.destination, "web02");
	assert_false(nb.check_only);
	/* Back out of it. */
	press("m\033");
	assert_int_equal(nb.moves, 1);
	/* Already there, by digit and by name. */
	press("m1\r");
	assert_int_equal(nb.moves, 1);
	assert_true(find("it is there already") == 22);
	press("mweb01\r");
	assert_int_equal(nb.moves, 1);
	press("m2\r");
	assert_int_equal(nb.moves, 2);
	end();
}

static void pick_among_many(void **state)
{
	begin(4);
	snprintf(nb.ui.columns[2]->no_target, sizeof nb.ui.columns[2]->no_target, "no criu there");
	draw(24, 80);
	press("/redis-server\rm");
	assert_true(find("3 web03 (no criu there)") == 23);
	press("\r");
	assert_int_equal(nb.moves, 0); /* nothing was ready */
	press("m3\r");
	assert_int_equal(nb.moves, 0);
	assert_true(find("web03 cannot be chosen: no criu there.") == 22);
	press("m4\r");
	assert_string_equal(nb.destination, "web04");
	press("m\t\r");
	assert_string_equal(nb.destination, "web02");
	press("mweb0\r");
	assert_int_equal(nb.moves, 2); /* fits several */
	press(":move web02\r");
	assert_int_equal(nb.moves, 3);
	end();
}

static void several_are_asked_about(void **state)
{
	begin(2);
	draw(24, 80);
	press("/redis-server\r /cron\x20-f\r ");
	assert_non_null(strstr(line(0), "2 marked"));
	assert_true(find("2 marked on web01: 2 processes, ~186 MiB. m moves them.") == 22);
	press("m\r");
	assert_int_equal(nb.moves, 0);
	assert_true(find("Move 2 marked (2 processes, ~186 MiB) from web01 to web02? [y/N]") == 22);
	press("\r"); /* Enter is No */
	assert_int_equal(nb.moves, 0);
	press("m\rx");
	assert_int_equal(nb.moves, 0);
	press("n");
	assert_int_equal(nb.moves, 0);
	press("\tpy");
	assert_int_equal(nb.moves, 2);
	press("U");
	assert_int_equal(find("marked"), -1);
	end();
}

static void marked_is_put_here(void **state)
{
	begin(2);
	draw(24, 80);
	press("p");
	assert_true(find("Nothing is marked; Space marks.") == 22);
	press("/redis-server\r p");
	assert_true(find("It runs on web01 already.") == 22);
	press("\tp");
	assert_int_equal(nb.moves, 1);
	assert_string_equal(nb.destination, "web02");
	end();
}

static void check_only(void **state)
{
	begin(2);
	draw(24, 80);
	press("/redis-server\rc");
	assert_int_equal(nb.moves, 1);
	assert_true(nb.check_only);
	nb.refuse = true;
	press("c");
	assert_true(find("redis-server(881) is not moved: no way") == 22);
	end();
}

static void cancel_and_quit_while_moving(void **state)
{
	begin(2);
	draw(24, 80);
	assert_int_equal(press("q") & FX_QUIT, FX_QUIT);
	press("X");
	assert_true(find("No move is under way.") == 22);
	add_job();
	press("X");
	assert_int_equal(nb.cancelled, 1);
	assert_int_equal(press("q\r") & (FX_QUIT | FX_STOP | FX_WAIT), 0);
	assert_int_equal(press("q") & FX_FLUSH, FX_FLUSH);
	assert_int_equal(press("y") & FX_STOP, FX_STOP);
	assert_int_equal(press("qw") & FX_WAIT, FX_WAIT);
	add_job();
	press("X");
	assert_true(find("Stop which move? #2") == 22);
	press("1\r");
	assert_ptr_equal(nb.cancelled_move, nb.jobs[0].move);
	nb.frozen = true;
	assert_int_equal(press("\032") & FX_SUSPEND, 0);
	nb.frozen = false;
	assert_int_equal(press("\032") & FX_SUSPEND, FX_SUSPEND);
	end();
}

static void escape_never_leaves(void **state)
{
	begin(1);
	draw(24, 80);
	for (int i = 0; i < 10; i++)
		assert_int_equal(press("\033") & (FX_QUIT | FX_STOP | FX_WAIT), 0);
	end();
}

static void search_goes_over_columns(void **state)
{
	begin(2);
	draw(24, 80);
	press("/redis-server");
	assert_int_equal(nb.ui.focus, 0);
	press("\rn");
	assert_int_equal(nb.ui.focus, 1);
	press("n");
	assert_int_equal(nb.ui.focus, 0);
	press("N");
	assert_int_equal(nb.ui.focus, 1);
	press("gg/zzz");
	assert_true(find("nothing matches") == 23);
	press("\033");
	assert_int_equal(nb.ui.focus, 1);
	assert_int_equal(view_cursor(nb.ui.columns[1]->view), 0);
	press("/zzz\r");
	assert_true(find("Nothing matches \"zzz\" on any host.") == 22);
	end();
}

static void filter_as_typed(void **state)
{
	size_t all;

	begin(2);
	draw(24, 80);
	all = view_rows(nb.ui.columns[0]->view);
	press("fredis");
	assert_true(view_rows(nb.ui.columns[0]->view) < all);
	assert_non_null(strstr(line(0), "filter: redis"));
	press("\r");
	assert_non_null(strstr(line(0), "filter: redis"));
	press("\033\033");
	assert_int_equal(view_rows(nb.ui.columns[0]->view), all);
	press("fredis\033");
	assert_int_equal(view_rows(nb.ui.columns[0]->view), all);
	end();
}

static void range_marks_processes(void **state)
{
	begin(2);
	draw(24, 80);
	press("vGv");
	assert_true(view_marks(nb.ui.columns[0]->view) > 3);
	press("U");
	assert_int_equal(view_marks(nb.ui.columns[0]->view), 0);
	end();
}

static void command_prompt(void **state)
{
	begin(2);
	draw(24, 80);
	press(":add\x20web09\r");
	assert_string_equal(nb.added, "web09");
	press(":ho\t");
	assert_non_null(strstr(line(22), ":host"));
	press("web02\r");
	assert_int_equal(nb.ui.focus, 1);
	press(":via scp\r");
	assert_int_equal(nb.ui.via, VIA_SCP);
	press(":bogus\r");
	assert_true(find("There is no action \"bogus\"") == 22);
	press(":\033[A");
	assert_non_null(strstr(line(22), ":bogus"));
	press("\033");
	press("d");
	assert_true(find("A move uses it.") == 22);
	press("y");
	assert_non_null(strstr(nb.copied, "web02"));
	press("rR");
	assert_int_equal(nb.looked, 3);
	end();
}

static void help_is_searched_by_typing(void **state)
{
	begin(1);
	draw(24, 80);
	press("?");
	assert_true(find("Around") > 0);
	press("mark a pro");
	assert_true(find("Space") > 0);
	assert_int_equal(find("Around"), -1);
	press("\033\033");
	assert_int_equal(nb.ui.nlayers, 0);
	end();
}

static void unknown_key_says_so(void **state)
{
	begin(1);
	draw(24, 80);
	press("W");
	assert_true(find("Nothing is bound to W; ? lists the keys.") == 22);
	end();
}

static void mouse_click_and_drag(void **state)
{
	int y;

	begin(2);
	draw(24, 80);
	press("M");
	assert_true(nb.mouse);
	y = find("redis-server");
	{
		char events[128];

		snprintf(events, sizeof events, "\033[<0;20;%dM\033[<32;50;%dM", y + 1, y + 1);
		press(events);
		assert_true(find("Drop here to move to web02.") == 22);
		snprintf(events, sizeof events, "\033[<0;50;%dm", y + 1);
		press(events);
	}
	assert_true(find("Move redis-server(881), ~184 MiB, from web01 to web02? [y/N]") == 22);
	press("y");
	assert_int_equal(nb.pid, 881);
	press("\033[<0;44;3M"); /* the fold sign of the second column's first row */
	assert_int_equal(nb.ui.focus, 1);
	assert_true(view_row(nb.ui.columns[1]->view, 0)->folded);
	end();
}

/* Keys in any order, at changing sizes: the model stays sane. */
static void monkey(void **state)
{
	static const char keys[] = "jkhlgGmpucXJLsSCrRZadyMvU*_ \r\t/fn?:1234567890tKN[]y\033q\177abcw\032";
	unsigned seed = 7;

	begin(3);
	add_job();
	draw(24, 80);
	for (int i = 0; i < 3000; i++) {
		char key[2] = {0};

		seed = seed * 1103515245u + 12345u;
		key[0] = keys[(seed >> 16) % (sizeof keys - 1)];
		press(key);
		if (i % 50 == 0)
			draw(1 + (int)(seed >> 20) % 40, 1 + (int)(seed >> 12 & 127));
		assert_true(nb.ui.nlayers <= LAYERS_MAX);
		assert_true(nb.ui.focus < nb.ui.ncolumns);
	}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hosts_at_80x24),
		cmocka_unit_test(one_host_at_160x50_has_details),
		cmocka_unit_test(narrow_has_no_fields),
		cmocka_unit_test(too_small_says_so),
		cmocka_unit_test(all_sizes),
		cmocka_unit_test(twelve_hosts_in_a_strip),
		cmocka_unit_test(move_under_way),
		cmocka_unit_test(host_that_refuses),
		cmocka_unit_test(no_hosts_yet),
		cmocka_unit_test(without_colour_still_told_apart),
		cmocka_unit_test(line_drawing_in_utf8),
		cmocka_unit_test(hostile_text),
		cmocka_unit_test(text_is_cut_between_characters),
		cmocka_unit_test(move_with_two_hosts),
		cmocka_unit_test(pick_among_many),
		cmocka_unit_test(several_are_asked_about),
		cmocka_unit_test(marked_is_put_here),
		cmocka_unit_test(check_only),
		cmocka_unit_test(cancel_and_quit_while_moving),
		cmocka_unit_test(escape_never_leaves),
		cmocka_unit_test(search_goes_over_columns),
		cmocka_unit_test(filter_as_typed),
		cmocka_unit_test(range_marks_processes),
		cmocka_unit_test(command_prompt),
		cmocka_unit_test(help_is_searched_by_typing),
		cmocka_unit_test(unknown_key_says_so),
		cmocka_unit_test(mouse_click_and_drag),
		cmocka_unit_test(monkey),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
