# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# scratch: print a directory of our own for a moment, made where nobody can take it away.
scratch() {
	for top in /run /var/lib "${TMPDIR:-/tmp}"; do
		[ -k "$top" ] || [ -O "$top" ] || continue
		mktemp -d "$top/pferry-cpu.XXXXXX" 2>/dev/null && return
	done
	return 1
}
