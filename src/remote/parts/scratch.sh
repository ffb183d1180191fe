# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# scratch: print a directory of our own for a moment, made where nobody can take it away.
scratch() {
	for top in /run /var/lib "${TMPDIR:-/tmp}"; do
		[ -k "$top" ] || [ -O "$top" ] || continue
		mktemp -d "$top/pferry-cpu.$$.XXXXXX" 2>/dev/null && return
	done
	return 1
}

# take_scratch: the same in $d, and it goes with this script, however that ends; false when none could be made.
take_scratch() {
	d=$(scratch) || return
	trap 'unbound; rm -rf "$d"' EXIT
	trap 'exit 1' HUP INT TERM PIPE
}

# unscratch: remove what this script made so.  bound.sh calls it too, for a script that was killed.
unscratch() {
	for d in "/run/pferry-cpu.$$".* "/var/lib/pferry-cpu.$$".* "${TMPDIR:-/tmp}/pferry-cpu.$$".*; do
		[ ! -O "$d" ] || [ -L "$d" ] || rm -rf "$d"
	done
}
