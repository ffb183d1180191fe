/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings that ssh(1) would use for a host: the output of `ssh -G`, and the tokens
 * (%h, %r, ~, ${VAR}) that -G leaves unexpanded.  Nothing here does I/O.
 */
#ifndef SSH_CONFIG_H
#define SSH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <pferry/err.h>

enum ssh_strict { STRICT_ASK, STRICT_YES, STRICT_ACCEPT_NEW, STRICT_NO };

struct ssh_words {
	char **v;
	size_t n;
};

struct ssh_config {
	char *name;      /* as given to ssh */
	char *hostname;
	char *user;
	int port;
	char *host_key_alias;
	struct ssh_words identity_files; /* not expanded */
	struct ssh_words certificate_files; /* likewise */
	bool identities_only;
	char *identity_agent;            /* NULL: SSH_AUTH_SOCK */
	struct ssh_words user_known_hosts;
	struct ssh_words global_known_hosts;
	enum ssh_strict strict;
	bool hash_known_hosts;
	bool check_host_ip, no_localhost_auth, verify_dns;
	char *known_hosts_command;        /* NULL: none */
	struct ssh_words revoked_host_keys;
	int required_rsa_size;            /* bits */
	char *proxy_command; /* NULL: none */
	char *proxy_jump;    /* NULL: none */
	int connect_timeout_s;  /* 0: none */
	int alive_interval_s;   /* 0: none */
	int alive_count_max;
	char *address_family;
	char *bind_address;
	bool compression;
	bool forward_agent;
	char *forward_agent_socket; /* NULL: no ForwardAgent; "yes", "no", a path or "$VARIABLE" otherwise */
	bool batch;
	bool pubkey_auth, password_auth, kbdint_auth;
	int password_prompts;
	char *preferred_auth; /* NULL: ours */
	char *ciphers, *macs, *kex, *host_key_algorithms;
	char *pubkey_algorithms; /* signature algorithms for the login */
	char *gssapi, *gssapi_kex; /* NULL: this ssh was built without */
	char *session_type;      /* NULL: ssh has no such option yet (before 8.7) */
	char *pkcs11;            /* PKCS11Provider, NULL: none */
};

/* Further tokens of a KnownHostsCommand: %H, %I, %t, %f and %K. */
struct ssh_tokens {
	const char *host, *why, *type, *fingerprint, *key;
};

/* Parse the output of `ssh -G NAME`; false with `e` filled when it is none. */
bool ssh_config_parse(struct ssh_config *cfg, const char *name, const char *text, size_t len, struct err *e);
void ssh_config_free(struct ssh_config *cfg);

/*
 * Expand %-tokens; with `path`, also a leading ~ and ${VAR}, as ssh does for
 * file names.  Allocated; NULL with `e` filled for an unknown token or variable.
 */
char *ssh_config_expand(const struct ssh_config *cfg, const char *text, bool path, struct err *e);

/* A word of a KnownHostsCommand: %-tokens, those of `more` too, and ${VAR}. As above otherwise. */
char *ssh_config_expand_word(const struct ssh_config *cfg, const char *text, const struct ssh_tokens *more, struct err *e);

/*
 * Split a command into words as ssh does: blanks, quotes of both kinds, and a
 * backslash before a quote, a backslash or a blank. False: a quote is not closed.
 */
bool ssh_words_split(struct ssh_words *words, const char *text);
void ssh_words_add(struct ssh_words *words, const char *word);
/* The same with a word that was allocated, which is taken. */
void ssh_words_take(struct ssh_words *words, char *word);
void ssh_words_free(struct ssh_words *words);

/* The name host keys are looked up by: HostKeyAlias, host or [host]:port; allocated. */
char *ssh_config_key_name(const struct ssh_config *cfg);
/* The same of an address. */
char *ssh_config_key_name_of(const struct ssh_config *cfg, const char *address);

/* Whether `word` is in the comma-separated `list`. */
bool ssh_list_has(const char *list, const char *word);
/*
 * The words of `ours` that `allowed` (may be NULL: all) has too, in the order
 * of `ours`; allocated, NULL when there is none.
 */
char *ssh_list_common(const char *ours, const char *allowed);
/*
 * The algorithms to offer: of those in `ours`, then of the others that the
 * configuration has, what it allows (NULL: only ours) and `able` has too;
 * allocated, NULL when there is none.
 */
char *ssh_list_offer(const char *ours, const char *allowed, const char *able);

#endif
