/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what inspect.sh, verify.sh and CRIU print; words and options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pferry/move.h>

#include "base/mem.h"
#include "host/probe.h"
#include "move/command.h"
#include "move/explain.h"
#include "move/survey.h"

static const char survey_text[] =
	"motd of the day\npferry-inspect 1\nproc 10 1 777 S 10 10 0 2 0 na me\ntid 10 10 11\nexe 10 /bin/x\n"
	"fd 10 3 /tmp/gone (deleted)\nfd 10 4 anon_inode:[perf_event]\nfd 10 5 /dev/ptmx\nns 10 net\nlock 10 99\n"
	"tcp 01 0100007F:1F90 0100007F:9999 5\ntcp 0A 00000000:1F90 00000000:0 6\nsock unix 7\nanon 4096\n"
	"file f 99 1234 1600000000 1 /a b/c\nfile c 2 0 0 1 /dev/null\nlost /tmp/gone (deleted)\n"
	"room 1000 /dev/shm\nroom 2000 /var/lib\nmem 3000\nend\n";

static void test_survey(void **state)
{
	struct survey s;
	struct err e = { 0 };

	(void)state;
	assert_true(survey_parse(survey_text, sizeof survey_text - 1, &s, &e));
	assert_int_equal(s.nprocs, 1);
	assert_string_equal(s.procs[0].name, "na me");
	assert_int_equal(s.procs[0].start, 777);
	assert_int_equal(s.ntids, 2);
	assert_int_equal(s.nfiles, 3);
	assert_string_equal(s.files[0].path, "/a b/c");
	assert_int_equal(s.files[0].size, 1234);
	assert_int_equal(s.deleted, 1);
	assert_int_equal(s.tcp_established, 1);
	assert_int_equal(s.tcp_listen, 1);
	assert_int_equal(s.locked[0], 99);
	assert_true(s.ptmx);
	assert_non_null(strstr(s.odd_fd, "perf_event"));
	assert_int_equal(s.shm_room_kb, 1000);
	assert_string_equal(s.namespaces, "net");
	survey_free(&s);
}

static void test_survey_cut_anywhere(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof survey_text - 1; len++) {
		struct survey s;
		char *part = mem_strndup(survey_text, len); /* exactly so long, for ASan */
		struct err e = { 0 };

		assert_false(survey_parse(part, len, &s, &e));
		assert_int_equal(e.code, ERR_PROTOCOL);
		free(part);
	}
}

static void test_questions_and_answers(void **state)
{
	static const char answer[] = "pferry-verify 1\ntaken 11 other\nfile f 99 1234 1 1 /a b/c\nmissing /dev/null\nmem 5\nend\n";
	struct survey s;
	struct verified v;
	struct err e = { 0 };
	char *questions;

	(void)state;
	assert_true(survey_parse(survey_text, sizeof survey_text - 1, &s, &e));
	questions = survey_questions(&s);
	assert_string_equal(questions, "pid 10\npid 11\nfile /a b/c\nfile /dev/null\nend\n");
	assert_true(verified_parse(answer, sizeof answer - 1, &s, &v, &e));
	assert_int_equal(v.taken_pid, 11);
	assert_int_equal(v.nfiles, 2);
	assert_int_equal(v.files[1].type, 0);
	verified_free(&v);
	free(questions);
	survey_free(&s);
}

static void test_probe(void **state)
{
	static const char text[] = "welcome\npferry-probe 1\nroot self\nhostname h\033[1m\ncriu /usr/sbin/criu\ncriu-version 4.2.1\n"
				   "mem-available 1024\ntool tar\nnonsense\nend\n";
	struct host_facts f;
	struct err e = { 0 };

	(void)state;
	assert_true(probe_parse(text, sizeof text - 1, &f, &e));
	assert_true(f.known && f.root && f.tar && !f.tmux);
	assert_string_equal(f.hostname, "h?[1m");
	assert_int_equal(f.mem_available, 1048576);
	for (size_t len = 0; len < sizeof text - 2; len++)
		assert_false(probe_parse(text, len, &f, &e));
}

static void test_probe_root(void **state)
{
	static const struct {
		const char *way;
		bool root;
		enum host_root is;
	} ways[] = {
		{ "self", true, ROOT_SELF }, { "sudo", true, ROOT_SUDO }, { "doas", true, ROOT_DOAS },
		{ "password", false, ROOT_PASSWORD }, { "none", false, ROOT_NONE }, { "sudox", false, ROOT_NONE },
	};
	char text[200];
	struct host_facts f;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < countof(ways); i++) {
		snprintf(text, sizeof text, "pferry-probe 1\nuser op\nroot %s\nroot-why no\033 tty\nend\n", ways[i].way);
		assert_true(probe_parse(text, strlen(text), &f, &e));
		assert_int_equal(f.root, ways[i].root);
		assert_int_equal(f.root_way, ways[i].is);
		assert_string_equal(f.user, "op");
		assert_string_equal(f.root_why, "no? tty");
	}
}

static void explains(const char *log, int status, const char *want)
{
	char out[512];

	explain_log(log, status, out, sizeof out);
	if (!strstr(out, want))
		fail_msg("\"%s\" is not in \"%s\"", want, out);
}

static void test_explain(void **state)
{
	(void)state;
	explains("(00.1) Error (criu/util.c:1534): rlimit: Can't setup RLIMIT_NOFILE for self\n"
		 "(00.2) Error (criu/files-reg.c:2143): File usr/bin/x has bad size 1 (expect 2)\n",
		 1, "a file differs in size");
	explains("(00.2) Error (criu/tty.c:1): tty: Found dangling tty with sid 1 pgid 1\n", 1, "shell job");
	explains("(00.2) Error (criu/new.c:9): Something new\n", 1, "CRIU says: Something new");
	explains("", 137, "killed by signal 9");
	explains(NULL, 127, "could not be run");
	explains("Error (", 1, "CRIU says");
	for (const struct explain_entry *x = explain_entries; x->pattern; x++)
		assert_true(*x->cause && *x->remedy);
}

static void test_owned_options(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_true(command_options_ok((const char *const[]){ "--tcp-close", "--ghost-limit", "1M", NULL }, &e));
	assert_false(command_options_ok((const char *const[]){ "--leave-running", NULL }, &e));
	assert_false(command_options_ok((const char *const[]){ "--action-script=x", NULL }, &e));
	assert_false(command_options_ok((const char *const[]){ "$(id)", NULL }, &e));
}

static void test_words(void **state)
{
	enum move_mode mode;
	enum move_via via;

	(void)state;
	for (int i = 0; i < PHASE_COUNT; i++)
		assert_true(*move_phase_name((enum move_phase)i));
	assert_true(move_mode_parse("postcopy", &mode) && mode == MODE_POSTCOPY);
	assert_true(move_via_parse("scp", &via) && via == VIA_SCP);
	assert_false(move_via_parse("", &via));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_survey),        cmocka_unit_test(test_survey_cut_anywhere),
		cmocka_unit_test(test_questions_and_answers), cmocka_unit_test(test_probe), cmocka_unit_test(test_probe_root),
		cmocka_unit_test(test_explain),       cmocka_unit_test(test_owned_options),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
