# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# send.sh D [ROUND [HOW...]]: the images of the source, once it is held, or those
# of a pre-copy's ROUND at once.
#
# The stream is lines "NAME LENGTH", each followed by so many bytes to append to
# that file; then a line "tar" and the rest as a tar archive, whose last member
# is .complete: without it they are not complete.  HOW is "zstd", to compress all
# of it, and "follow", to send memory while the dump still writes it.
D=$1
round=$2

. parts/own.sh

move_dir "$D" || not_ours "$D" >&2
read -r I <"$D/images"
private "$I" || not_ours "$I" >&2
pack=
follow=
for how in "$3" "$4"; do
	case $how in
	zstd) pack=$how ;;
	follow) follow=$how ;;
	esac
done

. parts/await.sh

# more: what has been written to the n-th file of memory since.  False when there
# is nothing new; a file is whole when the next one is there.
more() {
	next=
	[ ! -e "pages-$((n + 1)).img" ] || next=1
	size=$(stat -c %s "pages-$n.img" 2>/dev/null) || return 1
	if [ "$size" -gt "$sent" ]; then
		echo "pages-$n.img $((size - sent))"
		dd if="pages-$n.img" iflag=skip_bytes,count_bytes skip="$sent" count=$((size - sent)) bs=256k status=none || exit 1
		sent=$size
		return 0
	fi
	[ -n "$next" ] || return 1
	n=$((n + 1))
	sent=0
}

follow_dump() {
	n=1
	sent=0
	until [ -e "$D/s.held" ]; do
		set -- "$D"/s.exit-*
		[ ! -e "$1" ] || exit 1
		more || sleep 0.02
	done
	while more; do
		true
	done
}

stream() {
	cd "$I" || exit 1
	[ -z "$follow" ] || follow_dump
	true >.complete
	# Rounds went before; "parent" is a link to the last of them.
	set --
	for file in *; do
		case $follow$file in followpages-*) continue ;; esac
		if [ -L "$file" ] || [ ! -d "$file" ]; then
			set -- "$@" "$file"
		fi
	done
	echo tar
	exec tar -cf - -- "$@" .complete
}

if [ -n "$round" ]; then
	I=$I/r$round
elif [ -z "$follow" ]; then
	await_hold
fi
[ -n "$pack" ] || stream
(stream) | exec "$pack" -q -1 -T0 -c
