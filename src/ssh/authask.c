/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logging in by answers of a person: password and keyboard-interactive. */
#include "ssh/auth.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "base/mem.h"
#include "base/text.h"

/* Ask whether the first answer was right and more is wanted: once only, since hosts count it as an attempt. */
static bool ask_what_is_left(struct auth *a)
{
	if (a->rechecked)
		return false;
	a->rechecked = true;
	a->recheck = true;
	return true;
}

/* ---- password ---- */

enum auth_try auth_password(struct auth *a)
{
	struct ssh_conn *conn = a->conn;
	char *question;
	bool ready;
	int rc;

	for (;;) {
		question = mem_printf("%sPassword for %s@%s", a->prompts > 0 ? "Wrong password. " : "",
				      conn->cfg.user, conn->name);
		ready = conn_ask(conn, question, false, false);
		free(question);
		if (!ready)
			return TRY_AGAIN;
		if (conn->refused) {
			conn_answer_used(conn);
			auth_tried(a, "password (none given)");
			return TRY_NEXT;
		}
		rc = libssh2_userauth_password_ex(conn->session, conn->cfg.user,
						  (unsigned)strlen(conn->cfg.user), buf_str(&conn->answer),
						  (unsigned)conn->answer.len, NULL);
		if (rc == LIBSSH2_ERROR_EAGAIN)
			return TRY_AGAIN;
		conn_answer_used(conn);
		if (rc == 0)
			return TRY_OK;
		if (auth_lost(a))
			return TRY_FAILED;
		if (rc == LIBSSH2_ERROR_PASSWORD_EXPIRED) {
			auth_tried(a, "password (expired: log in with ssh to change it)");
			return TRY_NEXT;
		}
		if (++a->prompts >= conn->cfg.password_prompts)
			auth_tried(a, "password (refused)");
		else if (!ask_what_is_left(a))
			continue;
		return TRY_NEXT;
	}
}

/* ---- keyboard-interactive ---- */

/*
 * libssh2 wants the answers from inside a callback, at once.  A person takes
 * longer, so the call runs on a stack of its own, which is left while the
 * question is open and entered again with the answer.
 */
#define STACK_BYTES (256u << 10)

struct prompt {
	struct auth *auth;
	ucontext_t outside, inside;
	char *stack;
	bool began, over, abandoned;
	int rc;
	/* the open question */
	bool wants;
	char *question;
	bool echo;
	bool asked_any, refused;
	struct buf answer;
};

static struct prompt *starting; /* makecontext(3) passes integers only */

static void leave(struct prompt *p)
{
	swapcontext(&p->inside, &p->outside);
}

static void answer_one(struct prompt *p, const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompt, const char *intro,
		       LIBSSH2_USERAUTH_KBDINT_RESPONSE *response)
{
	char *text = text_sanitize((const char *)prompt->text, prompt->length, 200);
	char *word;

	free(p->question);
	p->question = mem_printf("%s@%s: %s%s%s", p->auth->conn->cfg.user, p->auth->conn->name, intro,
				 *intro ? " " : "", text);
	free(text);
	p->echo = prompt->echo != 0;
	p->wants = true;
	while (p->wants && !p->abandoned)
		leave(p);
	if (p->abandoned || p->refused)
		return;
	word = malloc(p->answer.len + 1);
	if (!word)
		return;
	memcpy(word, buf_str(&p->answer), p->answer.len + 1);
	response->text = word;
	response->length = (unsigned)p->answer.len;
	buf_wipe(&p->answer);
}

static void on_prompts(const char *name, int name_len, const char *instruction, int instruction_len,
		       int count, const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
		       LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
	struct ssh_conn *conn = *abstract;
	struct prompt *p = conn->auth->prompt;
	char *intro =
		text_sanitize(instruction ? instruction : "", instruction ? (size_t)instruction_len : 0, 200);

	(void)name;
	(void)name_len;
	for (int i = 0; i < count && !p->refused && !p->abandoned; i++)
		answer_one(p, &prompts[i], i == 0 ? intro : "", &responses[i]);
	free(intro);
}

static void inside(void)
{
	struct prompt *p = starting;
	struct ssh_conn *conn = p->auth->conn;

	do {
		p->rc = libssh2_userauth_keyboard_interactive_ex(
			conn->session, conn->cfg.user, (unsigned)strlen(conn->cfg.user), on_prompts);
		if (p->rc == LIBSSH2_ERROR_EAGAIN)
			leave(p);
	} while (p->rc == LIBSSH2_ERROR_EAGAIN && !p->abandoned);
	p->over = true;
	leave(p);
}

static void enter(struct prompt *p)
{
	if (!p->began) {
		p->began = true;
		getcontext(&p->inside);
		p->inside.uc_stack.ss_sp = p->stack;
		p->inside.uc_stack.ss_size = STACK_BYTES;
		p->inside.uc_link = NULL;
		makecontext(&p->inside, inside, 0);
		starting = p;
	}
	swapcontext(&p->outside, &p->inside);
}

static struct prompt *prompt_new(struct auth *a)
{
	struct prompt *p = mem_new(struct prompt);

	p->auth = a;
	buf_init(&p->answer, 4096);
	p->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK,
			-1, 0);
	if (p->stack == MAP_FAILED) {
		free(p);
		return NULL;
	}
	return p;
}

void auth_kbdint_stop(struct auth *a)
{
	struct prompt *p = a->prompt;

	if (!p)
		return;
	if (p->began && !p->over) {
		/* Let libssh2 come to its end, with nothing sent any more. */
		a->conn->cut = true;
		p->abandoned = true;
		enter(p);
	}
	a->prompt = NULL;
	munmap(p->stack, STACK_BYTES);
	buf_wipe(&p->answer);
	free(p->question);
	free(p);
}

/* Go on until it waits for the host (TRY_AGAIN) or is over (TRY_NEXT). */
static enum auth_try run(struct prompt *p)
{
	struct ssh_conn *conn = p->auth->conn;

	for (;;) {
		if (p->wants) {
			if (!conn_ask(conn, p->question, p->echo, false))
				return TRY_AGAIN;
			p->asked_any = true;
			p->refused = conn->refused;
			if (!p->refused)
				buf_append(&p->answer, buf_data(&conn->answer), conn->answer.len);
			conn_answer_used(conn);
			p->wants = false;
		}
		enter(p);
		if (p->over)
			return TRY_NEXT;
		if (!p->wants)
			return TRY_AGAIN;
	}
}

enum auth_try auth_kbdint(struct auth *a)
{
	struct ssh_conn *conn = a->conn;

	for (;;) {
		bool asked, refused;
		int rc;

		if (!a->prompt)
			a->prompt = prompt_new(a);
		if (!a->prompt)
			return TRY_NEXT;
		if (run(a->prompt) == TRY_AGAIN)
			return TRY_AGAIN;
		asked = a->prompt->asked_any;
		refused = a->prompt->refused;
		rc = a->prompt->rc;
		auth_kbdint_stop(a);
		if (rc == 0)
			return TRY_OK;
		if (auth_lost(a))
			return TRY_FAILED;
		if (!asked || refused || ++a->prompts >= conn->cfg.password_prompts)
			auth_tried(a, "keyboard-interactive (%s)",
				   refused ? "no answer given"
				   : asked ? "refused"
					   : "asked nothing");
		else if (!ask_what_is_left(a))
			continue;
		return TRY_NEXT;
	}
}
