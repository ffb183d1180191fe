/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pictures of the main views, kept as text in tests/unit/golden and looked at
 * by a person when they change: GOLDEN=write makes them anew, git diff shows.
 */
#include "tui_model.h"

#include "base/buf.h"
#include "base/mem.h"

static const struct {
	int rows, cols;
} sizes[] = {{24, 80}, {5, 20}, {10, 40}, {50, 160}, {200, 500}};

static void take(struct buf *out)
{
	buf_clear(out);
	for (int y = 0; y < LINES; y++)
		buf_printf(out, "%s\n", line(y));
}

static void write_picture(const char *path, const struct buf *picture)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fwrite(buf_data(picture), 1, picture->len, file);
	fclose(file);
}

static void compare(const char *path, struct buf *picture)
{
	FILE *file = fopen(path, "re");
	struct buf kept;
	size_t n;

	if (!file)
		fail_msg("%s is missing: GOLDEN=write makes it", path);
	buf_init(&kept, 0);
	while ((n = fread(buf_space(&kept, 4096), 1, 4096, file)) > 0)
		buf_grew(&kept, n);
	fclose(file);
	if (strcmp(buf_str(&kept), buf_str(picture)) != 0) {
		print_error("%s is another picture now:\n%s", path, buf_str(picture));
		fail_msg("%s has changed: GOLDEN=write takes it over, git diff shows how", path);
	}
	buf_free(&kept);
}

/* The view that these keys lead to, at the first `count` sizes. */
static void pictures(const char *name, size_t hosts, bool job, const char *keys, size_t count)
{
	struct buf picture;

	buf_init(&picture, 0);
	for (size_t i = 0; i < count; i++) {
		char path[128];

		setenv("TZ", "UTC", 1);
		begin(hosts);
		nb.ui.wall = 1785575537; /* a moment in 2026 */
		if (job)
			add_job();
		draw(sizes[i].rows, sizes[i].cols);
		press(keys);
		take(&picture);
		snprintf(path, sizeof path, "tests/unit/golden/%s-%dx%d.txt", name, sizes[i].cols, sizes[i].rows);
		if (getenv("GOLDEN"))
			write_picture(path, &picture);
		else
			compare(path, &picture);
		finish();
	}
	buf_free(&picture);
}

static void columns(void **state)
{
	pictures("columns", 2, true, "/redis-server\r /nginx:\r ", 5);
}

static void one_host(void **state)
{
	pictures("one-host", 1, false, "/redis-server\r", 4);
}

static void twelve_hosts(void **state)
{
	pictures("twelve-hosts", 12, false, "5/2210\r", 5);
}

static void no_hosts(void **state)
{
	pictures("no-hosts", 0, false, "", 4);
}

static void question(void **state)
{
	pictures("question", 2, false, "/redis-server\r /2210\r m\r", 4);
}

static void spread(void **state)
{
	pictures("spread", 4, false, "/redis-server\r /2210\r D", 4);
}

static void fields(void **state)
{
	pictures("fields", 2, false, "Cvh", 4);
}

static void filtered(void **state)
{
	pictures("filter", 2, false, "fng", 4);
}

static void help(void **state)
{
	pictures("help", 2, false, "?", 1);
}

static void jobs(void **state)
{
	pictures("jobs", 2, true, "J", 4);
}

static void one_job(void **state)
{
	pictures("one-job", 2, true, "J\r", 4);
}

static void options(void **state)
{
	pictures("options", 2, false, "/redis-server\ro", 4);
}

static void details(void **state)
{
	pictures("details", 2, false, "/redis-server\r\r", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns), cmocka_unit_test(one_host), cmocka_unit_test(twelve_hosts),
		cmocka_unit_test(no_hosts), cmocka_unit_test(question), cmocka_unit_test(spread),
		cmocka_unit_test(fields), cmocka_unit_test(filtered), cmocka_unit_test(help),
		cmocka_unit_test(jobs), cmocka_unit_test(one_job), cmocka_unit_test(options),
		cmocka_unit_test(details),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
