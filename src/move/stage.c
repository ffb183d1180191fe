/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hosts are given when a move is staged: names, command lines, record. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "criu/command.h"
#include "move/move_priv.h"
#include "remote/remote.h"

#define SHARED_MUCH_KB (16u << 10)

/* All users of the host may make names in /dev/shm: there the host puts something behind it that nobody can foresee. */
char *stage_images_dir(const struct move *move, const struct move_end *side, bool shm)
{
	return shm ? mem_printf("/dev/shm/pferry-%s", move->info.id) : mem_printf("%s/img", side->dir);
}

void stage_places(struct move *move)
{
	/* The one that is a file has none. */
	if (move->request.source) {
		move->source.dir = mem_printf("%s/%s", host_base(move->request.source), move->info.id);
		move->source.images = stage_images_dir(move, &move->source, move->result->shm_source);
	}
	if (move->request.destination) {
		move->destination.dir = mem_printf("%s/%s", host_base(move->request.destination), move->info.id);
		move->destination.images = stage_images_dir(move, &move->destination, move->result->shm_destination);
	}
}

/* Of the tmux session that a shell job gets; tmux gives '.' and ':' a meaning of their own. */
static void name_session(struct move *move)
{
	snprintf(move->info.session, sizeof move->info.session, "%s-%d", move->info.name, (int)move->info.proc.pid);
	for (char *c = move->info.session; *c; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *c))
			*c = '_';
	}
}

void stage_commands(struct move *move)
{
	struct command_setup dump = {
		.check = move->result, .host = move->request.source, .dir = move->source.dir,
		.extra = (const char *const *)move->dump_options, .keep_stopped = move->request.keep_source_stopped,
		.precopy = move->info.mode == MODE_PRECOPY, .lazy = move->info.mode == MODE_POSTCOPY,
	};
	struct command_setup restore = {
		.check = move->result, .host = move->request.destination, .dir = move->destination.dir,
		.extra = (const char *const *)move->restore_options,
		.lazy = move->info.mode == MODE_POSTCOPY, .fills = move->fills,
	};

	if (move->result->tty)
		name_session(move);
	if (dump.host)
		move->dump_command = command_dump(&dump);
	if (dump.precopy)
		move->predump_command = command_predump(&dump);
	if (restore.host)
		move->restore_command = command_restore(&restore);
	if (restore.lazy || restore.fills)
		move->pages_command = command_pages(&restore);
	/* Should all be lost at the destination, the source restores its own images. */
	restore.host = move->request.source;
	restore.dir = move->source.dir;
	restore.lazy = restore.fills = false;
	if (restore.host)
		move->back_command = command_restore(&restore);
}

void stage_commands_shown(struct move *move)
{
	stage_places(move);
	stage_commands(move);
}

/* The paths that come along from the `first` on, one a line, without the leading slash where tar wants them so. */
static char *bring_list(const struct check_result *r, const char *name, size_t skip, size_t first)
{
	struct buf out;

	buf_init(&out, 0);
	buf_puts(&out, name);
	for (size_t i = first; i < r->nbring; i++)
		buf_printf(&out, "%s%s", i > first ? "\n" : "", r->bring[i] + skip);
	return buf_take(&out);
}

/* Where the directories of the move lie, for recover: it may look with other rights than this login has. */
static char *stage_bases(const struct move *move)
{
	struct buf out;

	buf_init(&out, 0);
	if (move->request.source)
		buf_printf(&out, "\nsource-base %s", host_base(move->request.source));
	if (move->request.destination)
		buf_printf(&out, "\ndestination-base %s", host_base(move->request.destination));
	return buf_take(&out);
}

/* What end.sh is told, NAME=VALUE each; the strings are its own. */
struct pairs {
	char **list; /* NULL ends it */
	size_t count;
};

/* Take over `pair`. */
static void pairs_take(struct pairs *pairs, char *pair)
{
	pairs->list = mem_resize(pairs->list, pairs->count + 2, sizeof *pairs->list);
	pairs->list[pairs->count++] = pair;
	pairs->list[pairs->count] = NULL;
}

static void pairs_add(struct pairs *pairs, const char *name, const char *value)
{
	pairs_take(pairs, mem_printf("%s=%s", name, value ? value : ""));
}

/* A script that the end has at hand. */
static void pairs_add_script(struct pairs *pairs, const char *name)
{
	char *text = remote_script_bare(name);

	pairs_add(pairs, name, text);
	free(text);
}

static char *stage_record(const struct move *move)
{
	const struct move_info *info = &move->info;
	char *bases = stage_bases(move), *other = move->endpoint->record(move);
	char *record = mem_printf("record=id %s\nsource %s\ndestination %s\nname %s\npid %d\nstart %" PRIu64 "%s%s", info->id,
				  info->source, info->destination, info->name, (int)info->proc.pid, info->proc.start, bases, other);

	free(bases);
	free(other);
	return record;
}

/* CRIU's rounds leave out what processes share, those that compare do not; but within the freeze they read all of
 * the memory, about three times as fast as it would be sent. */
static bool much_shared(const struct survey *s)
{
	return s->shared_kb > SHARED_MUCH_KB && s->shared_kb > s->anon_kb / 3;
}

