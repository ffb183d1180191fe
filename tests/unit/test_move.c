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
#include "criu/command.h"
#include "move/compare.h"
#include "check/survey.h"
#include "check/verified.h"

static const char survey_text[] =
	"motd of the day\npferry-inspect 2\nstat 10 10 (na\nstat 10 me) S 1 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 2 0 777 9 9\n"
	"status 10 Uid: 0 0 0 0\nstatus 10 RssAnon:     4096 kB\nstatus 10 NSpid: 10\nstatus 10 NSsid: 9 0\ncode 10\ncgroup 10 0::/system.slice/x.service\n"
	"tid 10 10 11\nlink /proc/10/exe 777 /bin/x\nlink /proc/10/fd/3 500 /tmp/gone (deleted)\n"
	"link /proc/10/fd/4 700 anon_inode:[perf_event]\nlink /proc/10/fd/5 700 /dev/ptmx\nlink /proc/10/fd/6 700 socket:[5]\n"
	"link /proc/10/fd/7 700 /dev/pts/4\nlink /proc/10/fd/8 700 /a b/c\nlink /proc/10/fd/9 700 anon_inode:[eventfd]\n"
	"link /proc/10/ns/net 777 net:[1]\nself net net:[2]\nfdinfo 10 3 lock 1: FLOCK ADVISORY WRITE 10 00:2b:99 0 EOF\n"
	"fdinfo 10 5 tty-index 4\nmap 10 1-2 r--p /lib/y\nfile 81a4 99 1234 1600000000 0:0 /a b/c\nfile 81ed 3 10 5 0:0 /bin/x\n"
	"file 21b6 2 0 1 1:3 /dev/null\nghost 3000000 0 9 /proc/10/fd/3\ntcp 01 0100007F:1F90 0100007F:9999 5 0\n"
	"tcp 0A 00000000:1F90 00000000:0 6 1\nudp 00000000:0035 00000000:0 7\nsock icmp 8 0\nunix 5 0002 03 77 \npeer 77 /dev/log\n"
	"outside pipe:[3] 44 tee\nroom 1000 /dev/shm\nroom 2000 /var/lib\nmem 3000\nend\n";

static void test_survey(void **state)
{
	struct survey s;
	struct err e = { 0 };

	(void)state;
	assert_true(survey_parse(survey_text, sizeof survey_text - 1, &s, &e));
	assert_int_equal(s.nprocs, 1);
	assert_string_equal(s.procs[0].name, "name");
	assert_int_equal(s.procs[0].start, 777);
	assert_int_equal(s.procs[0].sid, 10);
	assert_false(s.procs[0].other_user);
	assert_true(s.procs[0].session_away && s.procs[0].code_shared);
	assert_int_equal(s.ntids, 2);
	assert_int_equal(s.nfiles, 3);
	assert_string_equal(s.files[0].path, "/a b/c");
	assert_int_equal(s.files[0].size, 1234);
	assert_int_equal(s.files[0].use, USE_OPEN | USE_WRITE);
	assert_int_equal(s.files[1].use, USE_EXE);
	assert_int_equal(s.files[2].major, 1);
	assert_int_equal(s.deleted, 1);
	assert_int_equal(s.ghost_max_kb, 2930);
	assert_int_equal(s.ntcp, 3);
	assert_int_equal(s.tcp[0].local_port, 8080);
	assert_int_equal(s.tcp[1].state, 10);
	assert_int_equal(s.tcp[2].state, SURVEY_UDP);
	assert_int_equal(s.icmp, 1);
	assert_int_equal(s.locked[0], 99);
	assert_true(survey_owns_tty(&s, (136 << 8) | 4));
	assert_false(survey_owns_tty(&s, (136 << 8) | 5));
	assert_int_equal(s.tty_outside, 0);
	assert_true(survey_holds(&s, 5));
	assert_int_equal(s.unixes[0].peer, 77);
	assert_string_equal(survey_peer_path(&s, 77), "/dev/log");
	assert_non_null(strstr(s.odd_fd, "perf_event"));
	assert_string_equal(s.pipe_peer, "tee(44)");
	assert_int_equal(s.shm_room_kb, 1000);
	assert_string_equal(s.namespaces, "net");
	assert_string_equal(s.cgroup, "/system.slice/x.service");
	survey_free(&s);
}

