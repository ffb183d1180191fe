/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui_model.h"

#include <locale.h>

#include "base/mem.h"
#include "tui/actions/actions.h"
#include "tui/actions/dispatch.h"
#include "tui/draw/draw.h"

/* ---- a tree, as a host would send it ---- */

static void put(struct snapshot *snap, const char *key, const char *value)
{
	assert_true(snapshot_feed(snap, key, strlen(key) + 1, NULL));
	assert_true(snapshot_feed(snap, value, strlen(value) + 1, NULL));
}

/* A process; `args` are separated by '|'. */
static void put_proc(struct snapshot *snap, int pid, int ppid, const char *name, const char *args, int mib,
		     const char *cgroup)
{
	char key[64], value[512];
	char *words, *next;

	snprintf(key, sizeof key, "%d/stat", pid);
	snprintf(value, sizeof value,
		 "%d (%s) S %d 1 1 0 -1 4194304 0 0 0 0 10 5 0 0 20 0 1 0 %d 1000000 %d 0 0 0 0 0 0 0 0 0 0 "
		 "0 0 "
		 "0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		 pid, name, ppid, pid * 10, mib * 256);
	put(snap, key, value);
	snprintf(key, sizeof key, "%d/cmdline", pid);
	words = mem_strdup(args);
	for (next = strtok(words, "|"); next; next = strtok(NULL, "|"))
		put(snap, key, next);
	free(words);
	snprintf(key, sizeof key, "%d/cgroup", pid);
	snprintf(value, sizeof value, "0::%s\n", cgroup);
	put(snap, key, value);
	snprintf(key, sizeof key, "%d/status", pid);
	put(snap, key, "Uid:\t0\t0\t0\t0");
}

struct tree *tree_sample(void)
{
	static const char magic[] = "pferry-snapshot 1";
	static const char *const cgroups[] = {
		".",
		"./system.slice",
		"./system.slice/cron.service",
		"./system.slice/nginx.service",
		"./system.slice/redis.service",
		"./system.slice/ssh.service",
		"./user.slice",
		"./user.slice/user-1000.slice",
		"./user.slice/user-1000.slice/session-4.scope",
	};
	struct snapshot *snap = snapshot_new();
	struct tree *tree = tree_new();

	assert_true(snapshot_feed(snap, magic, sizeof magic, NULL));
	put(snap, "boot", "8d1f7a52-0000-4000-8000-000000000001");
	put(snap, "hz", "100");
	put(snap, "page", "4096");
	put(snap, "load", "0.42");
	put(snap, "uptime", "100000.00");
	put(snap, "hierarchy", "");
	put(snap, "u/0", "root");
	for (size_t i = 0; i < countof(cgroups); i++)
		put(snap, "cgroup", cgroups[i]);
	put_proc(snap, 640, 1, "cron", "/usr/sbin/cron|-f", 2, "/system.slice/cron.service");
	put_proc(snap, 700, 1, "sshd", "sshd: /usr/sbin/sshd -D [listener]", 6, "/system.slice/ssh.service");
	put_proc(snap, 881, 1, "redis-server", "/usr/bin/redis-server|*:6379", 184,
		 "/system.slice/redis.service");
	put_proc(snap, 1234, 1, "nginx", "nginx: master process /usr/sbin/nginx", 96,
		 "/system.slice/nginx.service");
	put_proc(snap, 1235, 1234, "nginx", "nginx: worker process", 10, "/system.slice/nginx.service");
	put_proc(snap, 1236, 1234, "nginx", "nginx: worker process", 10, "/system.slice/nginx.service");
	put_proc(snap, 2210, 1, "python3", "python3|/srv/demo/train.py|--epochs", 18,
		 "/user.slice/user-1000.slice/session-4.scope");
	put_proc(snap, 2399, 1, "tail", "tail|-f|\xe6\x97\xa5\xe6\x9c\xac.log", 2,
		 "/user.slice/user-1000.slice/session-4.scope");
	put(snap, "end", "");
	assert_true(snapshot_complete(snap));
	tree_update(tree, snap, 1000);
	return tree;
}

/* ---- a model with a notebook for what it wants done ---- */


struct notebook nb;

/* Stand-ins that are compared and never looked into. */
static struct host *host_number(size_t i)
{
	return (struct host *)(uintptr_t)(0x1000 + i * 16);
}

static const char *name_of(const struct host *host)
{
	for (size_t i = 0; i < nb.ui.ncolumns; i++)
		if (nb.ui.columns[i]->host == host)
			return nb.ui.columns[i]->name;
	return "";
}

static struct move *note_move(void *ctx, const struct move_request *request, struct err *e)
{
	if (nb.refuse) {
		err_set(e, ERR_REFUSED, NULL, "no way");
		return NULL;
	}
	nb.moves++;
	nb.pid = request->proc.pid;
	nb.check_only = request->check_only;
	nb.dump[0] = '\0';
	for (size_t i = 0; request->dump_options && request->dump_options[i]; i++)
		snprintf(nb.dump + strlen(nb.dump), sizeof nb.dump - strlen(nb.dump), "<%s>", request->dump_options[i]);
	snprintf(nb.source, sizeof nb.source, "%s", name_of(request->source));
	snprintf(nb.destination, sizeof nb.destination, "%s", name_of(request->destination));
	return (struct move *)(uintptr_t)(0x9000 + nb.moves);
}

static bool note_cancel(void *ctx, struct move *move, struct err *e)
{
	nb.cancelled++;
	nb.cancelled_move = move;
	return true;
}

static bool note_freeze(void *ctx, struct move *move)
{
	nb.frozen_move = move;
	return nb.copies_ahead;
}

static int64_t note_expected_pause(void *ctx, const struct host *from, const struct host *to, enum move_mode mode, uint64_t bytes)
{
	return 300 + (mode == MODE_POSTCOPY ? 10 : (int64_t)(bytes * 1000 / (100 * 1048576))); /* 100 MiB/s */
}

static void note_answer_move(void *ctx, struct move *move, char letter)
{
}

static bool note_glance(void *ctx, struct host *host, const struct proc_key *keys, size_t count)
{
	nb.glances++;
	nb.glanced = count;
	memcpy(nb.glanced_keys, keys, count * sizeof *keys);
	nb.glanced_host = host;
	return true;
}

static void note_answer_host(void *ctx, struct host *host, const char *answer)
{
}

static bool note_add(void *ctx, const char *name, struct err *e)
{
	snprintf(nb.added, sizeof nb.added, "%s", name);
	return true;
}

static bool note_close(void *ctx, struct host *host, struct err *e)
{
	return err_set(e, ERR_USAGE, NULL, "A move uses it.");
}

static void note_look(void *ctx, struct host *host)
{
	nb.looked++;
}

static void note_pause(void *ctx, struct host *host, bool paused)
{
}

static bool note_frozen(void *ctx)
{
	return nb.frozen;
}

static void note_sentence(void *ctx, struct move *move, char *out, size_t size)
{
	snprintf(out, size, "It is on its way.");
}

static void note_copy(void *ctx, const char *text)
{
	snprintf(nb.copied, sizeof nb.copied, "%s", text);
}

static void note_known(void *ctx, struct names *out)
{
	struct err e;

	names_expand(out, NULL, "{db1.lan,db2.lan,web9}", &e);
}

static bool note_attach(void *ctx, const char *host, const char *session, struct err *e)
{
	snprintf(nb.attached, sizeof nb.attached, "%s:%s", host, session);
	return true;
}

static void note_bell(void *ctx)
{
	nb.bells++;
}

static void note_mouse(void *ctx, bool on)
{
	nb.mouse = on;
}

static const struct port notes = {
	.start_move = note_move,
	.cancel_move = note_cancel,
	.freeze_now = note_freeze,
	.expected_pause = note_expected_pause,
	.answer_move = note_answer_move,
	.glance = note_glance,
	.answer_host = note_answer_host,
	.add_host = note_add,
	.close_host = note_close,
	.look = note_look,
	.pause = note_pause,
	.frozen = note_frozen,
	.sentence = note_sentence,
	.copy = note_copy,
	.mouse = note_mouse,
	.attach = note_attach,
	.bell = note_bell,
	.known_hosts = note_known,
};

static SCREEN *screen;
int cursor_y, cursor_x;
static FILE *nowhere;

void add_host(const char *name)
{
	struct column *col = ui_add_column(&nb.ui, name);

	nb.trees[nb.hosts] = tree_sample();
	col->tree = nb.trees[nb.hosts];
	col->host = host_number(nb.hosts++);
	col->state = HOST_UP;
	col->age_ms = 1000;
	snprintf(col->state_text, sizeof col->state_text, "up");
}

void begin(size_t hosts)
{
	memset(&nb, 0, sizeof nb);
	ui_init(&nb.ui, action_table, &notes, NULL);
	theme_init(&nb.ui.theme, THEME_MONO, false);
	nb.ui.now_ms = 100000;
	for (size_t i = 0; i < hosts; i++) {
		char name[32];

		snprintf(name, sizeof name, "web%02zu", i + 1);
		add_host(name);
	}
}

void finish(void)
{
	nb.ui.jobs = NULL;
	ui_free(&nb.ui);
	for (size_t i = 0; i < nb.hosts; i++)
		tree_free(nb.trees[i]);
}

void add_job(void)
{
	size_t i = nb.ui.njobs;

	nb.info[i] = (struct move_info){
		.number = (uint32_t)i + 1,
		.source = "web01",
		.destination = "web02",
		.proc = {.pid = 881},
		.name = "redis-server",
		.phase = PHASE_SEND,
		.outcome = MOVE_RUNNING,
		.bytes = 112ull << 20,
		.bytes_total = 184ull << 20,
		.bytes_per_s = 48.0 * 1048576,
		.frozen = true,
		.frozen_ms = 900,
		.total_ms = 2000,
		.status = "",
	};
	nb.info[i].phases[PHASE_PRECOPY].began_ms = -1;
	nb.info[i].phases[PHASE_FILL].began_ms = -1;
	nb.jobs[i] = (struct job){.move = (struct move *)(uintptr_t)(0x7000 + i), .info = &nb.info[i]};
	nb.ui.jobs = nb.jobs;
	nb.ui.njobs = i + 1;
}

void draw(int rows, int cols)
{
	resizeterm(rows, cols);
	draw_frame(&nb.ui, stdscr);
	getyx(stdscr, cursor_y, cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

const char *line(int y)
{
	static char text[4][2048];
	static int which;
	wchar_t wide[512];
	size_t len;
	char *out = text[which = (which + 1) % 4];

	mvwinnwstr(stdscr, y, 0, wide, COLS);
	len = wcstombs(out, wide, sizeof text[0] - 1);
	assert_int_not_equal(len, (size_t)-1);
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
	return out;
}

int find(const char *text)
{
	for (int y = 0; y < LINES; y++)
		if (strstr(line(y), text))
			return y;
	return -1;
}

unsigned press(const char *keys)
{
	struct key_decoder dec = {.len = 0};
	struct key key;
	unsigned fx = 0;

	key_feed(&dec, keys, strlen(keys));
	while (key_next(&dec, true, &key))
		fx |= dispatch_key(&nb.ui, &key);
	draw(LINES, COLS);
	return fx;
}

int setup(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	nowhere = fopen("/dev/null", "r+");
	screen = newterm("xterm-256color", nowhere, nowhere);
	return screen ? 0 : -1;
}

int teardown(void **state)
{
	endwin();
	delscreen(screen);
	fclose(nowhere);
	return 0;
}
