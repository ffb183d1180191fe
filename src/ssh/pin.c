/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/write.h"
#include "remote/line.h"
#include "ssh/agent.h"
#include "ssh/conn.h"
#include "ssh/digest.h"
#include "ssh/ident.h"
#include "ssh/keyring.h"
#include "ssh/owndir.h"

/* Cheap where the processor has instructions for them; ssh's own first choice has none. */
#define FAST_CIPHERS "aes128-gcm@openssh.com,aes256-gcm@openssh.com"

static void option(struct ssh_words *w, const char *text)
{
	ssh_words_add(w, "-o");
	ssh_words_add(w, text);
}

static void option_made(struct ssh_words *w, char *text)
{
	option(w, text);
	free(text);
}

/* ---- the host key ---- */

/* Only kinds of key that the known one is of: another would be a stranger's. The name comes from our own table. */
static char *key_kinds(const struct ssh_config *cfg, const char *type)
{
	char *allowed = ssh_list_common(strcmp(type, "ssh-rsa") == 0 ? "rsa-sha2-512,rsa-sha2-256,ssh-rsa" : type,
					cfg->host_key_algorithms);
	char *text = mem_printf("HostKeyAlgorithms=%s", allowed ? allowed : type);

	free(allowed);
	return text;
}

/* A file of known hosts in which every name has this one key; its name is made of what is in it, so it never changes. */
static char *pin_file(const char *key, struct err *e)
{
	uint8_t digest[SHA1_LEN];
	char name[5 + 2 * SHA1_LEN] = "pin-";
	char *line = mem_printf("* %s\n", key), *path, *fresh;
	int fd;
	bool ok;

	sha1(line, strlen(line), digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(name + 4 + 2 * i, 3, "%02x", digest[i]);
	path = owndir_path(name, e);
	if (path && access(path, R_OK) != 0) {
		fresh = mem_printf("%s.new", path);
		fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
		ok = fd >= 0 && write_all(fd, line, strlen(line));
		if ((fd >= 0 && close(fd) != 0) || !ok || rename(fresh, path) != 0) {
			err_errno(e, errno, "cannot write %s", path);
			free(path);
			path = NULL;
		}
		free(fresh);
	}
	free(line);
	return path;
}

static bool add_key(struct ssh_words *w, struct ssh_conn *conn, struct err *e)
{
	char *key = ssh_conn_host_key(conn), *file, *type;

	if (!key)
		return err_set(e, ERR_HOSTKEY, conn->name, "the host key of %s is not known now: connect to it first", conn->name);
	file = pin_file(key, e);
	if (file) {
		type = mem_strndup(key, strcspn(key, " "));
		option_made(w, key_kinds(&conn->cfg, type));
		option_made(w, mem_printf("UserKnownHostsFile=%s", file));
		free(type);
	}
	free(key);
	free(file);
	return file != NULL;
}

/* ---- all else ---- */

/* Ciphers that the configuration allows, the fast ones first. */
static char *ciphers(const struct ssh_config *cfg)
{
	char *fast = ssh_list_common(FAST_CIPHERS, cfg->ciphers), *text;

	if (!cfg->ciphers)
		text = mem_strdup("Ciphers=^" FAST_CIPHERS);
	else
		text = mem_printf("Ciphers=%s%s%s", fast ? fast : "", fast ? "," : "", cfg->ciphers);
	free(fast);
	return text;
}

/* Switches off settings that the configuration may have for a person's own ssh, and must not do in one of
 * ours. An ssh that was built without an option, or is older than it, complains of it. */
static void add_plain(struct ssh_words *w, const struct ssh_config *cfg)
{
	static const char *const always[] = {
		"ControlPath=none", "ControlMaster=no", "ControlPersist=no", "ClearAllForwardings=yes", "ForwardX11=no",
		"ForwardX11Trusted=no", "Tunnel=no", "PermitLocalCommand=no", "RemoteCommand=none", "EscapeChar=none", "AddKeysToAgent=no",
		"HostbasedAuthentication=no", "StrictHostKeyChecking=yes", "GlobalKnownHostsFile=/dev/null", "VerifyHostKeyDNS=no",
		"NoHostAuthenticationForLocalhost=no", "CheckHostIP=no", "UpdateHostKeys=no",
	};

	for (size_t i = 0; i < countof(always); i++)
		option(w, always[i]);
	if (cfg->session_type) {
		option(w, "SessionType=default");
		option(w, "StdinNull=no");
		option(w, "ForkAfterAuthentication=no");
	}
	if (cfg->known_hosts_command)
		option(w, "KnownHostsCommand=none");
	if (cfg->pkcs11)
		option(w, "PKCS11Provider=none");
	if (cfg->gssapi) {
		option(w, "GSSAPIAuthentication=no");
		option(w, "GSSAPIDelegateCredentials=no");
	}
	/* With this key exchange ssh would accept a host without a host key. */
	if (cfg->gssapi_kex)
		option(w, "GSSAPIKeyExchange=no");
}

/* The agent that this ssh logs in with, where that is not as configured. */
static const char *own_agent(const struct ssh_conn *conn, const struct pin_how *how)
{
	struct agent *agent;
	char *path;

	if (conn->by_keyring && keyring_socket())
		return keyring_socket();
	if (!how->agent)
		return NULL;
	path = ident_agent_path(&conn->cfg);
	agent = path ? agent_open(conn->loop, path, NULL) : NULL;
	free(path);
	if (!agent)
		return how->stand_in;
	agent_close(&agent);
	return NULL;
}

bool ssh_pin(struct ssh_conn *conn, const struct pin_how *how, const struct remote_line *line, struct ssh_words *words, struct err *e)
{
	const char *agent;

	*words = (struct ssh_words){ 0 };
	if (!how->terminal) {
		/* A jump host's ssh must not ask on the screen either. */
		ssh_words_add(words, "env");
		ssh_words_add(words, "SSH_ASKPASS_REQUIRE=never");
	}
	ssh_words_add(words, "ssh");
	ssh_words_add(words, how->terminal ? "-t" : "-T");
	if (conn->config_file) {
		ssh_words_add(words, "-F");
		ssh_words_add(words, conn->config_file);
	}
	if (!add_key(words, conn, e)) {
		ssh_words_free(words);
		return false;
	}
	add_plain(words, &conn->cfg);
	if (!how->terminal) {
		option(words, "BatchMode=yes");
		option(words, "LogLevel=ERROR");
	}
	option_made(words, mem_printf("ForwardAgent=%s", how->agent ? how->agent : "no"));
	if (how->fast)
		option_made(words, ciphers(&conn->cfg));
	if (how->connect_timeout_s > 0)
		option_made(words, mem_printf("ConnectTimeout=%d", how->connect_timeout_s));
	option_made(words, mem_printf("ServerAliveInterval=%d", conn->keepalive_ms / 1000 + (conn->keepalive_ms < 1000)));
	option_made(words, mem_printf("ServerAliveCountMax=%d", conn->keepalive_max));
	agent = own_agent(conn, how);
	if (agent)
		option_made(words, mem_printf("IdentityAgent=%s", agent));
	ssh_words_add(words, "--");
	ssh_words_add(words, conn->name);
	ssh_words_add(words, remote_line_text(line));
	return true;
}

const char **ssh_words_argv(const struct ssh_words *words)
{
	const char **argv = mem_array(words->n + 1, sizeof *argv);

	for (size_t i = 0; i < words->n; i++)
		argv[i] = words->v[i];
	return argv;
}
