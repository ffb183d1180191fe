/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-128-CTR for libssh2, which encrypts 16 bytes a call: OpenSSL's own takes
 * several times as long for that as for a whole packet.  A provider in OpenSSL
 * 3's sense has OpenSSL's own make the same keystream some KiB ahead, and adds it
 * to what comes in pieces of any size.
 */
#ifndef SSH_KEYSTREAM_H
#define SSH_KEYSTREAM_H

#include <stdbool.h>

/* Make it what AES-128-CTR is in this program.  False where OpenSSL cannot or is not
 * in use: then all goes as ever, more slowly. */
bool keystream_install(void);
void keystream_remove(void);

#endif
