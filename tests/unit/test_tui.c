/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser without a terminal: keys go into the model, frames are drawn
 * into a curses window that leads nowhere, and their cells are read back.
 */
#include "tui_model.h"

#include "base/mem.h"
#include "base/text.h"
#include "tui/actions.h"
#include "tui/draw.h"
#include "tui/question.h"
#include "tui/screens.h"

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
	finish();
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
	finish();
}

static void narrow_has_no_fields(void **state)
{
	begin(2);
	draw(10, 39);
	assert_true(find("1 web01") == 1);
	assert_int_equal(find("1234"), -1);
	draw(10, 40);
	assert_true(find("1234") > 0);
	finish();
}

static void too_small_says_so(void **state)
{
	begin(2);
	add_job();
	draw(4, 80);
	assert_string_equal(line(0), "pferry: 20x5 needed; 1 moving, 60 %");
	draw(24, 19);
	assert_non_null(strstr(line(0), "pferry: 20x5"));
	finish();
}

/* Every size, with every kind of screen and question open: nothing to see but a crash. */
static void all_sizes(void **state)
{
	static const char *const open[] = {"",  "?",  "L", "J",  "J\r", "\r", "/xyz", "m", "X", "q",
					  "f", ":mo", "D", "o", "od",	"ow",  "C",    "e", "Jw", " /cron\r m\r"};

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
			finish();
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
	finish();
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
	finish();
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
	finish();
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
	finish();
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
	finish();
}

static void line_drawing_in_utf8(void **state)
{
	begin(2);
	theme_init(&nb.ui.theme, true, true);
	draw(24, 80);
	assert_true(find("├─[-]") > 0);
	assert_true(find("│") > 0);
	finish();
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
		finish();
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
	finish();
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
	finish();
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
	finish();
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
	assert_true(find("Move 2 marked (2 processes, ~186 MiB) from web01 to web02, pause ~2.1 s? [y/N]") == 22);
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
	finish();
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
	finish();
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
	finish();
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
	finish();
}

/* Its process may run nowhere: that stays to be seen until someone has settled it. */
static void doubt_stays_on_the_screen(void **state)
{
	begin(2);
	add_job();
	nb.info[0].ended = true;
	nb.info[0].frozen = false;
	nb.info[0].outcome = MOVE_IN_DOUBT;
	draw(24, 80);
	assert_non_null(strstr(line(0), "1 in doubt"));
	ui_notice(&nb.ui, NOTICE_GOOD, "web02 is connected again.");
	draw(24, 80);
	assert_true(find("is in doubt: \":recover\", with web01 and web02 up.") > 0);
	assert_true(find("connected again.") > 0);
	press("\033");
	assert_true(find("is in doubt: \":recover\"") > 0);
	assert_int_equal(press("q") & FX_QUIT, 0);
	assert_true(find("1 move is in doubt: until") > 0);
	press("\r");
	press("q");
	assert_int_equal(press("y") & FX_QUIT, FX_QUIT);
	nb.jobs[0].settled = true;
	draw(24, 80);
	assert_null(strstr(line(0), "doubt"));
	assert_int_equal(find("in doubt"), -1);
	assert_int_equal(press("q") & FX_QUIT, FX_QUIT);
	finish();
}

static void escape_never_leaves(void **state)
{
	begin(1);
	draw(24, 80);
	for (int i = 0; i < 10; i++)
		assert_int_equal(press("\033") & (FX_QUIT | FX_STOP | FX_WAIT), 0);
	finish();
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
	finish();
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
	finish();
}

static void range_marks_processes(void **state)
{
	begin(2);
	draw(24, 80);
	press("vGv");
	assert_true(view_marks(nb.ui.columns[0]->view) > 3);
	press("U");
	assert_int_equal(view_marks(nb.ui.columns[0]->view), 0);
	finish();
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
	finish();
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
	finish();
}

static void unknown_key_says_so(void **state)
{
	begin(1);
	draw(24, 80);
	press("W");
	assert_true(find("Nothing is bound to W; ? lists the keys.") == 22);
	finish();
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
	assert_true(find("Move redis-server(881), ~184 MiB, from web01 to web02, pause ~2.1 s? [y/N]") == 22);
	press("y");
	assert_int_equal(nb.pid, 881);
	press("\033[<0;44;3M"); /* the fold sign of the second column's first row */
	assert_int_equal(nb.ui.focus, 1);
	assert_true(view_row(nb.ui.columns[1]->view, 0)->folded);
	finish();
}

/* Keys in any order, at changing sizes: the model stays sane. */
static void monkey(void **state)
{
	static const char keys[] = "jkhlgGmpucXJLsSCrRZadyMvU*_DAoeF \r\t/fn?:1234567890tKN[]y\033q\177abc\032";
	unsigned seed = 7;

	begin(3);
	add_job();
	draw(24, 80);
	for (int i = 0; i < 6000; i++) {
		char key[2] = {0};

		seed = seed * 1103515245u + 12345u;
		key[0] = keys[(seed >> 16) % (sizeof keys - 1)];
		press(key);
		if (i % 50 == 0)
			draw(1 + (int)(seed >> 20) % 40, 1 + (int)(seed >> 12 & 127));
		assert_true(nb.ui.nlayers <= LAYERS_MAX);
		assert_true(nb.ui.focus < nb.ui.ncolumns);
	}
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hosts_at_80x24),
		cmocka_unit_test(doubt_stays_on_the_screen),
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
