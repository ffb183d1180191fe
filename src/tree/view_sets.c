/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/view_priv.h"

static int compare(struct proc_key a, struct proc_key b)
{
	if (a.pid != b.pid)
		return a.pid < b.pid ? -1 : 1;
	return a.start < b.start ? -1 : a.start > b.start;
}

/* Where it is, or would be put. */
static size_t key_place(const struct key_set *set, struct proc_key key)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (compare(set->keys[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool key_set_has(const struct key_set *set, struct proc_key key)
{
	size_t at = key_place(set, key);

	return at < set->count && compare(set->keys[at], key) == 0;
}

void key_set_add(struct key_set *set, struct proc_key key)
{
	size_t at = key_place(set, key);

	if (at < set->count && compare(set->keys[at], key) == 0)
		return;
	if (set->count == set->cap) {
		set->cap = set->cap ? set->cap * 2 : 16;
		set->keys = mem_resize(set->keys, set->cap, sizeof *set->keys);
	}
	memmove(&set->keys[at + 1], &set->keys[at], (set->count - at) * sizeof *set->keys);
	set->keys[at] = key;
	set->count++;
}

static int compare_keys(const void *a, const void *b)
{
	return compare(*(const struct proc_key *)a, *(const struct proc_key *)b);
}

static bool in_order(const struct proc_key *keys, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (compare(keys[i - 1], keys[i]) > 0)
			return false;
	}
	return true;
}

void key_set_merge(struct key_set *set, const struct proc_key *keys, size_t count)
{
	size_t out = 0, total = set->count + count;

	if (count == 0)
		return;
	if (total > set->cap) {
		set->cap = total;
		set->keys = mem_resize(set->keys, set->cap, sizeof *set->keys);
	}
	memcpy(set->keys + set->count, keys, count * sizeof *keys);
	if (!in_order(set->keys, total))
		qsort(set->keys, total, sizeof *set->keys, compare_keys);
	for (size_t i = 0; i < total; i++) {
		if (out == 0 || compare(set->keys[out - 1], set->keys[i]) != 0)
			set->keys[out++] = set->keys[i];
	}
	set->count = out;
}

void key_set_remove(struct key_set *set, struct proc_key key)
{
	size_t at = key_place(set, key);

	if (at == set->count || compare(set->keys[at], key) != 0)
		return;
	memmove(&set->keys[at], &set->keys[at + 1], (set->count - at - 1) * sizeof *set->keys);
	set->count--;
}

void key_set_remove_all(struct key_set *set, const struct key_set *gone)
{
	size_t out = 0, g = 0;

	for (size_t i = 0; i < set->count; i++) {
		while (g < gone->count && compare(gone->keys[g], set->keys[i]) < 0)
			g++;
		if (g == gone->count || compare(gone->keys[g], set->keys[i]) != 0)
			set->keys[out++] = set->keys[i];
	}
	set->count = out;
}

void key_set_clear(struct key_set *set)
{
	free(set->keys);
	*set = (struct key_set){ 0 };
}

static size_t path_place(const struct path_set *set, const char *path)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cgroup_path_order(set->paths[mid], path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool path_set_has(const struct path_set *set, const char *path)
{
	size_t at = path_place(set, path);

	return at < set->count && strcmp(set->paths[at], path) == 0;
}

void path_set_add(struct path_set *set, const char *path)
{
	size_t at = path_place(set, path);

	if (at < set->count && strcmp(set->paths[at], path) == 0)
		return;
	if (set->count == set->cap) {
		set->cap = set->cap ? set->cap * 2 : 16;
		set->paths = mem_resize(set->paths, set->cap, sizeof *set->paths);
	}
	memmove(&set->paths[at + 1], &set->paths[at], (set->count - at) * sizeof *set->paths);
	set->paths[at] = mem_strdup(path);
	set->count++;
}

void path_set_remove(struct path_set *set, const char *path)
{
	size_t at = path_place(set, path);

	if (at == set->count || strcmp(set->paths[at], path) != 0)
		return;
	free(set->paths[at]);
	memmove(&set->paths[at], &set->paths[at + 1], (set->count - at - 1) * sizeof *set->paths);
	set->count--;
}

void path_set_clear(struct path_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->paths[i]);
	free(set->paths);
	*set = (struct path_set){ 0 };
}
