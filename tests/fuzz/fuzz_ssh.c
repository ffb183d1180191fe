/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "ssh/agent.h"
#include "ssh/config.h"
#include "ssh/kexinit.h"
#include "ssh/keyfile.h"
#include "ssh/known.h"
#include "ssh/resolve.h"

/* Input of the parsers of ssh -G, getent, an agent, key and known_hosts files; the first byte chooses. */
static void config(const char *text, size_t len)
{
	static const char *const templates[] = { "~/%h-%r-%p%%", "%C%d%i%j%k%L%l%n%u", "${HOME}/x" };
	const struct ssh_tokens tokens = { "host", "ORDER", "NONE", "NONE", "NONE" };
	struct ssh_words words = { 0 };
	struct ssh_config cfg;

	if (!ssh_config_parse(&cfg, "name", text, len, NULL))
		return;
	if (cfg.known_hosts_command) {
		ssh_words_split(&words, cfg.known_hosts_command);
		for (size_t i = 0; i < words.n; i++)
			free(ssh_config_expand_word(&cfg, words.v[i], &tokens, NULL));
		ssh_words_free(&words);
	}
	free(ssh_list_offer("a,b", cfg.ciphers, "b,c"));
	for (size_t i = 0; i < countof(templates); i++)
		free(ssh_config_expand(&cfg, templates[i], true, NULL));
	for (size_t i = 0; i < cfg.identity_files.n; i++)
		free(ssh_config_expand(&cfg, cfg.identity_files.v[i], true, NULL));
	free(ssh_config_key_name(&cfg));
	ssh_config_free(&cfg);
}

static void known(const char *text, size_t len)
{
	static const char blob[] = "\0\0\0\013ssh-ed25519\0\0\0\0400123456789abcdef0123456789abcdef";
	const struct known_key key = { .host = "[web01]:2222", .type = "ssh-ed25519", .blob = blob, .blob_len = sizeof blob - 1 };
	struct known_result result;
	struct kexinit theirs;
	const char *signature;
	size_t signature_len;
	unsigned line;

	known_init(&result);
	known_feed(&result, &key, "file", text, len);
	known_free(&result);
	known_revoked(text, len, key.blob, key.blob_len, &line);
	if (kexinit_find(&theirs, text, len))
		kexinit_common(&theirs, KEXINIT_MACS_IN, "hmac-sha2-256,none");
	kexinit_signature(text, len, key.blob, key.blob_len, &signature, &signature_len);
}

static void key_files(const char *text, size_t len)
{
	struct keyfile key = { 0 };
	struct buf blob;
	char type[64];

	buf_init(&key.blob, 0);
	buf_init(&blob, 65536);
	keyfile_parse(&key, text, len);
	if (keyfile_parse_pub(&blob, text, len))
		keyfile_type(buf_data(&blob), blob.len, type, sizeof type);
	keyfile_free(&key);
	buf_free(&blob);
}

static void replies(const char *text, size_t len)
{
	struct agent_keys keys = { 0 };
	struct buf signature;

	buf_init(&signature, 65536);
	agent_parse_keys(&keys, text, len);
	agent_keys_free(&keys);
	agent_parse_signature(&signature, text, len);
	agent_flags_for(text, len);
	buf_free(&signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = mem_strndup((const char *)data + 1, size - 1);
	switch (data[0] % 5) {
	case 0:
		config((const char *)data + 1, size - 1);
		break;
	case 1:
		known((const char *)data + 1, size - 1);
		break;
	case 2:
		key_files((const char *)data + 1, size - 1);
		break;
	case 3:
		replies((const char *)data + 1, size - 1);
		break;
	default:
		resolve_parse(text, 22, &(struct ssh_addrs){ 0 });
	}
	free(text);
	return 0;
}
