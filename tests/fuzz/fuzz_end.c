/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. Lines of end.sh, in pieces; no host is there. */
#include <stddef.h>
#include <stdint.h>

#include "handover/end.c"
#include "handover/protocol.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ssh_conn *host_conn(const struct host *host) { return NULL; }
const char *host_name(const struct host *host) { return "h"; }
unsigned host_generation(const struct host *host) { return 0; }
void host_retry(struct host *host) { }
struct ssh_chan *host_exec(const struct host *host, const char *script, const char *const args[], const struct ssh_chan_ops *ops, void *ctx)
{
	return NULL;
}
char *remote_script_bare(const char *name) { return NULL; }
void ssh_chan_free(struct ssh_chan **chan) { *chan = NULL; }
bool ssh_chan_write(struct ssh_chan *chan, const void *data, size_t len) { return 0; }

static void on_facts(void *ctx, struct end *end, enum notice notice, const char *rest)
{
	if (notice == NOTICE_LAPSED)
		end->chan = NULL; /* closed in a callback */
}
static void on_reach(void *ctx, struct end *end, bool up) { }
static void on_failed(void *ctx, struct end *end, enum failure failure, const char *sentence) { }
static void on_listed(void *ctx, struct end *end, const char *line) { }
static void on_sized(void *ctx, struct end *end, uint64_t bytes) { }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct end_ops ops = { .facts = on_facts, .reach = on_reach, .failed = on_failed, .listed = on_listed, .logged = on_listed, .sized = on_sized };
	struct loop *loop = loop_new();
	struct end *end = end_new(loop, NULL, "/d", &ops, NULL);
	size_t half = size / 2;

	end->chan = (struct ssh_chan *)end; /* any value that is not NULL */
	end->staging = size % 2;
	on_data(end, 0, (const char *)data, half);
	if (end->chan)
		on_data(end, 0, (const char *)data + half, size - half);
	end->chan = NULL;
	end_free(end);
	loop_free(loop);
	return 0;
}
