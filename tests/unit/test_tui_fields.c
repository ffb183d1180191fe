/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the browser says of a process: its name, its fields, whether it can be
 * moved, and its details. */
#include "tui_model.h"

#include "base/mem.h"
#include "tui/model/fields.h"
#include "tui/model/label.h"
#include "tui/model/movable.h"
#include "tui/model/peek.h"

/* ---- names ---- */

static void scripts_are_named(void **state)
{
	static const struct {
		const char *name, *args, *label;
	} cases[] = {
		{"python3", "/usr/bin/python3 -u -W ignore /srv/a/train.py --x", "train.py(7)"},
		{"python3", "python3 -m http.server 80", "http.server(7)"},
		{"python3", "python3 -c print(1)", "python3(7)"},
		{"python3", "python3", "python3(7)"},
		{"sh", "/bin/sh /etc/init.d/x start", "x(7)"},
		{"bash", "-bash", "bash(7)"},
		{"java", "/usr/bin/java -Xmx1g -jar /opt/app.jar", "app.jar(7)"},
		{"python3", "my title that is no command", "python3(7)"},
		{"nginx", "nginx: master process /usr/sbin/nginx", "nginx(7)"},
		{"perl5.36", "perl5.36 /x/\xe6\x97\xa5.pl", "perl5.36(7)"},
		{"perl", "perl /x/\xe6\x97\xa5.pl", "\xe6\x97\xa5.pl(7)"},
	};

	for (size_t i = 0; i < countof(cases); i++) {
		struct proc proc = {.key = {7, 1}, .name = cases[i].name, .args = cases[i].args};
		char label[LABEL_MAX];

		if (strcmp(cases[i].name, "perl5.36") == 0) /* a version is no other program */
			proc.args = "perl5.36 -e 1";
		proc_label(&proc, label, sizeof label);
		assert_string_equal(label, cases[i].label);
	}
	begin(2);
	draw(24, 80);
	press("/2210\rm");
	assert_true(find("Move train.py(2210), ~18 MiB, from web01 to: web02") == 22);
	finish();
}

/* ---- fields ---- */

static void fields_are_chosen(void **state)
{
	char text[128];
	unsigned set;

	begin(1);
	draw(24, 100);
	assert_true(find("nginx:") > 0 && strstr(line(find("cron -f")), "640"));
	press("C");
	assert_true(find("c:cpu") == 22);
	press("ph"); /* from what is shown: no pid, but threads */
	press("\r");
	assert_null(strstr(line(find("cron -f")), "640"));
	assert_non_null(strstr(line(find("cron -f")), " 1t"));
	press(":columns movable,pid\r");
	assert_non_null(strstr(line(find("cron -f")), "?  640"));
	press(":columns pid,nix\r");
	assert_true(find("There is no field \"nix\"") > 0);
	fields_text(nb.ui.fields, text, sizeof text);
	assert_string_equal(text, "movable,pid");
	assert_true(fields_parse("none", &set, text, sizeof text) && set == FIELDS_NONE);
	press(":columns none\r");
	assert_null(strstr(line(find("cron -f")), "640"));
	press("CaC");
	assert_non_null(strstr(line(find("cron -f")), "640"));
	press("T");
	assert_true(find("/usr/sbin/cron -f") > 0);
	press("T:sort threads\r");
	assert_true(find("Rows are in the order of threads.") > 0);
	finish();
}

static void movable_from_the_last_check(void **state)
{
	static const struct finding refused = {.code = "tty", .level = FINDING_REFUSE};

	begin(2);
	nb.ui.fields = FIELD_MOVABLE | FIELD_PID;
	add_job();
	nb.info[0].ended = true;
	nb.info[0].check_only = true;
	nb.info[0].findings = &refused;
	nb.info[0].findings_count = 1;
	draw(24, 100);
	assert_non_null(strstr(line(find("redis-server *")), "no  881"));
	finish();
}

/* While "movable" is shown, what the cursor rests on is checked, once. */
static void resting_checks(void **state)
{
	begin(2);
	draw(24, 100);
	press("/redis-server \r");
	peek_resting(&nb.ui);
	nb.ui.now_ms += 2000;
	peek_resting(&nb.ui);
	assert_int_equal(nb.moves, 0); /* not shown */
	press(":columns movable,pid\r");
	peek_resting(&nb.ui);
	nb.ui.now_ms += 500;
	peek_resting(&nb.ui);
	assert_int_equal(nb.moves, 0); /* not long enough */
	nb.ui.now_ms += 500;
	peek_resting(&nb.ui);
	assert_int_equal(nb.moves, 1);
	assert_int_equal(nb.pid, 881);
	assert_true(nb.check_only);
	nb.ui.now_ms += 1000;
	peek_resting(&nb.ui);
	assert_int_equal(nb.moves, 1);
	press("j");
	peek_resting(&nb.ui);
	assert_int_equal(nb.moves, 1);
	finish();
}

