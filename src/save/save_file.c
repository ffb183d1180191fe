/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "save/save_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/write.h"

/* Its name goes into a record on the host, and comes back from there in a line. */
#define PATH_BOUND 400

void save_file_init(struct save_file *f)
{
	*f = (struct save_file){ .fd = -1 };
}

void save_file_close(struct save_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->part);
	save_file_init(f);
}

/* ---- names ---- */

static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

static bool path_ok(const char *path, struct err *e)
{
	char *safe = text_sanitize(path, strlen(path), 0);
	bool same = strcmp(safe, path) == 0;

	free(safe);
	if (!same)
		return err_set(e, ERR_USAGE, NULL, "the name of the file has characters that cannot be shown: %s", path);
	if (strlen(path) > PATH_BOUND)
		return err_set(e, ERR_USAGE, NULL, "the name of the file is too long: %.100s...", path);
	return true;
}

char *save_path(const char *path, bool exists, struct err *e)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *directory, *real, *whole = NULL;

	if (exists) {
		real = realpath(path, NULL);
		if (!real)
			err_errno(e, errno, "%s cannot be opened", path);
		else if (path_ok(real, e))
			whole = mem_strdup(real);
		free(real);
		return whole;
	}
	if (!*base || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
		err_set(e, ERR_USAGE, NULL, "%s is no name for a file", path);
		return NULL;
	}
	directory = directory_of(path);
	real = realpath(directory, NULL);
	if (real)
		whole = mem_printf("%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
	else
		err_errno(e, errno, "there is no directory %s for %s", directory, base);
	free(directory);
	free(real);
	if (whole && !path_ok(whole, e)) {
		free(whole);
		whole = NULL;
	}
	return whole;
}

bool save_path_free(const char *path, bool replace, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || err_errno(e, errno, "%s cannot be made", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_USAGE, NULL, "%s is there already and no plain file: choose another name", path);
	return replace || err_set(e, ERR_USAGE, NULL, "%s is there already: choose another name, or have it replaced by --force", path);
}

char *save_part(const char *path, const char *id)
{
	return mem_printf("%s.%s.part", path, id);
}

/* ---- life ---- */

static bool lock(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR);
}

bool save_file_create(struct save_file *f, struct err *e)
{
	f->fd = open(f->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (f->fd < 0)
		return err_errno(e, errno, "%s cannot be made", f->part);
	f->at_part = true;
	/* Whatever the umask and the directory's own rules made of it. */
	if (fchmod(f->fd, 0600) < 0 || !lock(f->fd)) {
		err_errno(e, errno, "%s cannot be made", f->part);
		save_file_drop(f);
		return false;
	}
	return true;
}

static bool read_header(struct save_file *f, struct err *e)
{
	char block[SAVE_BLOCK];
	ssize_t n = pread(f->fd, block, sizeof block, 0);

	if (n < 0)
		return err_errno(e, errno, "it cannot be read");
	if (n < (ssize_t)sizeof block)
		memset(block + n, 0, sizeof block - (size_t)n);
	return save_header_parse(block, &f->header, e);
}

static bool length_ok(const struct save_file *f, uint64_t length, struct err *e)
{
	uint64_t want = save_length(&f->header);
	char have_text[32], want_text[32];

	if (f->header.state == SAVE_SAVING || length == want)
		return true;
	text_bytes(have_text, sizeof have_text, length, false);
	text_bytes(want_text, sizeof want_text, want, false);
	return err_set(e, ERR_REFUSED, NULL, length < want ? "it is cut off: %s are there of %s" : "it is %s long and should be %s", have_text,
		       want_text);
}

enum save_opened save_file_open(struct save_file *f, const char *path, struct err *e)
{
	struct stat st;
	int why;

	/* A name that a host gave must not make us open a device. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		err_set(e, ERR_USAGE, NULL, "%s is no plain file", path);
		return SAVE_NOT;
	}
	f->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	why = errno;
	if (f->fd < 0) {
		char *directory = directory_of(path);
		bool missing = why == ENOENT && access(directory, F_OK) == 0;

		free(directory);
		err_errno(e, why, "%s cannot be opened for reading and writing", path);
		return missing ? SAVE_MISSING : SAVE_NOT;
	}
	if (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		err_set(e, ERR_USAGE, NULL, "%s is no plain file", path);
	} else if (!lock(f->fd)) {
		err_set(e, ERR_REFUSED, NULL, "another pferry is at %s just now", path);
		close(f->fd);
		f->fd = -1;
		return SAVE_BUSY;
	} else if (read_header(f, e) && length_ok(f, (uint64_t)st.st_size, e)) {
		return SAVE_OPEN;
	} else {
		err_prefix(e, "%s cannot be restored: ", path);
	}
	close(f->fd);
	f->fd = -1;
	return SAVE_NOT;
}

bool save_file_write_header(struct save_file *f, struct err *e)
{
	char block[SAVE_BLOCK];

	if (!save_header_print(&f->header, block, e))
		return false;
	if (lseek(f->fd, 0, SEEK_SET) < 0 || !write_all(f->fd, block, sizeof block))
		return err_errno(e, errno, "%s cannot be written", f->part);
	return true;
}

bool save_file_mark(struct save_file *f, enum save_state state, const char *owner, const char *host, struct err *e)
{
	char line[SAVE_STATE_LEN];

	save_state_print(state, owner, host, line);
	if (pwrite(f->fd, line, sizeof line, SAVE_STATE_AT) != (ssize_t)sizeof line || fsync(f->fd) < 0)
		return err_errno(e, errno, "%s cannot be marked as %s", f->at_part ? f->part : f->path,
				 state == SAVE_CLAIMED || state == SAVE_RECLAIMED ? "being restored" : state == SAVE_RESTORED ? "restored" : "saved");
	f->header.state = state;
	snprintf(f->header.owner, sizeof f->header.owner, "%s", owner);
	snprintf(f->header.host, sizeof f->header.host, "%s", host);
	return true;
}

static void sync_directory(const char *path)
{
	char *directory = directory_of(path);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(directory);
}

bool save_file_publish(struct save_file *f, struct err *e)
{
	int done;

	if (!f->at_part)
		return true;
	done = renameat2(AT_FDCWD, f->part, AT_FDCWD, f->path, f->replace ? 0 : RENAME_NOREPLACE);
	if (done < 0 && (errno == EINVAL || errno == ENOSYS) && !f->replace) {
		/* A file system without that: a second name first, which replaces nothing either. */
		done = link(f->part, f->path);
		if (done == 0)
			unlink(f->part);
	}
	if (done < 0)
		return err_errno(e, errno, "It is saved as %s, since it could not be given its name", f->part);
	f->at_part = false;
	sync_directory(f->path);
	return true;
}

void save_file_drop(struct save_file *f)
{
	if (!f->at_part)
		return;
	unlink(f->part);
	f->at_part = false;
	close(f->fd);
	f->fd = -1;
}

/* ---- this machine ---- */

char *save_machine(void)
{
	char id[64] = "", hex[SHA256_HEX];
	struct utsname names;
	struct sha256 sum;
	FILE *file = fopen("/etc/machine-id", "re");

	if (file) {
		if (!fgets(id, sizeof id, file))
			id[0] = '\0';
		fclose(file);
	}
	uname(&names);
	/* machine-id itself is nobody else's business. */
	sha256_begin(&sum);
	sha256_add(&sum, "pferry ", 7);
	sha256_add(&sum, id, strlen(id));
	sha256_end(&sum, hex);
	return mem_printf("%.64s.%.16s", names.nodename, hex);
}
