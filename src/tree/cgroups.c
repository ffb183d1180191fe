/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

/* Append the cgroup whose path is the first `len` bytes of `path`. */
static bool append(struct cgroups_build *b, const char *path, size_t len, size_t parent)
{
	struct snapshot *snap = b->snap;
	struct cgroup *cg;

	if (snap->ncgroups == SNAPSHOT_MAX_CGROUPS)
		return snapshot_bad(snap, "more than 100000 cgroups");
	/* Each copy is as long as what is above: many long ones in one path are many times that path. */
	snap->above += path[len] ? len : 0;
	if (snap->above > SNAPSHOT_MAX_ABOVE)
		return snapshot_bad(snap, "its cgroups are nested too deep");
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
static bool place(struct cgroups_build *b, const char *path, size_t *at)
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

void cgroups_begin(struct cgroups_build *b, struct snapshot *snap, const uint32_t *order, size_t count)
{
	*b = (struct cgroups_build){ .snap = snap, .order = order, .count = count, .linked = 1 };
	append(b, "/", 1, 0);
}

bool cgroups_step(struct cgroups_build *b, size_t *budget)
{
	struct snapshot *snap = b->snap;

	for (; b->at < b->count; b->at++) {
		struct snap_path *path = &snap->paths[b->order[b->at]];
		size_t before = snap->ncgroups;

		if (*budget == 0)
			return false;
		if (!place(b, path->text, &path->at))
			return true;
		before = snap->ncgroups - before + 1;
		*budget -= *budget < before ? *budget : before;
	}
	/* From here on the array stays where it is. */
	for (; b->linked < snap->ncgroups; b->linked++) {
		if (*budget == 0)
			return false;
		--*budget;
		snap->cgroups[b->linked].parent = &snap->cgroups[b->parents[b->linked]];
	}
	return true;
}

void cgroups_end(struct cgroups_build *b)
{
	free(b->parents);
	b->parents = NULL;
}