/* The same field is filled by glances at what is on the screen, a few at a time, seldom. */
static void glances_fill_the_field(void **state)
{
	struct glance_result results[GLANCE_MAX];
	struct proc_key key;
	size_t first;

	begin(2);
	nb.ui.movable = movable_new();
	draw(24, 100);
	press("/redis-server \r");
	key = ui_row(&nb.ui)->proc->key;
	nb.ui.now_ms += 5000;
	movable_tick(&nb.ui);
	assert_int_equal(nb.glances, 0); /* not shown */
	press(":columns movable,pid\r");
	draw(24, 100);
	movable_tick(&nb.ui);
	assert_int_equal(nb.glances, 1);
	assert_true(nb.glanced > 2 && nb.glanced <= GLANCE_MAX);
	for (size_t i = 0; i < nb.glanced; i++)
		assert_true(nb.glanced_keys[i].pid != 1);
	movable_tick(&nb.ui);
	assert_int_equal(nb.glances, 1); /* too soon */
	first = nb.glanced;
	for (size_t i = 0; i < first; i++) {
		results[i] = (struct glance_result){.proc = nb.glanced_keys[i]};
		if (results[i].proc.pid == key.pid)
			results[i].code = "traced";
	}
	movable_take(&nb.ui, nb.glanced_host, results, first);
	assert_int_equal(movable_known(&nb.ui, nb.ui.columns[0], ui_row(&nb.ui)->proc), nb.glanced_host == nb.ui.columns[0]->host ? MOVABLE_NO : MOVABLE_UNKNOWN);
	nb.ui.now_ms += 3000;
	movable_tick(&nb.ui);
	assert_int_equal(nb.glances, 2); /* the other column's turn */
	movable_take(&nb.ui, nb.glanced_host, NULL, 0);
	for (size_t i = 0; i < nb.glanced; i++)
		results[i] = (struct glance_result){.proc = nb.glanced_keys[i]};
	movable_take(&nb.ui, nb.glanced_host, results, nb.glanced);
	for (size_t i = 0; i < 8; i++) {
		size_t before = nb.glances;

		nb.ui.now_ms += 3000;
		movable_tick(&nb.ui);
		if (nb.glances == before)
			break;
		for (size_t k = 0; k < nb.glanced; k++)
			results[k] = (struct glance_result){.proc = nb.glanced_keys[k]};
		movable_take(&nb.ui, nb.glanced_host, results, nb.glanced);
		assert_true(i < 7); /* all is known: nothing more is asked */
	}
	nb.ui.now_ms += 130000;
	first = nb.glances;
	movable_tick(&nb.ui);
	assert_int_equal(nb.glances, first + 1); /* it may have changed */
	movable_free(nb.ui.movable);
	nb.ui.movable = NULL;
	finish();
}

/* ---- details ---- */

/* Beside a single host details follow the cursor when it rests. */
static void pane_waits_for_the_cursor(void **state)
{
	begin(1);
	draw(50, 160);
	press("/redis-server\r");
	assert_true(find("redis-server  pid 881") == 2);
	nb.ui.key_ms = nb.ui.now_ms;
	press("/2210\r");
	assert_true(find("redis-server  pid 881") == 2);
	nb.ui.now_ms += 200;
	draw(50, 160);
	assert_true(find("train.py  pid 2210") == 2);
	nb.ui.key_ms = nb.ui.now_ms;
	press("\r/redis-server\r"); /* closed, and opened again elsewhere */
	press("\r");
	assert_true(find("redis-server  pid 881") == 2);
	finish();
}

static void details_tell_what_is_open(void **state)
{
	static const struct move_inside inside = {.fds = 41, .files = 12, .sockets = 18, .tcp_established = 6, .namespaces = "mnt"};
	static char text[] = "6 established tcp", remedy[] = "";
	static const struct finding finding = {
		.code = "tcp", .level = FINDING_OPTION, .text = text, .remedy = remedy, .option = "--tcp-established"};

	begin(2);
	draw(30, 100);
	press("/redis-server\r\r");
	assert_int_equal(nb.moves, 1); /* looked at, for the other host */
	assert_true(nb.check_only);
	assert_true(find("owner     systemd unit redis.service") > 0);
	add_job();
	nb.info[0].inside = &inside;
	nb.info[0].findings = &finding;
	nb.info[0].findings_count = 1;
	draw(30, 100);
	assert_true(find("open      41: 12 files, 18 sockets") > 0);
	assert_true(find("sockets   6 tcp established") > 0);
	assert_true(find("own       namespaces mnt") > 0);
	assert_true(find("check     for a move to web02") > 0);
	finish();
}

/* Looking must not make a password be asked for; c may. */
static void looking_asks_for_nothing(void **state)
{
	begin(2);
	nb.ui.columns[1]->asks = true;
	draw(24, 100);
	press("/redis-server\r\r");
	assert_int_equal(nb.moves, 0);
	press("c");
	assert_int_equal(nb.moves, 1);
	assert_true(nb.check_only);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_named),
		cmocka_unit_test(fields_are_chosen),
		cmocka_unit_test(movable_from_the_last_check),
		cmocka_unit_test(resting_checks),
		cmocka_unit_test(glances_fill_the_field),
		cmocka_unit_test(pane_waits_for_the_cursor),
		cmocka_unit_test(details_tell_what_is_open),
		cmocka_unit_test(looking_asks_for_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
