/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parser of what src/remote/snapshot.sh prints; the format is described
 * there.  Bytes become pairs here, and pairs the records of struct snapshot;
 * what needs all of them (order by pid, user names, cgroups) is done once, at
 * the end marker.
 */
#include "tree/snapshot.h"
#include "tree/tree_priv.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define MAX_KEY 64
#define MAX_VALUE ((size_t)64 << 10)

static const char magic[] = "pferry-snapshot 1"; /* and its NUL */

struct snapshot *snapshot_new(void)
{
	struct snapshot *snap = mem_new(struct snapshot);

	buf_init(&snap->key, 0);
	buf_init(&snap->value, 0);
	buf_init(&snap->args, 0);
	snap->hz = 100;
	snap->page = 4096;
	return snap;
}

void snapshot_free(struct snapshot *snap)
{
	if (!snap)
		return;
	buf_free(&snap->key);
	buf_free(&snap->value);
	buf_free(&snap->args);
	arena_free(&snap->strings);
	free(snap->procs);
	free(snap->uids);
	free(snap->paths);
	hash_free(&snap->by_path);
	settle_free(snap);
	free(snap->users);
	free(snap->cgroups);
	free(snap);
}

bool snapshot_complete(const struct snapshot *snap)
{
	return snap->state == SNAP_COMPLETE;
}

void *snapshot_room(void *array, size_t count, size_t *cap, size_t size)
{
	if (count < *cap)
		return array;
	*cap = count < 64 ? 64 : count + count / 2;
	return mem_resize(array, *cap, size);
}

bool snapshot_bad(struct snapshot *snap, const char *what)
{
	snap->state = SNAP_FAILED;
	return err_set(&snap->err, ERR_PROTOCOL, NULL,
		       "the list of processes cannot be read: %s", what);
}

/* ---- values ---- */

/* Digits with a fraction; anything else, infinities included, gives 0. */
static double decimal(const char *s)
{
	double v = 0, unit = 1;

	for (; *s >= '0' && *s <= '9' && v < 1e12; s++)
		v = v * 10 + (*s - '0');
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9' && unit > 1e-6; s++) {
			unit /= 10;
			v += unit * (*s - '0');
		}
	}
	return v;
}

static uint32_t bounded(const char *s, uint32_t min, uint32_t max, uint32_t fallback)
{
	uint64_t v;

	return text_u64(s, s + strlen(s), &v) && v >= min && v <= max ? (uint32_t)v : fallback;
}

/* The index of a path: each is kept once. */
static size_t path_index(struct snapshot *snap, const char *path, size_t len)
{
	char *clean = arena_plain(path, len) ? NULL : text_sanitize(path, len, SNAPSHOT_MAX_PATH);
	const char *text = clean ? clean : path;
	size_t n = strlen(text);
	uint64_t hash = hash_bytes(text, n);
	size_t at = hash_get_text(&snap->by_path, text, hash);

	if (at == HASH_NONE) {
		at = snap->npaths;
		snap->paths = snapshot_room(snap->paths, at, &snap->cpaths, sizeof(*snap->paths));
		snap->paths[at] = (struct snap_path){ .text = arena_text(&snap->strings, text, n, SNAPSHOT_MAX_PATH) };
		hash_add_text(&snap->by_path, snap->paths[at].text, hash, at);
		snap->npaths++;
	}
	free(clean);
	return at;
}

/* A cgroup path as the tree has it: "/" or "/a/b", whatever was sent; its index. */
static size_t clean_path(struct snapshot *snap, const char *s, size_t len)
{
	char out[SNAPSHOT_MAX_PATH + 1];
	size_t n = 0;

	while (len > 0) {
		const char *slash = memchr(s, '/', len);
		size_t part = slash ? (size_t)(slash - s) : len;

		if (part > 0 && !(part == 1 && *s == '.')) {
			if (part + 1 > SNAPSHOT_MAX_PATH - n)
				break;
			out[n++] = '/';
			memcpy(out + n, s, part);
			n += part;
		}
		s += part + (slash ? 1 : 0);
		len -= part + (slash ? 1 : 0);
	}
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return path_index(snap, out, n);
}

/* ---- one process ---- */

/* No more arguments will come for the last process. */
static void close_args(struct snapshot *snap)
{
	struct proc *p;
	size_t len = snap->args.len;

	if (snap->nprocs == 0)
		return;
	p = &snap->procs[snap->nprocs - 1].proc;
	/* Programs that write over their arguments leave empty ones behind. */
	while (len > 0 && buf_data(&snap->args)[len - 1] == ' ')
		len--;
	if (len > 0)
		p->args = arena_text(&snap->strings, buf_data(&snap->args), len, SNAPSHOT_MAX_ARGS);
	buf_clear(&snap->args);
	snap->nargs = 0;
}

