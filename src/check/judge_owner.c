/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging who owns a tree: a container's runtime, or systemd.  Both look after
 * what they started: when it ends at the source they may start another, or run
 * what is to be run then, while the copy goes on at the destination.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "check/findings.h"

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && strcmp(s + a - b, end) == 0;
}

/* ---- containers ---- */

/* The runtime by how it names its cgroups, NULL for none. */
static const char *runtime_by_cgroup(const char *path)
{
	static const struct {
		const char *part, *runtime;
	} containers[] = {
		{ "docker-", "docker" }, { "/docker/", "docker" }, { "libpod-", "podman" },   { "crio-", "CRI-O" },
		{ "kubepods", "Kubernetes" }, { "lxc.payload", "LXC" }, { "/lxc/", "LXC" }, { "cri-containerd", "containerd" },
		{ "machine-", "systemd-nspawn" }, { "systemd-nspawn@", "systemd-nspawn" }, { "/machine.slice/", "systemd-nspawn" },
		{ "buildkit", "BuildKit" },
	};

	for (size_t i = 0; i < countof(containers); i++) {
		if (strstr(path, containers[i].part))
			return containers[i].runtime;
	}
	return NULL;
}

/* The runtime by the process of its own that stays beside a container, NULL for none. */
static const char *runtime_by_parent(const struct survey_owner *o)
{
	static const struct {
		const char *name, *runtime;
	} monitors[] = {
		{ "conmon", "podman" },		    { "containerd-shim", "containerd" },  { "systemd-nspawn", "systemd-nspawn" },
		{ "lxc-start", "LXC" },		    { "lxc-monitord", "LXC" },		  { "[lxc monitor]", "LXC" },
		{ "lxc-execute", "LXC" },	    { "incusd", "Incus" },		  { "lxd", "LXD" },
		{ "runc", "runc" },		    { "crun", "crun" },			  { "youki", "youki" },
		{ "bwrap", "bubblewrap" },	    { "firejail", "firejail" },		  { "starter", "Apptainer" },
		{ "starter-suid", "Apptainer" },    { "apptainer", "Apptainer" },	  { "singularity", "Singularity" },
		{ "enroot", "enroot" },		    { "charliecloud", "Charliecloud" },	  { "ch-run", "Charliecloud" },
	};

	for (size_t i = 0; i < o->nparents; i++) {
		for (size_t k = 0; k < countof(monitors); k++) {
			if (strcmp(o->parents[i].name, monitors[k].name) == 0)
				return monitors[k].runtime;
		}
	}
	return NULL;
}

static bool mounts_differ(const struct survey *s)
{
	return strstr(s->namespaces, "mnt") != NULL;
}

static bool roots_differ(const struct survey_owner *o)
{
	return o->root[0] && o->own_root[0] && strcmp(o->root, o->own_root) != 0;
}

/*
 * A container has mounts and a root directory of its own, whatever its cgroup is
 * called; one that is only called like a container's is none.  A unit may have
 * both too (RootDirectory=), and no runtime.
 */
static bool judge_container(struct check_result *r, const struct judge *j)
{
	const struct survey_owner *o = &r->survey.owner;
	const char *path = r->survey.cgroup, *runtime = runtime_by_cgroup(path);
	const char *host = host_name(j->source);

	if (!mounts_differ(&r->survey) || !(runtime || roots_differ(o)))
		return false;
	if (o->runtime[0])
		findings_add(r, j, "container", host, "it belongs to a container of %s (%s)", o->runtime, o->container);
	else if (runtime || (runtime = runtime_by_parent(o)) != NULL)
		findings_add(r, j, "container", host, "it belongs to a container of %s (%s)", runtime, path);
	else if (ends_with(o->unit.name, ".service"))
		findings_add(r, j, "sandbox", host, "systemd gives %s a root directory of its own (RootDirectory= or RootImage=)",
			     o->unit.name);
	else
		findings_add(r, j, "container", host, "it has mounts and a root directory of its own, as a container has (%s)", path);
	return true;
}

/* ---- sandboxes ---- */

bool judge_sandbox(struct check_result *r, const struct judge *j)
{
	const struct survey_unit *u = &r->survey.owner.unit;
	const char *host = host_name(j->source);

	if (!mounts_differ(&r->survey))
		return false;
	/* Such a root directory was reported with the owner. */
	if (roots_differ(&r->survey.owner))
		return true;
	if (ends_with(u->name, ".service")) {
		findings_add(r, j, "sandbox", host, "systemd gives %s mounts of its own (PrivateTmp=, ProtectSystem= and the like), and %s is "
			     "of the host's", u->name, r->survey.far_mount);
		findings_set_remedy(r, host, "start %s without these, by a drop-in, to move it", u->name);
	} else {
		findings_add(r, j, "sandbox", host, "it has mounts of its own, and %s is of the host's", r->survey.far_mount);
	}
	return true;
}

/* ---- units ---- */

/* As a person calls it: a user's with its manager. */
static char *unit_name(const struct survey_unit *u)
{
	if (strcmp(u->manager, "system") == 0)
		return mem_strdup(u->name);
	return mem_printf("%s of user@%s.service", u->name, u->manager);
}

/* Where a drop-in goes that is gone after the next boot, and how systemd loads it. */
static char *drop_in(const struct survey_unit *u, const char *lines)
{
	bool system = strcmp(u->manager, "system") == 0;

	return system ? mem_printf("for the move put %s in /run/systemd/system/%s.d/90-move.conf there, and run systemctl daemon-reload", lines,
				   u->name)
		      : mem_printf("for the move put %s in /run/user/%s/systemd/user/%s.d/90-move.conf there, and have that user run "
				   "systemctl --user daemon-reload", lines, u->manager, u->name);
}

