/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server's first packets in the clear: the offer of algorithms (RFC 4253, section 7.1), and its proof of
 * who it is. */
#ifndef SSH_KEXINIT_H
#define SSH_KEXINIT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	KEXINIT_KEX,
	KEXINIT_HOSTKEY,
	KEXINIT_CIPHERS_OUT, /* from us */
	KEXINIT_CIPHERS_IN,
	KEXINIT_MACS_OUT,
	KEXINIT_MACS_IN,
	KEXINIT_LISTS
};

struct kexinit {
	const char *list[KEXINIT_LISTS]; /* in the data that it was found in */
	size_t len[KEXINIT_LISTS];
};

/* Find it in all that the server has sent so far; false: it is not there, or not whole. */
bool kexinit_find(struct kexinit *k, const char *data, size_t len);

/* Whether a list of ours, comma-separated, has something of one of its lists. */
bool kexinit_common(const struct kexinit *k, int list, const char *ours);

/*
 * The signature by its host key of all that was agreed on, which ends the first
 * key exchange and is sent in the clear too: proof for others that a session is
 * one with this host.  False: it is not there.
 */
bool kexinit_signature(const char *data, size_t len, const void *host_key, size_t host_key_len, const char **signature,
		       size_t *signature_len);

#endif
