/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer target: see tests/fuzz/run. */
#include <stddef.h>
#include <stdint.h>
#include <pferry/tree.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot *snap = snapshot_new();
	struct tree *tree = tree_new();
	struct view *view = view_new();
	size_t half = size / 2;

	if (snapshot_feed(snap, (const char *)data, half, NULL))
		snapshot_feed(snap, (const char *)data + half, size - half, NULL);
	if (snapshot_complete(snap)) {
		tree_update(tree, snap, 1000);
		view_build(view, tree, 1000);
		view_mark(view, tree, 0, true);
	} else {
		snapshot_free(snap);
	}
	view_free(view);
	tree_free(tree);
	return 0;
}
