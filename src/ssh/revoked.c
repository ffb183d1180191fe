/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RevokedHostKeys: lists of keys are read here, key revocation lists by
 * ssh-keygen beside the loop.  A list that cannot be read lets no one in, as
 * with ssh: it might have had the key.
 */
#include "ssh/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lines.h"
#include "base/mem.h"
#include "ssh/digest.h"
#include "ssh/known.h"

/* As large as a file of known hosts may be; lists of an organisation are far smaller. */
#define LIST_MAX_BYTES (16u << 20)

static void fail(struct ssh_conn *conn, const struct revocation *r, const char *path, const char *why)
{
	conn_fail(conn, ERR_HOSTKEY, "cannot determine whether the host key of %s (%s) is revoked: RevokedHostKeys %s: %s", r->name,
		  r->fingerprint, path, why);
}

static void revoked(struct ssh_conn *conn, const struct revocation *r, const char *path)
{
	conn_fail(conn, ERR_HOSTKEY, "the host key of %s is revoked: it is in RevokedHostKeys %s (%s); the host needs a new key", r->name,
		  path, r->fingerprint);
}

/* ---- a KRL, by ssh-keygen ---- */

/* ssh-keygen exits with 0 when the key is not in the list, 1 when it is, and something else when it could not
 * look. */
static void on_keygen(void *ctx, const struct child_result *result)
{
	struct revocation *r = ctx;
	struct ssh_conn *conn = r->conn;

	conn_enter(conn);
	r->child = NULL;
	if (result->status == 1) {
		revoked(conn, r, r->path);
	} else if (result->status != 0) {
		char *words = lines_last(result->errout, result->errout_len, 200);

		fail(conn, r, r->path, *words ? words : "ssh-keygen cannot read it");
		free(words);
	} else {
		r->next++;
		conn_kick(conn);
	}
	conn_leave(conn);
}

/* The key as a file without a name, which ssh-keygen opens by that of its input. */
static int key_file(const struct revocation *r)
{
	int fd = memfd_create("pferry-host-key", MFD_CLOEXEC);
	struct buf text;
	bool ok;

	if (fd < 0)
		return -1;
	buf_init(&text, 0);
	buf_printf(&text, "%s ", r->type);
	base64_encode(&text, r->blob, r->blob_len, true);
	buf_puts(&text, "\n");
	ok = write(fd, buf_data(&text), text.len) == (ssize_t)text.len && lseek(fd, 0, SEEK_SET) == 0;
	buf_free(&text);
	if (!ok) {
		close(fd);
		return -1;
	}
	return fd;
}

static void ask_keygen(struct ssh_conn *conn, struct revocation *r, const char *path)
{
	const char *argv[] = { "ssh-keygen", "-Q", "-f", path, "/dev/stdin", NULL };
	int key = key_file(r), out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct err e = { 0 };

	if (key >= 0 && out >= 0)
		r->child = child_start_tied(conn->loop, argv, key, out, on_keygen, r, &e);
	else
		err_errno(&e, errno, "no file for the key can be made");
	if (key >= 0)
		close(key);
	if (out >= 0)
		close(out);
	free(r->path);
	r->path = mem_strdup(path);
	if (!r->child)
		fail(conn, r, path, e.text);
}

/* ---- all lists ---- */

/* False: it has failed, or ssh-keygen is asked. */
static bool look_into(struct ssh_conn *conn, struct revocation *r, const char *path)
{
	struct buf text;
	unsigned line;
	bool go_on = false;
	char why[80];

	buf_init(&text, LIST_MAX_BYTES);
	if (!known_read_file(&text, path)) {
		fail(conn, r, path, strerror(errno));
	} else if (text.len > 0 && known_is_krl(buf_data(&text), text.len)) {
		ask_keygen(conn, r, path);
	} else {
		switch (known_revoked(text.len > 0 ? buf_data(&text) : "", text.len, r->blob, r->blob_len, &line)) {
		case REVOKED_NO:
			go_on = true;
			break;
		case REVOKED_YES:
			revoked(conn, r, path);
			break;
		case REVOKED_BAD:
			snprintf(why, sizeof why, "line %u is no public key", line);
			fail(conn, r, path, why);
			break;
		}
	}
	buf_free(&text);
	return go_on;
}

bool revocation_step(struct ssh_conn *conn, struct revocation *r)
{
	const struct ssh_words *lists = &conn->cfg.revoked_host_keys;

	r->conn = conn;
	while (r->next < lists->n && !r->child && !conn_over(conn)) {
		struct err e = { 0 };
		char *path = ssh_config_expand(&conn->cfg, lists->v[r->next], true, &e);

		if (!path)
			conn_fail_err(conn, &e);
		else if (strcmp(path, "none") == 0 || look_into(conn, r, path))
			r->next++;
		free(path);
	}
	return r->next == lists->n && !conn_over(conn);
}

void revocation_stop(struct revocation *r)
{
	child_kill(&r->child);
	free(r->path);
	r->path = NULL;
}
