# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# recv.sh D [ROUND [HOW...]]: unpack what send.sh sends and start the restore at
# once, or as soon as the files that come along are there too (accept.sh).  With
# ROUND, only unpack that round of a pre-copy.  HOW is as in send.sh, and "ready"
# to say so before.
# Prints "fail CODE SENTENCE" when it did not all arrive.
D=$1
round=$2
pack=
for how in "$3" "$4" "$5"; do
	case $how in
	zstd) pack=$how ;;
	ready) echo "$how" ;;
	esac
done

. parts/own.sh
. parts/note.sh
. parts/arrived.sh

move_dir "$D" || not_ours "$D"
read -r I <"$D/images"
private "$I" || not_ours "$I"

if [ -n "$round" ]; then
	# Under its own name when it is whole: one that was cut off may still be at it.
	made=$I/r$round
	I=$made.$$
	mkdir -p "$I" || fail images "the images could not be written"
fi

# Memory that was fetched for the images (end.sh) is written over in place.
open_part() {
	cut_part
	part=$I/.part.$$.$1
	at=0
	mv "$I/.room" "$part" 2>/dev/null
	exec 5<>"$part"
}

# What it has too much.
cut_part() {
	[ -z "$part" ] || dd if=/dev/null of="$part" bs=1 seek="$at" status=none
}

# read(1) takes no byte past the line's end, dd none past the length.  Parts have
# names of this try's own: one that was cut off may still be at it.
unpack() {
	part=
	while read -r name length; do
		case $name in
		tar)
			[ ! -e "$I/.room" ] || rm -f "$I/.room" >/dev/null 2>&1 &
			cut_part || return 1
			tar -xf - -C "$I" || return 1
			for part in "$I/.part.$$."*; do
				[ ! -e "$part" ] || mv "$part" "$I/${part##*/.part."$$".}" || return 1
			done
			return
			;;
		pages-*[!0-9]*.img) return 1 ;;
		pages-*.img)
			[ "$part" = "$I/.part.$$.$name" ] || open_part "$name" || return 1
			dd iflag=fullblock,count_bytes count="$length" bs=256k status=none >&5 || return 1
			at=$((at + length))
			;;
		*) return 1 ;;
		esac
	done
	return 1
}

unpack_all() {
	if [ -n "$pack" ]; then
		"$pack" -q -dc | unpack
	else
		unpack
	fi
}
why=$(unpack_all 2>&1) || fail images "the images could not be written: $(printf '%s' "${why:-they broke off}" | head -n 1)"
[ -e "$I/.complete" ] || fail torn "the images did not arrive whole"
if [ -n "$round" ]; then
	rm -rf "$made"
	mv "$I" "$made" || fail images "the images could not be written"
else
	arrived received
fi