static void shared_of(const char *line, uint64_t anon_kb, uint64_t shared_kb)
{
	char *text = mem_printf("pferry-inspect 2\nstatus 10 RssAnon: 1000 kB\nstatus 10 RssShmem: 600 kB\nstatus 11 RssAnon: 500 kB\n"
				"status 11 RssShmem: 700 kB\n%send\n", line);
	struct survey s;
	struct err e = { 0 };

	assert_true(survey_parse(text, strlen(text), &s, &e));
	assert_int_equal(s.anon_kb, anon_kb);
	assert_int_equal(s.shared_kb, shared_kb);
	survey_free(&s);
	free(text);
}

/* What two have is there once, and what is a file's stays with it. */
static void test_survey_shared_memory(void **state)
{
	(void)state;
	shared_of("shared 800\n", 2300, 800);
	shared_of("shared 5000\n", 2800, 1300);
	shared_of("shared 0\n", 1500, 0);
	/* As files of older saves have it. */
	shared_of("", 2800, 1300);
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

static void read_sums(struct digests *digests, const char *text)
{
	struct answer answer;

	digests_begin(&answer, digests);
	answer_feed(&answer, text, strlen(text));
	answer_free(&answer);
}

static bool agree(const struct digests *a, const struct digests *b, char *path)
{
	return digests_agree(a, b, &(struct survey_file){ .path = path, .hash = hash_bytes(path, strlen(path)) });
}

static void test_questions_and_answers(void **state)
{
	static const char answer[] = "pferry-verify 2\ntaken 11 other\nfile 81a4 99 1234 1 0:0 /a b/c\ncpu 1 Error (x)\n"
				     "socket /dev/log\nlistens 1F90 0100007F\nmem 5\nend\n";
	static const char sums[] = "pferry-digest 1\nabc /x\ndef /a b/c\nend\n", others[] = "pferry-digest 1\ndef /a b/c\nabd /x\nend\n";
	struct survey s;
	struct verified v;
	struct digests here, there;
	struct err e = { 0 };
	char *questions, *unsure, spaced[] = "/a b/c", x[] = "/x", y[] = "/y";

	(void)state;
	assert_true(survey_parse(survey_text, sizeof survey_text - 1, &s, &e));
	questions = survey_questions(&s, "001 002");
	assert_string_equal(questions, "pid 10\npid 11\nfile /a b/c\nfile /bin/x\nfile /dev/null\nunix /dev/log\n"
				       "port 1F90\ncgroup 0::/system.slice/x.service\ncpu 001 002\nend\n");
	assert_true(verified_parse(answer, sizeof answer - 1, &v, &e));
	assert_int_equal(v.taken_pid, 11);
	assert_int_equal(v.nfiles, 1);
	assert_int_equal(v.cpu_status, 1);
	assert_int_equal(v.ports[0].port, 8080);
	assert_true(verified_has_socket(&v, "/dev/log"));
	unsure = survey_unsure(&s, &v);
	assert_string_equal(unsure, "/a b/c\n");
	read_sums(&here, sums);
	read_sums(&there, others);
	assert_true(agree(&here, &there, spaced));
	assert_false(agree(&here, &there, x));
	assert_false(agree(&here, &there, y));
	digests_free(&here);
	digests_free(&there);
	free(unsure);
	verified_free(&v);
	free(questions);
	survey_free(&s);
}

/* What the check saw of the destination's files goes there, a name a word. */
static void test_nodes(void **state)
{
	static const char answer[] = "pferry-verify 2\nfile 81a4 99 1234 1 0:0 /a b/\\c\xc3\xa4\nnode 2049 33 4\nfile 81ed 3 10 5 0:0 /old\n"
				     "symlink /a b\nend\n";
	struct verified v;
	struct err e = { 0 };
	char *nodes;

	(void)state;
	assert_true(verified_parse(answer, sizeof answer - 1, &v, &e));
	assert_int_equal(v.nlinks, 1);
	assert_string_equal(v.links[0], "/a b");
	assert_int_equal(v.files[0].uid, 33);
	assert_int_equal(v.files[0].gid, 4);
	assert_false(v.files[1].has_node);
	nodes = verified_nodes(&v);
	assert_string_equal(nodes, "2049:99 /a\\040b/\\134c\\303\\244\nend\n");
	free(nodes);
	verified_free(&v);
}

static void sentence_of(const char *words, const char *sentence)
{
	char text[900];

	compare_sentence(words, text, sizeof text);
	assert_string_equal(text, sentence);
}

static void test_differences(void **state)
{
	char *long_words = mem_array(200000, 1);

	(void)state;
	sentence_of("name fd 4711 3 /home/x\\040y /etc/shadow", "descriptor 3 of process 4711 would be /etc/shadow, not /home/x y");
	sentence_of("missing fd 1 3 pipe -", "descriptor 3 of process 1, pipe, would be missing");
	sentence_of("missing proc 12 - - -", "process 12 would be missing");
	sentence_of("owner exe 1 - 0 1000", "the program of process 1 would belong to user 1000, not 0");
	sentence_of("mode map 1 1-2 1a4 1ff", "a file mapped by process 1 would have mode 777, not 644");
	sentence_of("kind cwd 1 - dir file", "the working directory of process 1 would be a file, not a dir");
	sentence_of("missing task 1/2 - - -", "the descriptors of its own of thread 1/2 would be missing");
	sentence_of("", "what could be seen of it would differ in ");
	sentence_of("name", "what could be seen of it would be , not ");
	memset(long_words, 'x', 199999);
	memcpy(long_words, "name fd 1 1 ", 12);
	long_words[100000] = ' ';
	char text[900];
	compare_sentence(long_words, text, sizeof text);
	assert_true(strlen(text) < 700);
	free(long_words);
}

static void test_able(void **state)
{
	static const char text[] = "pferry-able 1\ncap 000001fffeffffff\nhierarchy name=systemd\nhierarchy \naddress 10.213.2.11\n"
				   "address fe8000000000000000d500fffe020001\npid-max 4194304\ncheck 1 Warn no\nbasic 0 \ncpu  001 377\nend\n";
	struct able a;
	struct err e = { 0 };

	(void)state;
	assert_true(able_parse(text, sizeof text - 1, &a, &e));
	assert_true(able_has(&a, 21));
	assert_false(able_has(&a, 24));
	assert_string_equal(a.hierarchies, "name=systemd;;");
	assert_true(able_has_address(&a, "0B02D50A"));
	assert_true(able_has_address(&a, "0000000000000000FFFF00000B02D50A"));
	assert_true(able_has_address(&a, "000080FE00000000FF00D500010002FE"));
	assert_false(able_has_address(&a, "0C02D50A"));
	assert_int_equal(a.check_status, 0);
	assert_string_equal(a.missing, "Warn no");
	assert_string_equal(a.cpu, " 001 377");
	able_free(&a);
	for (size_t len = 0; len < sizeof text - 2; len++)
		assert_false(able_parse(text, len, &a, &e));
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

static void test_probe_own(void **state)
{
	static const struct {
		const char *home, *is;
	} homes[] = {
		{ "/home/op", "/home/op" }, { "/home/o p", "" }, { "home", "" }, { "/home/../etc", "" }, { "/home/$(id)", "" },
		{ "/home/a'b", "" }, { "/home/dom@in/j.d-1", "/home/dom@in/j.d-1" }, { "", "" },
	};
	char text[300];
	struct host_facts f;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < countof(homes); i++) {
		snprintf(text, sizeof text, "pferry-probe 1\nroot none\nuid 1000\nhome %s\ngroups 29 1000 \ntool unprivileged\nend\n",
			 homes[i].home);
		assert_true(probe_parse(text, strlen(text), &f, &e));
		assert_true(f.unprivileged && !f.root && f.uid == 1000);
		assert_string_equal(f.home, homes[i].is);
	}
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
		cmocka_unit_test(test_survey),        cmocka_unit_test(test_survey_shared_memory),
		cmocka_unit_test(test_survey_cut_anywhere),
		cmocka_unit_test(test_questions_and_answers), cmocka_unit_test(test_nodes), cmocka_unit_test(test_differences),
		cmocka_unit_test(test_able), cmocka_unit_test(test_probe), cmocka_unit_test(test_probe_root),
		cmocka_unit_test(test_probe_own),
		cmocka_unit_test(test_owned_options),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
