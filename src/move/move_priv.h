/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A move from the inside, for src/move only: see move.c for how it goes. */
#ifndef MOVE_MOVE_PRIV_H
#define MOVE_MOVE_PRIV_H

#include <pferry/loop.h>
#include <pferry/move.h>

#include "base/buf.h"
#include "transport/bring.h"
#include "check/check.h"
#include "move/compare.h"
#include "move/endpoint.h"
#include "handover/end.h"
#include "handover/handover.h"
#include "plan/plan.h"
#include "plan/precopy.h"
#include "transport/transport.h"

/* A move that another pferry began, to be taken up. */
struct move_recovery {
	const char *id, *name;
	struct proc_key proc;
	struct host *source, *destination;           /* NULL: no directory was found of that end */
	const char *source_name, *destination_name;
	const char *source_base, *destination_base;  /* where that directory lies */
	const char *file, *machine;                  /* one end is this file, on that machine; "" when both are hosts */
	bool source_asked, destination_asked;        /* that host answered, so what was not found is not there */
	void (*done)(void *ctx, struct move *move);
	void *ctx;
};

enum move_change { MOVE_CHANGE_STATUS, MOVE_CHANGE_PROGRESS, MOVE_CHANGE_QUESTION, MOVE_CHANGE_END, MOVE_CHANGE_QUEUED };

struct move_setup {
	const struct move_request *request; /* copied */
	uint32_t number;
	int lease_ms;
	struct rates *rates; /* the engine's */
	bool alone;          /* no other move was under way when it was made */
	struct config *config;                /* remembers choices, or NULL */
	void (*changed)(void *ctx, struct move *move, enum move_change change);
	/* Whether it may copy ahead, or freeze and send, now; else flow_advance() is called when it may. */
	bool (*turn)(void *ctx, const struct move *move);
	/* A host by its name, connecting if need be; NULL with a sentence. May be NULL itself. */
	struct host *(*host)(void *ctx, const char *name, struct err *e);
	void *ctx;
	const struct move_recovery *recovery; /* NULL: a new move; only read by move_new() */
};

/* What it waits for an answer to, or would like one. */
enum move_asks { ASKS_NOTHING, ASKS_CHOICE, ASKS_WAIT, ASKS_FROZEN };

/* Rounds of a pre-copy: rounds.c. */
struct pre {
	struct precopy_round rounds[MOVE_ROUNDS_MAX];
	size_t count;       /* dumped so far */
	bool tracks;        /* the source's kernel marks what is written to */
	bool compares;      /* it is found by comparing there */
	bool dumping, sending, over, freeze_now;
	bool broken;        /* the round is to be taken up again when both hosts are there */
	unsigned tries;     /* how often that was done, of all rounds */
	int64_t asked_ms;   /* when the source was last told to make the round */
	int64_t sending_us; /* when it began to be sent, on the move's clock */
	uint64_t sent;      /* by all rounds, as it went over the wire */
	struct err failed;
	struct loop_timer *later;
};

/* What is known of one end beside its facts. */
struct move_end {
	struct end *end;
	struct end_facts seen; /* as last heard */
	char *images;      /* I of end.sh */
	char *dir;         /* D of end.sh there */
	struct buf log;    /* CRIU's log, once asked for */
	bool log_asked, log_wanted;
	bool log_explains; /* it is asked for because this end failed */
	bool streams;      /* its tools can cut files: memory is sent while it is dumped */
	bool warming, warm; /* memory is fetched ahead; has been, or will not be */
	int64_t unreachable_since_ms; /* 0: reachable */
};

/* How long it has waited for the same thing: waits.c. */
struct wait {
	const char *what;
	uint64_t bytes;
	struct end_facts source, destination;
	int64_t ms, looked_ms;
	bool said; /* the status is about it: it was this */
	char status[160];
};

