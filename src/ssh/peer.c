/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a connection goes, for a program on another host that shall go there too. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ssh/conn.h"
#include "ssh/digest.h"

char *ssh_conn_host_key(const struct ssh_conn *conn)
{
	size_t len = 0, name_len;
	int type;
	const unsigned char *blob = (const unsigned char *)libssh2_session_hostkey(conn->session, &len, &type);
	struct buf out;

	/* The blob begins with the name of its type: RFC 4253, section 6.6. */
	if (!blob || len < 4)
		return NULL;
	name_len = (size_t)blob[0] << 24 | (size_t)blob[1] << 16 | (size_t)blob[2] << 8 | blob[3];
	if (name_len > len - 4 || name_len > 64)
		return NULL;
	buf_init(&out, 0);
	buf_append(&out, (const char *)blob + 4, name_len);
	buf_puts(&out, " ");
	base64_encode(&out, blob, len, true);
	return buf_take(&out);
}

const char *ssh_conn_hostname(const struct ssh_conn *conn)
{
	return conn->cfg.hostname;
}

bool ssh_conn_forward_agent(const struct ssh_conn *conn)
{
	return conn->cfg.forward_agent;
}
