/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/config.h"

#include <ctype.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "ssh/digest.h"

/* The fewest of an RSA key, where ssh has no such option. */
#define RSA_BITS 1024

enum kind {
	KIND_TEXT,   /* the rest of the line */
	KIND_OPTION, /* the same, but "none" means not set */
	KIND_NUMBER, /* "none" is 0 */
	KIND_BOOL,
	KIND_LIST,  /* one more each time the keyword comes */
	KIND_FILES, /* split at blanks, unless there is a file with blanks in its name */
	KIND_STRICT
};

struct keyword {
	const char *name;
	enum kind kind;
	size_t offset;
};

#define FIELD(name, kind, member)                                                                            \
	{                                                                                                    \
		name, kind, offsetof(struct ssh_config, member)                                              \
	}

static const struct keyword keywords[] = {
	FIELD("hostname", KIND_TEXT, hostname),
	FIELD("user", KIND_TEXT, user),
	FIELD("port", KIND_NUMBER, port),
	FIELD("hostkeyalias", KIND_OPTION, host_key_alias),
	FIELD("identityfile", KIND_LIST, identity_files),
	FIELD("certificatefile", KIND_LIST, certificate_files),
	FIELD("identitiesonly", KIND_BOOL, identities_only),
	FIELD("identityagent", KIND_TEXT, identity_agent),
	FIELD("userknownhostsfile", KIND_FILES, user_known_hosts),
	FIELD("globalknownhostsfile", KIND_FILES, global_known_hosts),
	FIELD("stricthostkeychecking", KIND_STRICT, strict),
	FIELD("hashknownhosts", KIND_BOOL, hash_known_hosts),
	FIELD("checkhostip", KIND_BOOL, check_host_ip),
	FIELD("nohostauthenticationforlocalhost", KIND_BOOL, no_localhost_auth),
	FIELD("verifyhostkeydns", KIND_BOOL, verify_dns),
	FIELD("knownhostscommand", KIND_OPTION, known_hosts_command),
	FIELD("revokedhostkeys", KIND_FILES, revoked_host_keys),
	FIELD("requiredrsasize", KIND_NUMBER, required_rsa_size),
	FIELD("proxycommand", KIND_OPTION, proxy_command),
	FIELD("proxyjump", KIND_OPTION, proxy_jump),
	FIELD("connecttimeout", KIND_NUMBER, connect_timeout_s),
	FIELD("serveraliveinterval", KIND_NUMBER, alive_interval_s),
	FIELD("serveralivecountmax", KIND_NUMBER, alive_count_max),
	FIELD("addressfamily", KIND_TEXT, address_family),
	FIELD("bindaddress", KIND_OPTION, bind_address),
	FIELD("compression", KIND_BOOL, compression),
	FIELD("forwardagent", KIND_BOOL, forward_agent),
	FIELD("forwardagent", KIND_TEXT, forward_agent_socket),
	FIELD("batchmode", KIND_BOOL, batch),
	FIELD("pubkeyauthentication", KIND_BOOL, pubkey_auth),
	FIELD("passwordauthentication", KIND_BOOL, password_auth),
	FIELD("kbdinteractiveauthentication", KIND_BOOL, kbdint_auth),
	FIELD("challengeresponseauthentication", KIND_BOOL, kbdint_auth),
	FIELD("numberofpasswordprompts", KIND_NUMBER, password_prompts),
	FIELD("preferredauthentications", KIND_OPTION, preferred_auth),
	FIELD("ciphers", KIND_TEXT, ciphers),
	FIELD("macs", KIND_TEXT, macs),
	FIELD("kexalgorithms", KIND_TEXT, kex),
	FIELD("hostkeyalgorithms", KIND_TEXT, host_key_algorithms),
	FIELD("pubkeyacceptedalgorithms", KIND_TEXT, pubkey_algorithms),
	FIELD("pubkeyacceptedkeytypes", KIND_TEXT, pubkey_algorithms), /* before OpenSSH 8.5 */
	FIELD("gssapiauthentication", KIND_TEXT, gssapi),
	FIELD("gssapikeyexchange", KIND_TEXT, gssapi_kex),
	FIELD("sessiontype", KIND_TEXT, session_type),
	FIELD("pkcs11provider", KIND_OPTION, pkcs11),
};