struct move {
	struct loop *loop;
	const struct endpoint *endpoint; /* what its ends are */
	void *endpoint_own;  /* of that */
	struct move_setup setup;
	struct move_request request;
	char **dump_options, **restore_options;
	struct move_info info;
	struct move_mark *marks;
	struct move_inside inside;
	char *source_name, *destination_name;
	struct check *check;
	struct check_options check_options;
	char **accept;     /* choices made, NULL-terminated */
	char *hook, *direct_key;
	struct check_result *result;
	struct move_end source, destination;
	struct transport *transport;
	struct bring *bring;
	bool brought;      /* the first copy of files that come along is there, or none do */
	bool transport_over, transport_lost;
	struct err transport_why; /* it broke before the source was held */
	int transport_tries;
	struct loop_timer *tick, *renew, *later;
	enum intent intent;
	int retries;
	bool ready;
	bool channels_open;  /* of the images */
	struct compare *compare; /* what its copy is compared with: compare.h */
	enum move_outcome ending; /* set when it only waits to be finished */
	bool finishing;
	struct ssh_run *presence_look; /* whether the process still runs at the source: ending.c */
	bool presence_asked, destination_asked;
	bool restored_back; /* the source restored the process from its own images: its start is another */
	char **warnings;   /* NULL-terminated */
	int64_t began_us, frozen_us, phase_us, last_progress_ms, settled_ms;
	uint64_t listed_bytes, rate_bytes;
	int64_t rate_us;
	char *dump_command, *predump_command, *restore_command, *back_command, *pages_command, *question;
	struct slow *slow;   /* the first look at the link: slow.h */
	bool checked;        /* and only that is waited for */
	struct trial *trial; /* of the way: trial.c */
	bool fills;          /* it may run there before its memory is in place: fill.c */
	bool pack;           /* images go compressed */
	bool copy_asked;     /* all is done but to copy ahead, when it is its turn */
	bool turn_asked;     /* all is done but to freeze and send, when it is its turn (turns.h) */
	int64_t turn_ms;     /* since then */
	uint32_t passed;     /* the engine's last look at whether it may begin */
	struct pre pre;
	struct pid_wait *pid_wait; /* it waits for a pid: pidwait.c */
	int64_t pid_waited_us;     /* since when it does, on its clock; 0: it never did */
	struct wait wait;
	unsigned cancels;    /* how often it was asked for */
	struct lazy *lazy;   /* post-copy: lazy.c */
	enum move_asks asks;
	bool frozen_asked;
	char status[160];
	bool asking_root, asked_root; /* so that a password refused is not asked for again */
	bool recovering;   /* takes up where another pferry was cut off */
	int64_t heard_ms;  /* when an end last said something new */
	int64_t sized_ms;  /* when the destination was last asked how much is there */
	int64_t asked_ms;  /* when it was last asked how it stands */
	void (*recovered)(void *ctx, struct move *move);
	void *recovered_ctx;
};

