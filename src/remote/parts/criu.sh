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

# ---- every CRIU is started here ----

# criu_exec WORD...: become that command, which is CRIU or ends with its words.
# A file in /etc/criu or ~/.criu on this host, or a variable of the login's environment, could tell CRIU to leave
# the tree running, say, and so break the handover: CRIU reads no such file, and has no variable but these.
criu_exec() {
	exec env -i PATH="$PATH" LC_ALL=C ${ACT:+ACT="$ACT"} "$@" --no-default-config
}

# criu_run WORD...: the same beside the script.
criu_run() {
	(criu_exec "$@")
}
