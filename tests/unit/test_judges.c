/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging who owns a tree, who waits for it, and whose it would be, from what the scripts print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "host/recorded.h"
#include "check/findings.h"
#include "check/glance.h"

/* ---- a check of text ---- */

static const struct host_facts facts = { .root = true, .criu = "/usr/sbin/criu", .criu_version = "4.2.1", .tar = true, .setsid = true, .mkfifo = true, .tmux = true };
static const char *const *accept_codes;
static bool was_saved;

/* The root is 10, a session and group of its own without a terminal, and what `lines` say. */
#define ROOT "stat 10 10 (work) S 9 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n"
#define PARENT(name, rest) "parent 9 9 (" name ") S 1 " rest " -1 0\nparent-pid 9 9\n"
#define SCRIPT "8 8 0" /* group, session, terminal */

#define ROOM "room 9999999 /dev/shm\nroom 9999999 /var/lib\nmem 99999999\n"

static struct check_result *judged(const char *lines, const char *verified_lines)
{
	struct host *source = host_recorded("h1", &facts), *destination = host_recorded("h2", &facts);
	struct check_result *r = mem_new(struct check_result);
	char *text = mem_printf("pferry-inspect 2\n%sself mnt mnt:[1]\n" ROOM "end\n", lines);
	char *there = mem_printf("pferry-verify 2\n%s" ROOM "end\n", verified_lines ? verified_lines : "");
	struct able able = { .capabilities = UINT64_MAX };
	struct verified verified;
	struct check_said said[CHECK_SAID] = { 0 };
	struct check_options options = { .accept = accept_codes, .with_files = true, .saved = was_saved ? said : NULL };
	struct judge judge = { .source = source, .able_source = &able, .options = &options };
	struct err e = { 0 };

	assert_true(survey_parse(text, strlen(text), &r->survey, &e));
	assert_true(verified_parse(there, strlen(there), &verified, &e));
	r->proc.pid = 10;
	if (verified_lines) {
		judge.destination = destination;
		judge.able_destination = &able;
		judge.verified = &verified;
	}
	findings_judge(r, &judge);
	verified_free(&verified);
	host_recorded_free(&source);
	host_recorded_free(&destination);
	free(text);
	free(there);
	return r;
}

static const struct finding *finding(const struct check_result *r, const char *code)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->findings[i].code, code) == 0)
			return &r->findings[i];
	}
	return NULL;
}

/* Whether `code` is found, with this level and these words ("" for any); NULL words: not found. */
static void found(const char *lines, const char *verified_lines, const char *code, enum finding_level level, const char *words)
{
	struct check_result *r = judged(lines, verified_lines);
	const struct finding *f = finding(r, code);

	if (!words && f)
		fail_msg("%s is found: %s\n%s", code, f->text, lines);
	if (words && !f)
		fail_msg("%s is not found:\n%s", code, lines);
	if (words && (f->level != level || !strstr(f->text, words)))
		fail_msg("%s, level %d: %s\n%s", code, (int)f->level, f->text, lines);
	check_result_free(r);
}

/* ---- who waits ---- */

static void asks(const char *lines, const char *words)
{
	found(lines, NULL, "supervised", FINDING_CHOICE, words);
}

static void quiet(const char *lines)
{
	found(lines, NULL, "supervised", FINDING_CHOICE, NULL);
}

