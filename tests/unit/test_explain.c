/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CRIU's log -> a sentence: the table, and what CRIU really said (tests/unit/logs). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "criu/explain.h"
#include "check/findings.h"

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
	/* The special counts, wherever it stands. */
	explains("(00.1) Error (criu/x.c:1): Something: Operation not permitted\n"
		 "(00.2) Error (criu/files-reg.c:2143): File usr/bin/x has bad size 1 (expect 2)\n",
		 1, "a file differs in size");
	explains("(00.2) Error (criu/new.c:9): Something new\n", 1, "CRIU says: Something new");
	explains("", 137, "killed by signal 9");
	explains("", 255, "exited with status 255");
	explains(NULL, 127, "could not be run");
	explains("Error (", 1, "CRIU says");
}

static void test_table(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct explain_entry *x = explain_entries; x->pattern; x++, n++) {
		char *line = mem_printf("(00.1) Error (criu/a.c:1): %s%s%s\n", x->pattern, x->also ? " 1 " : "", x->also ? x->also : "");
		const char *at;
		size_t len;

		assert_true(*x->cause && *x->code && x->remedy);
		/* Not hidden by one before it that says something else. */
		if (!explain_find(line, &at, &len))
			fail_msg("\"%s\" explains nothing", x->pattern);
		for (const struct explain_entry *y = explain_entries; y != x; y++) {
			if (y->weak == x->weak && strstr(x->pattern, y->pattern) && (!y->also || y->also == x->also))
				fail_msg("\"%s\" hides \"%s\"", y->pattern, x->pattern);
		}
		free(line);
	}
	assert_true(n >= 60);
}

static bool is_finding(const char *code)
{
	for (const struct finding_kind *k = finding_kinds; k->code; k++) {
		if (strcmp(k->code, code) == 0)
			return true;
	}
	return false;
}

/* Causes that no look at the process can find before. */
static void test_codes(void **state)
{
	static const char *const own[] = { "images", "transport", "action-script", "stuck", "option" };

	(void)state;
	for (const struct explain_entry *x = explain_entries; x->pattern; x++) {
		bool known = is_finding(x->code);

		for (size_t i = 0; i < countof(own); i++)
			known |= strcmp(own[i], x->code) == 0;
		if (!known)
			fail_msg("\"%s\" has the code %s, which no finding has", x->pattern, x->code);
	}
}

static void judge_log(const char *name)
{
	char *path = mem_printf("tests/unit/logs/%s", name), text[16384], *dot;
	FILE *f = fopen(path, "r");
	size_t len = f ? fread(text, 1, sizeof text - 1, f) : 0, at_len;
	const struct explain_entry *x;
	const char *at;

	text[len] = '\0';
	assert_non_null(f);
	fclose(f);
	dot = strchr(path + strlen("tests/unit/logs/"), '.');
	*dot = '\0';
	x = explain_find(text, &at, &at_len);
	if (!x || strcmp(x->code, path + strlen("tests/unit/logs/")) != 0)
		fail_msg("%s: explained as %s (%s)", name, x ? x->code : "nothing", x ? x->cause : text);
	free(path);
}

static void test_real_logs(void **state)
{
	DIR *dir = opendir("tests/unit/logs");
	const struct dirent *d;
	size_t n = 0;

	(void)state;
	if (!dir)
		skip(); /* not run from the top */
	while ((d = readdir(dir))) {
		size_t len = strlen(d->d_name);

		if (len > 4 && strcmp(d->d_name + len - 4, ".log") == 0) {
			judge_log(d->d_name);
			n++;
		}
	}
	closedir(dir);
	assert_true(n >= 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explain), cmocka_unit_test(test_table), cmocka_unit_test(test_codes),
		cmocka_unit_test(test_real_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
