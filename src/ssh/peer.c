/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a connection goes, for a program on another host that shall go there too. */

#include "base/buf.h"
#include "base/mem.h"
#include "ssh/conn.h"
#include "ssh/digest.h"
#include "ssh/pubkey.h"

char *ssh_conn_host_key(const struct ssh_conn *conn)
{
	struct pubkey key;
	struct buf out;

	/* The name is one of ours, not the host's. */
	if (conn->host_key.len == 0 || !pubkey_parse(&key, buf_data(&conn->host_key), conn->host_key.len))
		return NULL;
	buf_init(&out, 0);
	buf_printf(&out, "%s ", pubkey_name(key.kind));
	base64_encode(&out, buf_data(&conn->host_key), conn->host_key.len, true);
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
