# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# send.sh D: wait until the source is held, then all images as one tar stream
# whose last member is .complete; without that member they are not complete.
D=$1
exec 3<>"$D/snd"
until [ -e "$D/s.held" ]; do
	read -r word <&3
	# Another sender may wait for the same word.
	echo "$word" >&3
	[ "$word" = over ] && exit 1
done
read -r I <"$D/images"
cd "$I" || exit 1
: >.complete
exec tar -cf - -- * .complete
