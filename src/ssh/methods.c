/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The algorithms offered: those that ssh's configuration allows and
 * libssh2 has, and no others.  Where there is none, or the host has none of
 * them, the message names the list and its contents.
 */
#include "ssh/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/kexinit.h"

/*
 * Preferred ciphers, fastest first; others that ssh's configuration has come after
 * them.  libssh2 works block by block, which costs GCM a quarter more time
 * here than CTR with its MAC.
 */
#define CIPHERS                                                                                              \
	"aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com,"                    \
	"chacha20-poly1305@openssh.com,aes128-cbc,aes192-cbc,aes256-cbc"
#define MACS                                                                                                 \
	"hmac-sha2-256,hmac-sha2-256-etm@openssh.com,hmac-sha2-512,hmac-sha2-512-etm@openssh.com,"           \
	"hmac-sha1-etm@openssh.com,hmac-sha1"
#define KEX                                                                                                  \
	"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"              \
	"ecdh-sha2-nistp521,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"                    \
	"diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1"
#define HOSTKEYS                                                                                             \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256,ssh-rsa"

/* Bytes of a list shown in a message. */
#define SHOWN 240

static const char *const options[OFFERS] = {
	[OFFER_KEX] = "KexAlgorithms",
	[OFFER_HOSTKEY] = "HostKeyAlgorithms",
	[OFFER_CIPHERS] = "Ciphers",
	[OFFER_MACS] = "MACs",
};

/* Algorithms that libssh2 has. Only these are ever passed to it: 1.10 takes names it does not know out with
 * an overlapping memcpy(3). */
static char *able(struct ssh_conn *conn, int method)
{
	const char **names = NULL;
	int n = libssh2_session_supported_algs(conn->session, method, &names);
	struct buf out;
	char *list;

	buf_init(&out, 0);
	for (int i = 0; i < n; i++) {
		/* A host key in a certificate would be taken without a look at who has signed it. */
		if (!strstr(names[i], "-cert-v01@") && strcmp(names[i], "none") != 0)
			buf_printf(&out, "%s%s", out.len > 0 ? "," : "", names[i]);
	}
	if (names)
		libssh2_free(conn->session, names);
	list = mem_strdup(buf_str(&out));
	buf_free(&out);
	return list;
}

static void none(struct ssh_conn *conn, int what, const char *allowed, const char *can)
{
	char *theirs = text_sanitize(allowed ? allowed : "", allowed ? strlen(allowed) : 0, SHOWN);
	char *list = text_sanitize(can, strlen(can), SHOWN);

	conn_fail(conn, ERR_PROTOCOL,
		  "%s of ssh_config for %s (%s) has nothing that the SSH library here (libssh2 %s) can: allow one of %s there, or use pferry with "
		  "a newer libssh2",
		  options[what], conn->name, theirs, libssh2_version(0), list);
	free(theirs);
	free(list);
}

/* In both directions; false: it has failed. */
static bool offer(struct ssh_conn *conn, int what, const char *ours, const char *allowed, int method, int method_too)
{
	char *can = able(conn, method);

	free(conn->offer[what]);
	conn->offer[what] = ssh_list_offer(ours, allowed, can);
	if (!conn->offer[what])
		none(conn, what, allowed, can);
	else if (libssh2_session_method_pref(conn->session, method, conn->offer[what]) != 0 ||
		 (method_too >= 0 && libssh2_session_method_pref(conn->session, method_too, conn->offer[what]) != 0))
		conn_fail(conn, ERR_SYSTEM, "the SSH library does not take %s as %s for %s", conn->offer[what], options[what], conn->name);
	free(can);
	return !conn_over(conn);
}

/* In the order of the configuration, known types first: what the host sends must be what is known. */
static bool offer_host_keys(struct ssh_conn *conn)
{
	const char *allowed = conn->cfg.host_key_algorithms;
	char *order = hostfiles_order(conn, allowed ? allowed : HOSTKEYS);
	bool ok = offer(conn, OFFER_HOSTKEY, order, allowed, LIBSSH2_METHOD_HOSTKEY, -1);

	free(order);
	return ok;
}

bool methods_offer(struct ssh_conn *conn)
{
	const struct ssh_config *cfg = &conn->cfg;

	return offer(conn, OFFER_KEX, KEX, cfg->kex, LIBSSH2_METHOD_KEX, -1) &&
	       offer(conn, OFFER_CIPHERS, CIPHERS, cfg->ciphers, LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC) &&
	       offer(conn, OFFER_MACS, MACS, cfg->macs, LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC) && offer_host_keys(conn);
}

bool methods_explain(struct ssh_conn *conn)
{
	static const int lists[KEXINIT_LISTS] = {
		[KEXINIT_KEX] = OFFER_KEX,		[KEXINIT_HOSTKEY] = OFFER_HOSTKEY,  [KEXINIT_CIPHERS_OUT] = OFFER_CIPHERS,
		[KEXINIT_CIPHERS_IN] = OFFER_CIPHERS,	[KEXINIT_MACS_OUT] = OFFER_MACS,    [KEXINIT_MACS_IN] = OFFER_MACS,
	};
	struct kexinit theirs;

	if (!kexinit_find(&theirs, conn->greeting.len > 0 ? buf_data(&conn->greeting) : "", conn->greeting.len))
		return false;
	for (int i = 0; i < KEXINIT_LISTS; i++) {
		const char *ours = conn->offer[lists[i]];
		char *shown;

		if (!ours || kexinit_common(&theirs, i, ours))
			continue;
		shown = text_sanitize(theirs.list[i], theirs.len[i], SHOWN);
		conn_fail(conn, ERR_PROTOCOL,
			  "%s has no %s in common with us: it offers %s; ssh_config and the SSH library here (libssh2 %s) have %s: allow one more in "
			  "its sshd_config or in ssh_config",
			  conn->name, options[lists[i]], shown, libssh2_version(0), ours);
		free(shown);
		return true;
	}
	return false;
}

void methods_forget(struct ssh_conn *conn)
{
	for (size_t i = 0; i < OFFERS; i++) {
		free(conn->offer[i]);
		conn->offer[i] = NULL;
	}
}
