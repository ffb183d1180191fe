# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# sweep.sh: remove what belongs to no move: a directory whose making was cut off
# before it was staged, images without a directory.  Nothing younger than a
# minute, since a pferry may just be making it.
# Prints "swept NAME" for each.
old() {
	[ -n "$(find "$1" -maxdepth 0 -mmin +1 2>/dev/null)" ] && ! grep -qF " $1/" /proc/mounts
}

for D in /var/lib/pferry/*; do
	[ -d "$D" ] && [ ! -e "$D/s.staged" ] && old "$D" || continue
	rm -rf "$D" && echo "swept $D"
done
for I in /dev/shm/pferry-* /run/pferry.act.*; do
	id=${I##*/}
	id=${id#pferry?}
	id=${id#act.}
	id=${id%%.*}
	[ -d "$I" ] && [ ! -e "/var/lib/pferry/$id" ] && old "$I" || continue
	rm -rf "$I" && echo "swept $I"
done
rmdir /var/lib/pferry 2>/dev/null
echo end
