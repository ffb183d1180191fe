/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/ident.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "ssh/keyfile.h"

struct file {
	char *path;
	struct keyfile key;
	bool in_agent;
};

static bool same_key(const struct buf *a, const struct buf *b)
{
	return a->len > 0 && a->len == b->len && memcmp(buf_data(a), buf_data(b), a->len) == 0;
}

static struct ident *add(struct idents *list, const struct buf *blob, const char *label)
{
	struct ident *id;

	list->v = mem_resize(list->v, list->n + 1, sizeof *list->v);
	id = &list->v[list->n++];
	*id = (struct ident){.label = text_sanitize(label, strlen(label), 200)};
	buf_init(&id->blob, 0);
	if (blob->len > 0) {
		buf_append(&id->blob, buf_data(blob), blob->len);
		keyfile_type(buf_data(blob), blob->len, id->type, sizeof id->type);
	}
	return id;
}

static void add_agent_keys(struct idents *list, const struct agent_keys *keys, struct file *files,
			   size_t nfiles, bool named)
{
	for (size_t i = 0; i < keys->n; i++) {
		const struct agent_key *key = &keys->v[i];
		struct file *match = NULL;

		for (size_t j = 0; j < nfiles && !match; j++) {
			if (same_key(&key->blob, &files[j].key.blob))
				match = &files[j];
		}
		if ((match != NULL) != named)
			continue;
		add(list, &key->blob, match ? match->path : key->comment)->agent = true;
		if (match)
			match->in_agent = true;
	}
}

static void say(struct buf *tried, const char *path, const char *why)
{
	buf_printf(tried, "%skey %s (%s)", tried->len > 0 ? ", " : "", path, why);
}

static void say_certificate(struct buf *tried, const char *path)
{
	buf_printf(tried,
		   "%scertificate %s (not used: the SSH library knows none; have the host accept the key itself, in "
		   "authorized_keys)",
		   tried->len > 0 ? ", " : "", path);
}

static void add_file(struct idents *list, const struct file *file, struct buf *tried)
{
	struct ident *id;

	switch (file->key.state) {
	case KEYFILE_OK:
		id = add(list, &file->key.blob, file->path);
		id->path = mem_strdup(file->path);
		id->encrypted = file->key.encrypted;
		break;
	case KEYFILE_UNREADABLE:
		say(tried, file->path, "cannot be read");
		break;
	case KEYFILE_OPEN:
		say(tried, file->path, "not used: others may read it, chmod 600 it");
		break;
	case KEYFILE_STRANGE:
		say(tried, file->path, "not a private key");
		break;
	case KEYFILE_NONE:
		break;
	}
}

/* Certificates are left aside; that must be known where they would have been the way in. */
static void say_certificates(const struct ssh_config *cfg, const struct file *files, size_t nfiles, struct buf *tried)
{
	for (size_t i = 0; i < nfiles; i++) {
		char *path = mem_printf("%s-cert.pub", files[i].path);

		if (access(path, F_OK) == 0)
			say_certificate(tried, path);
		free(path);
	}
	for (size_t i = 0; i < cfg->certificate_files.n; i++) {
		char *path = ssh_config_expand(cfg, cfg->certificate_files.v[i], true, NULL);

		if (path && access(path, F_OK) == 0)
			say_certificate(tried, path);
		free(path);
	}
}

void idents_build(struct idents *list, const struct ssh_config *cfg, const struct agent_keys *keys,
		  struct buf *tried)
{
	size_t nfiles = cfg->identity_files.n;
	struct file *files = mem_array(nfiles ? nfiles : 1, sizeof *files);

	*list = (struct idents){0};
	for (size_t i = 0; i < nfiles; i++) {
		files[i].path = ssh_config_expand(cfg, cfg->identity_files.v[i], true, NULL);
		if (!files[i].path)
			files[i].path = mem_strdup(cfg->identity_files.v[i]);
		keyfile_read(&files[i].key, files[i].path);
	}
	say_certificates(cfg, files, nfiles, tried);
	add_agent_keys(list, keys, files, nfiles, true);
	if (!cfg->identities_only)
		add_agent_keys(list, keys, files, nfiles, false);
	for (size_t i = 0; i < nfiles; i++) {
		if (!files[i].in_agent)
			add_file(list, &files[i], tried);
		keyfile_free(&files[i].key);
		free(files[i].path);
	}
	free(files);
}

void idents_free(struct idents *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].path);
		free(list->v[i].label);
		buf_free(&list->v[i].blob);
	}
	free(list->v);
	*list = (struct idents){0};
}

char *ident_agent_path(const struct ssh_config *cfg)
{
	const char *path = cfg->identity_agent, *env;

	if (path && strcmp(path, "none") == 0)
		return NULL;
	if (path && strcmp(path, "SSH_AUTH_SOCK") != 0) {
		if (path[0] != '$' || path[1] == '{')
			return ssh_config_expand(cfg, path, true, NULL);
		env = getenv(path + 1);
	} else {
		env = getenv("SSH_AUTH_SOCK");
	}
	return env && *env ? mem_strdup(env) : NULL;
}
