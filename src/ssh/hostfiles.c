/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lookup of a host's keys in files and by a KnownHostsCommand, which
 * is asked beside the loop; and the order of algorithms that follows from it. */
#include "ssh/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/mem.h"
#include "ssh/known.h"
#include "ssh/pubkey.h"

#define SAID_MAX (1u << 20)

static const char said_by[] = "KnownHostsCommand";

/* ---- the command ---- */

static void on_said(void *ctx, const struct child_result *result)
{
	struct known_said *said = ctx;
	struct ssh_conn *conn = said->conn;

	conn_enter(conn);
	said->child = NULL;
	said->told = true;
	if (result->status != 0 || result->truncated) {
		char *words = lines_last(result->errout, result->errout_len, 200);

		if (result->truncated)
			conn_fail(conn, ERR_HOSTKEY, "the KnownHostsCommand of ssh_config for %s says more than %u MiB", conn->name,
				  SAID_MAX >> 20);
		else
			conn_fail(conn, ERR_HOSTKEY, "the KnownHostsCommand of ssh_config for %s ended with status %d%s%s", conn->name,
				  result->status, *words ? ": " : "", words);
		free(words);
	} else {
		said->text = mem_alloc(result->out_len + 1);
		memcpy(said->text, result->out, result->out_len);
		said->len = result->out_len;
		said->then(conn);
	}
	conn_leave(conn);
}

/* Words of the command, the first of which is no template. NULL-terminated in `words`. */
static bool command_words(struct ssh_conn *conn, const struct ssh_tokens *tokens, struct ssh_words *words, struct err *e)
{
	if (!ssh_words_split(words, conn->cfg.known_hosts_command) || words->n == 0 || words->v[0][0] != '/')
		return err_set(e, ERR_HOSTKEY, conn->name,
			       "the KnownHostsCommand of ssh_config for %s must begin with a path from the root, and close its quotes",
			       conn->name);
	for (size_t i = 1; i < words->n; i++) {
		char *word = ssh_config_expand_word(&conn->cfg, words->v[i], tokens, e);

		if (!word)
			return false;
		free(words->v[i]);
		words->v[i] = word;
	}
	return true;
}

bool hostfiles_ask(struct ssh_conn *conn, struct known_said *said, const struct ssh_tokens *tokens, void (*then)(struct ssh_conn *conn))
{
	struct ssh_words words = { 0 };
	const char **argv;
	struct err e = { 0 };

	if (said->told || !conn->cfg.known_hosts_command)
		return true;
	if (said->child)
		return false;
	said->conn = conn;
	said->then = then;
	if (command_words(conn, tokens, &words, &e)) {
		argv = mem_array(words.n + 1, sizeof *argv);
		for (size_t i = 0; i < words.n; i++)
			argv[i] = words.v[i];
		said->child = child_run(conn->loop, argv, SAID_MAX, on_said, said, &e);
		free(argv);
	}
	ssh_words_free(&words);
	if (!said->child)
		conn_fail_err(conn, &e);
	return false;
}

void hostfiles_forget(struct known_said *said)
{
	child_kill(&said->child);
	free(said->text);
	*said = (struct known_said){ 0 };
}

/* ---- looking up ---- */

void hostfiles_look_up(const struct ssh_conn *conn, const struct known_said *said, const struct known_key *key,
		       struct known_result *result)
{
	const struct ssh_words *lists[] = { &conn->cfg.user_known_hosts, &conn->cfg.global_known_hosts };

	known_init(result);
	for (size_t l = 0; l < countof(lists); l++) {
		for (size_t i = 0; i < lists[l]->n; i++) {
			char *path = ssh_config_expand(&conn->cfg, lists[l]->v[i], true, NULL);

			if (path && strcmp(path, "none") != 0)
				known_feed_file(result, key, path);
			free(path);
		}
	}
	if (said && said->text)
		known_feed(result, key, said_by, said->text, said->len);
}

bool hostfiles_from_command(const struct known_result *result)
{
	return result->file && strcmp(result->file, said_by) == 0;
}

/* ---- the order of algorithms ---- */

static const char cert[] = "-cert-v01@openssh.com";

/* The plain type of an algorithm in a list; NULL: none that is known here. */
static const char *plain_type(const char *name, size_t len)
{
	size_t end = strlen(cert);
	enum pubkey_kind kind;

	if (len > end && memcmp(name + len - end, cert, end) == 0) {
		/* A certificate's type whose plain name has an @ (sk-) is not recognised. */
		len -= end;
	}
	return pubkey_kind(name, len, &kind) ? pubkey_name(kind) : NULL;
}

static bool is_cert(const char *name, size_t len)
{
	size_t end = strlen(cert);

	return len > end && memcmp(name + len - end, cert, end) == 0;
}

/*
 * ssh puts the types that are known for a host first, unless its configuration
 * has a list of its own.  ssh -G does not say which it is; but every list that ssh
 * makes itself, and those that are made from it by + and -, begin with a certificate.
 */
bool hostfiles_want_order(const struct ssh_conn *conn)
{
	const char *list = conn->cfg.host_key_algorithms;

	return !list || is_cert(list, strcspn(list, ","));
}

static void put(struct buf *out, const char *name, size_t len)
{
	if (out->len > 0)
		buf_puts(out, ",");
	buf_append(out, name, len);
}

char *hostfiles_order(const struct ssh_conn *conn, const char *list)
{
	char *name = ssh_config_key_name(&conn->cfg), *result;
	struct known_key key = { .host = name, .type = "" };
	struct known_result known;
	struct buf first, last;
	bool verbatim;

	hostfiles_look_up(conn, &conn->said_order, &key, &known);
	verbatim = !hostfiles_want_order(conn);
	buf_init(&first, 0);
	buf_init(&last, 0);
	for (const char *s = list; *s; s += *s == ',') {
		size_t len = strcspn(s, ",");
		const char *type = plain_type(s, len);
		bool is_known = type && ssh_list_has(known.types, type);

		/* The best of all is among the known: all stays as it is. */
		verbatim |= s == list && is_known;
		if (!is_cert(s, len))
			put(is_known || verbatim ? &first : &last, s, len);
		s += len;
	}
	if (last.len > 0)
		put(&first, buf_data(&last), last.len);
	result = first.len > 0 ? buf_take(&first) : mem_strdup("");
	buf_free(&first);
	buf_free(&last);
	known_free(&known);
	free(name);
	return result;
}

bool hostfiles_allowed(const struct ssh_conn *conn, const char *type)
{
	const char *list = conn->cfg.host_key_algorithms;

	if (!list)
		return true;
	for (; *list; list += *list == ',') {
		size_t len = strcspn(list, ",");
		const char *plain = is_cert(list, len) ? NULL : plain_type(list, len);

		if (plain && strcmp(plain, type) == 0)
			return true;
		list += len;
	}
	return false;
}