static void test_parents_that_wait(void **state)
{
	static const char *const names[] = { "make",	"supervisord", "s6-supervise", "runsv",	   "cron",	"mpirun", "prterun", "slurmstepd",
					     "timeout", "xargs",       "sudo",	       "watch",	   "inetd",	"git",	  "python3", "perl",
					     "nohup",	"su",	       "dinit",	       "sh) S (x", "tmux: server" };

	(void)state;
	for (size_t i = 0; i < countof(names); i++) {
		char *lines = mem_printf(ROOT "parent 9 9 (%s) S 1 8 8 0 -1 0\nparent-pid 9 9\n", names[i]);
		char *words = mem_printf("%s(9) will see it end and may start another", names[i]);

		asks(lines, words);
		free(lines);
		free(words);
	}
	/* Shells: a script, a command, an interactive one's subshell, one without a terminal, a shell in a shell's name. */
	asks(ROOT PARENT("sh", SCRIPT) "parent-args 9 sh\1/x.sh\1\n", "sh(9) will see");
	asks(ROOT PARENT("bash", "9 8 34816") "parent-args 9 bash\1-c\1while :; do x; done\1\n", "bash(9)");
	asks(ROOT PARENT("bash", "9 8 34816") "parent-args 9 bash\1-lc\1x\1\n", "bash(9)");
	asks(ROOT PARENT("bash", "9 8 34816") "parent-args 9 bash\1--rcfile\1/x\1/script\1\n", "bash(9)");
	asks(ROOT PARENT("bash", "10 8 34816") "parent-args 9 -bash\1\n", "bash(9)");
	asks(ROOT PARENT("bash", "9 8 0") "parent-args 9 -bash\1\n", "bash(9)");
	asks(ROOT PARENT("sh", "9 8 34816"), "sh(9)");
	/* A first process that starts things again, and one whose table does. */
	asks("stat 10 10 (work) S 1 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n"
	     "parent 1 1 (supervisord) S 0 1 1 0 -1 0\nparent-pid 1 1\n", "supervisord(1)");
	asks("stat 10 10 (work) S 1 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n"
	     "parent 1 1 (init) S 0 1 1 0 -1 0\nparent-pid 1 1\nrespawn 10 /etc/inittab /bin/work -x\n", "\"/bin/work -x\": init(1) will see");
	/* Entered from outside. */
	asks("stat 10 10 (work) S 0 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n", "outside of what h1 shows");
	/* One that adopts what others have started, to wait for that. */
	asks("stat 10 10 (work) S 9 10 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n" PARENT("supervisord", "9 9 0"), "supervisord(9)");
	/* A name that was cut by a newline. */
	asks(ROOT "parent 9 9 (ru\nparent 9 nsv) S 1 8 8 0 -1 0\n", "runsv(9)");
}

static void test_parents_that_do_not(void **state)
{
	(void)state;
	quiet(ROOT "parent 1 1 (init) S 0 1 1 0 -1 0\nparent-pid 1 1\n");
	quiet(ROOT "parent 1 1 (tini) S 0 1 1 0 -1 0\nparent-pid 1 1\n");
	quiet(ROOT "parent 1 1 (systemd) S 0 1 1 0 -1 0\nparent-pid 1 1\n");
	quiet(ROOT PARENT("systemd", "9 9 0")); /* a user's */
	quiet(ROOT PARENT("sshd-session", SCRIPT));
	quiet(ROOT PARENT("criu", SCRIPT));
	/* Jobs of shells at which somebody types. */
	quiet(ROOT PARENT("bash", "9 8 34816") "parent-args 9 -bash\1\n");
	quiet(ROOT PARENT("bash", "9 8 34816") "parent-args 9 bash\1--norc\1-i\1\n");
	quiet(ROOT PARENT("bash", "9 8 34816") "parent-args 9 bash\1--rcfile\1/x\1\n");
	quiet(ROOT PARENT("busybox", "9 8 34816") "parent-args 9 busybox\1ash\1\n");
	/* A shell that its terminal was opened for. */
	quiet("stat 10 10 (zsh) S 9 10 10 34816 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n" PARENT("tmux: server", "8 8 0"));
#define PANE "stat 10 10 (vi) S 9 10 10 34816 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\n" PARENT("tmux: server", "8 8 0")
	quiet(PANE);
	asks(PANE "respawn 10 tmux pane-died respawn-pane\n", "tmux has \"pane-died respawn-pane\": tmux: server(9)");
	/* Adopted: its session is neither its own nor the parent's. */
	quiet("stat 10 10 (work) S 1 10 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 777 9 9\nparent 1 1 (supervisord) S 0 1 1 0 -1 0\nparent-pid 1 1\n");
	/* pferry's own first process of a namespace. */
	quiet(ROOT "parent 9 9 (sh) S 1 9 9 0 -1 0\nparent-pid 9 1\nparent-args 9 sh\1-c\1while kill -0 -1; do sleep 1; done\1pferry-init\1/x\1\n");
	/* What was saved is not there any more. */
	was_saved = true;
	quiet(ROOT PARENT("make", SCRIPT));
	was_saved = false;
}

