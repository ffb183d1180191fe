# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# carry.sh VERB D [HOST]: one end of what carries the memory of a post-copy; see join.pl.
# By relay what it has to say to pferry goes to the error output, beside the memory.
# By the direct way descriptor 3 leads there, at the source, and HOST is this host's name.
. parts/own.sh

move_dir "$2" || not_ours "$2" >&2
[ -n "$3" ] || exec perl "$2/join" "$1" "$2" 3>&2 2>/dev/null
command -v perl >/dev/null 2>&1 || {
	[ "$1" = to ] || exec >&3
	fail no-program "there is no perl on $3"
}
exec perl "$2/join" "$1" "$2"
