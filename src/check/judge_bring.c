/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judging what comes along: where it comes to, whether there is room, and what places it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "check/findings.h"

/* More file systems than the files of one process lie on. */
#define DEVICES_MAX 64

static bool begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static bool is_one_of(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++) {
		if (strlen(*list) == len && memcmp(*list, word, len) == 0)
			return true;
	}
	return false;
}

/* ---- what others execute ---- */

/*
 * Trees of the system: programs and libraries that all run, and what tells programs of root
 * what to do. Data of a process lies there too, but seldom: to ask once too often does no harm.
 */
static bool is_of_system(const char *path)
{
	static const char *const trees[] = { "/etc/", "/usr/", "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/",
					     "/libexec/", "/boot/", "/opt/bin/", "/opt/sbin/", "/opt/etc/", "/opt/cni/", "/snap/bin/", "/nix/", NULL };

	for (const char *const *tree = trees; *tree; tree++) {
		if (begins(path, *tree))
			return true;
	}
	return false;
}

/* Names of directories whose files are executed, or give rights: wherever they lie, and below /var and /run only. */
static const char *const rights_dirs[] = {
	"systemd", "cron.d", "crontabs", "udev", "polkit-1", "dbus-1", "pam.d", "init.d", "sudoers.d", "modprobe.d", "binfmt.d", "xinetd.d",
	"autostart", "environment.d", "profile.d", "bash_completion.d", "bash-completion", "logrotate.d", ".ssh", ".gnupg", ".bashrc.d",
	".zsh", ".oh-my-zsh", ".vim", ".emacs.d", ".git", ".kube", ".aws", "cgi-bin", NULL
};
static const char *const system_dirs[] = {
	"cron", "at", "atjobs", "atspool", "anacron", "incron", "fcron", "rc.d", "dpkg", "rpm", "apt", "dnf", "yum", "alternatives",
	"NetworkManager", "dhcp", "dhclient", "initramfs-tools", "runit", "sv", "s6", "service", "supervisor", "sudo", "AccountsService",
	"cups", "yp", "cloud", NULL
};

/* Files that a shell or a login reads, and that let others in, in whatever home. */
static const char *const rights_files[] = {
	".profile", ".bash_profile", ".bash_login", ".bash_logout", ".bashrc", ".bash_aliases", ".bash_completion", ".zshrc", ".zshenv",
	".zprofile", ".zlogin", ".zlogout", ".cshrc", ".tcshrc", ".login", ".logout", ".kshrc", ".mkshrc", ".shrc", ".shinit",
	".inputrc", ".xinitrc", ".xserverrc", ".xsession", ".xsessionrc", ".xprofile", ".Xclients", ".Xresources", ".dmrc", ".rhosts",
	".shosts", ".hosts", ".k5login", ".k5users", ".netrc", ".forward", ".procmailrc", ".mailcap", ".mailrc", ".qmail", ".maildelivery",
	".pam_environment", ".environment", ".vimrc", ".exrc", ".nexrc", ".viminfo", ".nanorc", ".emacs", ".gdbinit", ".lldbinit",
	".gitconfig", ".hgrc", ".tmux.conf", ".screenrc", ".lessfilter", ".lesskey", ".pythonrc", ".pythonstartup", ".perldb", ".irbrc",
	".Rprofile", ".npmrc", ".pypirc", ".psqlrc", ".sqliterc", ".my.cnf", ".wgetrc", ".curlrc", ".ansible.cfg", ".crontab", NULL
};

/* Directories of a home that are in the PATH of its user, or whose programs are started at login. */
static bool is_home_program(const char *path)
{
	static const char *const dirs[] = { "/bin/", "/sbin/", "/.local/bin/", NULL };
	const char *rest = begins(path, "/root/") ? path + 5 : begins(path, "/home/") ? strchr(path + 6, '/') : NULL;

	for (const char *const *dir = dirs; rest && *dir; dir++) {
		if (begins(rest, *dir))
			return true;
	}
	return strstr(path, "/.local/bin/") || strstr(path, "/.local/lib/python") || strstr(path, "/.config/fish/") || strstr(path, "/.config/nvim/") ||
	       strstr(path, "/.config/git/") || strstr(path, "/.config/plasma-workspace/");
}

bool bring_executed(const char *path, uint32_t mode)
{
	const bool of_state = begins(path, "/var/") || begins(path, "/run/");
	const char *at = path;

	if (S_ISREG(mode) && (mode & (S_ISUID | S_ISGID)))
		return true;
	if (is_of_system(path) || is_home_program(path))
		return true;
	while (*at) {
		size_t len;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (at[len] == '\0')
			return is_one_of(at, len, rights_files) || (S_ISDIR(mode) && is_one_of(at, len, rights_dirs));
		/* Directories in which some program reads each file. */
		if (is_one_of(at, len, rights_dirs))
			return true;
		if (of_state && (is_one_of(at, len, system_dirs) || (len > 2 && memcmp(at + len - 2, ".d", 2) == 0)))
			return true;
		at += len;
	}
	return false;
}