static void test_supervised_is_a_choice(void **state)
{
	static const char *const codes[] = { "supervised", NULL };

	(void)state;
	accept_codes = codes;
	found(ROOT PARENT("make", SCRIPT), NULL, "supervised", FINDING_OPTION, "make(9)");
	accept_codes = NULL;
}

/* ---- units and containers ---- */

#define UNIT "unit 10 system x.service\n"
#define MAIN UNIT "unit-is 10 MainPID=10\n"

static void refused(const char *lines, const char *code, const char *words, const char *remedy)
{
	char *all = mem_printf(ROOT "parent 1 1 (systemd) S 0 1 1 0 -1 0\nparent-pid 1 1\n%s", lines);
	struct check_result *r = judged(all, NULL);

	found(all, NULL, code, FINDING_REFUSE, words);
	assert_true(r->refused && !r->choice);
	if (!strstr(r->why.text, remedy))
		fail_msg("no \"%s\" in: %s", remedy, r->why.text);
	assert_null(finding(r, "can-move"));
	check_result_free(r);
	free(all);
}

static void moves(const char *lines)
{
	char *all = mem_printf(ROOT "parent 1 1 (systemd) S 0 1 1 0 -1 0\nparent-pid 1 1\n%s", lines);

	found(all, NULL, "unit", FINDING_OK, "x.service");
	for (size_t i = 0; i < 4; i++)
		found(all, NULL, ((const char *const[]){ "unit-restarts", "unit-actions", "unit-triggered", "unit-others" })[i], FINDING_REFUSE, NULL);
	free(all);
}

static void test_units(void **state)
{
	(void)state;
	moves(MAIN "unit-is 10 Restart=no\nunit-is 10 FailureAction=none\nunit-is 10 SuccessAction=none\n");
	refused(MAIN "unit-is 10 Restart=always\n", "unit-restarts", "starts x.service again when it ends (Restart=always)",
		"/run/systemd/system/x.service.d");
	refused(MAIN "unit-is 10 Restart=on-failure\n", "unit-restarts", "", "Restart=no");
	refused(MAIN "unit-is 10 Restart=no\nunit-is 10 RestartForceExitStatus=SIGKILL\n", "unit-restarts", "", "RestartForceExitStatus=");
	refused(MAIN "unit-is 10 UpheldBy=y.service\n", "unit-restarts", "Upholds=", "stop y.service");
	refused(MAIN "unit-is 10 TriggeredBy=x.socket\n", "unit-triggered", "x.socket", "systemctl stop x.socket");
	refused(MAIN "unit-is 10 ExecStopPost={ path=/x }\nunit-is 10 OnFailure=y.service\n", "unit-actions", "ExecStopPost=, OnFailure=y.service",
		"systemctl mask --runtime y.service");
	refused(MAIN "unit-is 10 FailureAction=reboot\n", "unit-actions", "FailureAction=reboot", "FailureAction=none");
	refused(MAIN "unit-is 10 BoundBy=y.service\n", "unit-actions", "y.service", "systemctl stop y.service");
	refused(MAIN "unit-is 10 KillMode=control-group\nunit-other 10 11 helper\n", "unit-others", "helper(11)", "KillMode=process");
	/* The same, of a user's manager. */
	refused("unit 10 1000 x.service\nunit-is 10 MainPID=10\nunit-is 10 Restart=always\n", "unit-restarts", "x.service of user@1000.service",
		"/run/user/1000/systemd/user/x.service.d");
	/* What ends without the unit does not have it restarted. */
	moves(UNIT "unit-is 10 MainPID=8\nunit-is 10 Restart=always\nunit-is 10 ExecStop=x\n");
	moves(UNIT "unit-is 10 MainPID=0\nunit-is 10 Restart=always\nunit-other 10 11 helper\n");
	moves(MAIN "unit-is 10 KillMode=process\nunit-other 10 11 helper\n");
	/* No main process, but it is the unit's last. */
	refused(UNIT "unit-is 10 MainPID=0\nunit-is 10 Restart=always\n", "unit-restarts", "", "Restart=no");
	found(ROOT MAIN "unit-is 10 UnitFileState=enabled\n", NULL, "unit-enabled", FINDING_OK, "when that boots");
	found(ROOT PARENT("systemd", "9 9 0") UNIT "unit-silent 10\n", NULL, "supervised", FINDING_CHOICE, "x.service");
	/* Its main process is what sees it end. */
	asks(ROOT PARENT("sh", SCRIPT) UNIT "unit-is 10 MainPID=9\nunit-is 10 Restart=always\n", "sh(9) of x.service, which has Restart=always,");
}