/* Whether the unit ends when the tree does.  A quick check knows of one process only. */
static bool unit_ends(const struct survey *s, const struct judge *j)
{
	const struct survey_unit *u = &s->owner.unit;

	if (survey_find(s, u->main) || (u->control && survey_find(s, u->control)))
		return true;
	return j->options && !u->main && !u->other[0];
}

static void judge_restart(struct check_result *r, const struct judge *j, const char *unit)
{
	const struct survey_unit *u = &r->survey.owner.unit;
	const char *host = host_name(j->source);
	bool restarts = u->restart[0] && strcmp(u->restart, "no") != 0;
	char *how;

	if (restarts || u->force_restart[0]) {
		findings_add(r, j, "unit-restarts", host, "systemd on %s starts %s again when it ends (%s=%s)", host, unit,
			     restarts ? "Restart" : "RestartForceExitStatus", restarts ? u->restart : u->force_restart);
		how = drop_in(u, u->force_restart[0] ? "[Service] Restart=no RestartForceExitStatus= (a line each)"
						     : "[Service] Restart=no (a line each)");
		findings_set_remedy(r, host, "%s", how);
		free(how);
	}
	if (u->upheld[0]) {
		findings_add(r, j, "unit-restarts", host, "systemd on %s starts %s again as long as %s is active (Upholds=)", host, unit,
			     u->upheld);
		findings_set_remedy(r, host, "stop %s there first", u->upheld);
	}
	if (u->triggered[0]) {
		findings_add(r, j, "unit-triggered", host, "%s on %s starts %s again when it is wanted", u->triggered, host, unit);
		findings_set_remedy(r, host, "run systemctl stop %s there first", u->triggered);
	}
}

static bool is_action(const char *action)
{
	return action[0] && strcmp(action, "none") != 0;
}

static void add_word(struct buf *out, const char *between, const char *word, const char *value)
{
	buf_printf(out, "%s%s%s", out->len ? between : "", word, value);
}

/* Units and commands that systemd starts, or ends, when the unit ends. */
static void judge_actions(struct check_result *r, const struct judge *j, const char *unit)
{
	const struct survey_unit *u = &r->survey.owner.unit;
	const char *host = host_name(j->source);
	const struct {
		const char *key, *value, *empty;
		bool is;
	} lines[] = {
		{ "ExecStop=", "", "[Service] ExecStop=", u->stop[0] != '\0' },
		{ "ExecStopPost=", "", "[Service] ExecStopPost=", u->stop_post[0] != '\0' },
		{ "FailureAction=", u->fail_action, "[Unit] FailureAction=none", is_action(u->fail_action) },
		{ "SuccessAction=", u->success_action, "[Unit] SuccessAction=none", is_action(u->success_action) },
	}, units[] = {
		{ "OnFailure=", u->on_failure, "systemctl mask --runtime ", u->on_failure[0] != '\0' },
		{ "OnSuccess=", u->on_success, "systemctl mask --runtime ", u->on_success[0] != '\0' },
		{ "it is bound to by ", u->bound, "systemctl stop ", u->bound[0] != '\0' },
		{ "PropagatesStopTo=", u->stopped, "systemctl stop ", u->stopped[0] != '\0' },
	};
	struct buf what, conf, run;
	char *how = NULL, *all, *text, *commands;

	buf_init(&what, 0);
	buf_init(&conf, 0);
	buf_init(&run, 0);
	for (size_t i = 0; i < countof(lines); i++) {
		if (lines[i].is) {
			add_word(&what, ", ", lines[i].key, lines[i].value);
			add_word(&conf, " ", lines[i].empty, "");
		}
	}
	if (conf.len) {
		buf_puts(&conf, " (a line each)");
		all = buf_take(&conf);
		how = drop_in(u, all);
		free(all);
	}
	for (size_t i = 0; i < countof(units); i++) {
		if (units[i].is) {
			add_word(&what, ", ", units[i].key, units[i].value);
			add_word(&run, "; ", units[i].empty, units[i].value);
		}
	}
	text = buf_take(&what);
	commands = buf_take(&run);
	if (text && text[0]) {
		findings_add(r, j, "unit-actions", host, "systemd on %s does more when %s ends: %s", host, unit, text);
		findings_set_remedy(r, host, "%s%s%s%s", how ? how : "", how && commands[0] ? "; " : "",
				    commands[0] ? "run there " : "", commands);
	}
	free(text);
	free(commands);
	free(how);
}

static void judge_unit(struct check_result *r, const struct judge *j)
{
	const struct survey_unit *u = &r->survey.owner.unit;
	const char *host = host_name(j->source);
	const bool saved = j->options && j->options->saved;
	char *unit;

	if (!ends_with(u->name, ".service"))
		return;
	unit = unit_name(u);
	findings_add(r, j, "unit", NULL, "it belongs to the systemd unit %s", unit);
	/* A saved process is not at the source any more. */
	if (u->said && !saved && unit_ends(&r->survey, j)) {
		judge_restart(r, j, unit);
		judge_actions(r, j, unit);
		if (u->other[0] && !u->process_only)
			findings_add(r, j, "unit-others", host, "when it ends, systemd on %s ends all of %s, %s too", host, unit, u->other);
		if (u->enabled)
			findings_add(r, j, "unit-enabled", host, "%s is enabled on %s: it starts again when that boots", unit, host);
	} else if (u->silent && !saved) {
		findings_add(r, j, "supervised", host, "systemd on %s does not say what it does when %s ends: it will see it end and may "
			     "start another", host, unit);
	}
	free(unit);
}

void judge_owner(struct check_result *r, const struct judge *j)
{
	if (!judge_container(r, j))
		judge_unit(r, j);
}
