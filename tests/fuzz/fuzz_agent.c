/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "ssh/lendrule.h"
#include "ssh/packet.h"

/* Requests to a lent agent, one after the other, each with its length in front. The agent behind it agrees to all. */
static const char user_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";
static const char source_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040ssssssssssssssssssssssssssssssss";
static const char there_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040dddddddddddddddddddddddddddddddd";

/* Every signed request has these in it. */
static void must_hold(const char *request, size_t len, const char *what, size_t what_len)
{
	if (!memmem(request, len, what, what_len))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lend_rule rule = { .user = mem_strdup("root") };
	struct lend_state state = { 0 };
	struct packet p;
	const char *request, *why;
	size_t len;

	buf_append(&rule.key, user_key, sizeof user_key - 1);
	buf_append(&rule.source, source_key, sizeof source_key - 1);
	buf_append(&rule.destination, there_key, sizeof there_key - 1);
	packet_open(&p, data, size);
	while (packet_string(&p, &request, &len)) {
		char *copy = mem_alloc(len + 1); /* a copy of its own, so that a byte read too many is seen */
		enum lend_verdict verdict;

		memcpy(copy, request, len);
		copy = mem_resize(copy, len > 0 ? len : 1, 1);
		verdict = lend_judge(&rule, &state, copy, len, &why);
		if (verdict == LEND_BIND_DESTINATION)
			lend_bound(&state, copy, len);
		if (verdict == LEND_SIGN) {
			must_hold(copy, len, "\0\0\0\4root\0\0\0\016ssh-connection", 26);
			must_hold(copy, len, user_key, sizeof user_key - 1);
			if (state.bound)
				must_hold(copy, len, state.session, state.session_len);
			else
				must_hold(copy, len, there_key, sizeof there_key - 1);
		}
		free(copy);
	}
	lend_rule_free(&rule);
	return 0;
}
