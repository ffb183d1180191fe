/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys go into the browser's model: moves, marks, search, filter, prompt, help, the mouse. */
#include "tui_model.h"

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

/* The name of a part brings all of it. */
static void search_in_a_page_finds_headings(void **state)
{
	static const struct move_mark marks[] = {{.us = 1000, .what = "source: held"}};

	begin(2);
	add_job();
	nb.info[0].marks = marks;
	nb.info[0].marks_count = 1;
	draw(24, 80);
	press("J\r/time line\r");
	assert_true(find("Time line") > 0);
	assert_true(find("source: held") > 0);
	assert_int_equal(find("nothing matches"), -1);
	press("\033");
	press("/held\r");
	assert_true(find("source: held") > 0);
	assert_int_equal(find("outcome"), -1);
	finish();
}

/* On the smallest usual screen: what each round sent, and what the pause would be. */
static void rounds_show_their_size_and_the_pause(void **state)
{
	begin(2);
	add_job();
	nb.info[0].phase = PHASE_PRECOPY;
	nb.info[0].frozen = false;
	nb.info[0].frozen_ms = -1;
	nb.info[0].rounds_count = 3;
	nb.info[0].rounds[0].bytes = 160u << 20;
	nb.info[0].rounds[1].bytes = 60u << 20;
	nb.info[0].rounds[2].bytes = 1u << 20;
	nb.info[0].status = "round 4, pause now ~611 ms (F), zstd";
	draw(24, 80);
	assert_true(find("redis-server(881) web01>web02  precopy #-.") > 0);
	assert_true(find("pause now ~611 ms (F)") > 0);
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
		cmocka_unit_test(move_with_two_hosts),
		cmocka_unit_test(pick_among_many),
		cmocka_unit_test(several_are_asked_about),
		cmocka_unit_test(marked_is_put_here),
		cmocka_unit_test(check_only),
		cmocka_unit_test(cancel_and_quit_while_moving),
		cmocka_unit_test(doubt_stays_on_the_screen),
		cmocka_unit_test(search_in_a_page_finds_headings),
		cmocka_unit_test(rounds_show_their_size_and_the_pause),
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
