# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# find_criu: its path in $criu, "" where there is none; PATH has only root's directories
# where this is root.
find_criu() {
	criu=$(command -v criu) && return
	for criu in /usr/sbin/criu /usr/local/sbin/criu /opt/criu/sbin/criu; do
		[ -x "$criu" ] || continue
		[ -O / ] || return 0
		! roots "${criu%/*}" || return 0
	done
	criu=
}
