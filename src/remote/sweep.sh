# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# sweep.sh BASE: remove what belongs to no move: a directory whose making was cut off
# before it was staged, images without a directory.  Nothing younger than a
# minute, since a pferry may just be making it, but for a dead script's scratch directory.
# Prints "swept NAME" for each.
. parts/own.sh
. parts/bound.sh

bound 55
old() {
	[ -n "$(find "$1" -maxdepth 0 -mmin +1 2>/dev/null)" ] && ! grep -qF " $1/" /proc/mounts
}

remove() {
	ours "$1" && rm -rf "$1" && printf 'swept %s\n' "$(printf '%s' "$1" | tr '\n' '?')"
}

sweep() {
	old "$1" && remove "$1"
}

base=$1
if [ -e "$base" ] && ! ours "$base"; then
	echo end
	exit
fi
for D in "$base"/*; do
	if [ -d "$D" ] && [ ! -e "$D/s.staged" ]; then
		sweep "$D"
	fi
done
for I in /dev/shm/pferry-* /run/pferry.act.* /run/pferry-cpu.*; do
	id=${I##*/}
	id=${id#pferry?}
	id=${id#act.}
	id=${id%%.*}
	if [ ! -e "$base/$id" ]; then
		sweep "$I"
	fi
done
# The name has the script's pid (scratch.sh): one that was killed, and its watchdog with it, takes nothing away.
for d in /run/pferry-cpu.*; do
	pid=${d#/run/pferry-cpu.}
	if [ ! -d "$d" ]; then
		continue
	elif [ ! -e "/proc/${pid%%.*}" ]; then
		remove "$d"
	else
		sweep "$d"
	fi
done
rmdir "$base" 2>/dev/null
echo end