static const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (home && *home)
		return home;
	pw = getpwuid(getuid());
	return pw ? pw->pw_dir : "/";
}

void ssh_words_take(struct ssh_words *words, char *word)
{
	words->v = mem_resize(words->v, words->n + 1, sizeof *words->v);
	words->v[words->n++] = word;
}

void ssh_words_add(struct ssh_words *words, const char *word)
{
	ssh_words_take(words, mem_strdup(word));
}

void ssh_words_free(struct ssh_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->v[i]);
	free(words->v);
	*words = (struct ssh_words){0};
}

bool ssh_words_split(struct ssh_words *words, const char *text)
{
	struct buf word;
	char quote = '\0';

	buf_init(&word, 0);
	while (*text && !quote) {
		text += strspn(text, " \t");
		if (!*text)
			break;
		for (; *text && (quote || (*text != ' ' && *text != '\t')); text++) {
			if (*text == '\\' && text[1] && (strchr("'\"\\", text[1]) || (!quote && text[1] == ' ')))
				buf_append(&word, ++text, 1);
			else if (!quote && (*text == '"' || *text == '\''))
				quote = *text;
			else if (quote && *text == quote)
				quote = '\0';
			else
				buf_append(&word, text, 1);
		}
		ssh_words_add(words, buf_str(&word));
		buf_clear(&word);
	}
	buf_free(&word);
	return !quote;
}

/* Where the longest name of a file ends that begins at `s` and is there; else the first word does. */
static size_t file_end(const char *s)
{
	size_t first = strcspn(s, " \t"), end = strlen(s);

	while (end > first) {
		char *name = s[0] == '~' && s[1] == '/' ? mem_printf("%s%.*s", home_dir(), (int)end - 1, s + 1) : mem_strndup(s, end);
		bool there = access(name, F_OK) == 0;

		free(name);
		if (there)
			return end;
		for (end--; end > first && s[end] != ' ' && s[end] != '\t'; end--)
			;
	}
	return first;
}

/* ssh -G puts several names on a line, and quotes none of them. */
static void files_split(struct ssh_words *words, const char *s)
{
	for (s += strspn(s, " \t"); *s; s += strspn(s, " \t")) {
		size_t len = file_end(s);

		ssh_words_take(words, mem_strndup(s, len));
		s += len;
	}
}

static enum ssh_strict strict_value(const char *s)
{
	if (strcmp(s, "accept-new") == 0)
		return STRICT_ACCEPT_NEW;
	if (strcmp(s, "no") == 0 || strcmp(s, "off") == 0 || strcmp(s, "false") == 0)
		return STRICT_NO;
	return strcmp(s, "ask") == 0 ? STRICT_ASK : STRICT_YES;
}

static void keyword_set(struct ssh_config *cfg, const struct keyword *k, const char *value)
{
	void *at = (char *)cfg + k->offset;
	char **text = at;
	uint64_t number;

	switch (k->kind) {
	case KIND_OPTION:
		if (strcasecmp(value, "none") == 0)
			break;
		/* fall through */
	case KIND_TEXT:
		free(*text);
		*text = mem_strdup(value);
		break;
	case KIND_NUMBER:
		if (!text_u64(value, value + strlen(value), &number))
			number = 0;
		*(int *)at = number > 1000000 ? 1000000 : (int)number;
		break;
	case KIND_BOOL:
		*(bool *)at = strcmp(value, "no") != 0 && strcmp(value, "false") != 0;
		break;
	case KIND_LIST:
		ssh_words_add(at, value);
		break;
	case KIND_FILES:
		files_split(at, value);
		break;
	case KIND_STRICT:
		*(enum ssh_strict *)at = strict_value(value);
		break;
	}
}

static void parse_line(struct ssh_config *cfg, char *line)
{
	char *value = strchr(line, ' ');

	if (!value)
		return;
	*value++ = '\0';
	for (size_t i = 0; i < countof(keywords); i++) {
		if (strcmp(line, keywords[i].name) == 0)
			keyword_set(cfg, &keywords[i], value);
	}
}

