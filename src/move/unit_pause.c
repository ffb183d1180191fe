/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watchdog of a systemd unit counts on while its process is frozen: systemd
 * queues SIGABRT then, and a move that is undone brings back a process that dies
 * of it.  A frozen process waits for the pause that is predicted, and for the
 * source's lease where pferry goes away meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/findings.h"
#include "move/move_priv.h"

/* The finding that all is well is not so any more. */
static void drop_can_move(struct check_result *r)
{
	struct finding *last = r->count ? &r->findings[r->count - 1] : NULL;

	if (!last || strcmp(last->code, "can-move") != 0)
		return;
	free(last->text);
	free(last->remedy);
	r->count--;
}

void unit_judge_pause(struct move *move)
{
	const struct judge judge = { .options = &move->check_options };
	struct check_result *r = move->result;
	const struct survey_unit *u = &r->survey.owner.unit;
	const char *name = move->info.source;
	uint64_t pause_ms = (uint64_t)move->setup.lease_ms + (move->info.estimate_ms > 0 ? (uint64_t)move->info.estimate_ms : 0);
	char every[32], pause[32];

	if (move->check_options.saved || !u->watchdog_ms || !survey_find(&r->survey, u->main))
		return;
	/* In post-copy the source waits until all of its memory is fetched. */
	if (u->watchdog_ms >= pause_ms && move->info.mode != MODE_POSTCOPY)
		return;
	drop_can_move(r);
	text_duration(every, sizeof every, (int64_t)u->watchdog_ms);
	if (move->info.mode == MODE_POSTCOPY)
		findings_add(r, &judge, "unit-watchdog", name, "systemd on %s ends %s when it gives no sign for %s (WatchdogSec=), and in "
			     "post-copy it is stopped until its memory is there", name, u->name, every);
	else
		findings_add(r, &judge, "unit-watchdog", name, "systemd on %s ends %s when it gives no sign for %s (WatchdogSec=), and it "
			     "may be frozen for %s", name, u->name, every, text_duration(pause, sizeof pause, (int64_t)pause_ms));
	findings_set_remedy(r, name, "start it with a longer WatchdogSec= there (systemctl edit %s)%s", u->name,
			    move->info.mode == MODE_POSTCOPY ? ", or use another mode" : "");
	move->info.findings = r->findings;
	move->info.findings_count = r->count;
}
