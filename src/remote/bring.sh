# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# bring.sh D: once the source is held, the files listed in D/bring as one tar
# stream: content, owner, mode, times, extended attributes, holes.
D=$1
exec 3<>"$D/snd"
until [ -e "$D/s.held" ]; do
	read -r word <&3
	# Another sender may wait for the same word.
	echo "$word" >&3
	[ "$word" = over ] && exit 1
done
exec tar -cf - -C / --numeric-owner --sparse --xattrs --no-recursion -T "$D/bring" 2>/dev/null
