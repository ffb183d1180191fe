# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# print.sh D: the fingerprint of the tree, as soon as it is held, for expect.sh at the
# destination.  The images are on their way meanwhile.  It is kept in D/expect: should
# the source restore its own images, that copy is compared with it.
D=$1

. parts/own.sh
. parts/tree.sh
. parts/words.sh
. parts/fingerprint.sh
. parts/await.sh

move_dir "$D" || not_ours "$D" >&2
await_hold
if [ ! -e "$D/expect" ]; then
	read -r root <"$D/pid"
	list_tree "$root" >"$D/printed.$$"
	fingerprint "$D/printed.$$" threads >"$D/expect.$$" && mv -f "$D/expect.$$" "$D/expect"
	rm -f "$D/printed.$$" "$D/expect.$$"
fi
exec cat "$D/expect"