bool ssh_config_parse(struct ssh_config *cfg, const char *name, const char *text, size_t len, struct err *e)
{
	const char *end = text + len;

	*cfg = (struct ssh_config){
		.pubkey_auth = true,
		.password_auth = true,
		.kbdint_auth = true,
		.password_prompts = 3,
		.alive_count_max = 3,
		.required_rsa_size = RSA_BITS,
	};
	cfg->name = mem_strdup(name);
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((nl ? nl : end) - text);
		char *line = mem_strndup(text, line_len);

		parse_line(cfg, line);
		free(line);
		text += line_len + 1;
	}
	if (cfg->hostname && cfg->user && cfg->port > 0 && cfg->port <= 65535)
		return true;
	ssh_config_free(cfg);
	return err_set(e, ERR_SYSTEM, name,
		       "`ssh -G` names no host, user and port: is OpenSSH's ssh installed here?");
}

void ssh_config_free(struct ssh_config *cfg)
{
	for (size_t i = 0; i < countof(keywords); i++) {
		const struct keyword *k = &keywords[i];
		void *at = (char *)cfg + k->offset;

		if (k->kind == KIND_TEXT || k->kind == KIND_OPTION) {
			free(*(char **)at);
			*(char **)at = NULL;
		} else if (k->kind == KIND_LIST || k->kind == KIND_FILES) {
			ssh_words_free(at);
		}
	}
	free(cfg->name);
	cfg->name = NULL;
}

/* ---- tokens ---- */

static void put_connection_hash(const struct ssh_config *cfg, const char *local, struct buf *out)
{
	char *text = mem_printf("%s%s%d%s%s", local, cfg->hostname, cfg->port, cfg->user,
				cfg->proxy_jump ? cfg->proxy_jump : "");
	uint8_t digest[SHA1_LEN];

	sha1(text, strlen(text), digest);
	for (size_t i = 0; i < sizeof digest; i++)
		buf_printf(out, "%02x", digest[i]);
	free(text);
}

/* Expand a token of a KnownHostsCommand; false: the token is unknown. */
static bool put_more(const struct ssh_tokens *more, char token, struct buf *out)
{
	const char *value = token == 'H'   ? more->host
			    : token == 'I' ? more->why
			    : token == 't' ? more->type
			    : token == 'f' ? more->fingerprint
			    : token == 'K' ? more->key
					   : NULL;

	return value && buf_puts(out, value);
}

static bool put_token(const struct ssh_config *cfg, char token, struct buf *out)
{
	char local[256] = "";
	const struct passwd *pw;

	switch (token) {
	case '%':
		return buf_puts(out, "%");
	case 'h':
		return buf_puts(out, cfg->hostname);
	case 'n':
		return buf_puts(out, cfg->name);
	case 'k':
		return buf_puts(out, cfg->host_key_alias ? cfg->host_key_alias : cfg->name);
	case 'j':
		return buf_puts(out, cfg->proxy_jump ? cfg->proxy_jump : "");
	case 'p':
		return buf_printf(out, "%d", cfg->port);
	case 'r':
		return buf_puts(out, cfg->user);
	case 'd':
		return buf_puts(out, home_dir());
	case 'i':
		return buf_printf(out, "%u", (unsigned)getuid());
	case 'u':
		pw = getpwuid(getuid());
		return pw && buf_puts(out, pw->pw_name);
	case 'l':
	case 'L':
	case 'C':
		gethostname(local, sizeof local - 1);
		if (token == 'C')
			put_connection_hash(cfg, local, out);
		else
			buf_append(out, local, token == 'L' ? strcspn(local, ".") : strlen(local));
		return true;
	default:
		return false;
	}
}

/* A leading ~ or ~user; returns what follows, NULL for an unknown user. */
static const char *put_tilde(const char *s, struct buf *out)
{
	size_t len = strcspn(s + 1, "/");
	char *user = mem_strndup(s + 1, len);
	const struct passwd *pw = len > 0 ? getpwnam(user) : NULL;
	const char *home = len == 0 ? home_dir() : pw ? pw->pw_dir : NULL;

	free(user);
	if (!home)
		return NULL;
	buf_puts(out, home);
	return s + 1 + len;
}