/* What the mode needs. */
static void pairs_add_mode(struct pairs *pairs, const struct move *move, const struct move_end *side)
{
	bool source = side == &move->source, lazy = move->info.mode == MODE_POSTCOPY, fills = move->fills && !source;

	if (move->predump_command && source) {
		pairs_add(pairs, "predump", move->predump_command);
		pairs_add_script(pairs, "ahead");
		if (much_shared(&move->result->survey))
			pairs_add(pairs, "shared", "1");
	}
	if (lazy || fills)
		pairs_add_script(pairs, "lazy");
	if (lazy)
		pairs_add_script(pairs, "join");
	if (fills) {
		pairs_add_script(pairs, "filler");
		pairs_add(pairs, "fills", "1");
	}
	if ((lazy || fills) && !source) {
		pairs_add_script(pairs, "tracer");
		pairs_add(pairs, "pages", move->pages_command);
	}
	if (source ? move->predump_command != NULL : lazy || fills)
		pairs_add(pairs, "track", host_facts(end_host(side->end))->criu);
}

/* Whoever was stopped before is not to be woken afterwards. */
static void pairs_add_stopped(struct pairs *pairs, const struct survey *s)
{
	struct buf pids;
	bool any = false;

	buf_init(&pids, 0);
	for (size_t i = 0; i < s->nprocs; i++) {
		if (s->procs[i].state != 'T' && s->procs[i].state != 't')
			continue;
		buf_printf(&pids, "%s%d", any ? " " : "", (int)s->procs[i].pid);
		any = true;
	}
	if (any)
		pairs_add(pairs, "stopped", buf_str(&pids));
	buf_free(&pids);
}

void stage_end(struct move *move, struct move_end *side, const char *role)
{
	const struct check_result *r = move->result;
	struct pairs pairs = { 0 };
	bool source = side == &move->source, unseen = host_own_only(end_host(side->end));
	const char *print = move->endpoint->fingerprint(source, unseen);

	pairs_take(&pairs, mem_printf("lease-s=%d", move->setup.lease_ms / 1000));
	pairs_take(&pairs, mem_printf("pid=%d", (int)move->info.proc.pid));
	pairs_take(&pairs, stage_record(move));
	pairs_take(&pairs, mem_printf("start=%" PRIu64, move->info.proc.start));
	pairs_add(&pairs, "role", role);
	pairs_add(&pairs, "program", host_facts(end_host(side->end))->criu);
	if (host_facts(end_host(side->end))->perl)
		pairs_add_script(&pairs, "fingerprint");
	if (unseen)
		pairs_add(&pairs, "unseen", "1");
	if (print)
		pairs_add(&pairs, print, "1");
	pairs_add(&pairs, "dump", move->dump_command);
	pairs_add(&pairs, "restore", source ? move->back_command : move->restore_command);
	if (r->nbring) {
		pairs_take(&pairs, bring_list(r, "bring=", 1, 0));
		pairs_take(&pairs, bring_list(r, "replace=", 0, r->nbring - r->nreplace));
	}
	if (r->executed)
		pairs_add(&pairs, "executed", "1");
	if (r->tty)
		pairs_add(&pairs, "session", move->info.session);
	pairs_add_mode(&pairs, move, side);
	pairs_add_stopped(&pairs, &r->survey);
	if (r->tcp)
		pairs_add(&pairs, "tcp", "1");
	if (r->pidns)
		pairs_add(&pairs, "pidns", (source ? r->pidns_back_new : r->pidns_new) ? "new" : "host");
	if (move->request.hook) {
		pairs_add(&pairs, "hook", move->request.hook);
		pairs_add(&pairs, "addresses", r->addresses);
	}
	if (move->request.keep_source_stopped)
		pairs_add(&pairs, "leave-stopped", "1");
	end_stage(side->end, side->images, (const char *const *)pairs.list);
	end_facts_edit(side->end)->keep = move->request.keep_source_stopped;
	for (size_t i = 0; i < pairs.count; i++)
		free(pairs.list[i]);
	free(pairs.list);
}

/* More than this is under way for so long that the link is what is waited for. */
#define WARM_MAX (4ull << 30)

static void warm_side(struct move_end *side, bool tmpfs, uint64_t room, uint64_t more)
{
	char words[64];

	if (!side->warming && tmpfs && (room || more)) {
		snprintf(words, sizeof words, "%" PRIu64 " %" PRIu64, room, more);
		end_say(side->end, COMMAND_WARM, words);
	} else if (!side->warming) {
		side->warm = true;
	}
	side->warming = true;
}

bool stage_memory(struct move *move)
{
	uint64_t bytes = move->info.memory_bytes < WARM_MAX ? move->info.memory_bytes : WARM_MAX;
	uint64_t room = move->info.mode == MODE_PLAIN ? bytes : 0;
	uint64_t more = move->info.mode == MODE_PLAIN || move->info.mode == MODE_PRECOPY ? bytes : 0;

	if (!move->source.warming && !move->destination.warming)
		move_set_status(move, "fetching memory");
	warm_side(&move->source, move->result->shm_source, room, 0);
	warm_side(&move->destination, move->result->shm_destination, room, more);
	if (!move->source.warm || !move->destination.warm)
		return false;
	move_set_status(move, "");
	return true;
}
