/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the browser can be asked to do beside moving around: spread, attach,
 * options and profiles, hosts, and what it keeps over restarts. */
#include "tui_model.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pferry/config.h>

#include "base/mem.h"
#include "tui/model/fields.h"
#include "tui/model/history.h"
#include "tui/model/keep.h"
#include "tui/model/sorting.h"

static char dir[64]; /* for files of a test */

static int setup_dir(void **state)
{
	snprintf(dir, sizeof dir, "/tmp/pferry-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	return setup(state);
}

static int teardown_dir(void **state)
{
	if (fork() == 0) {
		execlp("rm", "rm", "-rf", dir, (char *)NULL);
		_exit(127);
	}
	return teardown(state);
}

static char *path_in(const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

/* ---- spreading ---- */

static void spread_by_free_memory(void **state)
{
	begin(3);
	draw(24, 80);
	nb.ui.columns[1]->mem_available = 300ull << 20;
	nb.ui.columns[2]->mem_available = 200ull << 20;
	press("/redis-server\r /cron\x20-f\r /2210\r ");
	press("D");
	assert_true(find("Spread 3 marked (3 processes, ~204 MiB) from web01 over: web02 web03") == 22);
	press("\r");
	/* The largest goes where most is free, the others where most is left. */
	assert_true(find("Move 3 marked (3 processes, ~204 MiB) from web01: 1 to web02, 2 to web03,") >= 20);
	assert_true(find("pause ~2.1 s each? [y/N]") >= 20);
	press("\r"); /* Enter is No */
	assert_int_equal(nb.moves, 0);
	press("D2,3\ry");
	assert_int_equal(nb.moves, 3);
	assert_string_equal(nb.source, "web01");
	press(":drain web01\r"); /* nowhere to go but where it is */
	assert_int_equal(nb.moves, 3);
	assert_true(find("No other host was chosen.") > 0);
	snprintf(nb.ui.columns[2]->no_target, sizeof nb.ui.columns[2]->no_target, "no criu there");
	press(":drain web02 web03\r");
	assert_true(find("Nothing can be moved to web03: no criu there.") > 0);
	press(":drain web07\r");
	assert_true(find("\"web07\" names no host") > 0);
	press("D\r");
	assert_true(find("from web01 to web02") < 0);
	assert_true(find("from web01: to web02, pause") > 0);
	press("n");
	finish();
}

/* A process with others below it is more than one, and asks. */
static void a_tree_is_asked_about(void **state)
{
	begin(2);
	draw(24, 80);
	press("/nginx:\r");
	press("m\r");
	assert_int_equal(nb.moves, 0);
	assert_true(find("Move nginx(1234)+2, ~116 MiB, from web01 to web02, pause ~1.5 s? [y/N]") > 0);
	press("y");
	assert_int_equal(nb.moves, 1);
	assert_int_equal(nb.pid, 1234);
	finish();
}

/* A cgroup under the cursor is taken whole, and no mark stays that nobody set. */
static void a_cgroup_leaves_no_marks(void **state)
{
	begin(2);
	draw(24, 80);
	press("/user.slice\rh");
	press("c");
	assert_true(nb.moves > 0);
	assert_int_equal(ui_marks(&nb.ui, NULL), 0);
	finish();
}

/* F ends the copying ahead, where there is some. */
static void freeze_now_is_asked_of_a_move(void **state)
{
	begin(2);
	press("F");
	assert_null(nb.frozen_move);
	add_job();
	draw(24, 80);
	press("F");
	assert_true(find("No move copies memory ahead just now.") > 0);
	nb.copies_ahead = true;
	press("F");
	assert_ptr_equal(nb.frozen_move, nb.ui.jobs[0].move);
	assert_true(find("is frozen as soon as this round is over") > 0);
	finish();
}

/* ---- options ---- */

static void options_go_with_moves(void **state)
{
	char *file = path_in("config.json");
	struct err e;
	int fd = open(file, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, "{}\n", 3), 3);
	close(fd);
	begin(2);
	nb.ui.options.config = config_load(file, &e);
	draw(30, 100);
	press("/redis-server\ro");
	assert_true(find("Options") == 1);
	press("d--ext-unix-sk -t 3");
	assert_true(find("the CRIU option -t is pferry's own: leave it out") > 0);
	press("\r");
	assert_true(find("Not used: the CRIU option -t is pferry's own") > 0);
	assert_string_equal(nb.ui.options.dump, "");
	/* The text goes where it was asked for. */
	press("r--skip-in-flight\r");
	assert_string_equal(nb.ui.options.restore, "--skip-in-flight");
	assert_string_equal(nb.ui.options.dump, "");
	press("r\x15\r");
	assert_string_equal(nb.ui.options.restore, "");
	press("d--ghost-limit '5 M' \"--ext-unix-sk\"\r");
	press("q"); /* the screen */
	press("m\r");
	assert_string_equal(nb.dump, "<--ghost-limit><5 M><--ext-unix-sk>");
	press(":dump-options 'open\r");
	assert_true(find("Not used: a quote is not closed.") > 0);
	/* Kept for a cgroup it goes by itself, with what is in it only. */
	press(":keep-profile big for /system.slice/redis*\r");
	assert_true(find("Profile big is kept") > 0);
	assert_string_equal(nb.ui.options.dump, "");
	press("m\r");
	assert_string_equal(nb.dump, "<--ghost-limit><5 M><--ext-unix-sk>");
	press("/2210\rm\r");
	assert_string_equal(nb.dump, "");
	/* By the script's name too, and by name when asked for. */
	press(":dump-options --file-locks\r:keep-profile train for train.py\rm\r");
	assert_string_equal(nb.dump, "<--file-locks>");
	press(":profile big\rm\r");
	assert_string_equal(nb.dump, "<--ghost-limit><5 M><--ext-unix-sk>");
	press(":profile none\r:profile nix\r");
	assert_true(find("There is no profile \"nix\".") > 0);
	config_free(nb.ui.options.config);
	/* It is in the file, for the next time. */
	nb.ui.options.config = config_load(file, &e);
	assert_non_null(config_profile(nb.ui.options.config, "big"));
	assert_string_equal(config_profile(nb.ui.options.config, "big")->dump_options.v[1], "5 M");
	press("o");
	assert_true(find("big       for /system.slice/redis*  dump: --ghost-limit '5 M'") > 0);
	press("xbig\r");
	assert_null(config_profile(nb.ui.options.config, "big"));
	press("\033");
	press(":save\r");
	assert_int_equal(nb.ui.options.config->hosts.n, 2);
	config_free(nb.ui.options.config);
	nb.ui.options.config = NULL;
	press(":keep-profile x\r");
	assert_true(find("there is no configuration file") > 0);
	free(file);
	finish();
}

/* ---- attaching ---- */

static void attach_finds_the_session(void **state)
{
	begin(2);
	draw(24, 80);
	press("A");
	assert_true(find("No shell job was moved") > 0);
	add_job();
	nb.info[0].ended = true;
	nb.info[0].outcome = MOVE_MOVED;
	nb.info[0].new_pid = 881;
	snprintf(nb.info[0].session, sizeof nb.info[0].session, "redis-server-881");
	press("A");
	assert_string_equal(nb.attached, "web02:redis-server-881");
	nb.attached[0] = '\0';
	press("JA\033");
	assert_string_equal(nb.attached, "web02:redis-server-881");
	press(":attach 7\r");
	assert_true(find("#7 is no shell job that was moved.") > 0);
	finish();
}

/* ---- moving back ---- */

/* u in the list of moves is about the one under the cursor there. */
static void any_move_is_taken_back(void **state)
{
	begin(2);
	add_job();
	add_job();
	nb.info[0].ended = nb.info[1].ended = true;
	nb.info[0].outcome = nb.info[1].outcome = MOVE_MOVED;
	nb.info[0].new_pid = 881;
	nb.info[1].proc.pid = nb.info[1].new_pid = 640;
	snprintf(nb.info[1].name, sizeof nb.info[1].name, "cron");
	draw(24, 100);
	press("u");
	assert_true(find("Nothing was moved that could be moved back.") > 0);
	press("Jju");
	assert_true(find("Move redis-server(881), ~184 MiB, from web02 to web01, pause") > 0);
	press("y");
	assert_int_equal(nb.pid, 881);
	assert_string_equal(nb.source, "web02");
	press("q:move-back 2\r");
	assert_true(find("Move cron(640)") > 0);
	press("n:move-back 9\r");
	assert_true(find("#9 was not moved.") > 0);
	finish();
}

/* ---- hosts ---- */

static void hosts_are_added_and_renamed(void **state)
{
	begin(2);
	draw(24, 80);
	press("adb");
	assert_true(find("db1.lan  db2.lan") == 23);
	press("\t");
	assert_true(find("Add host: db") == 22);
	press("1\t");
	assert_true(find("Add host: db1.lan") == 22);
	press("\r");
	assert_string_equal(nb.added, "db1.lan");
	press("ax{1..3}\r");
	assert_string_equal(nb.added, "x3");
	press("e\x15" "web09\r"); /* the old one could not be closed: a move uses it */
	assert_string_equal(nb.added, "web09");
	assert_true(find("A move uses it.") == 22);
	finish();
}

/* ---- what is said ---- */

static void lost_connection_is_said(void **state)
{
	begin(2);
	add_job();
	snprintf(nb.info[0].lost, sizeof nb.info[0].lost, "web01");
	nb.info[0].frozen_ms = 1200;
	draw(24, 80);
	assert_true(find("#1 redis-server(881): connection to web01 lost, frozen 1.2 s, reconnecting...") == 22);
	nb.info[0].frozen = false;
	draw(24, 80);
	assert_true(find("#1 redis-server(881): connection to web01 lost, reconnecting...") == 22);
	finish();
}

static void checks_are_no_moves(void **state)
{
	begin(2);
	add_job();
	nb.info[0].check_only = true;
	nb.jobs[0].quiet = true;
	draw(24, 80);
	assert_null(strstr(line(0), "jobs:"));
	assert_int_equal(find("web01>web02"), -1);
	press("J");
	assert_true(find("Nothing was moved yet") > 0);
	press("\033");
	assert_true(press("q") & FX_QUIT); /* and nothing to wait for */
	finish();
}

/* ---- a move in a file ---- */

static void move_is_written_to_a_file(void **state)
{
	char *file = path_in("report.txt"), *keys = mem_printf("\x15%s\r", file), text[8192];
	struct stat st;
	FILE *f;

	begin(2);
	add_job();
	nb.info[0].dump_log = "ok\n(1.2) Error (criu/tty.c:1): tty: bad \033[31mthing\n(1.3) Error (criu/x.c:2): later\n";
	nb.info[0].restore_log = "";
	draw(24, 100);
	press("J\r");
	assert_true(find("#1 redis-server(881)") > 0);
	press("w");
	press(keys);
	assert_true(find("Written to ") > 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	f = fopen(file, "re");
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	assert_non_null(strstr(text, "> (1.2) Error (criu/tty.c:1): tty: bad ?[31mthing"));
	assert_non_null(strstr(text, "  (1.3) Error"));
	press("w");
	press(keys); /* never over another */
	assert_true(find("cannot be written: File exists.") > 0);
	free(file);
	free(keys);
	finish();
}

/* ---- kept over restarts ---- */

static void folds_and_view_are_kept(void **state)
{
	char *file = path_in("pferry/browser.json");
	struct stat st;

	setenv("XDG_STATE_HOME", dir, 1);
	begin(1);
	nb.ui.keep = keep_open();
	keep_apply(nb.ui.keep, &nb.ui);
	draw(24, 80);
	press("/user.slice\rh"); /* a cgroup, by path */
	press("/nginx:\rh");	 /* a process, by name */
	press("s:columns pid,tty\r/zebra\r");
	keep_save(nb.ui.keep, &nb.ui);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	keep_free(nb.ui.keep);
	finish();

	begin(0);
	nb.ui.keep = keep_open();
	keep_apply(nb.ui.keep, &nb.ui);
	add_host("web01");
	draw(24, 80);
	assert_true(find("[+] user.slice (2)") > 0);
	assert_true(find("nginx: master process /usr/sbin/nginx +2") > 0);
	assert_int_equal(nb.ui.sort, TREE_SORT_NAME);
	assert_int_equal(nb.ui.fields, FIELD_PID | FIELD_TTY);
	press("/\033[A");
	assert_true(find("Find: zebra") == 22);
	press("\033");
	keep_free(nb.ui.keep);
	finish();

	/* What cannot be read does no harm. */
	assert_int_equal(truncate(file, 20), 0);
	begin(1);
	nb.ui.keep = keep_open();
	assert_non_null(nb.ui.keep);
	keep_apply(nb.ui.keep, &nb.ui);
	draw(24, 80);
	keep_free(nb.ui.keep);
	nb.ui.keep = NULL;
	finish();
	free(file);
}

/* Keys that come before the screen was drawn count too. */
static void scrolls_before_the_first_frame(void **state)
{
	begin(1);
	draw(24, 80);
	nb.ui.details_off = true;
	press("L\033");
	press("?\033[6~");
	assert_int_equal(find("Around"), -1);
	press("\033");
	press("?\033[F\033[H");
	assert_int_equal(find("Around"), 2);
	finish();
}

static void bell_and_theme(void **state)
{
	begin(1);
	draw(24, 80);
	press(":bell never\r");
	assert_int_equal(nb.ui.bell, BELL_NEVER);
	press(":bell\r");
	assert_int_equal(nb.ui.bell, BELL_FAIL);
	press(":theme light\r");
	assert_true(nb.ui.theme.color);
	assert_int_not_equal(nb.ui.theme.pair[ROLE_CGROUP], 0);
	press(":theme mono\r");
	assert_false(nb.ui.theme.color);
	assert_int_equal(nb.ui.theme.pair[ROLE_CGROUP], 0);
	press(":theme pink\r");
	assert_true(find("There is no theme \"pink\"") > 0);
	press(":title on\r");
	assert_true(nb.ui.title);
	finish();
}

/* ---- what was typed before ---- */

static void typed_before_comes_back(void **state)
{
	const char *list, *text;
	size_t n = 0;

	history_add("a list", "one");
	history_add("a list", "two");
	history_add("a list", "one");
	history_add("another", "three");
	history_add("a list", "");
	history_add(NULL, "four");
	assert_string_equal(history_recall("a list", 1), "one");
	assert_string_equal(history_recall("a list", 2), "two");
	assert_null(history_recall("a list", 3));
	while (history_at(n, &list, &text))
		n++;
	assert_true(history_at(n - 1, &list, &text));
	assert_string_equal(list, "another");
	assert_string_equal(text, "three");
	begin(1);
	draw(24, 80);
	press("/nginx\r/redis\r/\033[A\033[A\r");
	assert_string_equal(nb.ui.search, "nginx");
	finish();
}

static void orders_have_names(void **state)
{
	enum tree_sort sort = TREE_SORT_PID;
	size_t n = 0;

	for (; sorting_name(n); n++) {
		assert_true(sorting_parse(sorting_name(n), &sort));
		assert_int_equal(sort, n);
	}
	assert_int_equal(n, TREE_SORT_THREADS + 1);
	assert_false(sorting_parse("colour", &sort));
	assert_int_equal(sort, TREE_SORT_THREADS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spread_by_free_memory),
		cmocka_unit_test(a_tree_is_asked_about),
		cmocka_unit_test(freeze_now_is_asked_of_a_move),
		cmocka_unit_test(a_cgroup_leaves_no_marks),
		cmocka_unit_test(options_go_with_moves),
		cmocka_unit_test(attach_finds_the_session),
		cmocka_unit_test(any_move_is_taken_back),
		cmocka_unit_test(hosts_are_added_and_renamed),
		cmocka_unit_test(lost_connection_is_said),
		cmocka_unit_test(checks_are_no_moves),
		cmocka_unit_test(move_is_written_to_a_file),
		cmocka_unit_test(folds_and_view_are_kept),
		cmocka_unit_test(scrolls_before_the_first_frame),
		cmocka_unit_test(bell_and_theme),
		cmocka_unit_test(typed_before_comes_back),
		cmocka_unit_test(orders_have_names),
	};

	return cmocka_run_group_tests(tests, setup_dir, teardown_dir);
}