/* ---- move.c ---- */
struct move *move_new(struct loop *loop, const struct move_setup *setup);
void move_start(struct move *move);
void move_recover(struct move *move, const struct move_recovery *recovery);
void move_free(struct move *move);
struct host *move_source(const struct move *move);
struct host *move_destination(const struct move *move);
/* An ended move must not look at a host that is closed. */
void move_forget_host(struct move *move, const struct host *host);
/* Give up, keeping the first reason; goes on to undo what was done. */
void move_fail(struct move *move, const struct err *why);
void move_mark(struct move *move, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void move_set_phase(struct move *move, enum move_phase phase);
void move_set_status(struct move *move, const char *text);
/* The same for a connection that was lost and is made again; the next status takes its place. */
void move_set_lost(struct move *move, const char *host);
void move_tell(struct move *move, enum move_change change);
/* Add a sentence to its warnings, unless it is there already. */
void move_warn(struct move *move, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int64_t move_clock_us(const struct move *move);
/* Check it, and go on from there. */
void move_check(struct move *move);
/* The first look at the link is over; the check may be, or not. */
void move_checked(struct move *move);

/* ---- ending.c: the end, and what can be said of the process then ---- */
/* End the move, from the loop's next turn. One that did not move the process is over only when the source was
 * asked whether the process still runs there; if it does not, the outcome is MOVE_LOST. */
void move_finish(struct move *move, enum move_outcome outcome);
/* The timer that move_finish() sets. */
void ending_begin(void *move);
void ending_free(struct move *move);

/* ---- limits.c: questions, and the time it may take ---- */
/* For the choice that its check stopped at. */
void ask_for_choice(struct move *move);
void ask_no_more(struct move *move);
void limits_tick(struct move *move);

/* ---- choose.c: what a person must choose ---- */
/* What was chosen when it was asked for, and before for this program. */
void choose_begin(struct move *move);
/* Whether the choice that its check stopped at was made before: check again. */
bool choose_remembered(struct move *move);
/* The choice that its check stopped at was made: remember it. */
void choose_yes(struct move *move);

/* ---- pidwait.c: waiting for a pid that is taken at the destination ---- */
/* Its check found pids taken: look there now and then, and check again once they
 * are free. Nothing is done on either host meanwhile. */
void pidwait_begin(struct move *move);
void pidwait_stop(struct move *move);

/* ---- files.c ---- */
/* Whether the first copy of what comes along is made; begins it when it was not. */
bool files_brought(struct move *move);

/* ---- stage.c ---- */
/* Where images lie at an end: on tmpfs or in the move's directory; allocated. */
char *stage_images_dir(const struct move *move, const struct move_end *side, bool shm);
/* Where its directories are. */
void stage_places(struct move *move);
/* Work out CRIU's command lines. */
void stage_commands(struct move *move);
/* The same for a check that goes no further: only to be shown. */
void stage_commands_shown(struct move *move);
/* Whether both ends have the memory for what comes at hand; asks for it when it was not. */
bool stage_memory(struct move *move);
/* Have an end on a host make its directory. */
void stage_end(struct move *move, struct move_end *side, const char *role);

/* ---- auto.c: what is picked, and the words for it ---- */
/* The check is over. */
void auto_choose(struct move *move);
/* It has moved: what that took is worth knowing the next time. */
void auto_learn(const struct move *move);
/* The way was tried and measured. */
void auto_link_known(struct move *move);
void auto_words(struct move *move);
/* Bytes a second of the way, 0 when not known. */
double auto_link(const struct move *move);
/* Whether it might pay to compress: a slow link, and zstd at both ends. */
bool auto_may_pack(const struct move *move);

/* ---- trial.c: which way, and how fast it is ---- */
/* Tries the way, then calls flow_advance(); only the first call does something. */
void trial_begin(struct move *move);
bool trial_over(const struct move *move);
/* What came to be known of the link since may make it worth compressing: then it is tried, flow_advance() is
 * called once more, and this is true. */
bool trial_again(struct move *move);
void trial_free(struct move *move);

/* ---- rounds.c: pre-copy, between staging and the freeze ---- */
bool rounds_pending(const struct move *move);
void rounds_begin(struct move *move);
/* The source made one: "K BYTES STATUS". */
void rounds_made(struct move *move, const char *rest);
/* A connection went: the round waits for it. */
void rounds_lost(struct move *move, const char *host);
/* Take up what broke, once both hosts are there. */
void rounds_tick(struct move *move);

/* ---- lazy.c: post-copy, the way of memory that follows ---- */
/* Why memory may not come when the tree runs already: "has deleted files open", say; NULL when it may. */
const char *lazy_unfit(const struct check_result *r);
/* Add to its findings what post-copy means, or why it cannot go so. */
void lazy_judge(struct move *move);
/* Whether the way is still to be opened before the freeze. */
bool lazy_pending(const struct move *move);
void lazy_begin(struct move *move);
/* What the ends report; protocol.def says what. */
void lazy_serving(struct move *move, const char *rest);
void lazy_source_joined(struct move *move, const char *rest);
void lazy_destination_joined(struct move *move, const char *rest);
void lazy_port(struct move *move, const char *rest);
void lazy_discarded(struct move *move, const char *rest);
void lazy_running(struct move *move);
void lazy_filled(struct move *move);
void lazy_free(struct move *move);

/* ---- unit_pause.c: a unit whose watchdog would not wait so long ---- */
void unit_judge_pause(struct move *move);

/* ---- fill.c: memory that is put in place at the destination while it runs ---- */
/* Whether it is to go so, and a finding that says what that means. */
void fill_judge(struct move *move);
/* The destination reports that it runs, has all of its memory, or is restored once more. */
void fill_running(struct move *move);
void fill_filled(struct move *move);
void fill_anew(struct move *move, const char *rest);

/* ---- flow.c: from staging to the end ---- */
void flow_stage(struct move *move);
void flow_recover(struct move *move, bool source_absent, bool destination_absent);
void flow_advance(struct move *move);
/* End it: what became of it cannot be seen from here. */
void flow_in_doubt(struct move *move, const char *why);

/* ---- sending.c: the images on their way ---- */
/* The direct way cannot be had: go by relay, and say why where direct was asked for. */
void sending_by_relay(struct move *move, const struct err *why);
/* What every stream of images of this move has in common. */
struct transport_setup sending_setup(const struct move *move);
/* Open the way for the images; it waits for the freeze. */
void sending_begin(struct move *move);
/* One more of what must be open before the freeze is. */
void sending_ready(struct move *move);
/* So many bytes have gone over by the transport that is open. */
void sending_progress(struct move *move, uint64_t bytes);
/* One line of the list of the source's images, NULL after the last. */
void sending_listed(struct move *move, const char *line);
/* The destination holds so many bytes of images. */
void sending_sized(struct move *move, uint64_t bytes);

/* ---- words.c ---- */
/* " redis(881) still runs on web01.", when it was seen there; of one that was not, nothing is claimed. */
void words_presence(const struct move_info *info, const char *name, char *out, size_t size);

/* ---- waits.c: limits of all that is waited for ---- */
void waits_tick(struct move *move);

/* ---- patience.c: what only time shows ---- */
void flow_tick(struct move *move);

#endif
