/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the browser, drawn into a curses window that leads nowhere, whose
 * cells are read back: sizes, hosts, a move under way, colours, text from hosts.
 */
#include "tui_model.h"

#include "base/mem.h"

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
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
