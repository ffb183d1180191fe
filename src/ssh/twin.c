/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/twin.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "remote/line.h"
#include "ssh/conn.h"
#include "ssh/keyring.h"

/* Cheap where the processor has instructions for them; ssh's own first choice has none. */
#define FAST_CIPHERS "aes128-gcm@openssh.com,aes256-gcm@openssh.com"

#define WORDS_MAX 80

const char *ssh_twin_why_not(const struct ssh_conn *conn)
{
	if (!conn->by_key)
		return "the login needs an answer";
	return conn->no_twin ? "a second login did not work before" : NULL;
}

void ssh_twin_failed(struct ssh_conn *conn)
{
	conn->no_twin = true;
}

/* The arguments as they are made; those that were put together are freed after the start. */
struct words {
	const char *v[WORDS_MAX];
	size_t n;
	char *made[8];
	size_t nmade;
};

static void add_option(struct words *w, const char *option)
{
	w->v[w->n++] = "-o";
	w->v[w->n++] = option;
}

static void add_made(struct words *w, char *option)
{
	w->made[w->nmade++] = option;
	add_option(w, option);
}

/* Of what the configuration allows, the fast ones first. */
static char *ciphers(const struct ssh_config *cfg)
{
	char *fast = ssh_list_common(FAST_CIPHERS, cfg->ciphers), *option;

	if (!cfg->ciphers)
		option = mem_strdup("Ciphers=^" FAST_CIPHERS);
	else
		option = mem_printf("Ciphers=%s%s%s", fast ? fast : "", fast ? "," : "", cfg->ciphers);
	free(fast);
	return option;
}

/* Only kinds of key that the known one is of: another would be a stranger's. */
static char *key_kinds(const struct ssh_config *cfg, const char *key)
{
	char *type = mem_strndup(key, strcspn(key, " "));
	char *allowed = ssh_list_common(strcmp(type, "ssh-rsa") == 0 ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : type,
					cfg->host_key_algorithms);
	char *option = mem_printf("HostKeyAlgorithms=%s", allowed ? allowed : type);

	free(allowed);
	free(type);
	return option;
}

/* A host key is letters, digits and little else, so it can be said in words: no file is left, whatever happens. */
static bool add_key(struct words *w, struct ssh_conn *conn)
{
	char *key = ssh_conn_host_key(conn);

	if (!key || key[strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=@.- ")]) {
		free(key);
		return false;
	}
	add_made(w, key_kinds(&conn->cfg, key));
	add_made(w, mem_printf("KnownHostsCommand=/bin/sh -c \"echo pferry %s\"", key));
	free(key);
	return true;
}

static void add_plain(struct words *w)
{
	static const char *const options[] = {
		"BatchMode=yes", "ControlPath=none", "ControlMaster=no", "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no",
		"Tunnel=no", "PermitLocalCommand=no", "RemoteCommand=none", "SessionType=default", "StdinNull=no",
		"ForkAfterAuthentication=no", "LogLevel=ERROR", "StrictHostKeyChecking=yes", "UserKnownHostsFile=/dev/null",
		"GlobalKnownHostsFile=/dev/null", "VerifyHostKeyDNS=no", "NoHostAuthenticationForLocalhost=no", "CheckHostIP=no",
		"UpdateHostKeys=no", "HostKeyAlias=pferry",
	};

	for (size_t i = 0; i < countof(options); i++)
		add_option(w, options[i]);
}

struct child *ssh_twin_start(struct ssh_conn *conn, const struct remote_line *line, int in, int out, int limit_ms, child_done_fn *done,
			     void *ctx, struct err *e)
{
	/* A jump host's ssh must not ask on the screen either. */
	struct words w = { .v = { "env", "SSH_ASKPASS_REQUIRE=never", "ssh", "-T" }, .n = 4 };
	struct child *child = NULL;

	if (conn->config_file) {
		w.v[w.n++] = "-F";
		w.v[w.n++] = conn->config_file;
	}
	add_plain(&w);
	add_made(&w, ciphers(&conn->cfg));
	add_made(&w, mem_printf("ConnectTimeout=%d", limit_ms / 1000 + 1));
	add_made(&w, mem_printf("ServerAliveInterval=%d", conn->keepalive_ms / 1000 + (conn->keepalive_ms < 1000)));
	add_made(&w, mem_printf("ServerAliveCountMax=%d", conn->keepalive_max));
	if (conn->by_keyring)
		add_made(&w, mem_printf("IdentityAgent=%s", keyring_socket()));
	if (add_key(&w, conn)) {
		w.v[w.n++] = "--";
		w.v[w.n++] = conn->name;
		w.v[w.n++] = remote_line_text(line);
		child = child_start_tied(conn->loop, w.v, in, out, done, ctx, e);
	} else {
		err_set(e, ERR_HOSTKEY, conn->name, "the key of %s is not known", conn->name);
	}
	for (size_t i = 0; i < w.nmade; i++)
		free(w.made[i]);
	return child;
}
