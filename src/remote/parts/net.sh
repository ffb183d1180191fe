# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- established connections ----
# CRIU drops their packets by an nftables table while it works, and sets the
# sockets to "repair". Killed, it leaves both: the table stands in the way of
# the process, whose next send fails.

# The table is named after CRIU's run (4.2) or the root's pid (before); at the
# destination it is the one that came along.
lock_tables() {
	read -r I <"$D/images"
	sed -n 's/^table inet \(CRIU-[^ ]*\) {.*/\1/p' "$I/lock.nft"
	sed -n 's/.*CRIU run id = \([0-9a-f-]*\).*/CRIU-\1/p' "$D/criu.log" | head -n 1 | cut -c 1-26
	read -r root <"$D/pid" && echo "CRIU-$root"
}

unlock_net() {
	lock_tables | while read -r table; do
		nft delete table inet "$table"
	done
} >/dev/null 2>&1

# The lock goes with the images: a packet must not find the address without its
# socket there. CRIU takes it away when the connections stand.
carry_lock() {
	read -r I <"$D/images"
	lock_tables | while read -r table; do
		nft list table inet "$table" >"$I/lock.nft" && break
	done
	[ -s "$I/lock.nft" ] || rm -f "$I/lock.nft"
} 2>/dev/null

# fresh_images: what is being sent must not become another dump, so that goes to a new
# directory.  Others may see the name of the old one, so that is not made again.
fresh_images() {
	read -r I <"$D/images"
	new=$(mktemp -d "$I.XXXXXXXX") && echo "$I" >>"$D/torn" && echo "$new" >"$D/images" && rm -rf "$I" && return
	# No room: in the old one, then.
	echo "$I" >"$D/images"
	rm -rf "$new" "${I:?}"/*
}

# The dump ended otherwise than by a commit. A CRIU that was killed has left the
# sockets as they were in its hands: another one takes the tree as it is and lets
# it go again. Until then it may not run.
release() {
	read -r root <"$D/pid"
	[ -s "$D/tree" ] || ! is_root || list_tree "$root" >"$D/tree"
	true >"$D/mending"
	for _ in 1 2 3; do
		[ "$1" -gt 128 ] || break
		is_root || break
		signal_tree STOP
		state killed
		unlock_net
		fresh_images
		run_criu dump
		wait "$criu"
		set -- $?
	done
	unlock_net
	resume_tree
} 2>/dev/null
