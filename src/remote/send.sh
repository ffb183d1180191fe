# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# send.sh D [ROUND [zstd]]: wait until the source is held, then all images as one tar
# stream whose last member is .complete; without that member they are not
# complete.  With ROUND the images of that round of a pre-copy, at once; with
# zstd compressed.
D=$1
round=$2
pack=$3
read -r I <"$D/images"
if [ -n "$round" ]; then
	I=$I/r$round
else
	exec 3<>"$D/snd"
	until [ -e "$D/s.held" ]; do
		read -r word <&3
		# Another sender may wait for the same word.
		echo "$word" >&3
		[ "$word" = over ] && exit 1
	done
fi
cd "$I" || exit 1
true >.complete
# Rounds went before; "parent" is a link to the last of them.
set --
for file in *; do
	if [ -L "$file" ] || [ ! -d "$file" ]; then
		set -- "$@" "$file"
	fi
done
[ -n "$pack" ] || exec tar -cf - -- "$@" .complete
tar -cf - -- "$@" .complete | exec "$pack" -q -1 -T0 -c
