/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of findings: a code, how bad it is, the option that CRIU gets
 * for it, and what a person can do.  The man page's FINDINGS section lists the
 * same codes.  What is looked at is judged in judge_*.c.
 */
#ifndef CHECK_FINDINGS_H
#define CHECK_FINDINGS_H

#include <stddef.h>
#include <stdint.h>
#include <pferry/move.h>

#include "host/host.h"
#include "check/check.h"

struct finding_kind {
	const char *code;
	enum finding_level level;
	const char *dump_option, *restore_option; /* or NULL */
	const char *remedy;
	const char *question; /* words of a question */
};

/* Ends with a NULL code. */
extern const struct finding_kind finding_kinds[];

/* All that is known; the pointers are borrowed. */
struct judge {
	const struct host *source, *destination;     /* destination, able_destination, verified may be NULL */
	const struct able *able_source, *able_destination;
	const struct verified *verified;
	const struct verified *still;                /* files that the destination lacks and the source still has, or NULL */
	const struct digests *sums[2];               /* sums of files at both ends, or NULL */
	const struct check_options *options;
};

/* Judge what was found; fills findings, options, rooms and files of `result`. */
void findings_judge(struct check_result *result, const struct judge *judge);

/*
 * Add a finding; `host` (may be NULL) is the host that the sentence is about.
 * True when it does not stop the move: a question, when it was accepted.
 */
bool findings_add(struct check_result *result, const struct judge *judge, const char *code, const char *host,
		  const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The finding that was added last is about this path too; shown sanitised. */
void findings_add_file(struct check_result *result, const char *path);
/* Say with names what can be done about the finding that was added last, in the place of its kind's remedy. */
void findings_set_remedy(struct check_result *result, const char *host, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool findings_accepted(const struct judge *judge, const char *code);

/*
 * A file that other programs execute, or that gives rights, by where it would lie and its mode:
 * what starts at boot, at login or at a time, what programs load, who may log in or become root.
 */
bool bring_executed(const char *path, uint32_t mode);

/* ---- the parts of findings_judge() ---- */
void judge_hosts(struct check_result *result, const struct judge *judge);
void judge_process(struct check_result *result, const struct judge *judge);
/* Parts of judge_process(): the container or unit that owns it, and the process that waits for it. */
void judge_owner(struct check_result *result, const struct judge *judge);
void judge_supervised(struct check_result *result, const struct judge *judge);
/* A file of it is on a mount that its mount namespace lacks: true when that is a sandbox, which becomes the finding. */
bool judge_sandbox(struct check_result *result, const struct judge *judge);
void judge_sockets(struct check_result *result, const struct judge *judge);
void judge_files(struct check_result *result, const struct judge *judge);
void judge_room(struct check_result *result, const struct judge *judge);
void judge_bring(struct check_result *result, const struct judge *judge); /* after judge_room() */
/* After judge_files(): whose its processes, and the files that come along, would be there. */
void judge_people(struct check_result *result, const struct judge *judge);
void judge_own(struct check_result *result, const struct judge *judge);

#endif
