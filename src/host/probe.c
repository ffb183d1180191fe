/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static void set_text(char *to, size_t size, const char *from, size_t len)
{
	char *clean = text_sanitize(from, len, size - 1);

	snprintf(to, size, "%s", clean);
	free(clean);
}

static uint64_t number(const char *value, size_t len)
{
	uint64_t n = 0;

	return text_u64(value, value + len, &n) ? n : 0;
}

static void set_tool(struct host_facts *facts, const char *name, size_t len)
{
	const struct {
		const char *name;
		bool *has;
	} tools[] = {
		{ "tmux", &facts->tmux }, { "nft", &facts->nft }, { "iptables", &facts->iptables },
		{ "zstd", &facts->zstd }, { "unprivileged", &facts->unprivileged }, { "tar", &facts->tar }, { "setsid", &facts->setsid },
		{ "mkfifo", &facts->mkfifo }, { "perl", &facts->perl },
	};

	for (size_t i = 0; i < countof(tools); i++) {
		if (strlen(tools[i].name) == len && memcmp(tools[i].name, name, len) == 0)
			*tools[i].has = true;
	}
}

/* The home directory becomes part of command lines: plain names only. */
static void set_home(struct host_facts *facts, const char *path, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/@+";

	if (len == 0 || len >= sizeof facts->home || path[0] != '/' || memmem(path, len, "/..", 3))
		return;
	for (size_t i = 0; i < len; i++) {
		if (!memchr(plain, path[i], sizeof plain - 1))
			return;
	}
	memcpy(facts->home, path, len);
	facts->home[len] = '\0';
}

static void set_root(struct host_facts *facts, const char *way, size_t len)
{
	static const char *const ways[] = {
		[ROOT_NONE] = "none", [ROOT_SELF] = "self", [ROOT_SUDO] = "sudo", [ROOT_DOAS] = "doas", [ROOT_PASSWORD] = "password",
	};

	for (size_t i = 0; i < countof(ways); i++) {
		if (strlen(ways[i]) == len && memcmp(ways[i], way, len) == 0)
			facts->root_way = (enum host_root)i;
	}
	facts->root = facts->root_way != ROOT_NONE && facts->root_way != ROOT_PASSWORD;
}

/* One "NAME VALUE" line. */
static void take_line(struct host_facts *facts, const char *line, size_t len)
{
	const char *space = memchr(line, ' ', len);
	const char *value = space ? space + 1 : line + len;
	size_t name_len = space ? (size_t)(space - line) : len;
	size_t value_len = len - (size_t)(value - line);
	const struct {
		const char *name;
		char *to;
		size_t size;
	} texts[] = {
		{ "hostname", facts->hostname, sizeof facts->hostname },
		{ "kernel", facts->kernel, sizeof facts->kernel },
		{ "arch", facts->arch, sizeof facts->arch },
		{ "boot", facts->boot_id, sizeof facts->boot_id },
		{ "criu", facts->criu, sizeof facts->criu },
		{ "user", facts->user, sizeof facts->user },
		{ "groups", facts->groups, sizeof facts->groups },
		{ "root-why", facts->root_why, sizeof facts->root_why },
		{ "criu-version", facts->criu_version, sizeof facts->criu_version },
	};

	for (size_t i = 0; i < countof(texts); i++) {
		if (strlen(texts[i].name) == name_len && memcmp(texts[i].name, line, name_len) == 0) {
			set_text(texts[i].to, texts[i].size, value, value_len);
			return;
		}
	}
	if (name_len == 4 && memcmp(line, "root", 4) == 0)
		set_root(facts, value, value_len);
	else if (name_len == 13 && memcmp(line, "mem-available", 13) == 0)
		facts->mem_available = number(value, value_len) * 1024;
	else if (name_len == 4 && memcmp(line, "home", 4) == 0)
		set_home(facts, value, value_len);
	else if (name_len == 3 && memcmp(line, "uid", 3) == 0)
		facts->uid = (uint32_t)number(value, value_len);
	else if (name_len == 4 && memcmp(line, "cpus", 4) == 0)
		facts->cpus = (uint32_t)number(value, value_len);
	else if (name_len == 4 && memcmp(line, "tool", 4) == 0)
		set_tool(facts, value, value_len);
}

bool probe_parse(const char *text, size_t len, struct host_facts *facts, struct err *e)
{
	const char *end = text + len;
	bool begun = false;

	*facts = (struct host_facts){ 0 };
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = newline ? (size_t)(newline - text) : (size_t)(end - text);

		if (!begun) {
			begun = line_len == 14 && memcmp(text, "pferry-probe 1", 14) == 0;
		} else if (newline && line_len == 3 && memcmp(text, "end", 3) == 0) {
			facts->known = true;
			return true;
		} else {
			take_line(facts, text, line_len);
		}
		text += line_len + 1;
	}
	return err_set(e, ERR_PROTOCOL, NULL,
		       "logging in works, but a POSIX shell does not answer there: can `sh -c 'echo hello'` be run over ssh?");
}