/* ${NAME}; returns what follows, NULL when it is not set. */
static const char *put_variable(const char *s, struct buf *out)
{
	size_t len = strcspn(s + 2, "}");
	char *name = mem_strndup(s + 2, len);
	const char *value = s[2 + len] == '}' ? getenv(name) : NULL;

	free(name);
	if (!value)
		return NULL;
	buf_puts(out, value);
	return s + 2 + len + 1;
}

/* `more`: a word of a command, which has no leading ~. */
static char *expand(const struct ssh_config *cfg, const char *text, bool path, const struct ssh_tokens *more, struct err *e)
{
	struct buf out;
	const char *s = text;
	char *result;

	buf_init(&out, 0);
	if (path && !more && *s == '~')
		s = put_tilde(s, &out);
	while (s && *s) {
		if (*s == '%') {
			s = (more && put_more(more, s[1], &out)) || put_token(cfg, s[1], &out) ? s + 2 : NULL;
		} else if (path && s[0] == '$' && s[1] == '{') {
			s = put_variable(s, &out);
		} else {
			buf_append(&out, s++, 1);
		}
	}
	if (!s) {
		err_set(e, ERR_USAGE, cfg->name, "the ssh configuration has '%s', which cannot be expanded",
			text);
		buf_free(&out);
		return NULL;
	}
	result = buf_take(&out);
	return result ? result : mem_strdup("");
}

char *ssh_config_expand(const struct ssh_config *cfg, const char *text, bool path, struct err *e)
{
	return expand(cfg, text, path, NULL, e);
}

char *ssh_config_expand_word(const struct ssh_config *cfg, const char *text, const struct ssh_tokens *more, struct err *e)
{
	return expand(cfg, text, true, more, e);
}

char *ssh_config_key_name_of(const struct ssh_config *cfg, const char *address)
{
	return cfg->port != 22 ? mem_printf("[%s]:%d", address, cfg->port) : mem_strdup(address);
}

char *ssh_config_key_name(const struct ssh_config *cfg)
{
	char *name = cfg->host_key_alias ? mem_strdup(cfg->host_key_alias) : ssh_config_key_name_of(cfg, cfg->hostname);

	/* An address may end in the name of a link, which counts as it is. */
	for (char *p = name; *p && (*p != '%' || cfg->host_key_alias); p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

/* ---- lists of algorithms ---- */

static bool list_has(const char *list, const char *word, size_t len)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && strncmp(list, word, len) == 0)
			return true;
		list += n;
		list += *list == ',';
	}
	return false;
}

bool ssh_list_has(const char *list, const char *word)
{
	return list_has(list, word, strlen(word));
}

char *ssh_list_common(const char *ours, const char *allowed)
{
	struct buf out;
	char *result = NULL;

	buf_init(&out, 0);
	while (*ours) {
		size_t n = strcspn(ours, ",");

		if (n > 0 && (!allowed || list_has(allowed, ours, n))) {
			if (out.len > 0)
				buf_puts(&out, ",");
			buf_append(&out, ours, n);
		}
		ours += n;
		ours += *ours == ',';
	}
	if (out.len > 0)
		result = buf_take(&out);
	buf_free(&out);
	return result;
}

char *ssh_list_offer(const char *ours, const char *allowed, const char *able)
{
	char *both = mem_printf("%s%s%s", ours, allowed ? "," : "", allowed ? allowed : "");
	char *first = ssh_list_common(both, allowed), *able_first = first ? ssh_list_common(first, able) : NULL;
	struct buf once;

	free(both);
	free(first);
	buf_init(&once, 0);
	for (const char *s = able_first; s && *s; s += *s == ',') {
		size_t n = strcspn(s, ",");

		if (!list_has(once.len > 0 ? buf_str(&once) : "", s, n)) {
			buf_puts(&once, once.len > 0 ? "," : "");
			buf_append(&once, s, n);
		}
		s += n;
	}
	free(able_first);
	if (once.len > 0)
		return buf_take(&once);
	buf_free(&once);
	return NULL;
}
