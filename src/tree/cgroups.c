/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A path that somebody named, and which process did (SIZE_MAX: none). */
struct ref {
	const char *path;
	size_t proc;
};

struct build {
	struct snapshot *snap;
	size_t cap;
	size_t *parents; /* indices: the array of cgroups moves while it grows */
	size_t cparents;
};

int cgroup_path_order(const char *a, const char *b)
{
	int x, y;

	if (a == b)
		return 0;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	x = *a == '/' ? 1 : (unsigned char)*a;
	y = *b == '/' ? 1 : (unsigned char)*b;
	return x - y;
}

static int compare_refs(const void *a, const void *b)
{
	return cgroup_path_order(((const struct ref *)a)->path, ((const struct ref *)b)->path);
}

/* Append the cgroup whose path is the first `len` bytes of `path`. */
static bool append(struct build *b, const char *path, size_t len, size_t parent)
{
	struct snapshot *snap = b->snap;
	struct cgroup *cg;

	if (snap->ncgroups == SNAPSHOT_MAX_CGROUPS)
		return false;
	b->parents = snapshot_room(b->parents, snap->ncgroups, &b->cparents, sizeof(*b->parents));
	snap->cgroups = snapshot_room(snap->cgroups, snap->ncgroups, &b->cap, sizeof(*cg));
	b->parents[snap->ncgroups] = parent;
	cg = &snap->cgroups[snap->ncgroups++];
	memset(cg, 0, sizeof(*cg));
	cg->path = path[len] ? arena_text(&snap->strings, path, len, SNAPSHOT_MAX_PATH) : path;
	cg->name = cg->path;
	if (len > 1) {
		cg->name = strrchr(cg->path, '/') + 1;
		cg->depth = snap->cgroups[parent].depth + 1;
	}
	return true;
}

/* Length of `above` when it is `path` or one of its ancestors, else 0; for the
 * root it is 0 as well, where components start. */
static bool covers(const char *above, const char *path, size_t *len)
{
	*len = above[1] ? strlen(above) : 0;
	return strncmp(above, path, *len) == 0 && (path[*len] == '/' || path[*len] == '\0');
}

/* The index of the cgroup of `path`, which is not before any in the array. */
static bool place(struct build *b, const char *path, size_t *at)
{
	struct snapshot *snap = b->snap;
	size_t i = snap->ncgroups - 1, len;

	while (!covers(snap->cgroups[i].path, path, &len))
		i = b->parents[i];
	while (path[len] == '/' && path[len + 1]) {
		len += 1 + strcspn(path + len + 1, "/");
		if (!append(b, path, len, i))
			return false;
		i = snap->ncgroups - 1;
	}
	*at = i;
	return true;
}

bool snapshot_cgroups(struct snapshot *snap)
{
	struct build b = { .snap = snap };
	size_t count = snap->ndirs + snap->nprocs, at = 0;
	struct ref *refs = mem_array(count + 1, sizeof(*refs));
	bool ok = append(&b, "/", 1, 0);

	for (size_t i = 0; i < snap->ndirs; i++)
		refs[i] = (struct ref){ snap->dirs[i], SIZE_MAX };
	for (size_t i = 0; i < snap->nprocs; i++) {
		const char *path = snap->procs[i].path;

		refs[snap->ndirs + i] = (struct ref){ path ? path : "/", i };
	}
	qsort(refs, count, sizeof(*refs), compare_refs);
	for (size_t i = 0; ok && i < count; i++) {
		if (i == 0 || compare_refs(&refs[i - 1], &refs[i]) != 0)
			ok = place(&b, refs[i].path, &at);
		if (ok && refs[i].proc != SIZE_MAX)
			snap->procs[refs[i].proc].cgroup = at;
	}
	/* From here on the array stays where it is. */
	for (size_t i = 1; i < snap->ncgroups; i++)
		snap->cgroups[i].parent = &snap->cgroups[b.parents[i]];
	free(b.parents);
	free(refs);
	return ok;
}
