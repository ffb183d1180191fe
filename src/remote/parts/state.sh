# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154
# state NAME [REST]: record the state NAME, and tell pferry, by the script's own tell().
# False when it could not be recorded.
state() {
	note_state "$1"
	tell "state $*"
	[ -e "$D/s.$1" ]
}
