/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/model/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "tui/model/movable.h"

#define GUTTER 2    /* cursor, mark */
#define NAME_MIN 12 /* cells kept for the name however deep the tree */

/* From the left; `cells` with the space before, 0: the column's pid width.
 * Where room is short the one with the highest `drop` goes first. */
static const struct {
	enum field field;
	const char *name;
	char key;
	int cells, drop;
} fields[] = {
	{FIELD_MOVABLE, "movable", 'v', 5, 9}, {FIELD_USER, "user", 'u', 10, 5},
	{FIELD_TTY, "tty", 't', 7, 6},	       {FIELD_START, "start", 's', 7, 7},
	{FIELD_STATE, "state", 'e', 3, 8},     {FIELD_THREADS, "threads", 'h', 5, 4},
	{FIELD_PID, "pid", 'p', 0, 1},	       {FIELD_RSS, "rss", 'm', 6, 2},
	{FIELD_CPU, "cpu", 'c', 7, 3},
};

bool field_at(size_t i, const char **name, char *key, unsigned *bit)
{
	if (i >= countof(fields))
		return false;
	*name = fields[i].name;
	*key = fields[i].key;
	*bit = fields[i].field;
	return true;
}

void fields_text(unsigned set, char *out, size_t size)
{
	size_t used = 0;

	snprintf(out, size, "%s", set == FIELDS_AUTO ? "auto" : "none");
	for (size_t i = 0; i < countof(fields); i++) {
		int n;

		if (!(set & fields[i].field) || used >= size)
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? "," : "", fields[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
}

bool fields_parse(const char *text, unsigned *set, char *wrong, size_t size)
{
	unsigned got = 0;

	while (*text) {
		size_t len = strcspn(text, ", "), i = 0;

		while (i < countof(fields) &&
		       (strlen(fields[i].name) != len || strncmp(fields[i].name, text, len) != 0))
			i++;
		if (i < countof(fields)) {
			got |= fields[i].field;
		} else if (len == 4 && strncmp(text, "none", 4) == 0) {
			got |= FIELDS_NONE;
		} else if (len > 0 && !(len == 4 && strncmp(text, "auto", 4) == 0)) {
			snprintf(wrong, size, "%.*s", (int)len, text);
			return false;
		}
		text += len;
		text += strspn(text, ", ");
	}
	*set = got & ~FIELDS_NONE ? got & ~FIELDS_NONE : got;
	return true;
}

static int field_cells(const struct column *col, size_t i)
{
	return fields[i].cells ? fields[i].cells : col->pid_width + 1;
}

static int all_cells(const struct column *col, unsigned set)
{
	int cells = 0;

	for (size_t i = 0; i < countof(fields); i++)
		if (set & fields[i].field)
			cells += field_cells(col, i);
	return cells;
}

unsigned fields_fit(const struct ui *ui, const struct column *col, int w, int *cells)
{
	unsigned set = ui->fields & ~FIELDS_NONE;

	if (ui->fields == FIELDS_AUTO)
		set = w >= 90	? FIELD_PID | FIELD_USER | FIELD_RSS | FIELD_CPU
		      : w >= 50 ? FIELD_PID | FIELD_RSS | FIELD_CPU
				: FIELD_PID;
	if (ui->cols < 40)
		set = 0;
	for (int drop = (int)countof(fields); drop > 0 && all_cells(col, set) + GUTTER + NAME_MIN > w; drop--)
		for (size_t i = 0; i < countof(fields); i++)
			if (fields[i].drop == drop)
				set &= ~(unsigned)fields[i].field;
	*cells = all_cells(col, set);
	return set;
}

void fields_toggle(struct ui *ui, unsigned bit)
{
	int cells;

	/* From what is shown now. */
	if (ui->fields == FIELDS_AUTO && ui->ncolumns > 0)
		ui->fields = fields_fit(ui, ui->columns[ui->focus], ui->layout.each, &cells);
	ui->fields = (ui->fields & ~FIELDS_NONE) ^ bit;
	if (ui->fields == 0)
		ui->fields = FIELDS_NONE;
}

/* ---- what stands in them ---- */

static void start_text(const struct ui *ui, const struct column *col, const struct proc *proc, char *out,
		       size_t size)
{
	uint32_t hz = tree_clock_hz(col->tree);
	double ran = hz ? tree_uptime(col->tree) - (double)proc->key.start / hz : 0;
	time_t when = ui->wall - (time_t)ran - (col->age_ms > 0 ? col->age_ms / 1000 : 0);
	struct tm tm;

	localtime_r(&when, &tm);
	strftime(out, size, ran < 86400 ? "%H:%M" : ran < 300 * 86400.0 ? "%b%d" : "%Y", &tm);
}

static void cgroup_text(const struct row *row, enum field field, char *out, size_t size)
{
	const struct cgroup *cg = row->cgroup;

	if (field == FIELD_PID && (row->folded || cg->all_processes > 0))
		snprintf(out, size, "%" PRIu32 "p", cg->all_processes);
	else if (field == FIELD_RSS && cg->all_rss_bytes > 0)
		text_bytes(out, size, cg->all_rss_bytes, true);
	else if (field == FIELD_CPU)
		snprintf(out, size, "%.1f%%", cg->all_cpu_percent);
}

static void field_text(const struct ui *ui, const struct column *col, const struct row *row, enum field field,
		       char *out, size_t size)
{
	const struct proc *proc = row->proc;

	out[0] = '\0';
	if (!proc) {
		cgroup_text(row, field, out, size);
		return;
	}
	switch (field) {
	case FIELD_PID:
		snprintf(out, size, "%d", (int)proc->key.pid);
		break;
	case FIELD_RSS:
		if (proc->rss_bytes > 0)
			text_bytes(out, size, proc->rss_bytes, true);
		break;
	case FIELD_CPU:
		snprintf(out, size, "%.1f%%", proc->cpu_percent);
		break;
	case FIELD_USER:
		snprintf(out, size, "%s", proc->user);
		break;
	case FIELD_TTY:
		snprintf(out, size, "%s", proc->tty_name);
		break;
	case FIELD_START:
		start_text(ui, col, proc, out, size);
		break;
	case FIELD_STATE:
		snprintf(out, size, "%c", proc->state);
		break;
	case FIELD_THREADS:
		snprintf(out, size, "%" PRIu32 "t", proc->threads);
		break;
	case FIELD_MOVABLE:
		snprintf(out, size, "%s", movable_word(movable_known(ui, col, proc)));
		break;
	}
}

void fields_draw(const struct ui *ui, struct paint *p, const struct column *col, const struct row *row,
		 unsigned set, int y, int x, enum role role)
{
	for (size_t i = 0; i < countof(fields); i++) {
		char text[64];
		int cells = field_cells(col, i);

		if (!(set & fields[i].field))
			continue;
		/* In a narrow column a cgroup says how many it hides behind its name. */
		if (row->kind == ROW_PROC || (set & FIELD_RSS)) {
			field_text(ui, col, row, fields[i].field, text, sizeof text);
			paint_right(p, y, x + 1, cells - 1, role, text);
		}
		x += cells;
	}
}
