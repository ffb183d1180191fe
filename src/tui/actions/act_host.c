/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pferry/names.h>

#include "base/mem.h"
#include "tui/actions/acts.h"
#include "tui/screens/prompt.h"

unsigned act_refresh(struct ui *ui, const char *arg)
{
	struct column *col = ui->columns[ui->focus];

	ui->port->look(ui->port_ctx, col->host);
	ui_clear_notice(ui);
	return FX_DRAW;
}

unsigned act_refresh_all(struct ui *ui, const char *arg)
{
	for (size_t i = 0; i < ui->ncolumns; i++)
		ui->port->look(ui->port_ctx, ui->columns[i]->host);
	ui_clear_notice(ui);
	return FX_DRAW;
}

unsigned act_pause(struct ui *ui, const char *arg)
{
	ui->paused = !ui->paused;
	for (size_t i = 0; i < ui->ncolumns; i++)
		ui->port->pause(ui->port_ctx, ui->columns[i]->host, ui->paused);
	ui_notice(ui, NOTICE_INFO,
		  ui->paused ? "The hosts are not looked at until Z is pressed again; r looks once."
			     : "The hosts are looked at again.");
	return FX_DRAW;
}

/* ---- add and close ---- */

/* A word that may stand for several, as on the command line. False, said so, when nothing was added. */
static bool add_hosts(struct ui *ui, const char *word)
{
	struct names names = {0};
	struct err e = {.code = ERR_NONE};
	size_t added = 0;

	if (names_expand(&names, ui->options.config, word, &e))
		for (size_t i = 0; i < names.n; i++)
			added += ui->port->add_host(ui->port_ctx, names.v[i], &e);
	names_free(&names);
	if (e.code == ERR_NONE)
		ui_clear_notice(ui);
	else
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return added > 0;
}

static unsigned add_accept(struct ui *ui, struct prompt *prompt)
{
	if (prompt->line.len)
		add_hosts(ui, prompt->line.text);
	return FX_DRAW;
}

static void free_known(struct prompt *prompt)
{
	struct names *known = prompt->data;

	if (known)
		names_free(known);
	free(known);
}

/* The hosts that ssh knows by name and that begin so; read once, when asked for first. */
static size_t known_like(struct ui *ui, struct prompt *prompt, const char *begins, const char **found,
			 size_t max)
{
	struct names *known = prompt->data;
	size_t n = 0;

	if (!known) {
		prompt->data = known = mem_new(struct names);
		ui->port->known_hosts(ui->port_ctx, known);
	}
	for (size_t i = 0; i < known->n && n < max; i++)
		if (strncmp(known->v[i], begins, strlen(begins)) == 0)
			found[n++] = known->v[i];
	return n;
}

/* Tab: as much as all that begin so have in common. */
static void add_complete(struct ui *ui, struct prompt *prompt, int by)
{
	const char *found[64];
	char text[LINE_MAX_BYTES];
	size_t n = known_like(ui, prompt, prompt->line.text, found, 64), same;

	if (n == 0)
		return;
	same = strlen(found[0]);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < same; k++)
			if (found[i][k] != found[0][k])
				same = k;
	snprintf(text, sizeof text, "%.*s", (int)same, found[0]);
	line_set(&prompt->line, text);
}

static void add_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	const char *found[12];
	size_t n = prompt->line.len ? known_like(ui, prompt, prompt->line.text, found, 12) : 0, used = 0;

	snprintf(out, size, "any name ssh would take, web{1..3}, @group  Tab completes  Esc back");
	for (size_t i = 0; i < n && used + 2 < size; i++) {
		int len = snprintf(out + used, size - used, "%s%s", used ? "  " : "", found[i]);

		used += len > 0 ? (size_t)len : 0;
	}
}

static void prompt_host(struct ui *ui)
{
	static const struct prompt_ops ops = {.accept = add_accept,
					      .complete = add_complete,
					      .hint = add_hint,
					      .free = free_known,
					      .history = "host"};

	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Add host: "}, "");
}

unsigned act_add(struct ui *ui, const char *arg)
{
	if (arg)
		add_hosts(ui, arg);
	else
		prompt_host(ui);
	return FX_DRAW;
}

unsigned act_save(struct ui *ui, const char *arg)
{
	const char **hosts = mem_array(ui->ncolumns + 1, sizeof *hosts);
	struct err e;

	for (size_t i = 0; i < ui->ncolumns; i++)
		hosts[i] = ui->columns[i]->name;
	if (!ui->options.config)
		ui_notice(ui, NOTICE_BAD, "There is no configuration file to keep them in.");
	else if (config_save_hosts(ui->options.config, hosts, &e))
		ui_notice(ui, NOTICE_GOOD, "pferry without a host's name opens these %zu from now on.",
			  ui->ncolumns);
	else
		ui_notice(ui, NOTICE_BAD, "%s.", e.text);
	free(hosts);
	return FX_DRAW;
}

/* Another name for a host: the new one first, so that the old one stays should it be wrong. */
static unsigned rename_host(struct ui *ui, struct host *host, const char *name)
{
	struct err e = {.code = ERR_NONE};
	size_t at = 0;

	while (at < ui->ncolumns && ui->columns[at]->host != host)
		at++;
	if (at == ui->ncolumns || !*name)
		return FX_DRAW;
	if (strcmp(name, ui->columns[at]->name) == 0)
		ui->port->look(ui->port_ctx, host);
	else if (add_hosts(ui, name) && !ui->port->close_host(ui->port_ctx, host, &e))
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}

static void edit_hint(struct ui *ui, struct prompt *prompt, char *out, size_t size)
{
	snprintf(out, size, "another name for it; the same one connects again  Esc back");
}

static unsigned edit_accept(struct ui *ui, struct prompt *prompt)
{
	return rename_host(ui, prompt->data, prompt->line.text);
}

unsigned act_edit(struct ui *ui, const char *arg)
{
	static const struct prompt_ops ops = {.accept = edit_accept, .hint = edit_hint, .history = "host"};
	struct column *col = ui->columns[ui->focus];

	if (arg)
		return rename_host(ui, col->host, arg);
	ui_clear_notice(ui);
	prompt_open(ui, &(struct prompt){.ops = &ops, .label = "Host: ", .data = col->host}, col->name);
	return FX_DRAW;
}

unsigned act_close(struct ui *ui, const char *arg)
{
	struct column *col = ui->columns[ui->focus];
	struct err e = {.code = ERR_NONE};
	char name[sizeof col->name];

	memcpy(name, col->name, sizeof name);
	if (ui->port->close_host(ui->port_ctx, col->host, &e))
		ui_notice(ui, NOTICE_INFO, "%s is closed.", name);
	else
		ui_notice(ui, NOTICE_BAD, "%s", e.text);
	return FX_DRAW;
}
