# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ---- directories that are ours ----
# What root reads and runs lies where nobody else writes.  The shared directories
# (/dev/shm, /run, /tmp) let others make any name that is free, a link too.

# ours DIR: a directory and no link, made by this login, and nobody else can write to it.
ours() {
	[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
	case $(ls -ld "$1" 2>/dev/null) in
	d????-??-*) ;;
	*) return 1 ;;
	esac
}

# private DIR: nor can anybody else look into it.
private() {
	[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return 1
	case $(ls -ld "$1" 2>/dev/null) in
	d???------* | d???--S---*) ;;
	*) return 1 ;;
	esac
}

# move_dir D: a move's, in that of all moves.
move_dir() {
	ours "${1%/*}" && private "$1"
}

# not_ours PATH: why a script ends that was told to work there.
not_ours() {
	fail not-ours "$1 is not touched: another than $(id -un) made it, or can write to it"
}
