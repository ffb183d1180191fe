/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Root on a host: asked for when something needs it, and what runs as root. */
#include "host/host_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ROOT_TRIES 3
#define COMMAND_MAX 8000
#define PACKET_MAX 34000 /* libssh2 sends 35,000 bytes at once */

static void ask_root(struct host *host, const char *before)
{
	host->root_asks = true;
	host_ask(host, mem_printf("%s: %ssudo password for %s, to move processes as root%s%s%s", host->name, before, host->facts.user,
				  host->facts.unprivileged ? " (none: only those of " : "", host->facts.unprivileged ? host->facts.user : "",
				  host->facts.unprivileged ? ", without root)" : ""),
		 false, false);
}

void host_say_up(struct host *host)
{
	if (host->facts.root)
		snprintf(host->state_text, sizeof host->state_text, "up");
	else if (host_own_only(host) && (host->facts.root_way == ROOT_NONE || host->root_said[0]))
		snprintf(host->state_text, sizeof host->state_text, "up as %.40s, own processes only", host->facts.user);
	else
		snprintf(host->state_text, sizeof host->state_text, "up as %.60s", host->facts.user);
}

/* Result of a try to become root: while probing, or because something needs root. */
void host_on_root(void *ctx, bool ok, bool again, const char *why)
{
	struct host *host = ctx;

	host->facts.root = ok;
	snprintf(host->root_said, sizeof host->root_said, "%s", why);
	if (host->state == HOST_PROBING) {
		host_come_up(host);
		return;
	}
	if (!ok && again && ++host->root_tries < ROOT_TRIES) {
		ask_root(host, "wrong password. ");
		return;
	}
	host->wants_root = false;
	host_say_up(host);
	host_tell(host, HOST_CHANGE_STATE);
}

void host_root_answer(struct host *host, const char *answer)
{
	host->root_asks = false;
	if (answer && *answer && host->conn) {
		root_try(host->root, host->conn, answer);
		return;
	}
	snprintf(host->root_said, sizeof host->root_said, "no password was given");
	host->wants_root = false;
	host_say_up(host);
	host_tell(host, HOST_CHANGE_STATE);
}

void host_want_root(struct host *host)
{
	/* A user whose CRIU works without root is asked once. */
	if (host->facts.unprivileged && host->root_said[0])
		return;
	if (host->state != HOST_UP || host->facts.root || host->facts.root_way != ROOT_PASSWORD || host->wants_root || host->asks)
		return;
	host->wants_root = true;
	host->root_tries = 0;
	ask_root(host, "");
}

bool host_root_settled(const struct host *host)
{
	return !host->wants_root;
}

bool host_own_only(const struct host *host)
{
	const struct host_facts *f = &host->facts;

	return f->known && !f->root && f->unprivileged && f->home[0];
}

bool host_may_move(const struct host *host)
{
	return host->facts.root || host_own_only(host);
}

const char *host_own_base(const struct host *host)
{
	static char base[256];

	base[0] = '\0';
	if (host->facts.home[0])
		snprintf(base, sizeof base, "%s/.local/state/pferry-moves", host->facts.home);
	return base;
}

const char *host_base(const struct host *host)
{
	return host_own_only(host) ? host_own_base(host) : HOST_ROOT_BASE;
}

const char *host_root_why(const struct host *host)
{
	static char text[400];
	const struct host_facts *f = &host->facts;

	text[0] = '\0';
	if (!f->known || f->root)
		return text;
	if (f->root_way == ROOT_PASSWORD && !host->root_said[0])
		snprintf(text, sizeof text, "moving needs root on %s: pferry asks for the sudo password of %s at the first move",
			 host->name, f->user);
	else
		snprintf(text, sizeof text, "moving needs root on %s, and %s is not: %s", host->name, f->user,
			 f->root_way == ROOT_PASSWORD ? host->root_said : f->root_why);
	return text;
}

/* ---- running as root ---- */

/* Root neither runs nor believes what the login's user can write to. */
static enum host_root way_for(const struct host *host, const char *const args[])
{
	const char *base = host_own_base(host);
	size_t len = strlen(base);

	for (size_t i = 0; len > 0 && args && args[i]; i++) {
		if (strncmp(args[i], base, len) == 0 && (args[i][len] == '/' || args[i][len] == '\0'))
			return ROOT_NONE;
	}
	return host->facts.root_way;
}

/*
 * The line, and in `first` what its standard input must begin with.
 * Servers other than OpenSSH's take no long command lines (dropbear: 9,000
 * bytes), and libssh2 sends none that fills a packet: the long ones are read
 * from the input.
 */
static struct remote_line *prepare(const struct host *host, const char *script, const char *const args[], size_t more,
				   struct buf *first)
{
	enum host_root way = way_for(host, args);
	struct remote_line *line = root_line(host->root, way, script, args), *reader;
	const char *input = root_input(host->root, way);
	size_t len = remote_line_length(line);

	buf_init(first, 0);
	buf_space(first, len + more + 4096); /* not moved, so that no copy of a password stays */
	if (len > PACKET_MAX || (len > COMMAND_MAX && !strstr(ssh_conn_server(host->conn), "OpenSSH"))) {
		reader = remote_line_by_input(line, first);
		remote_line_free(&line);
		line = reader;
	}
	if (input)
		buf_puts(first, input);
	return line;
}

struct ssh_chan *host_exec(const struct host *host, const char *script, const char *const args[],
			   const struct ssh_chan_ops *ops, void *ctx)
{
	struct buf first;
	struct remote_line *line = prepare(host, script, args, 0, &first);
	struct ssh_chan *chan = ssh_exec(host->conn, line, ops, ctx);

	if (first.len > 0)
		ssh_chan_write(chan, buf_data(&first), first.len);
	buf_wipe(&first);
	remote_line_free(&line);
	return chan;
}

struct remote_line *host_line(const struct host *host, const char *script, const char *const args[])
{
	struct buf first;
	struct remote_line *line = prepare(host, script, args, 0, &first);

	if (first.len > 0)
		remote_line_free(&line);
	buf_wipe(&first);
	return line;
}

struct ssh_run *host_run(const struct host *host, const char *script, const char *const args[], const void *input,
			 size_t input_len, size_t max, ssh_run_fn *done, void *ctx)
{
	struct buf first;
	struct remote_line *line = prepare(host, script, args, input_len, &first);
	struct ssh_run *run;

	if (input_len > 0)
		buf_append(&first, input, input_len);
	run = ssh_run(host->conn, line, first.len > 0 ? buf_data(&first) : NULL, first.len, max, done, ctx);
	buf_wipe(&first);
	remote_line_free(&line);
	return run;
}

struct remote_line *host_attach_line(const struct host *host, const char *session)
{
	static const enum remote_frame frames[] = {
		[ROOT_SUDO] = REMOTE_SUDO_TTY, [ROOT_DOAS] = REMOTE_DOAS_TTY, [ROOT_PASSWORD] = REMOTE_SUDO_TTY,
	};
	enum host_root way = host && !host_own_only(host) ? host->facts.root_way : ROOT_SELF;

	return remote_line(frames[way], "attach", (const char *const[]){ session, NULL });
}