/* ---- all that comes along ---- */

/* The i-th, if it will be placed as things stand. */
static const struct survey_file *coming(const struct check_result *r, const struct judge *j, size_t i)
{
	const struct survey_file *f = survey_file(r->survey.files, r->survey.nfiles, r->bring[i]);

	return f && (f->use == USE_SOCKET || findings_accepted(j, "file-missing")) ? f : NULL;
}

static void judge_executed(struct check_result *r, const struct judge *j)
{
	const char *name = host_name(j->destination), *first[3] = { NULL };
	size_t count = 0;

	for (size_t i = 0; i < r->nbring; i++) {
		const struct survey_file *f = coming(r, j, i);

		if (f && bring_executed(f->path, f->mode) && count++ < countof(first))
			first[count - 1] = f->path;
	}
	if (!count)
		return;
	r->executed = findings_add(r, j, "file-executed", name, "%zu file%s that %s may execute, or that give%s rights there, come%s along: %s%s%s%s%s%s",
				   count, count == 1 ? "" : "s", name, count == 1 ? "s" : "", count == 1 ? "s" : "", first[0],
				   first[1] ? ", " : "", first[1] ? first[1] : "", first[2] ? ", " : "", first[2] ? first[2] : "",
				   count > countof(first) ? " and more" : "");
	for (size_t i = 0; i < r->nbring; i++) {
		const struct survey_file *f = coming(r, j, i);

		if (f && bring_executed(f->path, f->mode))
			findings_add_file(r, f->path);
	}
}

/* ---- room ---- */

struct need {
	uint64_t device, kb, free_kb;
	const char *dir;
};

/* Directories looked up in all: two hosts that lie could name any number. */
#define LEVELS_MAX 50000

/* The file system that a file would lie on, by the nearest directory that is there. */
static const struct verified_space *space_of(const struct verified *v, const char *path, size_t *levels)
{
	char *dir = mem_strdup(path), *end = dir + strlen(dir);
	const struct verified_space *space = NULL;

	while (!space && end > dir && *levels > 0) {
		while (end > dir && *--end != '/')
			;
		*end = '\0';
		--*levels;
		space = verified_space(v, *dir ? dir : "/");
	}
	free(dir);
	return space;
}

static void add_need(struct need *needs, size_t *count, const struct verified_space *space, uint64_t kb)
{
	for (size_t i = 0; i < *count; i++) {
		if (needs[i].device == space->device) {
			needs[i].kb += kb;
			return;
		}
	}
	if (*count < DEVICES_MAX)
		needs[(*count)++] = (struct need){ space->device, kb, space->free_kb, space->dir };
}

/* All of it is unpacked beside the move's directory first, and then placed where it belongs. */
static void judge_bring_room(struct check_result *r, const struct judge *j)
{
	const struct survey *s = &r->survey;
	const struct verified *v = j->verified;
	const struct verified_space *lib = verified_space(v, v->lib_dir);
	const char *name = host_name(j->destination);
	struct need needs[DEVICES_MAX];
	uint64_t all = 0, images = r->shm_destination ? 0 : s->anon_kb + s->ghost_kb;
	size_t count = 0, levels = LEVELS_MAX;
	char text[32];

	for (size_t i = 0; i < r->nbring; i++) {
		const struct survey_file *f = coming(r, j, i);
		const struct verified_space *space;

		if (!f || !S_ISREG(f->mode))
			continue;
		all += f->disk_kb;
		space = space_of(v, f->path, &levels);
		if (space && (!lib || space->device != lib->device))
			add_need(needs, &count, space, f->disk_kb);
	}
	if (!all)
		return;
	text_bytes(text, sizeof text, all * 1024, false);
	if (v->lib_room_kb && v->lib_room_kb < all + all / 64 + images + 1024)
		findings_add(r, j, "no-room", name, "%s has no room in %s for the %s of files that come along, which are unpacked there first", name,
			     *v->lib_dir ? v->lib_dir : "/var/lib", text);
	for (size_t i = 0; i < count; i++) {
		text_bytes(text, sizeof text, needs[i].kb * 1024, false);
		if (needs[i].free_kb < needs[i].kb + needs[i].kb / 64 + 256)
			findings_add(r, j, "no-room", name, "%s has no room in %s for the %s of files that come along", name, needs[i].dir, text);
	}
}

void judge_bring(struct check_result *r, const struct judge *j)
{
	const struct survey_file *first = NULL;

	if (!j->verified || (j->options && j->options->saved))
		return;
	for (size_t i = 0; i < r->nbring && !first; i++)
		first = coming(r, j, i);
	if (!first)
		return;
	if (!host_facts(j->destination)->perl)
		findings_add(r, j, "tool-missing", host_name(j->destination),
			     "there is no perl on %s, without which %s cannot be placed there safely", host_name(j->destination), first->path);
	judge_executed(r, j);
	judge_bring_room(r, j);
}
