/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verification of a host's key: revocations, known_hosts, StrictHostKeyChecking, the question. */
#include "ssh/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
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
#include "ssh/pubkey.h"

struct hostcheck {
	struct revocation revocation;
	char *name; /* as known_hosts has it */
	char *ip;   /* the host's address, where that counts too; else NULL */
	char *key_text;
	const char *type;
	struct known_key key;
	struct known_result known, known_ip;
	char fingerprint[64]; /* "SHA256:..." */
	char *question;
	bool looked, name_ok;
};

/* "ED25519", as ssh calls it. */
static const char *type_word(const char *type)
{
	if (strncmp(type, "ecdsa", 5) == 0)
		return "ECDSA";
	if (strcmp(type, "ssh-ed25519") == 0)
		return "ED25519";
	return strcmp(type, "ssh-rsa") == 0 ? "RSA" : type;
}

/* ---- what there is to look up ---- */

static bool is_local(const struct ssh_conn *conn)
{
	struct in_addr four;
	struct in6_addr six;

	if (conn->proxy_words)
		return false;
	if (inet_pton(AF_INET, conn->address, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, conn->address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

/* CheckHostIP: not for a proxy, whose address it would be, nor where the name is the address. */
static char *ip_name(const struct ssh_conn *conn)
{
	char *ip;

	if (!conn->cfg.check_host_ip || conn->proxy_words || is_local(conn))
		return NULL;
	ip = ssh_config_key_name_of(&conn->cfg, conn->address);
	if (strcmp(ip, conn->cfg.hostname) != 0)
		return ip;
	free(ip);
	return NULL;
}

/* Some keys are none, whatever is known. */
static bool acceptable(struct ssh_conn *conn, const struct hostcheck *c, const struct pubkey *parsed)
{
	unsigned bits = pubkey_rsa_bits(parsed);

	if (bits > 0 && bits < (unsigned)conn->cfg.required_rsa_size) {
		conn_fail(conn, ERR_HOSTKEY, "the RSA host key of %s has %u bits, and ssh_config wants %d (RequiredRSASize): the host needs a new key",
			  c->name, bits, conn->cfg.required_rsa_size);
		return false;
	}
	if (!hostfiles_allowed(conn, c->type)) {
		conn_fail(conn, ERR_HOSTKEY, "%s has sent a host key of the type %s, which HostKeyAlgorithms of ssh_config does not have", c->name,
			  c->type);
		return false;
	}
	return true;
}

static bool check_begin(struct ssh_conn *conn)
{
	struct hostcheck *c = mem_new(struct hostcheck);
	struct pubkey parsed;
	const char *blob, *hash;
	size_t len;
	int type;
	struct buf text;

	conn->check = c;
	known_init(&c->known);
	known_init(&c->known_ip);
	blob = libssh2_session_hostkey(conn->session, &len, &type);
	hash = libssh2_hostkey_hash(conn->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	if (!blob || !hash || !pubkey_parse(&parsed, blob, len)) {
		conn_fail(conn, ERR_HOSTKEY, "%s sent no host key that can be read", conn->name);
		return false;
	}
	c->name = ssh_config_key_name(&conn->cfg);
	c->ip = ip_name(conn);
	c->type = pubkey_name(parsed.kind);
	c->key = (struct known_key){.host = c->name, .type = c->type, .blob = blob, .blob_len = len};
	buf_init(&text, 0);
	base64_encode(&text, hash, 32, false);
	snprintf(c->fingerprint, sizeof c->fingerprint, "SHA256:%s", buf_str(&text));
	buf_clear(&text);
	base64_encode(&text, blob, len, true);
	c->key_text = buf_take(&text);
	c->revocation = (struct revocation){ .name = c->name, .type = c->type, .fingerprint = c->fingerprint, .blob = blob, .blob_len = len };
	return acceptable(conn, c, &parsed);
}

/* The KnownHostsCommand is asked about both names. */
static bool commands_asked(struct ssh_conn *conn, const struct hostcheck *c)
{
	struct ssh_tokens tokens = { c->name, "HOSTNAME", c->type, c->fingerprint, c->key_text };

	if (!hostfiles_ask(conn, &conn->said_name, &tokens, conn_kick))
		return false;
	tokens.host = c->ip;
	tokens.why = "ADDRESS";
	return !c->ip || hostfiles_ask(conn, &conn->said_ip, &tokens, conn_kick);
}

/*
 * A host on a port of its own that is known by no [name]:port may be known by
 * its name alone.  A key that is revoked under that name is revoked here too.
 */
static void look_without_port(const struct ssh_conn *conn, struct hostcheck *c)
{
	struct known_result plain;

	if (c->known.status != KNOWN_UNKNOWN || c->name[0] != '[' || conn->cfg.host_key_alias)
		return;
	c->key.host = conn->cfg.hostname;
	hostfiles_look_up(conn, NULL, &c->key, &plain);
	c->key.host = c->name;
	if (plain.status == KNOWN_MATCH || plain.status == KNOWN_REVOKED) {
		known_free(&c->known);
		c->known = plain;
	} else {
		known_free(&plain);
	}
}

static void look_up(const struct ssh_conn *conn, struct hostcheck *c)
{
	if (c->looked)
		return;
	c->looked = true;
	hostfiles_look_up(conn, &conn->said_name, &c->key, &c->known);
	look_without_port(conn, c);
	if (!c->ip)
		return;
	c->key.host = c->ip;
	hostfiles_look_up(conn, &conn->said_ip, &c->key, &c->known_ip);
	c->key.host = c->name;
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

/* A name that would mean more hosts than one, or none, is not written. */
static bool writable(const struct ssh_conn *conn, const char *name)
{
	const char *inside = conn->cfg.host_key_alias ? conn->cfg.host_key_alias : name == conn->check->name ? conn->cfg.hostname : name;

	return inside[strcspn(inside, "@?*#|'\"\\, \t!")] == '\0' && (name != conn->check->name || !strpbrk(inside, "[]"));
}

static void put_line(const struct ssh_conn *conn, struct known_key key, const char *name, struct buf *line)
{
	unsigned char salt[SHA1_LEN];
	bool hashed = conn->cfg.hash_known_hosts && getrandom(salt, sizeof salt, 0) == (ssize_t)sizeof salt;

	key.host = name;
	known_format(line, &key, hashed ? salt : NULL);
}

/* Write a confirmed key to known_hosts, unless it was learnt from a command or ssh has no file for it. */
static void remember(struct ssh_conn *conn, const char *name, const struct known_result *known)
{
	const struct hostcheck *c = conn->check;
	const char *file = first_file(conn);
	char *path = file && !hostfiles_from_command(known) ? ssh_config_expand(&conn->cfg, file, true, NULL) : NULL;
	struct buf line;

	if (!path || !writable(conn, name)) {
		free(path);
		return;
	}
	buf_init(&line, 0);
	put_line(conn, c->key, name, &line);
	if (append_line(path, &line))
		log_add(LOG_NOTE, conn->name, "its %s key %s was added to %s", type_word(c->type),
			c->fingerprint, path);
	else
		log_add(LOG_WARN, conn->name, "its key could not be added to %s: %s", path, strerror(errno));
	buf_free(&line);
	free(path);
}

static void remember_all(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;

	remember(conn, c->name, &c->known);
	if (c->ip && c->known_ip.status == KNOWN_UNKNOWN)
		remember(conn, c->ip, &c->known);
}

/* ---- the decision ---- */

static void refuse_unknown(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;
	const char *word = type_word(c->type);

	if (c->known.authority)
		conn_fail(conn, ERR_HOSTKEY,
			  "known_hosts has a certificate authority for %s, which cannot be used here: add "
			  "its %s key %s itself, with ssh-keyscan",
			  c->name, word, c->fingerprint);
	else
		conn_fail(conn, ERR_HOSTKEY,
			  "the host key of %s is not known (%s %s): compare it with the host's, then run "
			  "`ssh %s` once to accept it%s",
			  c->name, word, c->fingerprint, conn->name,
			  conn->cfg.verify_dns ? "; what DNS says of it (VerifyHostKeyDNS) does not count here" : "");
}

/* yes, or the fingerprint itself, as ssh takes it. False: not yet, or not. */
static bool ask(struct ssh_conn *conn, bool *yes)
{
	const char *answer;

	if (!conn_ask(conn, conn->check->question, true, true))
		return false;
	answer = buf_str(&conn->answer);
	*yes = !conn->refused &&
	       (strcmp(answer, "yes") == 0 || strcmp(answer, "y") == 0 || strcmp(answer, conn->check->fingerprint) == 0);
	conn_answer_used(conn);
	free(conn->check->question);
	conn->check->question = NULL;
	return true;
}

static bool ask_unknown(struct ssh_conn *conn)
{
	struct hostcheck *c = conn->check;
	bool yes;

	if (!c->question)
		c->question = mem_printf("The host key of %s (%s) is not known: %s %s. Connect and remember it?", c->name, conn->address,
					 type_word(c->type), c->fingerprint);
	if (!ask(conn, &yes))
		return false;
	if (!yes) {
		refuse_unknown(conn);
		return false;
	}
	remember_all(conn);
	return true;
}

static bool decide_unknown(struct ssh_conn *conn)
{
	switch (conn->cfg.strict) {
	case STRICT_ASK:
		return ask_unknown(conn);
	case STRICT_ACCEPT_NEW:
	case STRICT_NO:
		remember_all(conn);
		return true;
	case STRICT_YES:
		break;
	}
	refuse_unknown(conn);
	return false;
}

static void refuse_revoked(struct ssh_conn *conn, const char *name, const struct known_result *known)
{
	const struct hostcheck *c = conn->check;

	conn_fail(conn, ERR_HOSTKEY, "the host key of %s is revoked: %s line %u (%s %s)", name, known->file, known->line,
		  type_word(c->type), c->fingerprint);
}

/* With StrictHostKeyChecking no, ssh goes on, and gives away no secret then. Here memory of processes would follow. */
static bool decide_name(struct ssh_conn *conn)
{
	const struct hostcheck *c = conn->check;

	switch (c->known.status) {
	case KNOWN_MATCH:
		if (c->ip && c->known_ip.status == KNOWN_UNKNOWN)
			remember(conn, c->ip, &c->known);
		return true;
	case KNOWN_UNKNOWN:
		return decide_unknown(conn);
	case KNOWN_CHANGED:
		conn_fail(conn, ERR_HOSTKEY,
			  "the host key of %s has changed: %s line %u has another key than the one sent (%s %s); if the host was "
			  "installed anew, remove that line, else someone may be listening%s",
			  c->name, c->known.file, c->known.line, type_word(c->type), c->fingerprint,
			  conn->cfg.strict == STRICT_NO ? " (StrictHostKeyChecking no changes nothing about that here)" : "");
		break;
	case KNOWN_REVOKED:
		refuse_revoked(conn, c->name, &c->known);
		break;
	}
	return false;
}

/* CheckHostIP: the name has this key, the address is known with another. */
static bool decide_ip(struct ssh_conn *conn)
{
	struct hostcheck *c = conn->check;
	bool yes;

	if (c->ip && c->known_ip.status == KNOWN_REVOKED)
		refuse_revoked(conn, c->ip, &c->known_ip);
	if (!c->ip || c->known_ip.status != KNOWN_CHANGED || conn->cfg.strict == STRICT_NO)
		return !conn_over(conn);
	if (conn->cfg.strict == STRICT_ASK) {
		if (!c->question)
			c->question = mem_printf("%s line %u has another key for the address of %s (%s) than for its name: %s %s. Connect anyway?",
						 c->known_ip.file, c->known_ip.line, c->name, c->ip, type_word(c->type), c->fingerprint);
		if (!ask(conn, &yes))
			return false;
		if (yes)
			return true;
	}
	conn_fail(conn, ERR_HOSTKEY,
		  "the host key of %s (%s %s) is not that of its address %s: %s line %u has another (CheckHostIP); if the address no longer belongs "
		  "to that host, remove that line",
		  c->name, type_word(c->type), c->fingerprint, c->ip, c->known_ip.file, c->known_ip.line);
	return false;
}

static bool too_large(struct ssh_conn *conn, const struct known_result *known)
{
	if (known->unread)
		conn_fail(conn, ERR_HOSTKEY, "%s is too large to be read (16 MiB): what it says of %s is not known", known->unread,
			  conn->check->name);
	return known->unread != NULL;
}

static bool step(struct ssh_conn *conn, struct hostcheck *c)
{
	if (c->name_ok)
		return decide_ip(conn);
	if (!revocation_step(conn, &c->revocation))
		return false;
	if (conn->cfg.no_localhost_auth && !conn->cfg.host_key_alias && is_local(conn))
		return true;
	if (!commands_asked(conn, c))
		return false;
	look_up(conn, c);
	if (too_large(conn, &c->known) || too_large(conn, &c->known_ip))
		return false;
	c->name_ok = decide_name(conn);
	return c->name_ok && decide_ip(conn);
}

bool hostkey_step(struct ssh_conn *conn)
{
	if ((!conn->check && !check_begin(conn)) || conn_over(conn) || !step(conn, conn->check))
		return false;
	buf_clear(&conn->host_key);
	buf_append(&conn->host_key, conn->check->key.blob, conn->check->key.blob_len);
	hostkey_stop(conn);
	return true;
}

void hostkey_stop(struct ssh_conn *conn)
{
	struct hostcheck *c = conn->check;

	hostfiles_forget(&conn->said_name);
	hostfiles_forget(&conn->said_ip);
	if (!c)
		return;
	conn->check = NULL;
	revocation_stop(&c->revocation);
	known_free(&c->known);
	known_free(&c->known_ip);
	free(c->name);
	free(c->ip);
	free(c->key_text);
	free(c->question);
	free(c);
}
