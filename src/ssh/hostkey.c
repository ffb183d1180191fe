/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is this the host we know: known_hosts, StrictHostKeyChecking, the question. */
#include "ssh/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <pferry/log.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/digest.h"
#include "ssh/known.h"

struct hostcheck {
	bool checked;
	char *name; /* as known_hosts has it */
	const char *type;
	struct known_key key;
	struct known_result known;
	char fingerprint[64]; /* "SHA256:..." */
	char *question;
};

static const char *type_name(int type)
{
	switch (type) {
	case LIBSSH2_HOSTKEY_TYPE_RSA:
		return "ssh-rsa";
	case LIBSSH2_HOSTKEY_TYPE_DSS:
		return "ssh-dss";
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_256:
		return "ecdsa-sha2-nistp256";
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_384:
		return "ecdsa-sha2-nistp384";
	case LIBSSH2_HOSTKEY_TYPE_ECDSA_521:
		return "ecdsa-sha2-nistp521";
	case LIBSSH2_HOSTKEY_TYPE_ED25519:
		return "ssh-ed25519";
	default:
		return "unknown";
	}
}

/* "ED25519", as ssh calls it. */
static const char *type_word(const char *type)
{
	if (strncmp(type, "ecdsa", 5) == 0)
		return "ECDSA";
	if (strcmp(type, "ssh-ed25519") == 0)
		return "ED25519";
	return strcmp(type, "ssh-rsa") == 0 ? "RSA" : "DSA";
}

static void feed_files(const struct ssh_conn *conn, struct known_result *result, const struct known_key *key)
{
	const struct ssh_words *lists[] = {&conn->cfg.user_known_hosts, &conn->cfg.global_known_hosts};

	for (size_t l = 0; l < countof(lists); l++) {
		for (size_t i = 0; i < lists[l]->n; i++) {
			char *path = ssh_config_expand(&conn->cfg, lists[l]->v[i], true, NULL);

			if (path && strcmp(path, "none") != 0)
				known_feed_file(result, key, path);
			free(path);
		}
	}
}

/* The host under its name with the port and, as ssh does, without. */
static void look_up(const struct ssh_conn *conn, struct known_result *result, struct known_key *key)
{
	struct known_result plain;
	const char *name = key->host;

	known_init(result);
	feed_files(conn, result, key);
	if (name[0] != '[' || result->status == KNOWN_MATCH || result->status == KNOWN_REVOKED)
		return;
	known_init(&plain);
	key->host = conn->cfg.hostname;
	feed_files(conn, &plain, key);
	key->host = name;
	if (plain.status == KNOWN_MATCH || plain.status == KNOWN_REVOKED) {
		known_free(result);
		*result = plain;
	} else {
		known_free(&plain);
	}
}

