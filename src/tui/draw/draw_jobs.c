/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves under way, a line each. */
#include "tui/draw/draw.h"
#include "tui/model/job_line.h"

void draw_jobs(struct ui *ui, struct paint *p)
{
	int y = ui->layout.jobs_y, left = ui->layout.jobs_h;

	/* The newest that run; those that wait come after them. */
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = ui->njobs; i > 0 && left > 0; i--) {
			const struct move_info *info = ui->jobs[i - 1].info;
			char line[1024];

			if (info->ended || info->check_only || (info->outcome == MOVE_WAITING) != (pass == 1))
				continue;
			job_line(ui, info, p->cols, line, sizeof line);
			paint_text(p, y, 0, p->cols, info->frozen ? ROLE_FROZEN : ROLE_MOVING, line);
			y++;
			left--;
		}
	}
}
