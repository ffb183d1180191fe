# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# await_hold: until the source is held; ends the script when it never will be.
await_hold() {
	exec 3<>"$D/snd"
	until [ -e "$D/s.held" ]; do
		read -r word <&3
		# Another sender may wait for the same word.
		echo "$word" >&3
		[ "$word" = over ] && exit 1
	done
	exec 3>&-
}
