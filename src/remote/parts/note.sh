# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# ---- states and decisions, also on a full disk ----
# D/spare.N are files that keep room for them, a block each: where no further file can be made, one of those is given up.

# False when there is none left.
give_room() {
	for spare in "$D"/spare.*; do
		[ -e "$spare" ] && rm -f "$spare" && return
	done
	return 1
}

# put NAME TEXT: into the file D/NAME. False when it could not be.
put() {
	until echo "$2" >"$D/$1"; do
		give_room || return
	done
} 2>/dev/null

# note_state NAME: record the state NAME. False when it could not be recorded.
# The shell makes the file by itself: each process started here lengthens the pause.
note_state() {
	{ true >"$D/s.$1"; } 2>/dev/null && return
	until ln "$D/blank" "$D/s.$1" || [ -e "$D/s.$1" ]; do
		give_room || return
	done
} 2>/dev/null

# choose WORD NAME: link NAME to WORD; the first such link stands.
choose() {
	until ln "$D/$1" "$D/$2" || [ -e "$D/$2" ]; do
		give_room || return
	done
} 2>/dev/null