static bool take_stat(struct snapshot *snap, pid_t pid, const char *value, size_t len)
{
	struct snap_proc *sp;
	struct stat_name name;

	close_args(snap);
	if (snap->nprocs == SNAPSHOT_MAX_PROCS)
		return snapshot_bad(snap, "more than 200000 processes");
	snap->procs = snapshot_room(snap->procs, snap->nprocs, &snap->cprocs, sizeof(*sp));
	sp = &snap->procs[snap->nprocs];
	memset(sp, 0, sizeof(*sp));
	if (!stat_parse(value, len, snap->page, &sp->proc, &name))
		return snapshot_bad(snap, "a process status has an unknown form");
	sp->proc.key.pid = pid;
	sp->proc.name = arena_text(&snap->strings, name.start, name.len, 64);
	snap->nprocs++;
	return true;
}

static void take_arg(struct snapshot *snap, const char *value, size_t len)
{
	/* A few more than are kept, so that a character is not cut in two here. */
	size_t room = SNAPSHOT_MAX_ARGS + 8 - snap->args.len;

	if (snap->nargs++ > 0 && room > 0) {
		buf_append(&snap->args, " ", 1);
		room--;
	}
	buf_append(&snap->args, value, len < room ? len : room);
}

/* Lines ID:CONTROLLERS:PATH; the one of our hierarchy, else version 2's. */
static void take_cgroup(struct snapshot *snap, struct snap_proc *sp, const char *value, size_t len)
{
	const char *end = value + len, *path = NULL, *path_end = NULL;
	size_t want = strlen(snap->hierarchy);

	for (const char *line = value; line < end;) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		const char *stop = nl ? nl : end;
		const char *a = memchr(line, ':', (size_t)(stop - line));
		const char *b = a ? memchr(a + 1, ':', (size_t)(stop - a - 1)) : NULL;

		if (b) {
			size_t n = (size_t)(b - a - 1);
			bool ours = n == want && memcmp(a + 1, snap->hierarchy, n) == 0;

			if (ours || n == 0 || !path) {
				path = b + 1;
				path_end = stop;
			}
			if (ours)
				break;
		}
		line = nl ? nl + 1 : end;
	}
	if (path)
		sp->path = clean_path(snap, path, (size_t)(path_end - path)) + 1;
	snap->any_path |= path != NULL;
}

/* "Uid: REAL EFFECTIVE SAVED FS", with tabs. */
static bool take_uid(struct snapshot *snap, pid_t pid, const char *value)
{
	char *end;
	unsigned long long uid;

	if (strncmp(value, "Uid:", 4) != 0)
		return snapshot_bad(snap, "a user id has an unknown form");
	(void)strtoull(value + 4, &end, 10);
	uid = strtoull(end, NULL, 10);
	if (snap->nuids == SNAPSHOT_MAX_PROCS)
		return snapshot_bad(snap, "more than 200000 processes");
	snap->uids = snapshot_room(snap->uids, snap->nuids, &snap->cuids, sizeof(*snap->uids));
	snap->uids[snap->nuids++] = (struct snap_uid){ pid, (uint32_t)uid };
	return true;
}

/* A key PID/FILE. */
static bool take_process(struct snapshot *snap, const char *key, const char *slash)
{
	const char *file = slash + 1, *value = buf_str(&snap->value);
	size_t len = snap->value.len;
	struct snap_proc *last = snap->nprocs ? &snap->procs[snap->nprocs - 1] : NULL;
	uint64_t pid;

	if (!text_u64(key, slash, &pid) || pid == 0 || pid > INT32_MAX)
		return snapshot_bad(snap, "a process number is out of range");
	if (strcmp(file, "stat") == 0)
		return take_stat(snap, (pid_t)pid, value, len);
	if (strcmp(file, "status") == 0)
		return take_uid(snap, (pid_t)pid, value);
	/* A process without a stat was gone already. */
	if (!last || last->proc.key.pid != (pid_t)pid)
		return true;
	if (strcmp(file, "cmdline") == 0)
		take_arg(snap, value, len);
	else if (strcmp(file, "cgroup") == 0)
		take_cgroup(snap, last, value, len);
	return true;
}

/* ---- pairs ---- */

static void copy_text(char *out, size_t size, const char *value, size_t len)
{
	char *clean = text_sanitize(value, len, size - 1);

	memcpy(out, clean, strlen(clean) + 1);
	free(clean);
}

static bool take_dir(struct snapshot *snap, const char *value, size_t len)
{
	size_t at;

	if (snap->ndirs == SNAPSHOT_MAX_CGROUPS)
		return snapshot_bad(snap, "more than 100000 cgroups");
	snap->ndirs++;
	at = clean_path(snap, value, len);
	snap->paths[at].wanted = true;
	return true;
}

