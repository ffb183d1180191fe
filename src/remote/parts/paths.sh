# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# paths SUFFIX...: of all of $pids, one a line.
paths() {
	for pid in $pids; do
		for suffix; do
			echo "/proc/$pid/$suffix"
		done
	done
}