static void test_spans(void **state)
{
	(void)state;
	assert_int_equal(survey_span_ms("1min 30s"), 90000);
	assert_int_equal(survey_span_ms("500ms"), 500);
	assert_int_equal(survey_span_ms("1.5s"), 1500);
	assert_int_equal(survey_span_ms("100us"), 1);
	assert_int_equal(survey_span_ms("infinity"), 0);
	assert_int_equal(survey_span_ms("0"), 0);
	assert_int_equal(survey_span_ms("3 parsecs"), 0);
	assert_int_equal(survey_span_ms("-3s"), 0);
	assert_int_equal(survey_span_ms(""), 0);
}

#define MOUNTS "link /proc/10/ns/mnt 777 mnt:[2]\n"
#define FAR "fdinfo 10 0 mount /dev/null\n"

static void test_containers(void **state)
{
	(void)state;
	found(ROOT MOUNTS "cgroup 10 0::/b1\nroot 10 5:9\nown-root 5:2\ncontainer 10 runc b1\n", NULL, "container", FINDING_REFUSE,
	      "a container of runc (b1)");
	found(ROOT MOUNTS "cgroup 10 0::/machine.slice/n1.scope/payload\nroot 10 5:9\nown-root 5:2\n", NULL, "container", FINDING_REFUSE,
	      "systemd-nspawn");
	found(ROOT MOUNTS PARENT("conmon", "9 9 0") "root 10 5:9\nown-root 5:2\n", NULL, "container", FINDING_REFUSE, "podman");
	found(ROOT MOUNTS "root 10 5:9\nown-root 5:2\n", NULL, "container", FINDING_REFUSE, "mounts and a root directory of its own");
	/* Only called so; only another root; only other mounts. */
	found(ROOT "cgroup 10 0::/docker/x\n", NULL, "container", FINDING_REFUSE, NULL);
	found(ROOT "root 10 5:9\nown-root 5:2\n", NULL, "container", FINDING_REFUSE, NULL);
	found(ROOT MOUNTS "root 10 5:2\nown-root 5:2\n", NULL, "container", FINDING_REFUSE, NULL);
	found(ROOT MOUNTS UNIT "root 10 5:2\nown-root 5:2\n" FAR, NULL, "sandbox", FINDING_REFUSE, "systemd gives x.service mounts of its own");
	found(ROOT MOUNTS "root 10 5:2\nown-root 5:2\n" FAR, NULL, "sandbox", FINDING_REFUSE, "it has mounts of its own");
	found(ROOT MOUNTS UNIT "root 10 5:9\nown-root 5:2\n" FAR, NULL, "sandbox", FINDING_REFUSE, "RootDirectory=");
	found(ROOT MOUNTS UNIT "root 10 5:9\nown-root 5:2\n" FAR, NULL, "far-mount", FINDING_REFUSE, NULL);
	found(ROOT FAR, NULL, "far-mount", FINDING_REFUSE, "/dev/null");
}

