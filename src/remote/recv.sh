# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# recv.sh D [ROUND [zstd [ready]]]: unpack what send.sh sends and start the restore at once, or
# as soon as the files that come along are there too (accept.sh).  With ROUND,
# only unpack that round of a pre-copy; with "ready", say so before.
# Prints "fail SENTENCE" when it did not all arrive.
D=$1
round=$2
pack=$3
[ -z "$4" ] || echo "$4"
read -r I <"$D/images"
if [ -n "$round" ]; then
	I=$I/r$round
	mkdir -p "$I" || fail "the images could not be written"
fi
unpack() {
	if [ -n "$pack" ]; then
		"$pack" -q -dc | tar -xf - -C "$I"
	else
		tar -xf - -C "$I"
	fi
}
why=$(unpack 2>&1) || fail "the images could not be written: $(printf '%s' "$why" | head -n 1)"
[ -e "$I/.complete" ] || fail "the images did not arrive whole"
[ -n "$round" ] || arrived received