static void take_user(struct snapshot *snap, const char *digits, const char *value, size_t len)
{
	uint64_t uid;

	if (snap->nusers == SNAPSHOT_MAX_USERS || len == 0 ||
	    !text_u64(digits, digits + strlen(digits), &uid) || uid > UINT32_MAX)
		return;
	snap->users = snapshot_room(snap->users, snap->nusers, &snap->cusers, sizeof(*snap->users));
	snap->users[snap->nusers++] = (struct snap_user){
		(uint32_t)uid, arena_text(&snap->strings, value, len, 64)
	};
}

static bool take_pair(struct snapshot *snap)
{
	const char *key = buf_str(&snap->key), *value = buf_str(&snap->value);
	const char *slash = strchr(key, '/');
	size_t len = snap->value.len;

	if (*key >= '0' && *key <= '9' && slash)
		return take_process(snap, key, slash);
	if (strncmp(key, "u/", 2) == 0)
		take_user(snap, key + 2, value, len);
	else if (strcmp(key, "cgroup") == 0)
		return take_dir(snap, value, len);
	else if (strcmp(key, "boot") == 0)
		copy_text(snap->boot, sizeof(snap->boot), value, len);
	else if (strcmp(key, "hierarchy") == 0)
		copy_text(snap->hierarchy, sizeof(snap->hierarchy), value, len);
	else if (strcmp(key, "hz") == 0)
		snap->hz = bounded(value, 1, 1000000, 100);
	else if (strcmp(key, "page") == 0)
		snap->page = bounded(value, 512, 1 << 22, 4096);
	else if (strcmp(key, "load") == 0)
		snap->load = decimal(value);
	else if (strcmp(key, "uptime") == 0)
		snap->uptime = decimal(value);
	else if (strcmp(key, "fail") == 0) {
		snap->state = SNAP_FAILED;
		return err_set(&snap->err, ERR_REMOTE, NULL, "the processes cannot be listed: %s", value);
	} else if (strcmp(key, "end") == 0) {
		close_args(snap);
		snap->state = SNAP_SETTLING;
	}
	return true;
}

/* Bytes of a key or a value, up to its NUL; how many were used. */
static bool feed_field(struct snapshot *snap, const char *data, size_t len, size_t *used)
{
	struct buf *b = snap->state == SNAP_KEY ? &snap->key : &snap->value;
	size_t max = snap->state == SNAP_KEY ? MAX_KEY : MAX_VALUE, room = max - b->len;
	const char *nul = memchr(data, '\0', len);
	size_t n = nul ? (size_t)(nul - data) : len;

	if (n > room && snap->state == SNAP_KEY)
		return snapshot_bad(snap, "a key is too long");
	/* One argument may be huge: what is past the bound is not kept. */
	buf_append(b, data, n < room ? n : room);
	*used = n + (nul ? 1 : 0);
	if (!nul)
		return true;
	if (snap->state == SNAP_KEY) {
		snap->state = SNAP_VALUE;
		return true;
	}
	snap->state = SNAP_KEY;
	if (!take_pair(snap))
		return false;
	if (snap->state == SNAP_SETTLING && !snap->in_turns) {
		size_t budget = SIZE_MAX;

		snapshot_settle(snap, &budget, NULL);
		return snap->state == SNAP_COMPLETE;
	}
	buf_clear(&snap->key);
	buf_clear(&snap->value);
	return true;
}

/* Skip what a login prints, up to the magic; `key` holds the last bytes. */
static bool feed_noise(struct snapshot *snap, const char *data, size_t len, size_t *used)
{
	struct buf *tail = &snap->key;

	for (size_t i = 0; i < len; i++) {
		buf_append(tail, &data[i], 1);
		if (tail->len > sizeof(magic))
			buf_consume(tail, 1);
		if (tail->len == sizeof(magic) && memcmp(buf_data(tail), magic, sizeof(magic)) == 0) {
			buf_clear(tail);
			snap->state = SNAP_KEY;
			*used = i + 1;
			return true;
		}
	}
	*used = len;
	if (snap->fed > SNAPSHOT_MAX_NOISE)
		return snapshot_bad(snap, "what the login prints does not end");
	return true;
}

bool snapshot_feed(struct snapshot *snap, const char *data, size_t len, struct err *e)
{
	while (len > 0 && snap->state < SNAP_SETTLING) {
		/* Small steps, so that the bounds hold whatever the size of a piece. */
		size_t used = 0, step = len < 65536 ? len : 65536;
		bool ok = snap->state == SNAP_NOISE ? feed_noise(snap, data, step, &used)
						    : feed_field(snap, data, step, &used);

		snap->fed += used;
		if (ok && snap->fed > SNAPSHOT_MAX_BYTES)
			ok = snapshot_bad(snap, "it is longer than 256 MiB");
		if (!ok)
			break;
		data += used;
		len -= used;
	}
	if (snap->state == SNAP_FAILED && e)
		*e = snap->err;
	return snap->state != SNAP_FAILED;
}
