# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# arrived STATE: images or files are all there; whoever comes last starts the
# restore, once.
arrived() {
	note_state "$1"
	echo "state $1" 1<>"$D/ev"
	[ -e "$D/s.received" ] || return 0
	[ ! -e "$D/bring" ] || [ -e "$D/s.files" ] || return 0
	mkdir "$D/launched" 2>/dev/null || return 0
	echo "state launched" 1<>"$D/ev"
	read -r I <"$D/images"
	[ ! -O "$I" ] || [ ! -e "$I/.warm" ] || rm -f "$I/.warm" >/dev/null 2>&1 &
	setsid sh "$D/hand" keep "$D" restore </dev/null >/dev/null 2>&1 &
}
