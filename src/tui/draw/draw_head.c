/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The title row, the strip of host names, the heads of the columns. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "tui/draw/draw.h"

static void add(char *out, size_t size, const char *text)
{
	size_t len = strlen(out);

	snprintf(out + len, size - len, "%s", text);
}

static void add_jobs(struct ui *ui, char *out, size_t size)
{
	size_t waiting = 0, running = 0, doubt = ui_jobs_in_doubt(ui, NULL);
	char text[64];

	for (size_t i = 0; i < ui->njobs; i++) {
		if (ui->jobs[i].info->ended || ui->jobs[i].info->check_only)
			continue;
		if (ui->jobs[i].info->outcome == MOVE_WAITING)
			waiting++;
		else
			running++;
	}
	if (doubt > 0) {
		snprintf(text, sizeof text, "  %zu in doubt", doubt);
		add(out, size, text);
	}
	if (running + waiting == 0)
		return;
	snprintf(text, sizeof text, ui->cols < 100 ? "  jobs: %zu run" : "  jobs: %zu running", running);
	add(out, size, text);
	if (waiting > 0) {
		snprintf(text, sizeof text, ui->cols < 100 ? " %zu wait" : " %zu waiting", waiting);
		add(out, size, text);
	}
}

static void add_filter(struct ui *ui, char *out, size_t size)
{
	char text[64];

	if (!ui->filter[0])
		return;
	add(out, size, "  filter: ");
	add(out, size, ui->filter);
	for (size_t i = 0; i < ui->ncolumns && i < 12; i++) {
		snprintf(text, sizeof text, "%s%zu", i ? "/" : " ", view_matches(ui->columns[i]->view));
		add(out, size, text);
	}
}

void draw_title(struct ui *ui, struct paint *p)
{
	char left[600], part[64], clock[16];
	size_t marks = ui_marks(ui, NULL);
	struct tm tm;
	int room = p->cols;

	snprintf(left, sizeof left, "pferry  %zu host%s", ui->ncolumns, ui->ncolumns == 1 ? "" : "s");
	if ((size_t)ui->layout.shown < ui->ncolumns) {
		snprintf(part, sizeof part, " (%zu-%zu shown)", ui->first + 1,
			 ui->first + (size_t)ui->layout.shown);
		add(left, sizeof left, part);
	}
	if (marks > 0) {
		snprintf(part, sizeof part, "  %zu marked", marks);
		add(left, sizeof left, part);
	}
	add_jobs(ui, left, sizeof left);
	add_filter(ui, left, sizeof left);
	if (ui->paused)
		add(left, sizeof left, "  paused");
	if (ui->leaving)
		add(left, sizeof left, "  leaving");
	if (p->cols >= 40) {
		localtime_r(&ui->wall, &tm);
		strftime(clock, sizeof clock, "%H:%M:%S", &tm);
		paint_right(p, 0, p->cols - 9, 8, ROLE_DIM, clock);
		room -= 11;
	}
	paint_text(p, 0, 1, room - 1, ROLE_TITLE, left);
}

/* What a host's name is followed by in the strip. */
static const char *state_sign(const struct column *col)
{
	switch (col->state) {
	case HOST_CONNECTING:
	case HOST_PROBING:
		return "?";
	case HOST_LOST:
	case HOST_REFUSED:
		return "!";
	case HOST_UP:
		break;
	}
	return "";
}

void draw_strip(struct ui *ui, struct paint *p)
{
	int y = ui->layout.strip_y, x = 1;
	size_t from = 0, last = ui->first + (size_t)ui->layout.shown - 1;
	int before = 0;

	/* Begin as far left as lets the last one shown still fit. */
	for (size_t i = last + 1; i > 0; i--) {
		before += (int)text_width(ui->columns[i - 1]->name) + 5;
		if (before > p->cols - 4) {
			from = i < ui->focus ? i : ui->focus;
			break;
		}
	}
	if (from > 0)
		paint_text(p, y, 0, 1, ROLE_DIM, p->theme->glyph[GLYPH_CUT_LEFT]);
	for (size_t i = from; i < ui->ncolumns && x < p->cols - 2; i++) {
		const struct column *col = ui->columns[i];
		bool shown = i >= ui->first && i <= last;

		x += paint_textf(p, y, x, p->cols - x,
				 i == ui->focus ? ROLE_HEAD_FOCUS
				 : shown	? ROLE_TITLE
						: ROLE_DIM,
				 "%s%zu %s%s%s", i == ui->first ? "[" : "", i + 1, col->name, state_sign(col),
				 i == last ? "]" : "") +
		     1;
	}
}

static void age_text(int64_t age_ms, char *out, size_t size)
{
	if (age_ms < 0)
		out[0] = '\0';
	else if (age_ms < 120000)
		snprintf(out, size, "%" PRId64 "s", age_ms / 1000);
	else if (age_ms < 7200000)
		snprintf(out, size, "%" PRId64 "min", age_ms / 60000);
	else
		snprintf(out, size, "%" PRId64 "h", age_ms / 3600000);
}

void draw_column_head(struct ui *ui, struct paint *p, size_t column, int x, int w)
{
	const struct column *col = ui->columns[column];
	enum role role = column == ui->focus ? ROLE_HEAD_FOCUS : ROLE_HEAD;
	char text[512], age[24], place[16] = "";
	bool trouble = col->state == HOST_LOST || col->state == HOST_REFUSED;
	size_t processes = col->tree ? tree_processes(col->tree) - (ui->own ? 0 : tree_own(col->tree)) : 0;

	age_text(col->age_ms, age, sizeof age);
	if (ui->layout.strip_y >= 0)
		snprintf(place, sizeof place, "%zu ", column + 1);
	if (col->age_ms < 0)
		snprintf(text, sizeof text, " %s%s  %s%s", place, col->name, trouble ? "! " : "",
			 col->state_text);
	else if (ui->layout.each < 30)
		snprintf(text, sizeof text, " %s%s %s%s %zup %s", place, col->name, trouble ? "! " : "",
			 col->state_text, processes, age);
	else if (ui->layout.each < 50)
		snprintf(text, sizeof text, " %s%s  %s%s  %zu procs  %s", place, col->name,
			 trouble ? "! " : "", col->state_text, processes, age);
	else
		snprintf(text, sizeof text, " %s%s  %s%s  %zu procs  load %.2f  upd %s", place, col->name,
			 trouble ? "! " : "", col->state_text, processes, tree_load(col->tree), age);
	paint_fill(p, ui->layout.head_y, x, w, role);
	paint_text(p, ui->layout.head_y, x, w, role, text);
}
