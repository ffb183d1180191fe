/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of a save: that at every step one copy is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "host/recorded.h"
#include "save/save.h"

/* ---- the order: pferry dies after each step, and recover goes on ---- */

/* A host as an end of the handover, as src/remote/hand.sh is one; it outlives pferry. */
struct host_end {
	struct end_facts facts;
	bool runs; /* its copy does */
};

struct world {
	char dir[64], path[128];
	struct host_end host;
	struct loop *loop;
	struct move *move;
	struct end *host_side, *file_side;
	unsigned host_orders;
	bool restores, ready;
	int steps, die_after; /* orders carried out; 0: never */
	enum intent intent;
	enum verdict verdict;
	bool clean, dead;
	int retries;
};

static void advance(struct world *w);

static void on_facts(void *ctx, struct end *end, enum notice notice, const char *rest)
{
	(void)ctx;
	(void)end;
	(void)notice;
	(void)rest;
}

static void on_failed(void *ctx, struct end *end, enum failure failure, const char *sentence)
{
	(void)ctx;
	(void)end;
	(void)failure;
	fail_msg("%s", sentence);
}

static void on_host_order(void *ctx, enum order order)
{
	struct world *w = ctx;

	w->host_orders |= 1u << order;
}

static void host_obeys(struct world *w, enum order order)
{
	struct end_facts *f = end_facts_edit(w->host_side);
	bool runs = w->host.runs;

	if (order == ORDER_FREEZE) {
		f->launched = f->held = true;
	} else if (order == ORDER_COMMIT) {
		f->decision = DECISION_COMMIT;
		f->committed = f->gone = f->over = true;
		runs = false;
	} else if (order == ORDER_ABORT) {
		f->decision = DECISION_ABORT;
		f->over = true;
		f->exit_status = 255;
	} else if (order == ORDER_GO) {
		f->decision = DECISION_GO;
		f->went = f->running = f->over = true;
		runs = true;
	} else if (order == ORDER_DELIVERED) {
		f->delivered = true;
	} else if (order == ORDER_BACK) {
		assert_false(f->delivered);
		f->returning = f->returned = runs = true;
	} else if (order == ORDER_DROP || order == ORDER_CLEAN) {
		f->absent = true;
	}
	w->host.runs = runs;
	w->host.facts = *f;
}

/* Bytes come in, as save_way.c has them do. */
static void fill(struct world *w)
{
	struct save *save = save_of(w->move);
	struct save_header *h = &save->file.header;

	h->state = SAVE_WHOLE;
	h->images = 512;
	h->lengths[0] = h->lengths[1] = h->lengths[2] = 0;
	assert_true(save_file_write_header(&save->file, NULL));
	assert_int_equal(ftruncate(save->file.fd, SAVE_BLOCK + 512), 0);
	save_end_whole(save);
}

/* One order of the host's, or what the file's end does of its own in a turn. */
static void advance(struct world *w)
{
	const struct end_facts *s, *d;
	struct step step;

	s = end_facts(w->restores ? w->file_side : w->host_side);
	d = end_facts(w->restores ? w->host_side : w->file_side);
	if (w->intent == INTENT_MOVE && s->held && !d->held && !w->restores && !d->over)
		fill(w);
	else if (w->intent == INTENT_MOVE && s->held && w->restores && !d->held && !d->over)
		end_facts_edit(w->host_side)->received = end_facts_edit(w->host_side)->launched = end_facts_edit(w->host_side)->held =
			end_facts_edit(w->host_side)->same = true;
	step = handover_decide(s, d, w->intent, w->ready, w->retries);
	end_order(w->restores ? w->file_side : w->host_side, step.source);
	end_order(w->restores ? w->host_side : w->file_side, step.destination);
	w->verdict = step.verdict;
	w->clean = step.clean;
	for (int order = 0; order <= ORDER_CLEAN; order++) {
		if (!(w->host_orders & 1u << order))
			continue;
		if (++w->steps == w->die_after)
			w->dead = true;
		else
			host_obeys(w, (enum order)order);
	}
	w->host_orders = 0;
	if (!w->dead && save_of(w->move)->orders) {
		if (++w->steps == w->die_after)
			w->dead = true;
		else
			loop_turn(w->loop, 0);
	}
	w->host.facts = *end_facts(w->host_side);
}

static const struct end_ops ops = { .facts = on_facts, .failed = on_failed };

static void on_changed(void *ctx, struct move *move, enum move_change change)
{
	(void)ctx;
	(void)move;
	(void)change;
}

