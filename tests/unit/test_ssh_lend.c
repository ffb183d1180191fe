/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lent agent may be asked: requests as ssh makes them, and as a host that is not honest might. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "ssh/agent.h"
#include "ssh/lendrule.h"
#include "ssh/packet.h"

static const char user_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";
static const char other_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040oooooooooooooooooooooooooooooooo";
static const char source_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040ssssssssssssssssssssssssssssssss";
static const char there_key[] = "\0\0\0\013ssh-ed25519\0\0\0\040dddddddddddddddddddddddddddddddd";
#define KEY(k) (k), sizeof(k) - 1

/* A login as it is signed (RFC 4252, section 7; OpenSSH's PROTOCOL), and the request to sign it. */
struct login {
	const char *session, *user, *service, *method, *algorithm;
	const char *key, *host_key; /* of the same length all */
	const char *asked;          /* the key in the request itself */
	int type, has_signature;
	uint32_t flags;
	const char *junk;           /* after it */
};

static const struct login honest = {
	.session = "session-id", .user = "root", .service = "ssh-connection", .method = "publickey-hostbound-v00@openssh.com",
	.algorithm = "ssh-ed25519", .key = user_key, .host_key = there_key, .asked = user_key, .type = 50, .has_signature = 1,
};

static void put(struct buf *b, const char *s)
{
	packet_put_string(b, s, strlen(s));
}

static void put_byte(struct buf *b, int byte)
{
	const char c = (char)byte;

	buf_append(b, &c, 1);
}

static struct buf sign_request(const struct login *l)
{
	struct buf data, out;

	buf_init(&data, 0);
	buf_init(&out, 0);
	put(&data, l->session);
	put_byte(&data, l->type);
	put(&data, l->user);
	put(&data, l->service);
	put(&data, l->method);
	put_byte(&data, l->has_signature);
	put(&data, l->algorithm);
	packet_put_string(&data, l->key, sizeof user_key - 1);
	if (l->host_key)
		packet_put_string(&data, l->host_key, sizeof user_key - 1);
	if (l->junk)
		buf_puts(&data, l->junk);
	put_byte(&out, 13);
	packet_put_string(&out, l->asked, sizeof user_key - 1);
	packet_put_string(&out, buf_data(&data), data.len);
	packet_put_u32(&out, l->flags);
	buf_free(&data);
	return out;
}

static struct buf bind_request(const char *host_key, const char *session, int forwarding)
{
	struct buf out;

	buf_init(&out, 0);
	put_byte(&out, 27);
	put(&out, "session-bind@openssh.com");
	packet_put_string(&out, host_key, sizeof user_key - 1);
	put(&out, session);
	put(&out, "a signature");
	put_byte(&out, forwarding);
	return out;
}

static struct lend_rule rule;

static int set_up(void **state)
{
	(void)state;
	rule = (struct lend_rule){ .user = mem_strdup("root") };
	buf_append(&rule.key, KEY(user_key));
	buf_append(&rule.source, KEY(source_key));
	buf_append(&rule.destination, KEY(there_key));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lend_rule_free(&rule);
	return 0;
}

static enum lend_verdict judge(struct buf request, struct lend_state *state)
{
	struct lend_state none = { 0 };
	const char *why;
	enum lend_verdict verdict = lend_judge(&rule, state ? state : &none, buf_data(&request), request.len, &why);

	assert_true((verdict == LEND_REFUSE) == (why != NULL));
	/* Cut short anywhere it is nothing. */
	if (verdict != LEND_REFUSE) {
		for (size_t len = 0; len < request.len; len++)
			assert_int_equal(lend_judge(&rule, state ? state : &none, buf_data(&request), len, &why), LEND_REFUSE);
	}
	buf_free(&request);
	return verdict;
}

static enum lend_verdict judge_login(struct login l)
{
	return judge(sign_request(&l), NULL);
}

#define LOGIN(...) __extension__({ struct login l = honest; __VA_ARGS__; judge_login(l); })

static void test_hostbound(void **state)
{
	(void)state;
	assert_int_equal(judge_login(honest), LEND_SIGN);
	assert_int_equal(LOGIN(l.user = "alice"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.user = "root2"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.user = ""), LEND_REFUSE);
	assert_int_equal(LOGIN(l.service = "ssh-userauth"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.host_key = source_key), LEND_REFUSE);
	assert_int_equal(LOGIN(l.host_key = other_key), LEND_REFUSE);
	assert_int_equal(LOGIN(l.key = other_key), LEND_REFUSE);
	assert_int_equal(LOGIN(l.asked = other_key), LEND_REFUSE);
	assert_int_equal(LOGIN(l.key = other_key; l.asked = other_key), LEND_REFUSE);
	assert_int_equal(LOGIN(l.algorithm = "ssh-rsa"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.algorithm = "ssh-ed25519-cert-v01@openssh.com"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.type = 51), LEND_REFUSE);
	assert_int_equal(LOGIN(l.has_signature = 0), LEND_REFUSE);
	assert_int_equal(LOGIN(l.session = ""), LEND_REFUSE);
	assert_int_equal(LOGIN(l.junk = "x"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.flags = 8), LEND_REFUSE);
	assert_int_equal(LOGIN(l.host_key = NULL), LEND_REFUSE);
	assert_int_equal(LOGIN(l.method = "hostbased"), LEND_REFUSE);
	assert_int_equal(LOGIN(l.method = "publickey"), LEND_REFUSE);
	/* Without a host in it, and no session that is known: it could be for any. */
	assert_int_equal(LOGIN(l.method = "publickey"; l.host_key = NULL), LEND_REFUSE);
}

