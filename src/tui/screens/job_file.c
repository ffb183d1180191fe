/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of a move in a file, for a report: what its screen shows, with lines whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/write.h"
#include "tui/screens/prompt.h"
#include "tui/screens/screens.h"

#define LINE_CELLS 4096 /* longer ones are wrapped */

/* Where "~/x" is. */
static char *expand(const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] == '~' && path[1] == '/' && home && *home)
		return mem_printf("%s%s", home, path + 1);
	return mem_strdup(path);
}

static void write_text(struct ui *ui, uint32_t number, struct buf *out)
{
	struct page page = {.width = LINE_CELLS};
	char stamp[64];
	struct tm tm;

	localtime_r(&ui->wall, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S %z", &tm);
	buf_printf(out, "pferry %s, %s\n\n", PFERRY_VERSION, stamp);
	job_fill(ui, &page, number);
	for (size_t i = 0; i < page.count; i++)
		buf_printf(out, "%s\n", page.lines[i].text);
	page_clear(&page);
}

static unsigned accept(struct ui *ui, struct prompt *prompt)
{
	char *path = expand(prompt->line.text);
	/* Never over another file, and nobody else's to read: it names paths and addresses. */
	int fd = *path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
	struct buf out;
	bool ok;

	if (fd < 0) {
		if (*path)
			ui_notice(ui, NOTICE_BAD, "%s cannot be written: %s.", path, strerror(errno));
		free(path);
		return FX_DRAW;
	}
	buf_init(&out, 0);
	write_text(ui, *(const uint32_t *)prompt->data, &out);
	ok = write_all(fd, buf_data(&out), out.len);
	if (close(fd) != 0 || !ok) {
		ui_notice(ui, NOTICE_BAD, "%s could not be written whole: %s.", path, strerror(errno));
		unlink(path);
	} else {
		ui_notice(ui, NOTICE_GOOD, "Written to %s.", path);
	}
	buf_free(&out);
	free(path);
	return FX_DRAW;
}

static void hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size,
		 "a new file, readable by you alone: times, findings, command lines, CRIU's logs  Esc back");
}

static void free_number(struct prompt *prompt)
{
	free(prompt->data);
}

void job_write(struct ui *ui, uint32_t number)
{
	static const struct prompt_ops ops = {.accept = accept, .hint = hint, .free = free_number};
	uint32_t *data = mem_new(uint32_t);
	char name[160] = "";

	for (size_t i = 0; i < ui->njobs; i++)
		if (ui->jobs[i].info->number == number)
			snprintf(name, sizeof name, "pferry-%s.txt", ui->jobs[i].info->id);
	*data = number;
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Write it to: ", .data = data}, name);
}