/* A quick check of several: what systemd starts again is said to stay, its children not. */
static void test_glance(void **state)
{
	static const char text[] = "pferry-glance 1\ncap 1ffffffffff\npferry-inspect 2\n" ROOT "unit 10 system x.service\nunit-is 10 MainPID=10\n"
				   "unit-is 10 Restart=always\nself mnt mnt:[1]\nown-root 5:2\nend\npferry-inspect 2\n"
				   "stat 11 11 (child) S 10 11 11 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 778 9 9\nunit 11 system x.service\n"
				   "unit-is 11 MainPID=10\nunit-is 11 Restart=always\nend\npferry-inspect 2\n"
				   "stat 12 12 (few) S 1 12 12 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 779 9 9\nunit 12 system y.service\n"
				   "unit-is 12 MainPID=0\nunit-is 12 Restart=always\nend\nover\n";
	const struct proc_key keys[] = { { 10, 777 }, { 11, 778 }, { 12, 779 } };
	struct host *host = host_recorded("h1", &facts);
	struct glance_result results[3];

	(void)state;
	assert_int_equal(glance_parse(text, sizeof text - 1, host, keys, 3, results), 3);
	assert_string_equal(results[0].code, "unit-restarts");
	assert_null(results[1].code);
	assert_null(results[2].code);
	host_recorded_free(&host);
}

/* ---- whose it would be ---- */

static void test_people(void **state)
{
	static const char *const codes[] = { "other-user", NULL };

	(void)state;
	found(ROOT "user 2001 process\nuser-name 2001 alice\n", "user-name 2001 bob\n", "other-user", FINDING_CHOICE,
	      "user 2001 is alice on h1 and bob on h2");
	found(ROOT "user 2001 process\nuser-name 2001 alice\n", "", "other-user", FINDING_CHOICE, "alice on h1 and has no name on h2");
	found(ROOT "user 2001 process\n", "user-name 2001 bob\n", "other-user", FINDING_CHOICE, "has no name on h1 and is bob on h2");
	found(ROOT "group 50 process\ngroup-name 50 staff\n", "group-name 50 games\nuser-name 50 staff\n", "other-user", FINDING_CHOICE, "group 50");
	found(ROOT "user 100005 process\nuser-name 100005 ~alice\n", "user-name 100005 ~bob\n", "other-user", FINDING_CHOICE,
	      "a subordinate id of alice on h1 and a subordinate id of bob on h2");
	found(ROOT "people-more\n", "", "other-user", FINDING_CHOICE, "too many");
	/* The same, root, and what nobody has. */
	found(ROOT "user 2001 process\nuser-name 2001 alice\n", "user-name 2001 alice\n", "other-user", FINDING_CHOICE, NULL);
	found(ROOT "user 0 process\nuser-name 0 root\n", "user-name 0 toor\n", "other-user", FINDING_CHOICE, NULL);
	found(ROOT "user 61234 process\n", "", "other-user", FINDING_CHOICE, NULL);
	found(ROOT "user 61234 process\n", "", "no-name", FINDING_OK, "61234");
	/* As files of older saves have it. */
	found(ROOT, "", "no-name", FINDING_OK, NULL);
	accept_codes = codes;
	found(ROOT "user 2001 process\nuser-name 2001 alice\n", "user-name 2001 bob\n", "other-user", FINDING_OPTION, "alice");
	accept_codes = NULL;
}

/* A file counts when it comes along, and with it the directories that are made for it. */
static void test_owners_of_files(void **state)
{
#define FILES "link /proc/10/fd/3 500 /d/f\nfile 81a4 99 1234 1600000000 0:0 /d/f\nuser 2001 file\nuser-name 2001 alice\n"
	(void)state;
	found(ROOT FILES "owner 2001 0 /d/f\n", "user-name 2001 bob\n", "other-user", FINDING_CHOICE, "of a file that comes along");
	found(ROOT FILES "owner 2001 0 /d\n", "user-name 2001 bob\n", "other-user", FINDING_CHOICE, "of a file that comes along");
	found(ROOT FILES "owner 2001 0 /d/f\n", "file 81a4 99 1234 1600000000 0:0 /d/f\nuser-name 2001 bob\n", "other-user", FINDING_CHOICE, NULL);
	found(ROOT FILES "owner 2001 0 /d/g\n", "user-name 2001 bob\n", "other-user", FINDING_CHOICE, NULL);
}