/* A pferry, new or for recovery. */
static void arrive(struct world *w, bool recovers, const char *id)
{
	static struct host_facts facts = { .known = true, .root = true };
	struct move *move = mem_new(struct move);

	w->loop = loop_new();
	w->move = move;
	move->loop = w->loop;
	move->setup.changed = on_changed;
	move->info.source = w->restores ? w->path : "web01";
	move->info.destination = w->restores ? "web02" : w->path;
	snprintf(move->info.id, sizeof move->info.id, "%s", id);
	move->result = mem_new(struct check_result);
	move->result->proc.pid = 881;
	move->request.file = w->path;
	w->host_side = end_new_file("host", &ops, w, on_host_order, w);
	w->dead = w->clean = false;
	w->steps = 0;
	if (recovers) {
		char *machine = save_machine();
		struct move_recovery recovery = { .id = id, .file = w->path, .machine = machine,
						  .destination = w->restores ? host_recorded("web02", &facts) : NULL };

		w->intent = INTENT_ABORT;
		w->ready = false;
		*end_facts_edit(w->host_side) = w->host.facts;
		end_facts_edit(w->host_side)->known = true;
		save_recover(move, &recovery);
		w->file_side = save_end_attach(move, &ops);
		loop_turn(w->loop, 0);
		host_recorded_free(&recovery.destination);
		free(machine);
		return;
	}
	w->intent = INTENT_MOVE;
	w->ready = true;
	move->request.source = w->restores ? NULL : host_recorded("web01", &facts);
	move->request.destination = w->restores ? host_recorded("web02", &facts) : NULL;
	assert_true(save_begin(move, NULL));
	w->file_side = save_end(move, &ops);
	save_stage(move);
	w->host.facts = (struct end_facts){ .known = true, .staged = true };
	*end_facts_edit(w->host_side) = w->host.facts;
}

static void depart(struct world *w)
{
	struct move *move = w->move;

	save_free(move);
	end_free(w->host_side);
	end_free(w->file_side);
	host_recorded_free(&move->request.source);
	host_recorded_free(&move->request.destination);
	for (size_t i = 0; move->accept && move->accept[i]; i++)
		free(move->accept[i]);
	free(move->accept);
	free(move->result);
	free(move);
	loop_free(w->loop);
}

static void go_on(struct world *w)
{
	for (int i = 0; i < 60 && !w->dead && !w->clean; i++)
		advance(w);
}

/* What the file is worth: its state, SAVE_SAVING when there is none under its name. */
static enum save_state worth(const struct world *w)
{
	struct save_file f;
	enum save_state state = SAVE_SAVING;

	save_file_init(&f);
	if (save_file_open(&f, w->path, NULL) == SAVE_OPEN)
		state = f.header.state;
	save_file_close(&f);
	return state;
}

static int files_in(const char *dir)
{
	char *command = mem_printf("ls -A %s | wc -l", dir);
	FILE *p = popen(command, "r");
	int n = -1;

	assert_int_equal(fscanf(p, "%d", &n), 1);
	pclose(p);
	free(command);
	return n;
}

static struct world new_world(bool restores)
{
	struct world w = { .restores = restores, .host.runs = !restores };

