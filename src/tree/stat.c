/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/snapshot.h"

#include <stdio.h>
#include <string.h>

/* Fields of /proc/PID/stat after the name, counted from the state (proc(5)
 * counts them from 3). */
enum {
	STAT_PPID = 1,
	STAT_TTY = 4,
	STAT_FLAGS = 6,
	STAT_UTIME = 11,
	STAT_STIME = 12,
	STAT_THREADS = 17,
	STAT_START = 19,
	STAT_RSS = 21,
	STAT_FIELDS
};

#define PF_KTHREAD 0x00200000u

static void name_tty(char *out, size_t size, uint32_t tty)
{
	/* The encoding of new_encode_dev(). */
	unsigned major = (tty >> 8) & 0xfff, minor = (tty & 0xff) | ((tty >> 12) & 0xfff00);

	if (tty == 0)
		out[0] = '\0';
	else if (major >= 136 && major <= 143)
		snprintf(out, size, "pts/%u", minor + ((major - 136) << 8));
	else if (major == 4 && minor < 64)
		snprintf(out, size, "tty%u", minor);
	else if (major == 4)
		snprintf(out, size, "ttyS%u", minor - 64);
	else if (major == 5 && minor == 1)
		snprintf(out, size, "console");
	else if (major == 229)
		snprintf(out, size, "hvc%u", minor);
	else
		snprintf(out, size, "%u:%u", major, minor);
}

/* One space and a number, which may be negative; the sign wraps around. */
static bool number(const char **pos, const char *end, uint64_t *out)
{
	const char *s = *pos;
	bool minus = false;
	uint64_t v = 0;

	if (s == end || *s != ' ')
		return false;
	s++;
	if (s < end && *s == '-') {
		minus = true;
		s++;
	}
	if (s == end || *s < '0' || *s > '9')
		return false;
	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return false;
	}
	*out = minus ? 0 - v : v;
	*pos = s;
	return true;
}

bool stat_parse(const char *text, size_t len, uint32_t page, struct proc *proc, struct stat_name *name)
{
	const char *end = text + len, *open = memchr(text, '(', len);
	/* A name may hold ")" and anything else; what follows it never does. */
	const char *close = memrchr(text, ')', len);
	uint64_t field[STAT_FIELDS] = { 0 };

	if (!open || !close || close < open || end - close < 3 || close[1] != ' ')
		return false;
	name->start = open + 1;
	name->len = (size_t)(close - open - 1);
	proc->state = close[2];
	if (proc->state < 'A' || proc->state > 'z')
		return false;
	text = close + 3;
	for (size_t i = STAT_PPID; i < STAT_FIELDS; i++) {
		if (!number(&text, end, &field[i]))
			return false;
	}
	if (field[STAT_PPID] > INT32_MAX)
		return false;
	proc->ppid = (pid_t)field[STAT_PPID];
	proc->key.start = field[STAT_START];
	/* Not by pid 2 or its children: in a pid space of its own, pid 2 is anyone. */
	proc->kernel = field[STAT_FLAGS] & PF_KTHREAD;
	proc->tty = (uint32_t)field[STAT_TTY];
	name_tty(proc->tty_name, sizeof(proc->tty_name), proc->tty);
	proc->threads = (uint32_t)field[STAT_THREADS];
	/* Kernels have shown small negative counts; nothing has 2^40 pages. */
	if (field[STAT_RSS] >> 40)
		field[STAT_RSS] = 0;
	proc->rss_bytes = field[STAT_RSS] * page;
	proc->cpu_ticks = field[STAT_UTIME] + field[STAT_STIME];
	return true;
}
