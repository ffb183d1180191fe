/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shells that pferry itself runs on a host, and what those run: no
 * business of who looks for processes to move.  Only root's are known, so that
 * no other process can hide by a name.
 */
#include <string.h>

#include "tree/tree_priv.h"

bool tree_is_ours(const struct proc *p)
{
	/* How src/remote/common.sh begins, with its newlines made blanks; the supervisor of an endpoint. */
	static const char script[] = "umask 077 LC_ALL=C PATH=$PATH:/usr/local/sbin:";
	static const char keeper[] = "/var/lib/pferry/";
	const char *args = p->args;

	if (p->uid != 0 || p->kernel)
		return false;
	/* After sudo and shells it may be the tenth word, and quoted. */
	for (int words = 0; words < 12; words++) {
		args += *args == '\'';
		if (strncmp(args, script, sizeof script - 1) == 0)
			return words > 0;
		if (strncmp(args, keeper, sizeof keeper - 1) == 0)
			return words > 0 && strstr(args, "/hand ");
		args += strcspn(args, " ");
		args += strspn(args, " ");
	}
	return false;
}

void tree_spread_ours(struct proc *p)
{
	const struct proc *up = p;

	/* Ours are not nested deep; who is may be of another's making. */
	for (int depth = 0; up && up->uid == 0 && !up->ours && depth < 8; depth++)
		up = up->parent;
	if (up && up->uid == 0 && up->ours)
		p->ours = true;
}