void hostkey_prefer(struct ssh_conn *conn)
{
	static const char ours[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
				   "rsa-sha2-512,rsa-sha2-256,ssh-rsa";
	char *name = ssh_config_key_name(&conn->cfg), *first, *rest, *list;
	struct known_key key = {.host = name, .type = ""};
	struct known_result known;
	char *types;

	look_up(conn, &known, &key);
	/* One RSA key, three names of signatures. */
	types = mem_printf("%s%s", known.types,
			   ssh_list_has(known.types, "ssh-rsa") ? ",rsa-sha2-512,rsa-sha2-256" : "");
	list = ssh_list_common(ours, conn->cfg.host_key_algorithms);
	first = ssh_list_common(list ? list : ours, types);
	/* A name that comes twice counts where it comes first. */
	rest = mem_printf("%s%s%s", first ? first : "", first ? "," : "", list ? list : ours);
	wire_prefer(conn, LIBSSH2_METHOD_HOSTKEY, rest);
	free(types);
	free(list);
	free(first);
	free(rest);
	free(name);
	known_free(&known);
}

static bool check_begin(struct ssh_conn *conn)
{
	struct hostcheck *c = mem_new(struct hostcheck);
	const char *blob, *hash;
	size_t len;
	int type;
	struct buf text;

	conn->check = c;
	blob = libssh2_session_hostkey(conn->session, &len, &type);
	hash = libssh2_hostkey_hash(conn->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	if (!blob || !hash) {
		conn_fail(conn, ERR_HOSTKEY, "%s sent no host key that can be read", conn->name);
		return false;
	}
	c->name = ssh_config_key_name(&conn->cfg);
	c->type = type_name(type);
	c->key = (struct known_key){.host = c->name, .type = c->type, .blob = blob, .blob_len = len};
	buf_init(&text, 0);
	base64_encode(&text, hash, 32, false);
	snprintf(c->fingerprint, sizeof c->fingerprint, "SHA256:%s", buf_str(&text));
	buf_free(&text);
	look_up(conn, &c->known, &c->key);
	return true;
}

/* ---- writing a new line ---- */

static const char *first_file(const struct ssh_conn *conn)
{
	const struct ssh_words *files = &conn->cfg.user_known_hosts;

	return files->n > 0 && strcmp(files->v[0], "none") != 0 && strcmp(files->v[0], "/dev/null") != 0
		       ? files->v[0]
		       : NULL;
}

static bool append_line(const char *path, struct buf *line)
{
	char last = '\n';
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	off_t size;
	bool ok;

	if (fd < 0 && errno == ENOENT) {
		char *dir = mem_strdup(path), *slash = strrchr(dir, '/');

		if (slash && slash != dir) {
			*slash = '\0';
			mkdir(dir, 0700);
		}
		free(dir);
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	}
	if (fd < 0)
		return false;
	size = lseek(fd, 0, SEEK_END);
	/* A file whose last line does not end must not swallow ours. */
	if (size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n')
		ok = write(fd, "\n", 1) == 1;
	else
		ok = true;
	ok = ok && write(fd, buf_data(line), line->len) == (ssize_t)line->len;
	return close(fd) == 0 && ok;
}

static void remember(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;
	const char *file = first_file(conn);
	char *path = file ? ssh_config_expand(&conn->cfg, file, true, NULL) : NULL;
	unsigned char salt[SHA1_LEN];
	bool hashed = conn->cfg.hash_known_hosts && getrandom(salt, sizeof salt, 0) == (ssize_t)sizeof salt;
	struct buf line;

	if (!path)
		return;
	buf_init(&line, 0);
	known_format(&line, &c->key, hashed ? salt : NULL);
	if (append_line(path, &line))
		log_add(LOG_NOTE, conn->name, "its %s key %s was added to %s", type_word(c->type),
			c->fingerprint, path);
	else
		log_add(LOG_WARN, conn->name, "its key could not be added to %s: %s", path, strerror(errno));
	buf_free(&line);
	free(path);
}

/* ---- the decision ---- */

static void refuse_unknown(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;
	const char *word = type_word(c->type);

	if (c->known.types[0])
		conn_fail(conn, ERR_HOSTKEY,
			  "the %s key of %s is not known (%s), only its %s: compare it, then run `ssh -o "
			  "HostKeyAlgorithms=%s %s` once",
			  word, c->name, c->fingerprint, c->known.types, c->type, conn->name);
	else if (c->known.authority)
		conn_fail(conn, ERR_HOSTKEY,
			  "known_hosts has a certificate authority for %s, which cannot be used here: add "
			  "its %s key %s itself, with ssh-keyscan",
			  c->name, word, c->fingerprint);
	else
		conn_fail(conn, ERR_HOSTKEY,
			  "the host key of %s is not known (%s %s): compare it with the host's, then run "
			  "`ssh %s` once to accept it",
			  c->name, word, c->fingerprint, conn->name);
}

static bool ask(struct ssh_conn *conn)
{
	struct hostcheck *c = conn->check;
	const char *answer;
	bool yes;

	if (!c->question)
		c->question = mem_printf(
			"The host key of %s (%s) is not known%s%s%s: %s %s. Connect and remember it?",
			c->name, conn->address, c->known.types[0] ? " (only its " : "", c->known.types,
			c->known.types[0] ? ")" : "", type_word(c->type), c->fingerprint);
	if (!conn_ask(conn, c->question, true, true))
		return false;
	answer = buf_str(&conn->answer);
	yes = !conn->refused &&
	      (strcmp(answer, "yes") == 0 || strcmp(answer, "y") == 0 || strcmp(answer, c->fingerprint) == 0);
	conn_answer_used(conn);
	if (!yes) {
		refuse_unknown(conn);
		return false;
	}
	remember(conn);
	return true;
}

static bool decide_unknown(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;

	switch (conn->cfg.strict) {
	case STRICT_ASK:
		return ask(conn);
	case STRICT_ACCEPT_NEW:
		/* A host with a known key of another type is not new. */
		if (c->known.types[0])
			break;
		remember(conn);
		return true;
	case STRICT_NO:
		remember(conn);
		return true;
	case STRICT_YES:
		break;
	}
	refuse_unknown(conn);
	return false;
}

bool hostkey_step(struct ssh_conn *conn)
{
	struct hostcheck *c;
	bool ok = false;

	if (!conn->check && !check_begin(conn))
		return false;
	c = conn->check;
	switch (c->known.status) {
	case KNOWN_MATCH:
		ok = true;
		break;
	case KNOWN_UNKNOWN:
		ok = decide_unknown(conn);
		break;
	case KNOWN_CHANGED:
		conn_fail(conn, ERR_HOSTKEY,
			  "the host key of %s has changed: %s line %u has another %s key than the one sent "
			  "(%s); if the host was "
			  "installed anew, remove that line, else someone may be listening",
			  c->name, c->known.file, c->known.line, type_word(c->type), c->fingerprint);
		break;
	case KNOWN_REVOKED:
		conn_fail(conn, ERR_HOSTKEY, "the host key of %s is revoked: %s line %u (%s %s)", c->name,
			  c->known.file, c->known.line, type_word(c->type), c->fingerprint);
		break;
	}
	if (ok)
		hostkey_stop(conn);
	return ok;
}

void hostkey_stop(struct ssh_conn *conn)
{
	struct hostcheck *c = conn->check;

	if (!c)
		return;
	conn->check = NULL;
	known_free(&c->known);
	free(c->name);
	free(c->question);
	free(c);
}