/* Any number of lines takes bounded work. */
static void test_many(void **state)
{
	char *lines = mem_alloc(8u << 20), *at = lines;
	struct check_result *r;

	(void)state;
	at += sprintf(at, ROOT);
	for (unsigned i = 1; i < 60000; i++)
		at += sprintf(at, "user %u process\nparent %u 1 (x) S 1 1 1 0 -1 0\nowner %u 0 /%u\n", i, i + 100000, i, i);
	r = judged(lines, "");
	assert_int_equal(r->survey.people.count, SURVEY_PEOPLE_MAX);
	assert_true(r->survey.people.more);
	assert_int_equal(r->survey.owner.nparents, SURVEY_PARENTS);
	assert_int_equal(r->survey.nowned, SURVEY_OWNED_MAX);
	check_result_free(r);
	free(lines);
}

static void test_ended_meanwhile(void **state)
{
	const char *child = ROOT "stat 11 11 (sleep) S 10 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 888 9 9\nlink /proc/10/exe 777 /bin/x\n";
	char *ended = mem_printf("%sended 11\n", child);

	(void)state;
	found(child, NULL, "unreadable", FINDING_REFUSE, "sleep(11)");
	found(ended, NULL, "unreadable", FINDING_REFUSE, NULL);
	free(ended);
}

/* ---- what CRIU would wait for, or fail over when it is too late ---- */

static void test_frozen_at_either_end(void **state)
{
	char *asked;
	struct check_result *r;

	(void)state;
	found(ROOT "frozen 10 /app/a\n", "", "frozen", FINDING_REFUSE, "the cgroup /app/a on h1");
	found(ROOT, "frozen /app\n", "frozen", FINDING_REFUSE, "the cgroup /app on h2, which it would come into");
	found(ROOT, "", "frozen", FINDING_REFUSE, NULL);
	r = judged(ROOT "stat 11 11 (work) S 10 10 10 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 778 9 9\n"
		   "cgroup 10 9:name=systemd:/s\ncgroup 10 6:freezer:/f\ncgroup 10 0::/app:1\ncgroup 11 0::/app:1\ncgroup 11 6:freezer:/g\n", NULL);
	asked = survey_questions(&r->survey, NULL);
	assert_non_null(strstr(asked, "cgroup 0:freezer:/f\ncgroup 0::/app:1\ncgroup 0:freezer:/g\n"));
	assert_null(strstr(asked, "systemd"));
	free(asked);
	check_result_free(r);
}

static void test_removed_directories(void **state)
{
	(void)state;
	found(ROOT "gone-dir 5 /srv/a\ngone-dir 5 /srv/a\ngone-dir 6 /srv/ab\n", "", "removed-dir", FINDING_REFUSE, NULL);
	found(ROOT "gone-dir 5 /srv/a\ngone-dir 6 /srv/a\n", "", "removed-dir", FINDING_REFUSE, "two removed directories");
	found(ROOT "gone-dir 5 /srv/a/b\ngone-dir 6 /srv/a\n", "", "removed-dir", FINDING_REFUSE, "/srv/a and /srv/a/b");
	found(ROOT "gone-dir 5 /srv/a\n", "file 41ed 7 4096 0 0:0 /srv/a\n", "removed-dir", FINDING_REFUSE, "/srv/a, which was removed on h1, and h2 has that name");
}

static void test_names_of_memory_are_no_names_of_files(void **state)
{
	(void)state;
	found(ROOT "link /proc/10/fd/3 700 /memfd:a\001b (deleted)\n", "", "odd-name", FINDING_CHOICE, NULL);
	found(ROOT "link /proc/10/fd/3 700 /memfd:a\001b\n", "", "odd-name", FINDING_CHOICE, "newline");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frozen_at_either_end),
		cmocka_unit_test(test_removed_directories),
		cmocka_unit_test(test_names_of_memory_are_no_names_of_files),
		cmocka_unit_test(test_ended_meanwhile),
		cmocka_unit_test(test_parents_that_wait), cmocka_unit_test(test_parents_that_do_not),
		cmocka_unit_test(test_supervised_is_a_choice), cmocka_unit_test(test_units), cmocka_unit_test(test_spans),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_glance), cmocka_unit_test(test_people),
		cmocka_unit_test(test_owners_of_files), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