static void test_bound(void **state)
{
	struct lend_state here = { 0 };
	struct buf bind = bind_request(there_key, "session-id", 0);
	struct login l = honest;
	const char *why;

	(void)state;
	assert_int_equal(judge(bind_request(source_key, "first-hop", 1), &here), LEND_BIND_SOURCE);
	assert_int_equal(lend_judge(&rule, &here, buf_data(&bind), bind.len, &why), LEND_BIND_DESTINATION);
	lend_bound(&here, buf_data(&bind), bind.len);
	assert_true(here.bound);
	buf_free(&bind);
	/* In that session the host need not be in what is signed; in no other one. */
	assert_int_equal(judge(sign_request(&l), &here), LEND_SIGN);
	l.session = "session-ie";
	assert_int_equal(judge(sign_request(&l), &here), LEND_REFUSE);
	l.method = "publickey";
	l.host_key = NULL;
	assert_int_equal(judge(sign_request(&l), &here), LEND_REFUSE);
	l.session = "session-id";
	assert_int_equal(judge(sign_request(&l), &here), LEND_SIGN);
	l.user = "alice";
	assert_int_equal(judge(sign_request(&l), &here), LEND_REFUSE);
	/* It is bound once. */
	assert_int_equal(judge(bind_request(there_key, "another", 0), &here), LEND_REFUSE);
}

static void test_bind_elsewhere(void **state)
{
	char *long_id = mem_alloc(LEND_SESSION_MAX + 2);
	struct buf junk = bind_request(there_key, "s", 0);

	(void)state;
	assert_int_equal(judge(bind_request(other_key, "s", 0), NULL), LEND_REFUSE);
	assert_int_equal(judge(bind_request(source_key, "s", 0), NULL), LEND_REFUSE);
	/* Lent on to a third host, or to the destination. */
	assert_int_equal(judge(bind_request(other_key, "s", 1), NULL), LEND_REFUSE);
	assert_int_equal(judge(bind_request(there_key, "s", 1), NULL), LEND_REFUSE);
	assert_int_equal(judge(bind_request(there_key, "", 0), NULL), LEND_REFUSE);
	memset(long_id, 'x', LEND_SESSION_MAX + 1);
	assert_int_equal(judge(bind_request(there_key, long_id, 0), NULL), LEND_REFUSE);
	long_id[LEND_SESSION_MAX] = '\0';
	assert_int_equal(judge(bind_request(there_key, long_id, 0), NULL), LEND_BIND_DESTINATION);
	free(long_id);
	buf_puts(&junk, "x");
	assert_int_equal(judge(junk, NULL), LEND_REFUSE);
}

static void test_other_requests(void **state)
{
	static const char sshsig[] = "\13\0\0\0\0\0\0\0\4SSHS\0\0\0\0";
	struct buf list, query, big;
	struct agent_keys keys;

	(void)state;
	/* Adding, removing, locking, smartcards, SSH 1, all else. */
	for (int type = 0; type < 256; type++) {
		struct buf b;

		buf_init(&b, 0);
		put_byte(&b, type);
		assert_int_equal(judge(b, NULL), type == 11 ? LEND_LIST : LEND_REFUSE);
	}
	buf_init(&list, 0);
	buf_append(&list, "\13x", 2);
	assert_int_equal(judge(list, NULL), LEND_REFUSE);
	buf_init(&query, 0);
	put_byte(&query, 27);
	put(&query, "query");
	assert_int_equal(judge(query, NULL), LEND_REFUSE);
	buf_init(&query, 0);
	buf_append(&query, sshsig, sizeof sshsig - 1);
	assert_int_equal(judge(query, NULL), LEND_REFUSE);
	buf_init(&big, 0);
	buf_space(&big, LEND_REQUEST_MAX + 1);
	memset(buf_data(&big), 11, LEND_REQUEST_MAX + 1);
	buf_grew(&big, LEND_REQUEST_MAX + 1);
	assert_int_equal(judge(big, NULL), LEND_REFUSE);
	/* The one key is all that is named. */
	buf_init(&list, 0);
	lend_list(&rule, &list);
	assert_true(agent_parse_keys(&keys, buf_data(&list) + 4, list.len - 4));
	assert_int_equal(keys.n, 1);
	assert_int_equal(keys.v[0].blob.len, sizeof user_key - 1);
	assert_memory_equal(buf_data(&keys.v[0].blob), user_key, sizeof user_key - 1);
	agent_keys_free(&keys);
	buf_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hostbound),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_bind_elsewhere),
		cmocka_unit_test(test_other_requests),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
