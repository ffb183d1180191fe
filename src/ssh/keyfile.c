/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ssh/keyfile.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ssh/digest.h"
#include "ssh/packet.h"

#define KEY_MAX_BYTES 65536

static bool has(const char *text, size_t len, const char *needle)
{
	return memmem(text, len, needle, strlen(needle)) != NULL;
}

/* "openssh-key-v1\0", cipher, kdf, kdf options, number of keys, public key, ... */
static void parse_openssh(struct keyfile *key, const char *body, size_t len)
{
	static const char magic[] = "openssh-key-v1";
	struct buf text, bin;
	struct packet p;
	const char *cipher, *blob;
	size_t n;
	uint32_t count;

	buf_init(&text, KEY_MAX_BYTES);
	buf_init(&bin, KEY_MAX_BYTES);
	for (size_t i = 0; i < len; i++) {
		if (body[i] != '\n' && body[i] != '\r' && body[i] != ' ')
			buf_append(&text, body + i, 1);
	}
	key->state = KEYFILE_STRANGE;
	if (text.len > 0 && base64_decode(&bin, buf_data(&text), text.len) && bin.len > sizeof magic &&
	    memcmp(buf_data(&bin), magic, sizeof magic) == 0) {
		packet_open(&p, buf_data(&bin) + sizeof magic, bin.len - sizeof magic);
		if (packet_string(&p, &cipher, &n)) {
			key->encrypted = n != 4 || memcmp(cipher, "none", 4) != 0;
			if (packet_skip(&p) && packet_skip(&p) && packet_u32(&p, &count) && count == 1 &&
			    packet_string(&p, &blob, &n)) {
				key->state = KEYFILE_OK;
				buf_append(&key->blob, blob, n);
			}
		}
	}
	buf_wipe(&text);
	buf_wipe(&bin);
}

void keyfile_parse(struct keyfile *key, const char *text, size_t len)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
	const char *at = memmem(text, len, begin, sizeof begin - 1), *end;

	key->state = KEYFILE_STRANGE;
	if (at) {
		at += sizeof begin - 1;
		end = memmem(at, (size_t)(text + len - at), "-----END", 8);
		if (end)
			parse_openssh(key, at, (size_t)(end - at));
		return;
	}
	if (!has(text, len, "PRIVATE KEY-----"))
		return;
	key->state = KEYFILE_OK;
	key->encrypted =
		has(text, len, "Proc-Type: 4,ENCRYPTED") || has(text, len, "BEGIN ENCRYPTED PRIVATE KEY");
}

bool keyfile_parse_pub(struct buf *blob, const char *text, size_t len)
{
	const char *nl = memchr(text, '\n', len), *end = nl ? nl : text + len;
	const char *space = memchr(text, ' ', (size_t)(end - text)), *stop;

	if (!space)
		return false;
	space++;
	stop = memchr(space, ' ', (size_t)(end - space));
	if (!stop)
		stop = end;
	while (stop > space && stop[-1] == '\r')
		stop--;
	return stop > space && base64_decode(blob, space, (size_t)(stop - space)) && blob->len > 4;
}

void keyfile_type(const void *blob, size_t len, char *out, size_t size)
{
	struct packet p;
	const char *type;
	size_t n;

	out[0] = '\0';
	packet_open(&p, blob, len);
	if (packet_string(&p, &type, &n) && n < size) {
		memcpy(out, type, n);
		out[n] = '\0';
	}
}

static enum keyfile_state read_text(const char *path, bool private, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n;
	char *at;

	if (fd < 0)
		return access(path, F_OK) < 0 ? KEYFILE_NONE : KEYFILE_UNREADABLE;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return KEYFILE_UNREADABLE;
	}
	if (private && st.st_uid == getuid() && (st.st_mode & 077) != 0) {
		close(fd);
		return KEYFILE_OPEN;
	}
	at = buf_space(out, KEY_MAX_BYTES);
	n = at ? read(fd, at, KEY_MAX_BYTES) : -1;
	close(fd);
	if (n < 0)
		return KEYFILE_UNREADABLE;
	buf_grew(out, (size_t)n);
	return KEYFILE_OK;
}

void keyfile_read(struct keyfile *key, const char *path)
{
	char *pub = mem_printf("%s.pub", path);
	struct buf text;

	*key = (struct keyfile){.state = KEYFILE_NONE};
	buf_init(&key->blob, KEY_MAX_BYTES);
	buf_init(&text, KEY_MAX_BYTES);
	key->state = read_text(path, true, &text);
	if (key->state == KEYFILE_OK)
		keyfile_parse(key, text.len > 0 ? buf_data(&text) : "", text.len);
	buf_wipe(&text);
	/* Even without the private key: the agent may have it. */
	if (read_text(pub, false, &text) == KEYFILE_OK && text.len > 0) {
		struct buf blob;

		buf_init(&blob, KEY_MAX_BYTES);
		if (keyfile_parse_pub(&blob, buf_data(&text), text.len) && key->blob.len == 0)
			buf_append(&key->blob, buf_data(&blob), blob.len);
		buf_free(&blob);
	}
	buf_free(&text);
	free(pub);
}

void keyfile_free(struct keyfile *key)
{
	buf_free(&key->blob);
}
