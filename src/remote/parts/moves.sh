# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# moves_dir: where moves have their directories, or will: the nearest that is there, in $lib.
# A file system of its own may be mounted on any of them.
moves_dir() {
	lib=/var/lib/pferry
	[ "$(id -u)" = 0 ] || lib=$HOME/.local/state/pferry-moves
	while [ -n "$lib" ] && [ ! -d "$lib" ]; do
		lib=${lib%/*}
	done
	lib=${lib:-/}
}
