/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. Lines of direct.sh, in pieces, and the failures of a receiver; no host is there. */
#include <stddef.h>
#include <stdint.h>

#include "handover/protocol.c"
#include "transport/direct.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void lend_close(struct lend **lend) { *lend = NULL; }
void remote_line_free(struct remote_line **line) { *line = NULL; }

static struct direct *direct;
static unsigned readies, halves, wholes;

static void on_ready(void *ctx)
{
	if (++readies > 1)
		abort();
}

static void on_progress(void *ctx, uint64_t bytes)
{
	if (bytes == 99)
		direct_close(&direct); /* by one who was told */
}

static void on_arrived(void *ctx, bool all)
{
	if (!readies || ++*(all ? &wholes : &halves) > 1)
		abort();
}

static void on_direct_done(void *ctx, const struct err *e) { }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	enum failure failure = FAILURE_UNKNOWN;
	char *text = mem_strndup((const char *)data, size);
	const char *sentence = failure_in(text, &failure);

	if (sentence && (sentence < text || sentence > text + strlen(text)))
		abort();
	free(text);
	readies = halves = wholes = 0;
	direct = mem_new(struct direct);
	direct->fd = -1;
	direct->ops = (struct direct_ops){ .ready = on_ready, .progress = on_progress, .arrived = on_arrived, .done = on_direct_done };
	lines_init(&direct->lines, LINE_MAX_BYTES);
	if (take(direct, (const char *)data, half))
		take(direct, (const char *)data + half, size - half);
	direct_close(&direct);
	return 0;
}