	snprintf(w.dir, sizeof w.dir, "/tmp/pferry-test-save.XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	snprintf(w.path, sizeof w.path, "%s/job", w.dir);
	return w;
}

static void end_world(struct world *w)
{
	unlink(w->path);
	assert_int_equal(rmdir(w->dir), 0);
}

/* Save to its end. */
static void save_whole(struct world *w, int die_after)
{
	w->die_after = die_after;
	arrive(w, false, "20261121000000-00000001");
	go_on(w);
}

static void test_save_dies(void **state)
{
	int runs_on = 0, saved = 0, step = 1;
	bool ended = false;

	(void)state;
	for (; !ended; step++) {
		struct world w = new_world(false);

		save_whole(&w, step);
		ended = !w.dead;
		depart(&w);
		/* Cut off, it is no file to restore, whatever became of the process. */
		if (!ended)
			assert_true(worth(&w) == SAVE_SAVING || (worth(&w) == SAVE_SAVED && w.host.facts.delivered));
		assert_false(w.host.runs && worth(&w) == SAVE_SAVED);
		for (int again = 0; again < 2; again++) {
			w.die_after = 0;
			arrive(&w, true, "20261121000000-00000001");
			go_on(&w);
			assert_true(w.clean);
			depart(&w);
		}
		assert_true(w.host.runs != (worth(&w) == SAVE_SAVED));
		assert_int_equal(files_in(w.dir), w.host.runs ? 0 : 1);
		runs_on += w.host.runs;
		saved += !w.host.runs;
		end_world(&w);
	}
	assert_true(runs_on > 1 && saved > 2);
}

/* The part is lost after the commit: the source has its images still. */
static void test_part_lost(void **state)
{
	(void)state;
	for (int step = 1; step < 20; step++) {
		struct world w = new_world(false);
		char *part;
		bool delivered;

		save_whole(&w, step);
		delivered = w.host.facts.delivered;
		part = save_part(w.path, "20261121000000-00000001");
		depart(&w);
		if (unlink(part) == 0 && !delivered) {
			w.die_after = 0;
			arrive(&w, true, "20261121000000-00000001");
			go_on(&w);
			assert_true(w.clean && w.host.runs);
			depart(&w);
		}
		free(part);
		end_world(&w);
	}
}

static void test_restore_dies(void **state)
{
	int ran = 0, kept = 0;
	bool ended = false;

	(void)state;
	for (int step = 1; !ended; step++) {
		struct world w = new_world(false);

		save_whole(&w, 0);
		assert_true(w.clean);
		depart(&w);
		assert_int_equal(worth(&w), SAVE_SAVED);
		w.restores = true;
		w.host = (struct host_end){ 0 };
		w.die_after = step;
		arrive(&w, false, "20261122000000-00000002");
		go_on(&w);
		ended = !w.dead;
		depart(&w);
		/* Before the claim nothing was started; from then on nobody else may. */
		assert_false(w.host.runs && worth(&w) == SAVE_SAVED);
		w.die_after = 0;
		arrive(&w, true, "20261122000000-00000002");
		go_on(&w);
		assert_true(w.clean);
		depart(&w);
		assert_int_equal(worth(&w), w.host.runs ? SAVE_RESTORED : SAVE_SAVED);
		ran += w.host.runs;
		kept += !w.host.runs;
		end_world(&w);
	}
	assert_true(ran > 2 && kept > 1);
}

/* Marked, but cut off before it got its name. */
static void test_unnamed(void **state)
{
	struct world w = new_world(false);
	char *part = save_part(w.path, "20261121000000-00000001");

	(void)state;
	save_whole(&w, 0);
	depart(&w);
	assert_int_equal(rename(w.path, part), 0);
	w.host.facts.absent = false;
	arrive(&w, true, "20261121000000-00000001");
	go_on(&w);
	assert_true(w.clean && w.verdict == VERDICT_MOVED && w.host.facts.absent);
	depart(&w);
	assert_int_equal(worth(&w), SAVE_SAVED);
	free(part);
	end_world(&w);
}

/* The copy at the destination dies after the claim, with all that was there. */
static void test_restore_fails(void **state)
{
	struct world w = new_world(false);

	(void)state;
	save_whole(&w, 0);
	depart(&w);
	w.restores = true;
	w.host = (struct host_end){ 0 };
	w.die_after = 3; /* freeze, commit, and go is lost with the host */
	arrive(&w, false, "20261122000000-00000002");
	go_on(&w);
	depart(&w);
	assert_int_equal(worth(&w), SAVE_CLAIMED);
	w.host.facts = (struct end_facts){ .known = true, .absent = true };
	w.die_after = 0;
	arrive(&w, true, "20261122000000-00000002");
	go_on(&w);
	assert_true(w.clean && w.verdict == VERDICT_ROLLED_BACK);
	depart(&w);
	assert_int_equal(worth(&w), SAVE_SAVED);
	end_world(&w);
}

static void test_file(void **state)
{
	struct world w = new_world(false);
	struct save_file a, b;
	struct stat st;
	struct err e = { 0 };
	char *part;

	(void)state;
	save_whole(&w, 0);
	depart(&w);
	assert_int_equal(stat(w.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(save_path_free(w.path, false, &e));
	assert_true(save_path_free(w.path, true, &e));
	assert_false(save_path_free(w.dir, true, &e));
	/* One at a time. */
	save_file_init(&a);
	save_file_init(&b);
	assert_int_equal(save_file_open(&a, w.path, &e), SAVE_OPEN);
	assert_int_equal(save_file_open(&b, w.path, &e), SAVE_BUSY);
	save_file_close(&a);
	assert_int_equal(save_file_open(&b, w.path, &e), SAVE_OPEN);
	save_file_close(&b);
	/* A name that somebody else has taken meanwhile is not taken from them. */
	part = save_part(w.path, "20261121000000-00000001");
	assert_int_equal(rename(w.path, part), 0);
	fclose(fopen(w.path, "w"));
	assert_int_equal(save_file_open(&a, part, &e), SAVE_OPEN);
	a.path = mem_strdup(w.path);
	a.part = part;
	a.at_part = true;
	assert_false(save_file_publish(&a, &e));
	assert_non_null(strstr(e.text, part));
	a.replace = true;
	assert_true(save_file_publish(&a, &e));
	save_file_close(&a);
	assert_int_equal(worth(&w), SAVE_SAVED);
	assert_int_equal(truncate(w.path, SAVE_BLOCK + 100), 0);
	assert_int_equal(save_file_open(&a, w.path, &e), SAVE_NOT);
	assert_non_null(strstr(e.text, "cut off"));
	unlink(w.path);
	assert_int_equal(save_file_open(&a, w.path, &e), SAVE_MISSING);
	assert_int_equal(symlink("/etc/passwd", w.path), 0);
	assert_int_equal(save_file_open(&a, w.path, &e), SAVE_NOT);
	end_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),          cmocka_unit_test(test_save_dies),     cmocka_unit_test(test_part_lost),
		cmocka_unit_test(test_restore_dies),  cmocka_unit_test(test_restore_fails), cmocka_unit_test(test_unnamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
