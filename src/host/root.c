/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/root.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#define ANSWER_MAX 4096
#define PASSWORD_MAX 1024

/* No line of what we send ourselves; input.sh looks for it. */
#define MARK "pferry-input"

struct root {
	struct buf password; /* with the mark's line behind it */
	size_t password_len; /* with its newline */
	struct ssh_run *trial;
	root_done_fn *done;
	void *ctx;
};

struct root *root_new(root_done_fn *done, void *ctx)
{
	struct root *root = mem_new(struct root);

	buf_init(&root->password, PASSWORD_MAX + sizeof MARK + 2);
	root->done = done;
	root->ctx = ctx;
	return root;
}

void root_free(struct root *root)
{
	if (!root)
		return;
	root_stop(root);
	buf_wipe(&root->password);
	free(root);
}

bool root_has_password(const struct root *root)
{
	return root->password.len > 0;
}

void root_stop(struct root *root)
{
	ssh_run_cancel(&root->trial);
}

/* The last line of sudo's output that is a reason, without its name. */
static char *reason(const char *text, size_t len)
{
	const char *end = text + len, *best = text, *best_end = text;

	for (const char *line = text; line < end;) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		size_t n = (size_t)((nl ? nl : end) - line);

		/* The first that is more than "Sorry, try again"; or what is plain. */
		if (n > 0 && !memmem(line, n, "try again", 9) && !memmem(line, n, "no password was provided", 24) && (best == best_end || memmem(line, n, "not in the sudoers", 18) || memmem(line, n, "not allowed", 11))) {
			best = line;
			best_end = line + n;
		}
		line += n + 1;
	}
	if (best == best_end || memmem(best, (size_t)(best_end - best), "incorrect password", 18) ||
	    memmem(best, (size_t)(best_end - best), "not attempted", 13))
		return mem_strdup("the password was refused");
	if (best_end - best > 6 && memcmp(best, "sudo: ", 6) == 0)
		best += 6;
	while (best_end > best && strchr(". \r", best_end[-1]))
		best_end--;
	return text_sanitize(best, (size_t)(best_end - best), 160);
}

static void on_tried(void *ctx, const struct ssh_output *output)
{
	struct root *root = ctx;
	bool ok = output->out_len >= 2 && memcmp(output->out, "0\n", 2) == 0, never;
	char *why;

	root->trial = NULL;
	if (output->how.lost)
		return; /* the connection says why */
	if (!ok)
		buf_wipe(&root->password);
	why = output->how.why[0] ? mem_strdup(output->how.why) : reason(output->errout, output->errout_len);
	/* No other password would do. */
	never = strstr(why, "not in the sudoers") || strstr(why, "not allowed") || strstr(why, "must have a tty");
	root->done(root->ctx, ok, !ok && !never, ok ? "" : why);
	free(why);
}

void root_try(struct root *root, struct ssh_conn *conn, const char *password)
{
	struct remote_line *line;

	root_stop(root);
	if (password) {
		size_t len = strlen(password);

		buf_wipe(&root->password);
		buf_space(&root->password, PASSWORD_MAX); /* full size at once, so that the password is never moved */
		buf_append(&root->password, password, len < PASSWORD_MAX - 32 ? len : PASSWORD_MAX - 32);
		buf_puts(&root->password, "\n");
		root->password_len = root->password.len;
		buf_puts(&root->password, MARK "\n");
	}
	/* Only the password: a mark would be taken for a second one, and be another failure in the host's log. */
	line = remote_line(REMOTE_PASSWORD, "uid", NULL);
	root->trial = ssh_run(conn, line, buf_data(&root->password), root->password_len, ANSWER_MAX, on_tried, root);
	remote_line_free(&line);
}

struct remote_line *root_line(const struct root *root, enum host_root way, const char *script, const char *const args[])
{
	switch (way) {
	case ROOT_SUDO:
		return remote_line(REMOTE_SUDO, script, args);
	case ROOT_DOAS:
		return remote_line(REMOTE_DOAS, script, args);
	case ROOT_PASSWORD:
		if (root_has_password(root))
			return remote_line_password(script, args);
		break;
	case ROOT_SELF:
	case ROOT_NONE:
		break;
	}
	return remote_line(REMOTE_PLAIN, script, args);
}

const char *root_input(const struct root *root, enum host_root way)
{
	return way == ROOT_PASSWORD && root_has_password(root) ? buf_str((struct buf *)(uintptr_t)&root->password) : NULL;
}
